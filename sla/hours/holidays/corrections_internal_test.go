package holidays

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskcore/helpdesk/internal/golden"
	"github.com/deskcore/helpdesk/sla/hours"
	"github.com/stretchr/testify/require"
)

// Every correction is about lists and holidays that are there, and has a source.
func TestCorrectionsS4(t *testing.T) {
	t.Parallel()
	for i := range corrections {
		c := &corrections[i]
		where := fmt.Sprintf("%s %s", c.lists, c.name)
		require.NotEmpty(t, c.source, where)
		require.NotEmpty(t, strings.Fields(c.lists), where)
		for name := range strings.FieldsSeq(c.lists) {
			definitions, ok := lists[name]
			require.True(t, ok, where)
			if c.isLaw() {
				list := hours.FromCal(definitions...)
				require.True(t, slices.ContainsFunc(list, func(h hours.Holiday) bool { return c.about(&h) }), where)
				require.True(t, c.from > 0 || c.until > 0 || c.not != nil, where)
			}
		}
		for _, d := range c.dates {
			_, err := time.Parse(time.DateOnly, d)
			require.NoError(t, err, where)
		}
	}
	for name := range missing {
		require.Contains(t, lists, name)
	}
}

// closedOn returns the dates of a year on which a desk that is open all week is closed.
func closedOn(t *testing.T, list string, year int) []string {
	t.Helper()
	s, err := hours.New(hours.Config{Zone: "UTC", Hours: hours.Daily("00:00-24:00"), Holidays: []string{list}}, Resolver())
	require.NoError(t, err)
	var out []string
	for d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
		if open, err := s.IsOpen(d); err == nil && !open {
			out = append(out, d.Format("01-02"))
		}
	}
	return out
}

// S4: days that are law in some years only, or were declared once: both sides of the bound.
func TestLawInItsYearsS4(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		list, date string
		closed     bool
	}{
		{"br", "2023-11-20", false},
		{"br", "2024-11-20", true},
		{"cz", "2015-04-03", false},
		{"cz", "2016-03-25", true},
		{"hu", "2016-03-25", false},
		{"hu", "2017-04-14", true},
		{"lt", "2018-11-02", false},
		{"lt", "2020-11-02", true},
		{"si", "2012-01-02", true},
		{"si", "2013-01-02", false},
		{"si", "2015-01-02", false},
		{"si", "2017-01-02", true},
		{"si", "2014-01-01", true},
		{"ro", "2016-01-24", false},
		{"ro", "2017-01-24", true},
		{"hr", "2019-05-30", false},
		{"hr", "2020-05-30", true},
		{"hr", "2019-06-25", true},
		{"hr", "2020-06-25", false},
		{"hr", "2019-10-08", true},
		{"hr", "2020-10-08", false},
		{"de-ni", "2016-10-31", false},
		{"de-ni", "2017-10-31", true},
		{"de-ni", "2018-10-31", true},
		{"de-by", "2017-10-31", true},
		{"de-by", "2018-10-31", false},
		{"de", "2017-10-31", true},
		{"de-be", "2018-03-08", false},
		{"de-be", "2019-03-08", true},
		{"de-be", "2020-05-08", true},
		{"de-be", "2025-05-08", true},
		{"de-be", "2024-05-08", false},
		{"de-mv", "2022-03-08", false},
		{"de-mv", "2023-03-08", true},
		{"pt", "2012-10-05", true},
		{"pt", "2013-11-01", false},
		{"pt", "2015-10-05", false},
		{"pt", "2016-10-05", true},
		{"sk", "2024-11-17", true},
		{"sk", "2025-11-17", false},
		{"sk", "2025-05-08", true},
		{"sk", "2026-05-08", false},
		{"sk", "2027-05-08", true},
		{"sk", "2026-09-15", false},
		{"sk", "2018-10-30", true},
		{"ar", "2025-06-16", true},
		{"ar", "2025-06-17", false},
		{"ar", "2026-06-15", true},
		{"ar", "2026-06-17", false},
		{"ar", "2022-06-17", true},
		{"ar", "2021-06-21", true},
		{"ar", "2022-05-18", true},
		{"ar", "2022-12-20", true},
		{"mx", "2026-03-16", true},
		{"mx", "2026-03-21", false},
		{"mx", "2025-02-03", true},
		{"mx", "2025-02-05", false},
		{"mx", "2024-10-01", true},
		{"nz", "2021-06-24", false},
		{"nz", "2022-06-24", true},
		{"nz", "2026-07-10", true},
		{"nz", "2022-09-26", true},
		{"gb", "2022-09-19", true},
		{"gb", "2022-06-02", true},
		{"gb", "2022-06-03", true},
		{"gb", "2022-05-30", false},
		{"gb", "2023-05-08", true},
		{"lv", "2018-07-09", true},
		{"lv", "2018-09-24", true},
		{"lv", "2023-05-29", true},
		{"lv", "2023-07-10", true},
		{"pl", "2018-11-12", true},
		{"pl", "2024-12-24", false},
		{"pl", "2025-12-24", true},
		{"za", "2016-08-03", true},
		{"za", "2019-05-08", true},
		{"za", "2021-11-01", true},
		{"za", "2023-12-15", true},
		{"za", "2024-05-29", true},
		{"it", "2025-10-04", false},
		{"it", "2026-10-04", true},
		{"dk", "2023-05-05", true},
		{"dk", "2024-04-26", false},
		{"jp", "2019-12-23", false},
		{"us", "2020-06-19", false},
		{"us", "2021-06-18", true},
	} {
		day, err := time.Parse(time.DateOnly, tt.date)
		require.NoError(t, err)
		require.Equal(t, tt.closed, slices.Contains(closedOn(t, tt.list, day.Year()), tt.date[5:]), "%s %s", tt.list, tt.date)
	}
}

// S4: no release of the definitions rewrites a year that is over, or changes this one unseen.
func TestNoPastYearIsRewrittenS4(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		for year := 2015; year <= thisYear+1; year++ {
			fmt.Fprintf(&all, "%s %d %s\n", name, year, strings.Join(closedOn(t, name, year), " "))
		}
	}
	golden.Equal(t, "testdata/dates.golden", all.String())
}

// thisYear is that of this edition.
const thisYear = 2026

// docs/holidays.md has every list with its days.
func TestHolidaysPage(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "..", "docs", "holidays.md")
	if _, err := os.Stat(filepath.Dir(file)); err != nil {
		t.Skip("the documents are part of the repository only")
	}
	var page strings.Builder
	fmt.Fprintf(&page, `# Lists of holidays

The lists that `+"`holidays.Resolver`"+` knows, by name, with the dates on which they close a desk in %d and %d by default:
the observed date, and the date itself if it is a Saturday or a Sunday. The definitions are those of
[rickar/cal](https://github.com/rickar/cal); below the table stands what this library says in their place, each with its source:
in which years a day is law, and days that were declared once. So a new release of the definitions closes no
day of a year that is over. What could not be confirmed is left out, and said in the last column. A desk adds
days of its own with `+"`days`"+`, and a product lists of its own with `+"`holidays.Resolver(lists)`"+`.

This page is generated by `+"`go test ./sla/hours/holidays -run TestHolidaysPage -update`"+`.

| list | %[1]d | %[2]d | known to be missing |
|---|---|---|---|
`, thisYear, thisYear+1)
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", name, strings.Join(closedOn(t, name, thisYear), " "), strings.Join(closedOn(t, name, thisYear+1), " "), missing[name])
	}
	page.WriteString("\n## Corrections\n\n| lists | holiday | what | source |\n|---|---|---|---|\n")
	for i := range corrections {
		c := &corrections[i]
		fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", c.lists, c.name, c.words(), c.source)
	}
	golden.Equal(t, file, page.String())
}

// words says what a correction does.
func (c *correction) words() string {
	var parts []string
	if c.dates != nil {
		parts = append(parts, "on "+strings.Join(c.dates, ", "))
	}
	if c.rule != nil {
		if c.rule.StartYear > 0 {
			parts = append(parts, fmt.Sprintf("added from %d", c.rule.StartYear))
		}
		if c.rule.EndYear > 0 {
			parts = append(parts, fmt.Sprintf("until %d", c.rule.EndYear))
		}
	}
	if c.from > 0 {
		parts = append(parts, fmt.Sprintf("law from %d", c.from))
	}
	if c.until > 0 {
		parts = append(parts, fmt.Sprintf("law until %d", c.until))
	}
	if c.not != nil {
		parts = append(parts, "not in "+strings.Trim(strings.Join(strings.Fields(fmt.Sprint(c.not)), ", "), "[]"))
	}
	if c.on != "" {
		parts = append(parts, "that of "+c.on)
	}
	return strings.Join(parts, ", ")
}
