package law_test

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

func TestShippedCalendars(t *testing.T) {
	cal := calendars(t)
	years := cal.Years()
	if len(years) != 23 || years[0] != 2004 || years[22] != 2026 {
		t.Fatalf("years %v", years)
	}
	for _, y := range years {
		year, _ := cal.Year(y)
		again, err := law.ParseYear(year.YAML())
		if err != nil || len(again.Off) != len(year.Off) || len(again.Work) != len(year.Work) {
			t.Errorf("%d does not come back from its own YAML: %v", y, err)
		}
		for _, h := range year.Off {
			if h.Name["zh"] == "" || h.Name["en"] == "" {
				t.Errorf("%d: %s has no name", y, h.From)
			}
		}
	}
	for d := clock.Date(2026, 1, 1); d <= clock.Date(2026, 12, 31); d++ {
		works, known := cal.Working(d)
		if !known {
			t.Fatalf("%s is not known", d)
		}
		weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
		if _, named := cal.Holiday(d); works == weekend && !named {
			t.Errorf("%s differs from its weekday without a name", d)
		}
	}
}

// shared finds the folder of test data beside the repository, or skips.
func shared(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("LINLI_SHARED"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	for err == nil && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
		if s, e := os.Stat(filepath.Join(dir, "shared", "data")); e == nil && s.IsDir() {
			return filepath.Join(dir, "shared")
		}
	}
	t.Skip("the folder of shared test data is not here")
	return ""
}

// The shipped years say what most of the three public sets say, day by day.
func TestCalendarsAgreeWithSources(t *testing.T) {
	dir := filepath.Join(shared(t), "data", "cn_holidays")
	sets := map[string]map[string]string{}
	for _, name := range []string{"chinese_days_1.5.7_2004_2026.csv", "holiday_cn_2007_2026.csv", "lunar_go_1.4.6_2001_2026.csv"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Skip(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		set := map[string]string{}
		for _, r := range rows[1:] {
			kind := r[1]
			if strings.HasPrefix(name, "holiday_cn") {
				kind = map[string]string{"1": "off", "0": "work"}[r[2]]
			}
			set[r[0]] = kind
		}
		sets[name] = set
	}
	cal := calendars(t)
	for d := clock.Date(2007, 1, 1); d <= clock.Date(2026, 12, 31); d++ {
		votes := 0
		for _, set := range sets {
			works := d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
			if kind := set[d.String()]; kind != "" {
				works = kind == "work"
			}
			if works {
				votes++
			}
		}
		if works, _ := cal.Working(d); works != (votes >= 2) {
			t.Errorf("%s: we say working %v, %d of 3 sets say so", d, works, votes)
		}
	}
}

const fine = `year: 2027
off:
  - {from: 2026-12-31, to: 2027-01-02, zh: 元旦, en: New Year's Day}
  - {from: 2027-02-05, to: 2027-02-12, zh: 春节, en: Spring Festival}
work:
  - {day: 2027-01-03, zh: 元旦}
`

func TestBadCalendars(t *testing.T) {
	for _, c := range []struct {
		name, from, to, key string
		line                int
	}{
		{"no YAML", "off:", "off: [", "law.calendar_unreadable", 2},
		{"unknown key", "work:", "wrk:", "law.calendar_unreadable", 5},
		{"no year", "year: 2027\n", "", "law.calendar_year", 1},
		{"no such day", "2027-02-05", "2027-02-30", "law.calendar_day", 4},
		{"to before from", "to: 2027-02-12", "to: 2027-02-01", "law.calendar_day", 4},
		{"another year", "2027-02-05", "2026-02-05", "law.calendar_outside", 4},
		{"weekday as make-up day", "day: 2027-01-03", "day: 2027-01-04", "law.calendar_weekday", 6},
		{"twice", "day: 2027-01-03", "day: 2027-01-02", "law.calendar_twice", 6},
		{"notice not out yet", "  - {from: 2027-02-05, to: 2027-02-12, zh: 春节, en: Spring Festival}\n", "", "law.calendar_few", 2},
	} {
		_, err := law.ParseYear([]byte(strings.Replace(fine, c.from, c.to, 1)))
		if f := fault.Of(err); f == nil || f.Key != c.key || f.Args["line"] != c.line {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if y, err := law.ParseYear([]byte(fine)); err != nil || y.Year != 2027 {
		t.Errorf("the fine one: %v", err)
	}
	_, err := law.ParseCalendars(fstest.MapFS{"calendar/2028.yaml": {Data: []byte(fine)}})
	if err == nil || !strings.HasPrefix(err.Error(), "calendar/2028.yaml:1: ") {
		t.Errorf("wrong file name: %v", err)
	}
	if _, err := law.ParseYear([]byte(`{"year": 2027, "papers": [], "days": []}`)); fault.Of(err).Key != "law.calendar_few" {
		t.Errorf("an empty year: %v", err)
	}
}

func TestYearFromPublicSets(t *testing.T) {
	json := `{"$schema": "x", "$id": "y", "year": 2027, "papers": ["https://example.org"], "days": [
	  {"name": "元旦", "date": "2027-01-01", "isOffDay": true}, {"name": "元旦", "date": "2027-01-03", "isOffDay": false},` +
		days("春节", "2027-02-05", 8, `{"name": "%n", "date": "%d", "isOffDay": true}`, ",") + `]}`
	fromJSON, err := law.ParseYear([]byte(json))
	if err != nil {
		t.Fatal(err)
	}
	table := "\ufeffdate,name,is_off_day,year_file\n2027-01-01,元旦,1,2027\n2027-01-03,元旦,0,2027\n" +
		days("春节", "2027-02-05", 8, "%d,%n,1,2027", "\n") + "\n"
	fromCSV, err := law.ParseYearCSV(strings.NewReader(table), 2027)
	if err != nil {
		t.Fatal(err)
	}
	if len(fromCSV.Off) != 2 || len(fromCSV.Work) != 1 || fromCSV.Off[1].To != clock.Date(2027, 2, 12) {
		t.Errorf("from CSV: %+v", fromCSV)
	}
	a, b := law.NewCalendars(fromJSON), law.NewCalendars(fromCSV)
	for d := clock.Date(2026, 12, 1); d <= clock.Date(2027, 12, 31); d++ {
		x, _ := a.Working(d)
		if y, _ := b.Working(d); x != y {
			t.Errorf("%s: JSON says %v, CSV %v", d, x, y)
		}
	}
	for table, key := range map[string]string{
		"day,kind\n":                          "law.calendar_columns",
		"date,kind\n2027-01-01,maybe\n":       "law.calendar_row_kind",
		"date,kind\n\"2027":                   "law.calendar_unreadable",
		"":                                    "law.calendar_unreadable",
		"date,kind\n2027-01-01,off\n":         "law.calendar_few",
		"date,kind\n\n2027-13-01,off\n":       "law.calendar_day",
		"date,kind\n2027-01-04,work,Monday\n": "law.calendar_weekday",
	} {
		_, err := law.ParseYearCSV(strings.NewReader(table), 2027)
		var f *fault.Fault
		if !errors.As(err, &f) || f.Key != key {
			t.Errorf("%q: %v", table, err)
		}
	}
}

func days(name, from string, n int, form, between string) string {
	var rows []string
	for i := range n {
		d := day(from) + clock.Day(i)
		rows = append(rows, strings.NewReplacer("%n", name, "%d", d.String()).Replace(form))
	}
	return strings.Join(rows, between)
}
