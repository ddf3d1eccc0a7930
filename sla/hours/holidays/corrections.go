package holidays

import (
	"slices"
	"strings"
	"time"

	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/nz"
)

// A correction is what this package says of lists in place of the definitions (S4): in which
// years a day is law, and days that were declared once. Each has a source.
type correction struct {
	lists string // names, separated by spaces
	name  string // of the holiday
	on    string // of several with the name, that on a day such as 01-02

	// A law restricts the holiday that is there to years.
	from, until int // zero: no bound
	not         []int

	// A declaration adds days, and a rule a holiday that is missing.
	dates []string
	rule  *cal.Holiday

	source string
}

const germanReformation = "de-hb de-hh de-ni de-sh"

// allGerman are the lists of Germany.
const allGerman = "de de-bb de-be de-bw de-by de-hb de-he de-hh de-mv de-ni de-nw de-rp de-sh de-sl de-sn de-st de-th"

var corrections = []correction{
	// Days that are law in some years only.
	{lists: "br", name: "Dia da Consciência Negra", from: 2024, source: "Lei 14.759 of 21 December 2023"},
	{lists: "cz", name: "Velký pátek", from: 2016, source: "Act 359/2015 Sb."},
	{lists: "hu", name: "Nagypéntek", from: 2017, source: "Act XIII of 2017"},
	{lists: "lt", name: "Mirusiųjų atminimo (Vėlinių) diena", from: 2020, source: "Labour Code, article 123, as amended in 2019"},
	{lists: "si", name: "novo leto", on: "01-02", not: []int{2013, 2014, 2015, 2016}, source: "ZUJF of 2012; ZPDPD-C of 2016"},
	{lists: "ro", name: "Ziua Unirii Principatelor Române", from: 2017, source: "Legea 176/2016"},
	{lists: "hr", name: "Dan državnosti", from: 2020, source: "Zakon o blagdanima, NN 110/2019"},
	{lists: "hr", name: "Dan sjećanja na žrtve Domovinskog rata", from: 2020, source: "Zakon o blagdanima, NN 110/2019"},
	{lists: germanReformation, name: "Reformationstag", from: 2018, source: "acts of Bremen, Hamburg, Lower Saxony and Schleswig-Holstein of 2018"},
	{lists: "de-be", name: "Frauentag", from: 2019, source: "Sonn- und Feiertagsgesetz of Berlin, as amended in 2019"},
	{lists: "de-mv", name: "Frauentag", rule: &cal.Holiday{Name: "Frauentag", StartYear: 2023, Month: time.March, Day: 8, Func: cal.CalcDayOfMonth}, source: "Feiertagsgesetz of Mecklenburg-Vorpommern, as amended in 2022"},
	{lists: "pt", name: "Corpo de Deus", not: suspended, source: "Lei 23/2012, Lei 8/2016"},
	{lists: "pt", name: "Implantação da República", not: suspended, source: "Lei 23/2012, Lei 8/2016"},
	{lists: "pt", name: "Dia de Todos os Santos", not: suspended, source: "Lei 23/2012, Lei 8/2016"},
	{lists: "pt", name: "Restauração da Independência", not: suspended, source: "Lei 23/2012, Lei 8/2016"},
	{lists: "se", name: "Sveriges nationaldag", from: 2005, source: "Lag (2004:1320)"},
	{lists: "sk", name: "Deň boja za slobodu a demokraciu", until: 2024, source: "consolidation act of 2025"},
	{lists: "sk", name: "Deň víťazstva nad fašizmom", not: []int{2026}, source: "consolidation act of 2025"},
	{lists: "sk", name: "Sviatok Panny Márie Sedembolestnej, patrónky Slovenska", not: []int{2026}, source: "consolidation act of 2025"},

	// Days on another date than the definition has.
	{lists: "ar", name: guemes, until: 2017, source: "Ley 27.258"},
	{lists: "ar", name: guemes, rule: &cal.Holiday{Name: guemes, StartYear: 2018, Month: time.June, Day: 17, Func: cal.CalcDayOfMonth, Observed: []cal.AltDay{
		{Day: time.Tuesday, Offset: -1}, {Day: time.Wednesday, Offset: -2}, {Day: time.Thursday, Offset: 4}, // on a Friday, Monday is a holiday itself
	}}, source: "Ley 27.399"},
	{lists: "mx", name: "Benito Juárez's Birthday", until: 2005, source: "Ley Federal del Trabajo, article 74, as amended in 2006"},
	{lists: "mx", name: "Benito Juárez's Birthday", rule: third("Benito Juárez's Birthday", time.March, 3), source: "Ley Federal del Trabajo, article 74, as amended in 2006"},
	{lists: "mx", name: "Constitution Day", until: 2005, source: "Ley Federal del Trabajo, article 74, as amended in 2006"},
	{lists: "mx", name: "Constitution Day", rule: third("Constitution Day", time.February, 1), source: "Ley Federal del Trabajo, article 74, as amended in 2006"},

	// Days that are missing.
	{lists: "hr", name: "Dan državnosti", rule: &cal.Holiday{Name: "Dan državnosti", StartYear: 2002, EndYear: 2019, Month: time.June, Day: 25, Func: cal.CalcDayOfMonth}, source: "Zakon o blagdanima of 2001"},
	{lists: "hr", name: "Dan neovisnosti", rule: &cal.Holiday{Name: "Dan neovisnosti", StartYear: 2002, EndYear: 2019, Month: time.October, Day: 8, Func: cal.CalcDayOfMonth}, source: "Zakon o blagdanima of 2001"},
	{lists: "mx", name: "Transmisión del Poder Ejecutivo Federal", dates: []string{"2018-12-01", "2024-10-01", "2030-10-01"}, source: "Ley Federal del Trabajo, article 74; Constitution, article 83"},
	{lists: "nz", name: "Matariki", rule: &cal.Holiday{Name: "Matariki", StartYear: 2022, EndYear: 2052, Func: func(h *cal.Holiday, year int) time.Time {
		if year < h.StartYear || year > h.EndYear {
			return time.Time{}
		}
		return nz.CalcMatarikiOffset(h, year)
	}}, source: "Te Kāhui o Matariki Public Holiday Act 2022"},

	// Days that were declared once, since 2015.
	{lists: "ar", name: "Censo Nacional", dates: []string{"2022-05-18"}, source: "Decreto 42/2022"},
	{lists: "ar", name: "Feriado nacional", dates: []string{"2022-09-02"}, source: "Decreto 573/2022"},
	{lists: "ar", name: "Campeón mundial de fútbol", dates: []string{"2022-12-20"}, source: "Decreto 842/2022"},
	{lists: "gb", name: "State Funeral of Queen Elizabeth II", dates: []string{"2022-09-19"}, source: "proclamation of 10 September 2022"},
	{lists: allGerman, name: "Reformationstag", dates: []string{"2017-10-31"}, source: "acts and ordinances of the 16 states for the 500th year of the Reformation"},
	{lists: "de-be", name: "Tag der Befreiung", dates: []string{"2020-05-08", "2025-05-08"}, source: "Sonn- und Feiertagsgesetz of Berlin"},
	{lists: "lv", name: "Vispārējo latviešu Dziesmu un deju svētku noslēguma diena", dates: []string{"2018-07-09", "2023-07-10"}, source: "Likums par svētku, atceres un atzīmējamām dienām"},
	{lists: "lv", name: "Pāvesta Franciska vizīte", dates: []string{"2018-09-24"}, source: "Likums par svētku, atceres un atzīmējamām dienām"},
	{lists: "lv", name: "Hokeja bronza", dates: []string{"2023-05-29"}, source: "act of 28 May 2023"},
	{lists: "nz", name: "Queen Elizabeth II Memorial Day", dates: []string{"2022-09-26"}, source: "Queen Elizabeth II Memorial Day Act 2022"},
	{lists: "pl", name: "Święto Narodowe z okazji Setnej Rocznicy Odzyskania Niepodległości", dates: []string{"2018-11-12"}, source: "act of 7 November 2018"},
	{lists: "sk", name: "Výročie Deklarácie slovenského národa", dates: []string{"2018-10-30"}, source: "act 241/1993 as amended in 2018"},
	{lists: "za", name: "Municipal elections", dates: []string{"2016-08-03", "2021-11-01"}, source: "proclamations under the Public Holidays Act"},
	{lists: "za", name: "General elections", dates: []string{"2019-05-08", "2024-05-29"}, source: "proclamations under the Public Holidays Act"},
	{lists: "za", name: "Rugby World Cup", dates: []string{"2023-12-15"}, source: "proclamation under the Public Holidays Act"},
}

// suspended are the years in which Portugal had four holidays less.
var suspended = []int{2013, 2014, 2015}

const guemes = "Aniversario paso a la inmortalidad del General Martín Miguel de Güemes"

// third is a holiday on the nth Monday of a month since 2006.
func third(name string, month time.Month, nth int) *cal.Holiday {
	return &cal.Holiday{Name: name, StartYear: 2006, Month: month, Weekday: time.Monday, Offset: nth, Func: cal.CalcWeekdayOffset}
}

// has reports whether c is about the list.
func (c *correction) has(list string) bool {
	return slices.Contains(strings.Fields(c.lists), list)
}

// isLaw reports whether c restricts a holiday to years.
func (c *correction) isLaw() bool { return c.dates == nil && c.rule == nil }

// about reports whether c restricts the holiday.
func (c *correction) about(h *hours.Holiday) bool {
	return c.isLaw() && c.name == h.Name && (c.on == "" || c.on == h.Actual(2026).Format("01-02"))
}

func (c *correction) inForce(year int) bool {
	return year >= c.from && (c.until == 0 || year <= c.until) && !slices.Contains(c.not, year)
}

// added returns the holidays that c adds.
func (c *correction) added() []hours.Holiday {
	if c.rule != nil {
		return hours.FromCal(c.rule)
	}
	var out []hours.Holiday
	for _, text := range c.dates {
		date, _ := time.Parse(time.DateOnly, text) // a test reads them all
		out = append(out, hours.Holiday{Name: c.name, Observed: func(year int) time.Time {
			if year != date.Year() {
				return time.Time{}
			}
			return date
		}})
	}
	return out
}

// corrected returns the list with the name, of the definitions, as it is law.
func corrected(name string, definitions []*cal.Holiday) []hours.Holiday {
	list := hours.FromCal(definitions...)
	for i := range corrections {
		c := &corrections[i]
		if !c.has(name) {
			continue
		}
		for j := range list {
			if h := &list[j]; c.about(h) {
				h.Observed, h.Actual = c.only(h.Observed), c.only(h.Actual)
			}
		}
	}
	for i := range corrections {
		if c := &corrections[i]; c.has(name) {
			list = append(list, c.added()...)
		}
	}
	return list
}

// only returns the dates of the years in which c says that a holiday is law.
func (c *correction) only(dates func(int) time.Time) func(int) time.Time {
	return func(year int) time.Time {
		if !c.inForce(year) {
			return time.Time{}
		}
		return dates(year)
	}
}
