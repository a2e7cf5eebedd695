package law_test

import (
	"os"
	"testing"
	"testing/fstest"
	"time"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"linli/catalog"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

func calendars(t testing.TB) law.Calendars {
	t.Helper()
	cal, err := law.ParseCalendars(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func read(t testing.TB, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

type deadline struct {
	ID, Start, Unit, Kind, Duty, Acceptance string
	Length                                  int
	Pause                                   []string
	Provisional                             bool
}

func deadlines(t testing.TB) (all []deadline) {
	read(t, "deadlines.yaml", &all)
	return all
}

func TestDeadlines(t *testing.T) {
	cal := calendars(t)
	for _, c := range deadlines(t) {
		r, err := law.DueCommand{Start: c.Start, Length: c.Length, Unit: c.Unit, Kind: c.Kind, Pause: c.Pause}.Request()
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		got, err := law.Due(cal, r)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		if got.Duty.String() != c.Duty || got.Acceptance.String() != c.Acceptance || got.Provisional != c.Provisional {
			t.Errorf("%s: got duty %s, acceptance %s, provisional %v, want %s, %s, %v",
				c.ID, got.Duty, got.Acceptance, got.Provisional, c.Duty, c.Acceptance, c.Provisional)
		}
	}
}

// A clock that starts at any time of the day ends as the days say, at 24:00.
func TestClockAgreesWithDays(t *testing.T) {
	cal := calendars(t)
	for _, c := range deadlines(t) {
		if len(c.Pause) > 0 {
			continue
		}
		start, _ := clock.ParseDay(c.Start)
		for _, at := range []clock.Instant{start.Start(), start.Start().Add(13 * time.Hour), start.End() - 1} {
			got, err := law.DueAt(cal, law.Clock{Start: at, Length: c.Length, Unit: law.Unit(c.Unit), Kind: law.Kind(c.Kind)})
			if err != nil {
				t.Fatalf("%s: %v", c.ID, err)
			}
			end := got.DutyDay.End()
			if law.Kind(c.Kind) == law.AtLeast {
				end = got.DutyDay.Start()
			}
			if got.DutyDay.String() != c.Duty || got.AcceptanceDay.String() != c.Acceptance || got.Duty != end {
				t.Errorf("%s from %s: %+v", c.ID, at, got)
			}
		}
	}
}

func TestRefusedPeriods(t *testing.T) {
	for _, c := range []struct {
		command law.DueCommand
		key     string
	}{
		{law.DueCommand{Start: "2026-02-30", Length: 1, Unit: "day"}, "law.start"},
		{law.DueCommand{Start: "1899-12-31", Length: 1, Unit: "day"}, "law.start"},
		{law.DueCommand{Start: "", Length: 1, Unit: "day"}, "law.start"},
		{law.DueCommand{Start: "2026-01-01", Length: 0, Unit: "day"}, "law.length"},
		{law.DueCommand{Start: "2026-01-01", Length: -1, Unit: "workday"}, "law.length"},
		{law.DueCommand{Start: "2026-01-01", Length: 1201, Unit: "month"}, "law.length"},
		{law.DueCommand{Start: "2026-01-01", Length: 1, Unit: "week"}, "law.unit"},
		{law.DueCommand{Start: "2026-01-01", Length: 1, Unit: "hour"}, "law.unit_day"},
		{law.DueCommand{Start: "2026-01-01", Length: 1, Unit: "day", Kind: "about"}, "law.kind"},
		{law.DueCommand{Start: "2026-01-01", Length: 1, Unit: "day", Pause: []string{"2026-01-02"}}, "law.pause"},
		{law.DueCommand{Start: "2026-01-01", Length: 1, Unit: "day", Pause: []string{"2026-01-03..2026-01-02"}}, "law.pause"},
		{law.DueCommand{Start: "2026-01-01", Length: 1, Unit: "day", Pause: []string{"2026-01-03..9999-01-02"}}, "law.pause"},
	} {
		_, err := c.command.Request()
		if f := fault.Of(err); f == nil || f.Key != c.key || f.Kind != fault.Invalid || f.Field == "" {
			t.Errorf("%+v: %v", c.command, err)
		}
	}
}

func day(s string) clock.Day {
	d, err := clock.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func at(s string) clock.Instant {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.China)
	if err != nil {
		panic(err)
	}
	return clock.At(t)
}

func TestHours(t *testing.T) {
	var none law.Calendars
	hours := func(start string, n int, kind law.Kind, pauses ...law.Pause) law.Moments {
		m, err := law.DueAt(none, law.Clock{Start: at(start), Length: n, Unit: law.Hour, Kind: kind, Pauses: pauses})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	pause := func(from, to string) law.Pause {
		p := law.Pause{From: at(from)}
		if to != "" {
			p.To = at(to)
		}
		return p
	}
	for _, c := range []struct {
		name string
		got  law.Moments
		want string
	}{
		{"at once, over midnight and holiday", hours("2026-09-30 23:30", 2, ""), "2026-10-01 01:30"},
		{"paused", hours("2026-11-02 10:00", 24, "", pause("2026-11-02 12:00", "2026-11-02 15:00")), "2026-11-03 13:00"},
		{"pauses that overlap and touch", hours("2026-11-02 10:00", 24, "",
			pause("2026-11-02 13:00", "2026-11-02 15:00"), pause("2026-11-02 12:00", "2026-11-02 14:00"), pause("2026-11-02 15:00", "2026-11-02 16:00")), "2026-11-03 14:00"},
		{"paused before the start", hours("2026-11-02 10:00", 2, "", pause("2026-11-02 08:00", "2026-11-02 11:00")), "2026-11-02 13:00"},
		{"paused after the end", hours("2026-11-02 10:00", 2, "", pause("2026-11-02 12:00", "2026-11-02 15:00")), "2026-11-02 12:00"},
		{"ran out before the standing pause", hours("2026-11-02 10:00", 2, "", pause("2026-11-02 12:00", "")), "2026-11-02 12:00"},
		{"back", hours("2026-11-02 10:00", 24, law.BackFrom), "2026-11-01 10:00"},
		{"back over a pause", hours("2026-11-02 10:00", 24, law.BackFrom, pause("2026-11-01 12:00", "2026-11-01 15:00")), "2026-11-01 07:00"},
		{"back to the end of a pause", hours("2026-11-02 10:00", 2, law.BackFrom, pause("2026-11-01 12:00", "2026-11-02 08:00")), "2026-11-02 08:00"},
	} {
		if c.got.Duty != at(c.want) || c.got.Acceptance != c.got.Duty || c.got.Held || c.got.Provisional {
			t.Errorf("%s: %s, want %s", c.name, c.got.Duty, c.want)
		}
	}
	if got := hours("2026-11-02 10:00", 3, "", pause("2026-11-02 12:00", "")); !got.Held || got.Duty != 0 {
		t.Errorf("a standing pause does not hold the clock: %+v", got)
	}
}

func TestPausedClockOfDays(t *testing.T) {
	cal := calendars(t)
	for _, c := range []struct {
		name, want string
		unit       law.Unit
		n          int
		pauses     []law.Pause
	}{
		{"asked on Tuesday, answered on Thursday", "2026-11-11", law.Workday, 5, []law.Pause{{at("2026-11-03 09:00"), at("2026-11-05 17:00")}}},
		{"asked and answered on one day", "2026-11-09", law.Workday, 5, []law.Pause{{at("2026-11-03 09:00"), at("2026-11-03 17:00")}}},
		{"over the weekend only", "2026-11-09", law.Workday, 5, []law.Pause{{at("2026-11-06 18:00"), at("2026-11-08 20:00")}}},
		{"calendar days", "2026-11-11", law.Day, 7, []law.Pause{{at("2026-11-03 09:00"), at("2026-11-05 17:00")}}},
		{"month", "2026-12-04", law.Month, 1, []law.Pause{{at("2026-11-03 09:00"), at("2026-11-05 17:00")}}},
		{"a standing pause after the end", "2026-11-09", law.Workday, 5, []law.Pause{{at("2026-11-09 23:00"), 0}}},
	} {
		got, err := law.DueAt(cal, law.Clock{Start: at("2026-11-02 10:00"), Length: c.n, Unit: c.unit, Pauses: c.pauses})
		if err != nil || got.DutyDay.String() != c.want || got.Duty != day(c.want).End() {
			t.Errorf("%s: %+v %v, want %s", c.name, got, err, c.want)
		}
	}
	held, err := law.DueAt(cal, law.Clock{Start: at("2026-11-02 10:00"), Length: 5, Unit: law.Workday, Pauses: []law.Pause{{at("2026-11-03 09:00"), 0}}})
	if err != nil || held != (law.Moments{Held: true}) {
		t.Errorf("held: %+v %v", held, err)
	}
	_, err = law.DueAt(cal, law.Clock{Start: at("2026-11-02 10:00"), Length: 5, Unit: law.Workday, Pauses: []law.Pause{{at("2026-11-03 09:00"), at("2026-11-03 08:59")}}})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("a pause that ends before it begins: %v", err)
	}
}

func TestLoadedYearMovesProvisionalEnd(t *testing.T) {
	cal := calendars(t)
	c := law.Clock{Start: at("2026-12-28 10:00"), Length: 5, Unit: law.Workday}
	before, err := law.DueAt(cal, c)
	if err != nil || !before.Provisional || before.DutyDay != day("2027-01-04") {
		t.Fatalf("%+v %v", before, err)
	}
	year := law.Year{Year: 2027, Off: []law.Holiday{{From: day("2027-01-01"), To: day("2027-01-03")}}}
	after, err := law.DueAt(cal.With(year), c)
	if err != nil || after.Provisional || after.DutyDay != day("2027-01-05") {
		t.Fatalf("%+v %v", after, err)
	}
}

func TestWarn(t *testing.T) {
	cal := calendars(t)
	for _, c := range []struct {
		name, from, due, want string
		unit                  law.Unit
		share                 int
		pauses                []law.Pause
	}{
		{"hours", "2026-11-02 10:00", "2026-11-02 20:00", "2026-11-02 18:00", law.Hour, 80, nil},
		{"days", "2026-11-02 00:00", "2026-11-12 00:00", "2026-11-10 00:00", law.Day, 80, nil},
		{"working days over a weekend", "2026-11-05 00:00", "2026-11-12 00:00", "2026-11-11 00:00", law.Workday, 80, nil},
		{"not on a weekend", "2026-11-05 12:00", "2026-11-10 00:00", "2026-11-09 14:24", law.Workday, 84, nil},
		{"make-up Saturday counts", "2026-10-09 00:00", "2026-10-13 00:00", "2026-10-10 12:00", law.Workday, 50, nil},
		{"without paused time", "2026-11-02 10:00", "2026-11-02 20:00", "2026-11-02 17:00", law.Hour, 50, []law.Pause{{at("2026-11-02 11:00"), at("2026-11-02 15:00")}}},
		{"share 0", "2026-11-02 10:00", "2026-11-02 20:00", "2026-11-02 10:00", law.Hour, 0, nil},
		{"share 100", "2026-11-02 10:00", "2026-11-02 20:00", "2026-11-02 20:00", law.Hour, 100, nil},
		{"due already", "2026-11-02 10:00", "2026-11-02 09:00", "2026-11-02 09:00", law.Hour, 80, nil},
	} {
		if got := law.WarnAt(cal, c.unit, at(c.from), at(c.due), c.pauses, c.share); got != at(c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// An independent count: the naive one that lists the days one by one.
func TestDueAgainstNaiveCount(t *testing.T) {
	cal := calendars(t)
	rapid.Check(t, func(t *rapid.T) {
		start := clock.Date(2024, 1, 1) + clock.Day(rapid.IntRange(0, 900).Draw(t, "start"))
		r := law.Request{Start: start, Length: rapid.IntRange(1, 90).Draw(t, "length"),
			Unit: rapid.SampledFrom([]law.Unit{law.Day, law.Workday}).Draw(t, "unit"),
			Kind: rapid.SampledFrom(law.Kinds()).Draw(t, "kind")}
		for range rapid.IntRange(0, 3).Draw(t, "pauses") {
			from := start + clock.Day(rapid.IntRange(-40, 120).Draw(t, "from"))
			r.Pauses = append(r.Pauses, law.Span{From: from, To: from + clock.Day(rapid.IntRange(0, 20).Draw(t, "days"))})
		}
		got, err := law.Due(cal, r)
		if err != nil {
			t.Fatal(err)
		}
		last := got.Duty
		if r.Kind == law.AtLeast {
			last--
		}
		lo, hi := start+1, last
		if r.Kind == law.BackFrom {
			lo, hi = last, start-1
		}
		counts := func(d clock.Day) bool {
			for _, p := range r.Pauses {
				if d >= p.From && d <= p.To {
					return false
				}
			}
			works, _ := cal.Working(d)
			return r.Unit == law.Day || works
		}
		n := 0
		for d := lo; d <= hi; d++ {
			if counts(d) {
				n++
			}
		}
		if n != r.Length || !counts(last) {
			t.Fatalf("%+v: %d counted days up to %s", r, n, last)
		}
		switch works, _ := cal.Working(got.Acceptance); {
		case r.Kind == law.BackFrom && got.Acceptance != got.Duty:
			t.Fatal("counted back and rolled")
		case r.Kind != law.BackFrom && !works:
			t.Fatal("acceptance is no working day")
		case got.Acceptance < got.Duty:
			t.Fatal("acceptance before duty")
		}
		for d := got.Duty; r.Kind != law.BackFrom && d < got.Acceptance; d++ {
			if works, _ := cal.Working(d); works {
				t.Fatal("rolled too far")
			}
		}
	})
}

// Hours: exactly so much time runs outside the pauses, and the clock runs when it ends.
func TestHoursAgainstMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := at("2026-11-02 10:00")
		c := law.Clock{Start: start, Length: rapid.IntRange(1, 30).Draw(t, "hours"), Unit: law.Hour,
			Kind: rapid.SampledFrom([]law.Kind{law.AtMost, law.BackFrom}).Draw(t, "kind")}
		for range rapid.IntRange(0, 4).Draw(t, "pauses") {
			from := start.Add(time.Duration(rapid.IntRange(-2000, 2000).Draw(t, "from")) * time.Minute)
			c.Pauses = append(c.Pauses, law.Pause{From: from, To: from.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "long")) * time.Minute)})
		}
		got, err := law.DueAt(law.Calendars{}, c)
		if err != nil {
			t.Fatal(err)
		}
		lo, hi := min(start, got.Duty), max(start, got.Duty)
		minutes := 0
		for m := lo; m < hi; m = m.Add(time.Minute) {
			running := true
			for _, p := range c.Pauses {
				running = running && (m < p.From || m >= p.To)
			}
			if running {
				minutes++
			}
		}
		if minutes != c.Length*60 {
			t.Fatalf("%d minutes ran, want %d", minutes, c.Length*60)
		}
	})
}

func TestWarnStaysInside(t *testing.T) {
	cal := calendars(t)
	rapid.Check(t, func(t *rapid.T) {
		start := at("2026-09-01 10:00").Add(time.Duration(rapid.IntRange(0, 80000).Draw(t, "start")) * time.Minute)
		c := law.Clock{Start: start, Length: rapid.IntRange(1, 40).Draw(t, "n"), Unit: rapid.SampledFrom(law.Units()[:3]).Draw(t, "unit")}
		due, err := law.DueAt(cal, c)
		if err != nil {
			t.Fatal(err)
		}
		last := start
		for _, share := range []int{1, 20, 50, 80, 99} {
			got := law.WarnAt(cal, c.Unit, start, due.Duty, nil, share)
			if got < last || got > due.Duty {
				t.Fatalf("%d%%: %s outside %s..%s", share, got, last, due.Duty)
			}
			last = got
		}
	})
}

func TestMonthsGoBothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := clock.Date(2000, 1, 1) + clock.Day(rapid.IntRange(0, 20000).Draw(t, "day"))
		n := rapid.IntRange(-60, 60).Draw(t, "months")
		got := law.Months(d, n)
		y, m, dd := d.Date()
		gy, gm, gd := got.Date()
		if gy*12+int(gm) != y*12+int(m)+n {
			t.Fatalf("%s + %d months = %s", d, n, got)
		}
		if _, _, next := (got + 1).Date(); gd != dd && (gd > dd || next != 1) {
			t.Fatalf("%s + %d months = %s: neither the day nor the last of the month", d, n, got)
		}
	})
}

func TestNoCalendarAtAll(t *testing.T) {
	cal, err := law.ParseCalendars(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := law.Due(cal, law.Request{Start: day("2026-09-30"), Length: 1, Unit: law.Workday})
	if err != nil || !got.Provisional || got.Duty != day("2026-10-01") {
		t.Fatalf("%+v %v", got, err)
	}
}
