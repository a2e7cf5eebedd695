package app_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/desk"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/procedure"
)

// elsewhereStates are reached by the browser stories: a grid's team is no part of
// what the demo plays.
var elsewhereStates = map[string][]string{"grid-event": {"with_team"}}

// demoStates are those in which the cases of a demo stand: all that its
// procedures know.
var demoStates = map[string][]string{
	"service-request": {"received", "asking", "dispatched", "disputed", "handling", "waiting", "held", "answered", "rating", "settled", "closed",
		"not_dispatched", "withdrawn", "joined"},
	"co-task":                {"given", "done", "declined", "dropped"},
	"arbitration":            {"asked", "ruled", "dropped"},
	"deadline-approval":      {"extension", "hold", "agreed", "refused", "dropped"},
	"grid-event":             {"found", "settled", "sent_up", "closed", "void"},
	"example-allowance":      {"applied", "correcting", "first", "approved", "granted", "refused", "withdrawn"},
	"example-village-notice": {"drafting", "reviewing", "agreed", "posted", "ended", "dropped"},
}

// The demo plays its stories by the verbs: none is refused, cases stand in every
// state of every procedure, and everything verifies. On both databases the same
// seed tells the same stories to the second.
func TestDemo(t *testing.T) {
	var told []string
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, filled := fillDemo(t, d, apptest.Tuesday, 1)
		seen := tellDemo(t, c)
		for procedure, states := range demoStates {
			for _, state := range states {
				if seen.states[procedure+" "+state] == 0 {
					t.Errorf("no %s stands in %s", procedure, state)
				}
			}
			p, err := c.Cases.Procedure(ctx, procedure)
			if err != nil {
				t.Fatal(err)
			}
			if known := len(states) + len(elsewhereStates[procedure]); len(p.States) != known {
				t.Errorf("%s has %d states, the test knows %d", procedure, len(p.States), known)
			}
		}
		for _, mark := range []string{"_warn", "_breach", "_annul", "_erase", "urge", "add", "no_answer", "archive", "go_on", "go_on_first", "resume", "reopen", "check_failed",
			"classify", "name_unit", "correct", "invite", "lapse", "complete", "send_back", "rate", "call_back"} {
			if seen.acts[mark] == 0 {
				t.Errorf("nobody ever did %s", mark)
			}
		}
		if seen.escalated == 0 || seen.photos < 10 || seen.later == 0 || seen.emergencies < 2 || seen.sealed < 3 || len(seen.kinds) != 6 || len(seen.channels) < 5 {
			t.Errorf("%d escalated, %d photos, %d entered later, %d emergencies, %d sealed, intake kinds %v, channels %v",
				seen.escalated, seen.photos, seen.later, seen.emergencies, seen.sealed, seen.kinds, seen.channels)
		}
		if seen.weekend == 0 || seen.weekend*5 > seen.cases {
			t.Errorf("%d of %d cases were opened at a weekend", seen.weekend, seen.cases)
		}
		if late := seen.acts["_breach"]; late*4 > seen.cases {
			t.Errorf("%d breaches in %d cases: nothing is ever done in time", late, seen.cases)
		}
		if told == nil {
			told = seen.lines
		}
		for i := range told {
			if i >= len(seen.lines) || told[i] != seen.lines[i] {
				t.Errorf("the same seed gives %d and %d lines, %q first", len(told), len(seen.lines), told[i])
				break
			}
		}
		t.Logf("%d cases, %d acts, states %v, places %v, acts %v", seen.cases, filled.Acts, seen.states, seen.places, seen.acts)
	})
}

// It can be begun on any day: in the night of a Sunday within a week of holidays,
// over the turn of the year whose holidays nobody knows yet.
func TestDemoOnAnyDay(t *testing.T) {
	for i, until := range []clock.Instant{
		clock.Date(2026, 10, 4).Start().Add(3 * time.Hour),
		clock.Date(2027, 1, 16).Start().Add(22 * time.Hour),
	} {
		fillDemo(t, dbtest.SQLite(t), until, uint64(i)+2)
	}
}

// Beside its cases the demo shows requests that a person released, with words
// struck and photos masked, one of them taken back; who is on duty and who stands
// in; how people are reached, and what they keep at hand.
func TestDemoShows(t *testing.T) {
	c, _ := fillDemo(t, dbtest.SQLite(t), apptest.Tuesday, 1)
	seen := tellDemo(t, c)
	var voiced int
	if err := c.DB.Reader().Row(ctx, `SELECT COUNT(DISTINCT case_id) FROM casework_act WHERE act = 'voice'`).Scan(&voiced); err != nil {
		t.Fatal(err)
	}
	if seen.acts["release"] < 10 || seen.acts["unrelease"] != 1 || voiced < 4 { // three and the power cut
		t.Errorf("%d released, %d taken back, %d with voices", seen.acts["release"], seen.acts["unrelease"], voiced)
	}
	var bodies, struck, photos int
	rows, err := c.DB.Reader().Rows(ctx, `SELECT body FROM publicity_release`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			t.Fatal(err)
		}
		for mark, n := range map[string]*int{"{": &bodies, "\u2587": &struck, "sha256": &photos} {
			if strings.Contains(body, mark) {
				*n++
			}
		}
	}
	if bodies != seen.acts["release"]-1 || struck < 2 || photos < 2 {
		t.Errorf("%d copies, %d with something struck, %d with photos", bodies, struck, photos)
	}
	for unit, watching := range map[string]int{"center": 3, "qinghe": 2, "dongshan": 2, "c-qinghe": 2, "v-shiqiao": 2} {
		for _, days := range []int{0, 9} { // this month and the next
			list, err := c.Staff.OnDuty(ctx, unit, c.Hand.Now().Add(time.Duration(days)*24*time.Hour))
			if err != nil || len(list) != watching {
				t.Errorf("%d are on duty in %s after %d days: %v", len(list), unit, days, err)
			}
		}
	}
	if away, err := c.People.DeputiesNow(ctx, "b-greening"); err != nil || len(away) != 1 {
		t.Errorf("nobody stands in: %v %v", away, err)
	}
	if told, err := c.Notices.Contacts(ctx, "head1"); err != nil || len(told) != 2 || !told[0].Verified {
		t.Errorf("head1 is reached by %v %v", told, err)
	}
	greening, err := c.People.Actor(ctx, "h-greening")
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := desk.New(c.Cases).Templates(ctx, greening); err != nil || len(kept) != 1 {
		t.Errorf("h-greening keeps %v %v", kept, err)
	}
}

func fillDemo(t *testing.T, d *db.DB, until clock.Instant, seed uint64) (*apptest.County, appFilled) {
	t.Helper()
	c := apptest.NewAt(t, d, t.TempDir(), until.Add(-app.DemoDays*24*time.Hour))
	begun := time.Now()
	filled, err := c.FillDemoRefused(ctx, c.Hand, until, seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("until %s: %d acts in %s", until, filled.Acts, time.Since(begun).Round(time.Millisecond))
	for _, err := range filled.Refused {
		t.Error(err)
	}
	v, err := c.Verify(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Findings {
		t.Errorf("verify: %s %s %v", f.Kind, f.Case, f.Args)
	}
	if v.Cases < 250 || v.Cases > 600 || v.Erased == 0 || v.Unnumbered > 0 {
		t.Errorf("%d cases, %d erased values, %d leaves without a number", v.Cases, v.Erased, v.Unnumbered)
	}
	if c.Hand.Now() != until {
		t.Errorf("the clock stands at %s, want %s", c.Hand.Now(), until)
	}
	return c, appFilled(filled)
}

// appFilled is what a filling says of itself.
type appFilled struct {
	Acts    int
	Refused []error
}

// demoSeen is what stands in a house after its filling.
type demoSeen struct {
	cases, photos, later, emergencies, sealed, weekend, escalated int
	states, acts, kinds, channels, places                         map[string]int
	lines                                                         []string // every act, without what is drawn at random: ids, numbers, phones
}

func tellDemo(t *testing.T, c *apptest.County) *demoSeen {
	t.Helper()
	s := &demoSeen{states: map[string]int{}, acts: map[string]int{}, kinds: map[string]int{}, channels: map[string]int{}, places: map[string]int{}}
	for name := range maps.Keys(demoStates) {
		for after := ""; ; {
			rows, next, err := c.Cases.List(ctx, identity.SystemActor(), casework.Filter{Box: casework.BoxAll, Procedure: name, After: after, Limit: 200})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				v, err := c.Cases.Get(ctx, identity.SystemActor(), row.ID)
				if err != nil {
					t.Fatal(err)
				}
				s.take(v)
			}
			if after = next; next == "" {
				break
			}
		}
	}
	slices.Sort(s.lines)
	return s
}

func (s *demoSeen) take(v *casework.View) {
	c := v.Case
	s.cases++
	s.states[c.Procedure+" "+c.State]++
	s.photos += len(c.Values.List("photos"))
	if kind := c.Values.Text("intake_kind"); kind != "" {
		s.kinds[kind]++
	}
	if c.Procedure == "service-request" {
		s.channels[c.Values.Text("channel")]++
		if p, ok := c.Values["place"].(procedure.Place); ok {
			s.places[p.Status]++
		}
	}
	if c.Values["emergency"] == true {
		s.emergencies++
	}
	if c.Sealed != "" {
		s.sealed++
	}
	if c.Escalated != "" {
		s.escalated++
	}
	if day := c.Opened.Day().Weekday(); day == time.Saturday || day == time.Sunday {
		s.weekend++
	}
	for _, e := range v.Timeline {
		s.acts[e.Act]++
		if e.Later() {
			s.later++
		}
		s.lines = append(s.lines, fmt.Sprint(c.Procedure, " ", c.Title, " ", e.Act, " ", e.Person, " ", e.Recorded, " ", e.To))
	}
}

// Every matter of the demo has its lead in the duty list, and its other units exist.
func TestDemoMatters(t *testing.T) {
	c := apptest.New(t, dbtest.SQLite(t))
	bad, err := c.CheckDemo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bad {
		t.Error(b)
	}
}
