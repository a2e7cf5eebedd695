package notice

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/law"
	"linli/internal/procedure"
)

func policyOf(t *testing.T) Policy {
	t.Helper()
	p, err := ParsePolicy(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func proc(t *testing.T, name string) *procedure.Procedure {
	t.Helper()
	all, problems := procedure.Load(catalog.Files, procedure.Names{})
	if all[name] == nil {
		t.Fatal(problems)
	}
	return all[name]
}

func ptr(s string) *string { return &s }

// What an act means to a resident: few of them mean anything.
func TestMeaning(t *testing.T) {
	policy := policyOf(t)
	for _, c := range []struct {
		procedure, act, from, to, role, want string
	}{
		{"service-request", "report", "", "received", "reporter", receipt},
		{"service-request", "dispatch", "received", "dispatched", "reporter", nothing},
		{"service-request", "accept", "dispatched", "handling", "reporter", nothing},
		{"service-request", "ask_reporter", "received", "asking", "reporter", question},
		{"service-request", "ask_more", "handling", "waiting", "reporter", question},
		{"service-request", "extended", "handling", "handling", "reporter", nothing},
		{"service-request", "hold", "handling", "held", "reporter", nothing},
		{"service-request", "resume", "held", "handling", "reporter", nothing},
		{"service-request", "answer", "handling", "answered", "reporter", answer},
		{"service-request", "check_done", "answered", "rating", "reporter", rate},
		{"service-request", "check_done", "answered", "rating", "voice", closed},
		{"service-request", "join", "handling", "joined", "reporter", nothing},
		{"service-request", "answered_with", "joined", "rating", "reporter", rate},
		{"service-request", "answered_with", "joined", "rating", "voice", closed},
		{"service-request", "close_intake", "received", "not_dispatched", "reporter", closed},
		{"service-request", "shown_with", "joined", "not_dispatched", "voice", closed},
		{"example-allowance", "apply", "", "filed", "applicant", receipt},
	} {
		f := fact{c: &casework.Case{}, p: proc(t, c.procedure), act: casework.Entry{ActRow: casework.ActRow{Act: c.act, From: c.from, To: c.to}}}
		if c.from == "" {
			f.act.Delta.Opened = &casework.Opened{}
		}
		if got := f.meaning(policy, c.role); got != c.want {
			t.Errorf("%s %s to a %s: %s, wanted %s", c.procedure, c.act, c.role, got, c.want)
		}
	}
	imported := fact{c: &casework.Case{}, p: proc(t, "service-request"), act: casework.Entry{ActRow: casework.ActRow{Act: "import", To: "closed", Delta: casework.Delta{Opened: &casework.Opened{Imported: true}}}}}
	if got := imported.meaning(policy, "reporter"); got != nothing {
		t.Errorf("an imported case is told: %s", got)
	}
}

// What somebody of the office is told, and how pressing it is.
func TestStaffKindAndUrgency(t *testing.T) {
	policy, p := policyOf(t), proc(t, "service-request")
	hours := procedure.ClockRow{Name: "intake", Unit: law.Hour, N: 2}
	days := procedure.ClockRow{Name: "handle", Unit: law.Workday, N: 5}
	for name, c := range map[string]struct {
		act       casework.ActRow
		told      casework.Told
		emergency bool
		kind      string
		urgency   int
	}{
		"dispatched":              {act: casework.ActRow{Act: "dispatch", To: "dispatched", Delta: casework.Delta{Unit: ptr("u")}}, told: casework.Told{Unit: "u"}, kind: "new", urgency: ToDo},
		"dispatched, dangerous":   {act: casework.ActRow{Act: "dispatch", To: "dispatched", Delta: casework.Delta{Unit: ptr("u")}}, told: casework.Told{Unit: "u"}, emergency: true, kind: "new", urgency: Urgent},
		"supplied":                {act: casework.ActRow{Act: "supply", To: "handling"}, told: casework.Told{Unit: "u", Person: "p"}, kind: "act", urgency: ToDo},
		"rated":                   {act: casework.ActRow{Act: "rate", To: "settled"}, told: casework.Told{Unit: "u", Person: "p"}, kind: "act", urgency: ForInfo},
		"warned":                  {act: casework.ActRow{Act: casework.ActWarn, To: "handling", Delta: casework.Delta{Clocks: []procedure.ClockRow{days}}}, told: casework.Told{Unit: "u", Person: "p"}, kind: "warn", urgency: ToDo},
		"missed days":             {act: casework.ActRow{Act: casework.ActBreach, To: "handling", Delta: casework.Delta{Clocks: []procedure.ClockRow{days}, Escalated: ptr("above")}}, told: casework.Told{Unit: "u", Person: "p"}, kind: "breach", urgency: ToDo},
		"missed hours":            {act: casework.ActRow{Act: casework.ActBreach, To: "received", Delta: casework.Delta{Clocks: []procedure.ClockRow{hours}, Escalated: ptr("above")}}, told: casework.Told{Unit: "above"}, kind: "above", urgency: Urgent},
		"missed below":            {act: casework.ActRow{Act: casework.ActBreach, To: "handling", Delta: casework.Delta{Clocks: []procedure.ClockRow{days}, Escalated: ptr("above")}}, told: casework.Told{Unit: "above"}, kind: "above", urgency: ToDo},
		"missed, dangerous":       {act: casework.ActRow{Act: casework.ActBreach, To: "handling", Delta: casework.Delta{Clocks: []procedure.ClockRow{days}, Escalated: ptr("above")}}, told: casework.Told{Unit: "above"}, emergency: true, kind: "above", urgency: Urgent},
		"handed over to somebody": {act: casework.ActRow{Act: casework.ActHanding, From: "handling", To: "handling", Delta: casework.Delta{Person: ptr("q")}}, told: casework.Told{Unit: "u", Person: "q"}, kind: "new", urgency: ToDo},
	} {
		t.Run(name, func(t *testing.T) {
			f := fact{c: &casework.Case{Unit: "u", Values: casework.Values{"emergency": c.emergency}}, p: p, act: casework.Entry{ActRow: c.act}}
			if got := f.staffKind(c.told); got != c.kind {
				t.Errorf("kind %s, wanted %s", got, c.kind)
			}
			if got := f.urgency(policy, c.told); got != c.urgency {
				t.Errorf("urgency %d, wanted %d", got, c.urgency)
			}
		})
	}
}

// Who of a unit is told: those who have the word, the head where there is none,
// and never the administrator for being one.
func TestChoose(t *testing.T) {
	member := func(person, kind string) identity.Member {
		return identity.Member{Post: identity.Post{Person: person, Kind: kind}}
	}
	unit := []identity.Member{member("h2", "handler"), member("h1", "handler"), member("b", "head"), member("a", "administrator"), member("h1", "clerk")}
	for _, c := range []struct {
		members []identity.Member
		groups  [][]string
		want    string
	}{
		{unit, [][]string{{"handler"}, {"head"}}, "h1 h2"},
		{unit, [][]string{{"verifier"}, {"head"}}, "b"},
		{unit, [][]string{{"verifier"}}, "b h1 h2"},
		{unit, [][]string{{"handler", "head"}}, "b h1 h2"},
		{unit[3:4], [][]string{{"handler"}}, ""},
		{nil, [][]string{{"handler"}}, ""},
	} {
		if got := strings.Join(choose(c.members, c.groups...), " "); got != c.want {
			t.Errorf("of %v: %q, wanted %q", c.groups, got, c.want)
		}
	}
	f := fact{c: &casework.Case{}, p: proc(t, "service-request"), act: casework.Entry{ActRow: casework.ActRow{Act: "dispatch", To: "dispatched"}}}
	if got := fmt.Sprint(f.posts()); got != "[[handler] [head] [clerk]]" {
		t.Errorf("after dispatch: %s", got)
	}
	f = fact{c: &casework.Case{}, p: proc(t, "example-village-notice"), act: casework.Entry{ActRow: casework.ActRow{Act: "submit", To: "reviewing"}}}
	if got := f.posts(); len(got) == 0 || !slices.Equal(got[0], []string{"supervision-head", "committee-head", "party-secretary"}) {
		t.Errorf("three bodies are asked: %v", got)
	}
}

func at24(day, hour, minute int) clock.Instant {
	return clock.Date(2026, 11, day).Start().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// When: 2026-11-24 is a Tuesday, 28 and 29 a weekend. Two minutes are left for more.
func TestWhen(t *testing.T) {
	policy := policyOf(t)
	cal, err := law.ParseCalendars(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	digest := DefaultPreference()
	digest.Modes["todo"], digest.Digest = Digest, 16*60
	lunch := DefaultPreference()
	lunch.From, lunch.To = 12*60, 14*60
	for name, c := range map[string]struct {
		got, want clock.Instant
	}{
		"in working hours":             {policy.personTime(cal, DefaultPreference(), ToDo, at24(24, 10, 0)), at24(24, 10, 2)},
		"before them":                  {policy.personTime(cal, DefaultPreference(), ToDo, at24(24, 6, 0)), at24(24, 8, 30)},
		"after them":                   {policy.personTime(cal, DefaultPreference(), ToDo, at24(24, 19, 0)), at24(25, 8, 30)},
		"at their end":                 {policy.personTime(cal, DefaultPreference(), ToDo, at24(24, 17, 29)), at24(25, 8, 30)},
		"on Friday night":              {policy.personTime(cal, DefaultPreference(), ToDo, at24(27, 23, 0)), at24(30, 8, 30)},
		"on Sunday":                    {policy.personTime(cal, DefaultPreference(), ForInfo, at24(29, 10, 0)), at24(30, 8, 30)},
		"urgent at night":              {policy.personTime(cal, DefaultPreference(), Urgent, at24(28, 3, 0)), at24(28, 3, 0)},
		"own quiet hours":              {policy.personTime(cal, lunch, ToDo, at24(24, 12, 30)), at24(24, 14, 0)},
		"urgent in own quiet hours":    {policy.personTime(cal, lunch, Urgent, at24(24, 12, 30)), at24(24, 12, 30)},
		"digest today":                 {policy.personTime(cal, digest, ToDo, at24(24, 10, 0)), at24(24, 16, 0)},
		"digest tomorrow":              {policy.personTime(cal, digest, ToDo, at24(24, 16, 0)), at24(25, 16, 0)},
		"digest after the weekend":     {policy.personTime(cal, digest, ToDo, at24(27, 17, 0)), at24(30, 16, 0)},
		"on duty at night":             {policy.dutyTime(ToDo, at24(24, 23, 0)), at24(24, 23, 2)},
		"a resident in the evening":    {policy.partyTime(at24(24, 21, 0)), at24(24, 21, 2)},
		"a resident late":              {policy.partyTime(at24(24, 22, 30)), at24(25, 7, 0)},
		"a resident after midnight":    {policy.partyTime(at24(24, 1, 0)), at24(24, 7, 0)},
		"a resident at ten to ten":     {policy.partyTime(at24(24, 21, 59)), at24(25, 7, 0)},
		"a resident on Sunday morning": {policy.partyTime(at24(29, 9, 0)), at24(29, 9, 2)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, wanted %v", name, c.got, c.want)
		}
	}
}

func TestPolicyRefuses(t *testing.T) {
	raw, err := fs.ReadFile(catalog.Files, PolicyFile)
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		`"08:30"`: `"8:30"`, `{from: "08:30", to: "17:30"}`: `{from: "18:00", to: "17:30"}`, "together: 120": "together: 99999", `digest: "09:00"`: `digest: "25:00"`,
		"urgent_hours: 2": "urgent_hours: 99", "old_hours: 72": "old_hours: 0", "most_a_day: 10": "most_a_day: 0", "above: [head, leader, committee-head, party-secretary]": "above: []",
		"answer: answer": "answer: shout", "together:": "togehter:",
	} {
		changed := strings.Replace(string(raw), from, to, 1)
		if changed == string(raw) {
			t.Fatalf("%q is not in the file", from)
		}
		if problems := CheckFiles(fstest.MapFS{PolicyFile: {Data: []byte(changed)}}); len(problems) == 0 {
			t.Errorf("%q was taken", to)
		}
	}
	if problems := CheckFiles(catalog.Files); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestBackoff(t *testing.T) {
	last := time.Duration(0)
	for n := 1; n < 40; n++ {
		d := backoff(n)
		if d < last || d > slowest || d < 15*time.Second {
			t.Fatalf("after %d: %v after %v", n, d, last)
		}
		last = d
	}
}
