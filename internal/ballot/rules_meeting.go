package ballot

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// TextHash is the fingerprint of a text as it is put to the vote: a resolution
// with another one is not what was decided.
func TextHash(words string) string {
	sum := sha256.Sum256([]byte(words))
	return hex.EncodeToString(sum[:])
}

// noticeDay is the day from which the days of a notice are counted: the one on
// which it was given on paper, else the one on which the act happened.
func noticeDay(m *casework.Moment) clock.Day {
	if m.Act.Opening() {
		if day, err := clock.ParseDay(m.Values.Text("noticed_day")); err == nil {
			return day
		}
	}
	return m.Happened.Day()
}

// checkDay holds the day of a meeting to the calendar: a meeting lies ahead of
// its notice; one that is over already is entered with its signed paper.
func checkDay(m *casework.Moment) error {
	day, err := clock.ParseDay(m.Values.Text("meeting_day"))
	if err != nil {
		return invalid("day").At("meeting_day")
	}
	notice, today := noticeDay(m), m.Now.Day()
	paper := len(m.Values.List("paper")) > 0
	switch {
	case notice > today:
		return invalid("notice_ahead").At("noticed_day")
	case notice < m.Happened.Day() && !paper:
		return unmet("paper").At("paper")
	case day < notice:
		return invalid("day_past", "day", day).At("meeting_day")
	case day < today && (!m.Act.Opening() || !paper):
		return invalid("day_past", "day", day).At("meeting_day")
	case day > today+366:
		return invalid("day_far").At("meeting_day")
	}
	return nil
}

// onTheDay says that a meeting is held on the day it was called for; one that was
// held on paper before it was entered is taken at its word, and one that has begun
// may go on past midnight.
func onTheDay(m *casework.Moment) error {
	if paper, _ := m.Case.Values["on_paper"].(bool); paper || m.Case.State != "called" {
		return nil
	}
	if day := m.Values.Text("meeting_day"); m.Happened.Day().String() != day {
		parsed, err := clock.ParseDay(day)
		if err != nil {
			return invalid("day").At("meeting_day")
		}
		return unmet("not_the_day", "day", parsed)
	}
	return nil
}

// fitsMatter says whether a body decides such matters at all; where not, which
// one does.
func (d *Dictionary) fitsMatter(b Body, matter string) error {
	rule := d.bodies[b]
	if slices.Contains(rule.Matters, matter) {
		return nil
	}
	for _, other := range []Body{CollectiveAssembly, VillageMeeting, ResidentsMeeting} {
		if slices.Contains(d.bodies[other].Matters, matter) {
			return unmet("matter_elsewhere", "body", b.Key(), "other", other.Key()).Under(d.bodies[other].Norm).At("matter")
		}
	}
	return invalid("matter").At("matter")
}

// lawMatter is a kind of matter in the words of the rule that asks for it.
func lawMatter(b Body, matter string) string {
	words := []string{"planning", "allowances", "use_of_collective_income", "public_works", "key_support"}
	if b == CollectiveDelegates || b == CollectiveAssembly {
		words = []string{"charter", "membership", "land_contract_plan", "homestead_plan", "income_share_plan", "compensation_distribution", "merger"}
	}
	if slices.Contains(words, matter) {
		return matter
	}
	return "other"
}

// counted reads the four numbers of one teller; sealed ones are opened with open.
func counted(v casework.Values, who string, open func(string, casework.Sealed) (any, error)) (out [4]int64, err error) {
	for i, name := range []string{"for", "against", "abstained", "void"} {
		field := who + "_" + name
		x := v[field]
		if hidden, is := x.(casework.Sealed); is {
			if x, err = open(field, hidden); err != nil {
				return out, err
			}
		}
		n, is := x.(int64)
		if !is || n < 0 {
			return out, fault.New(fault.Invalid, "ballot.count_missing").At(field)
		}
		out[i] = n
	}
	return out, nil
}
