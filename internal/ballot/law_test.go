package ballot_test

import (
	"fmt"
	"strings"
	"testing"

	"linli/internal/ballot"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// threshold is one body's numbers at the edge: with fewer present the meeting does
// not begin, with fewer votes nothing is passed.
type threshold struct {
	body            ballot.Body
	roll            []byte
	under, present  int // one too few, and just enough; 0 = the law knows no quorum
	failing, passes int // votes in favour: one too few, and just enough
	quorum, pass    string
}

var thresholds = []threshold{
	// 30 adults: more than half is 16, of 16 present more than half is 9.
	{ballot.VillageMeeting, table(30, "", plain), 15, 16, 8, 9, "村民委员会组织法 26(1)", "村民委员会组织法 26(1)"},
	// 30 representatives and members: two thirds is 20, more than half of them 11.
	{ballot.VillageRepresentatives, women(24, 6, 10), 19, 20, 10, 11, "村民委员会组织法 30(2)", "村民委员会组织法 30(2)"},
	{ballot.VillagerGroup, adults(30), 19, 20, 10, 11, "村民委员会组织法 32(2)", "村民委员会组织法 32(2)"},
	{ballot.ResidentsMeeting, table(30, "", plain), 15, 16, 8, 9, "城市居民委员会组织法 27", "城市居民委员会组织法 27"},
	{ballot.ResidentsRepresentatives, women(24, 6, 10), 19, 20, 10, 11, "城市居民委员会组织法 29", "城市居民委员会组织法 29"},
	// 30 members: two thirds must come, and two thirds of all must agree: the same 20.
	{ballot.CollectiveAssembly, table(30, "", plain), 19, 20, 19, 20, "农村集体经济组织法 27(1)", "农村集体经济组织法 27"},
	// 21 delegates (more than 20): two thirds of all are 14.
	{ballot.CollectiveDelegates, table(21, "", plain), 0, 15, 13, 14, "", "农村集体经济组织法 28"},
	// 7 directors: 5 must come, more than half of all are 4.
	{ballot.CollectiveBoard, table(7, "", plain), 4, 5, 3, 4, "农村集体经济组织法 31", "农村集体经济组织法 31"},
	// 20 Party members: 11 must come, more than half of all are 11.
	{ballot.PartyMeeting, table(20, ",党员", func(int) string { return ",是" }), 10, 11, 10, 11, "中国共产党农村基层组织工作条例 19", "中国共产党农村基层组织工作条例 19"},
}

// adults is a roll on which nobody represents a household.
func adults(n int) []byte {
	return []byte(strings.ReplaceAll(string(table(n, "", plain)), "户代表", "备注"))
}

// TestEveryThreshold drives each body through the engine at the edge: one too few
// does not begin, just enough does; one vote too few fails, just enough passes.
func TestEveryThreshold(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	made := map[ballot.Body]string{}
	for _, c := range thresholds {
		group := ""
		if c.body == ballot.VillagerGroup {
			group = "第一组"
		}
		if _, report, err := r.Ballot.Import(ctx, r.who["clerk"], ballot.Importing{Area: r.village, Body: c.body, Group: group, Data: c.roll}); err != nil {
			t.Fatalf("%s: %v %+v", c.body, err, report)
		}
		for _, favour := range []int{c.failing, c.passes} {
			change := map[string]any{}
			if group != "" {
				change["group"] = group
			}
			m, err := r.call(c.body, change)
			if err != nil {
				t.Fatalf("%s: %v", c.body, err)
			}
			made[c.body+ballot.Body(fmt.Sprint(favour))] = m.Case
		}
	}
	r.meetOn(meetingDay)
	for _, c := range thresholds {
		for _, favour := range []int{c.failing, c.passes} {
			r.edge(c, made[c.body+ballot.Body(fmt.Sprint(favour))], favour)
		}
	}
}

// edge runs one meeting of a body to its end.
func (r *rig) edge(c threshold, id string, favour int) {
	r.t.Helper()
	if c.under > 0 {
		r.arrive(id, 1, c.under)
		_, err := r.do("director", id, "begin", nil)
		r.unlawful(err, c.quorum)
	}
	r.arrive(id, c.under+1, c.present)
	if c.under > 0 { // there is a quorum: it cannot be sent home for want of one
		_, err := r.do("director", id, "adjourn", nil)
		r.unlawful(err, c.quorum)
	}
	r.done("director", id, "begin", nil)
	r.done("director", id, "put_to_vote", map[string]any{"method": "paper"})
	r.count(id, favour, c.present-favour)
	want := "failed"
	if favour == c.passes {
		want = "passed"
	}
	if got := r.done("director", id, "close_vote", nil); got.State != want || r.outcome(id, "outcome") != want {
		r.t.Fatalf("%s: %d in favour of %d present led to %s, want %s", c.body, favour, c.present, got.State, want)
	}
	r.done("clerk", id, "draft_minutes", nil)
	minutes, _ := r.value(id, "minutes").(string)
	if !strings.Contains(minutes, c.pass) || !strings.Contains(minutes, c.quorum) {
		r.t.Fatalf("%s: the minutes cite neither %s nor %s:\n%s", c.body, c.quorum, c.pass, minutes)
	}
	r.done("director", id, "sign_minutes", nil)
	end := map[string]string{"passed": "confirm", "failed": "confirm_failed"}
	for state, act := range end {
		_, err := r.do("secretary", id, act, nil)
		if state != want {
			if f := fault.Of(err); f == nil {
				r.t.Fatalf("%s: %s was confirmed as %s", c.body, want, act)
			}
		}
	}
}

// TestTheOtherWayToAQuorum: a general meeting also meets by its households.
func TestTheOtherWayToAQuorum(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.importRoll(ballot.VillageMeeting, table(30, "", plain)) // 10 households; two thirds are 7
	m, err := r.call(ballot.VillageMeeting, nil)
	r.ok(err)
	r.meetOn(meetingDay)
	for house := range 6 { // the one who represents each household
		r.arrive(m.Case, house*3+1, house*3+1)
	}
	_, err = r.do("director", m.Case, "begin", nil)
	r.unlawful(err, "村民委员会组织法 26(1)")
	// Another adult comes for the seventh household; a second one for it does not.
	r.done("clerk", m.Case, "arrive", map[string]any{"line": 20, "how": "household"})
	_, err = r.do("clerk", m.Case, "arrive", map[string]any{"line": 21, "how": "household"})
	r.wants(err, fault.Conflict, "ballot.household_here")
	r.done("director", m.Case, "begin", nil)
	if r.value(m.Case, "households_present") != int64(7) || r.value(m.Case, "present") != int64(7) {
		t.Fatalf("%v households, %v people", r.value(m.Case, "households_present"), r.value(m.Case, "present"))
	}
}

// TestBeforeAMeetingIsCalled: what the law refuses before the notice goes out, each
// with its article.
func TestBeforeAMeetingIsCalled(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	_, err := r.call(ballot.VillageMeeting, nil)
	r.wants(err, fault.Unmet, "ballot.need_roll")
	r.importRoll(ballot.VillageMeeting, table(30, "", plain))
	r.importRoll(ballot.VillageRepresentatives, women(24, 6, 10))
	r.importRoll(ballot.ResidentsMeeting, table(30, "", plain))
	r.importRoll(ballot.CollectiveAssembly, table(30, "", plain))
	r.importRoll(ballot.CollectiveDelegates, table(21, "", plain))
	ninth, yesterday := (meetingDay - 1).String(), (today - 1).String()
	for name, c := range map[string]struct {
		body   ballot.Body
		change map[string]any
		key    string // "" = the law refuses under norm
		norm   string
	}{
		"notice of 9 days":                          {ballot.VillageMeeting, map[string]any{"meeting_day": ninth}, "", "村民委员会组织法 25(2)"},
		"notice of 9 days, residents":               {ballot.ResidentsMeeting, map[string]any{"meeting_day": ninth}, "", "城市居民委员会组织法 26"},
		"notice of 9 days, collective, with reason": {ballot.CollectiveAssembly, map[string]any{"meeting_day": ninth, "urgent_reason": "急"}, "", "农村集体经济组织法 27(1)"},
		"representatives without delegation":        {ballot.VillageRepresentatives, map[string]any{"matter": "planning", "delegated": false, "delegation": nil}, "", "村民委员会组织法 28(1)"},
		"delegation without record":                 {ballot.VillageRepresentatives, map[string]any{"matter": "planning", "delegation": nil}, "ballot.delegation", ""},
		"a delegation to the meeting itself":        {ballot.VillageMeeting, map[string]any{"delegated": true, "delegation": "x"}, "ballot.not_delegable", ""},
		"delegated by a case that is none":          {ballot.VillageRepresentatives, map[string]any{"delegation_case": "261124-00000000"}, "ballot.delegation_case", ""},
		"land by the village meeting":               {ballot.VillageMeeting, map[string]any{"matter": "land_contract_plan"}, "ballot.matter_elsewhere", "农村集体经济组织法"},
		"compensation by representatives":           {ballot.VillageRepresentatives, map[string]any{"matter": "compensation_distribution"}, "ballot.matter_elsewhere", "村民委员会组织法 28(4)"},
		"the charter by delegates":                  {ballot.CollectiveDelegates, map[string]any{"matter": "charter"}, "", "农村集体经济组织法 28(4)"},
		"benefits for non-members by delegates":     {ballot.CollectiveDelegates, map[string]any{"matter": "nonmember_benefit"}, "ballot.matter_elsewhere", "农村集体经济组织法"},
		"the covenant by representatives":           {ballot.VillageRepresentatives, map[string]any{"matter": "covenant"}, "ballot.matter_elsewhere", "村民委员会组织法"},
		"yesterday":                                 {ballot.VillageMeeting, map[string]any{"meeting_day": yesterday}, "ballot.day_past", ""},
		"yesterday, noticed on paper but no paper":  {ballot.VillageMeeting, map[string]any{"meeting_day": yesterday, "noticed_day": "2026-11-01"}, "ballot.paper", ""},
		"in two years":                              {ballot.VillageMeeting, map[string]any{"meeting_day": "2028-11-01"}, "ballot.day_far", ""},
		"a group without name":                      {ballot.VillagerGroup, nil, "ballot.group", ""},
		"a sitting that is none":                    {ballot.VillageMeeting, map[string]any{"sitting": "261124-00000000"}, "ballot.sitting", ""},
		"without text":                              {ballot.VillageMeeting, map[string]any{"text": nil}, "casework.missing_field", ""},
	} {
		_, err := r.call(c.body, c.change)
		f := fault.Of(err)
		switch {
		case f == nil:
			t.Errorf("%s: was called", name)
		case c.key == "" && c.norm != "" && (f.Key != "casework.law" || !strings.Contains(f.Norm, c.norm)):
			t.Errorf("%s: %v, want the law by %s", name, err, c.norm)
		case c.key != "" && (f.Key != c.key || !strings.Contains(f.Norm, c.norm)):
			t.Errorf("%s: %v under %q, want %s under %s", name, err, f.Norm, c.key, c.norm)
		}
	}
	// What the same words allow.
	for name, c := range map[string]struct {
		body   ballot.Body
		change map[string]any
	}{
		"10 days":                        {ballot.VillageMeeting, nil},
		"9 days, with a recorded reason": {ballot.VillageMeeting, map[string]any{"meeting_day": ninth, "urgent_reason": "汛期抢修河堤"}},
		"delegated":                      {ballot.VillageRepresentatives, map[string]any{"matter": "planning"}},
		"land by the members":            {ballot.CollectiveAssembly, map[string]any{"matter": "land_contract_plan"}},
		"other matters by delegates":     {ballot.CollectiveDelegates, nil},
	} {
		if _, err := r.call(c.body, c.change); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUnlawfulCompositionIsNotCalled: too few representatives, too few women.
func TestUnlawfulCompositionIsNotCalled(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for name, c := range map[string]struct {
		body ballot.Body
		roll []byte
		norm string
	}{
		"23 representatives of 30":   {ballot.VillageRepresentatives, women(23, 7, 10), "村民委员会组织法 29(1)"},
		"9 women of 30":              {ballot.VillageRepresentatives, women(24, 6, 9), "村民委员会组织法 29(1)"},
		"residents, 23 of 30":        {ballot.ResidentsRepresentatives, women(23, 7, 10), "城市居民委员会组织法 28"},
		"20 delegates, not above 20": {ballot.CollectiveDelegates, table(20, "", plain), "农村集体经济组织法 28(1)"},
	} {
		r.importRoll(c.body, c.roll)
		_, err := r.call(c.body, nil)
		f := fault.Of(err)
		if f == nil || f.Key != "casework.law" || f.Norm != c.norm {
			t.Errorf("%s: %v", name, err)
		}
	}
}
