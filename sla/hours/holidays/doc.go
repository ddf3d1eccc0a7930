// Package holidays has the public holidays of many countries by name, for the field Holidays
// of an [hours.Config]. The definitions are those of github.com/rickar/cal/v2. The package is
// separate from package hours, so that a program without holidays does not contain the
// definitions.
//
//	s, err := hours.New(hours.Config{
//		Zone:     "Europe/London",
//		Hours:    hours.Weekdays("09:00-17:30"),
//		Holidays: []string{"gb"},
//	}, holidays.Resolver())
//
// A list has the name of its country in ISO 3166 ("gb", "us", "de"), followed by the region
// for a regional list ("de-by", "ch-zh"). Australia has regional lists only, such as "au-nsw".
// "ecb" is the list of the payment system of the euro area. [Names] yields all names.
package holidays
