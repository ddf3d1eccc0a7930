// Package holidays knows the public holidays of many countries by name, for
// the holidays of an [hours.Config]. They are the definitions of
// github.com/rickar/cal/v2. They are kept out of package hours so that a
// program without holidays does not carry them.
//
//	s, err := hours.New(hours.Config{
//		Zone:     "Europe/London",
//		Hours:    hours.Weekdays("09:00-17:30"),
//		Holidays: []string{"gb"},
//	}, holidays.Resolver())
//
// A list has the name of its country, as in ISO 3166 ("gb", "us", "de"), with
// that of its region after it if it is regional ("de-by", "ch-zh"). Australia
// ("au-nsw" and others) has regional lists only. "ecb" is the list of the euro
// area's payment system. [Names] yields all of them.
package holidays
