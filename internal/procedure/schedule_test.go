package procedure

import (
	"strings"
	"testing"
	"testing/fstest"

	"linli/internal/kit/clock"
)

// TestCheckerOfSchedules feeds schedules as a county might get them wrong.
func TestCheckerOfSchedules(t *testing.T) {
	const good = `procedure: p
title: {zh: 甲, en: A}
area: village
form:
  village: {type: area, label: {zh: 村, en: V}}
  period: {type: text, label: {zh: 期, en: P}}
states:
  a: {zh: 甲, en: A}
  z: {zh: 终, en: Z, kind: final}
acts:
  open: {label: {zh: 开, en: Open}, to: a, who: clock, fill: [village, period], entered_later: true}
  end: {label: {zh: 终, en: End}, from: [a], to: z, who: area as clerk}
schedules:
  each: {label: {zh: 每季, en: Each}, every: quarter, for: [village, community], opens: open, post: clerk, with: {village: area, period: period}, statutory: true, norm: 法 1}
`
	names := Names{Posts: []string{"clerk"}}
	check := func(file string) string {
		_, problems := Load(fstest.MapFS{"procedure/p.yaml": {Data: []byte(file)}}, names)
		var out []string
		for _, p := range problems {
			out = append(out, p.String())
		}
		return strings.Join(out, "\n")
	}
	if said := check(good); said != "" {
		t.Fatalf("a good file: %s", said)
	}
	for name, c := range map[string]struct{ old, now, want string }{
		"an unknown key":           {"post: clerk, with", "whom: clerk, with", `procedure/p.yaml:14: unknown key "whom"`},
		"an unknown period":        {"every: quarter", "every: fortnight", `every is week, month, quarter or year, not "fortnight"`},
		"an unknown level":         {"[village, community]", "[village, hamlet]", `not "hamlet"`},
		"neither list nor every":   {"every: quarter, ", "", "needs every and for, or a list"},
		"both":                     {"every: quarter", "every: quarter, list: x.y", "has a list, whose lines say every and for"},
		"no opening act":           {"opens: open", "opens: end", "is no opening act that a clock may do"},
		"nobody but people":        {"who: clock, fill", "who: area as clerk, fill", "is no opening act that a clock may do"},
		"it cannot catch up":       {", entered_later: true", "", "must be entered_later"},
		"an unknown post":          {"post: clerk, with", "post: smith, with", `unknown kind of post "smith"`},
		"the area is not given":    {"{village: area, period: period}", "{village: period, period: period}", "must give the area"},
		"a field is not given":     {"{village: area, period: period}", "{village: area}", `does not give "period"`},
		"the act does not ask":     {"fill: [village, period]", "fill: village", `gives "period", which open does not ask for`},
		"given what nobody brings": {"period: period}", "period: weather}", `not "weather"`},
		"an unreadable name":       {"  each:", "  Each One:", "small letters"},
	} {
		changed := strings.Replace(good, c.old, c.now, 1)
		if changed == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		if said := check(changed); !strings.Contains(said, c.want) {
			t.Errorf("%s: want %q, got %q", name, c.want, said)
		}
	}
	for name, c := range map[string]struct{ old, now string }{
		"taken away":        {"  each: ", "  other: "},
		"less often":        {"every: quarter", "every: year"},
		"for fewer":         {"[village, community]", "village"},
		"no more statutory": {"statutory: true, ", ""},
	} {
		changed := strings.Replace(good, c.old, c.now, 1)
		seed, local := fstest.MapFS{"procedure/p.yaml": {Data: []byte(good)}}, fstest.MapFS{"procedure/p.yaml": {Data: []byte(changed)}}
		if len(CheckLocal(seed, local)) == 0 {
			t.Errorf("%s: a county may not", name)
		}
	}
	oftener := fstest.MapFS{"procedure/p.yaml": {Data: []byte(strings.Replace(good, "every: quarter", "every: month", 1))}}
	if bad := CheckLocal(fstest.MapFS{"procedure/p.yaml": {Data: []byte(good)}}, oftener); len(bad) > 0 {
		t.Errorf("more often is refused: %v", bad)
	}
}

func TestPeriods(t *testing.T) {
	for _, c := range []struct {
		every             Every
		day               clock.Day
		name, first, last string
	}{
		{Quarter, clock.Date(2026, 12, 31), "2026Q4", "2026-10-01", "2026-12-31"},
		{Quarter, clock.Date(2026, 3, 1), "2026Q1", "2026-01-01", "2026-03-31"},
		{Month, clock.Date(2028, 2, 10), "2028-02", "2028-02-01", "2028-02-29"},
		{Month, clock.Date(2026, 12, 1), "2026-12", "2026-12-01", "2026-12-31"},
		{Year, clock.Date(2026, 1, 1), "2026", "2026-01-01", "2026-12-31"},
		{Week, clock.Date(2026, 11, 29), "2026-W48", "2026-11-23", "2026-11-29"}, // a Sunday
		{Week, clock.Date(2027, 1, 1), "2026-W53", "2026-12-28", "2027-01-03"},
		{Week, clock.Date(2024, 12, 30), "2025-W01", "2024-12-30", "2025-01-05"},
	} {
		if p := PeriodOf(c.every, c.day); p.Name != c.name || p.First.String() != c.first || p.Last.String() != c.last {
			t.Errorf("%s of %s: %s %s %s", c.every, c.day, p.Name, p.First, p.Last)
		}
	}
	for code, want := range map[string]string{"999901": "county", "999901100": "township", "999901100201": "village", "999901001001": "community", "999901100501": "village", "99": "", "9999010010010001": ""} {
		if got := LevelName(code); got != want {
			t.Errorf("%s is %q", code, got)
		}
	}
}
