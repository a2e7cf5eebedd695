package show

import (
	"context"
	"fmt"
	"time"

	"linli/internal/ballot"
	"linli/internal/casework"
	"linli/internal/kit/clock"
)

// MeetingPlan is a roll and the meetings that are held with it.
type MeetingPlan struct {
	Area     string    `yaml:"area"`
	Body     string    `yaml:"body"`
	Roll     string    `yaml:"roll"`   // the table as it is imported
	Clerks   []string  `yaml:"clerks"` // two: they mark, and count each alone
	Chair    string    `yaml:"chair"`
	Second   string    `yaml:"second"` // confirms the minutes beside the chair
	Meetings []Meeting `yaml:"meetings"`
}

// Meeting is one matter. One without votes is in session when the demo ends.
type Meeting struct {
	Ago        Ago    `yaml:"ago"`
	Notice     int    `yaml:"notice"` // days before
	Matter     string `yaml:"matter"`
	Subject    string `yaml:"subject"`
	Text       string `yaml:"text"`
	Agenda     string `yaml:"agenda"`
	Hall       string `yaml:"hall"`
	Delegation string `yaml:"delegation"`
	Present    int    `yaml:"present"`
	Votes      []int  `yaml:"votes"` // in favour, against, abstained, void
}

// meetings adds the scenes of a plan: the roll, then for each meeting the notice
// and what happens on the day.
func (f *Show) meetings(p MeetingPlan, add func(at clock.Instant, what string, play func(ctx context.Context) error)) {
	add(f.Until.Add(-26*24*time.Hour), "roll of "+p.Area, func(ctx context.Context) error {
		by, err := f.People.Actor(ctx, p.Clerks[0])
		if err != nil {
			return err
		}
		_, report, err := f.Ballot.Import(ctx, by, ballot.Importing{Area: p.Area, Body: ballot.Body(p.Body), File: "roll.csv", Data: []byte(p.Roll)})
		if err != nil {
			err = fmt.Errorf("%w %+v", err, report.Bad)
		}
		return err
	})
	for _, m := range p.Meetings {
		held := f.Until.Add(-time.Duration(m.Ago))
		id := new(string)
		add(held.Add(-time.Duration(m.Notice)*24*time.Hour), "notice of "+m.Subject, func(ctx context.Context) error { return f.callMeeting(ctx, p, m, held.Day(), id) })
		add(held, "meeting on "+m.Subject, func(ctx context.Context) error { return f.hold(ctx, p, m, *id) })
	}
}

func (f *Show) callMeeting(ctx context.Context, p MeetingPlan, m Meeting, day clock.Day, id *string) error {
	by, err := f.People.Actor(ctx, p.Clerks[0])
	if err != nil {
		return err
	}
	v := map[string]any{"village": p.Area, "body": p.Body, "matter": m.Matter, "subject": m.Subject, "text": m.Text, "agenda": m.Agenda, "hall": m.Hall, "meeting_day": day.String()}
	if m.Delegation != "" {
		v["delegated"], v["delegation"] = true, m.Delegation
	}
	receipt, err := f.Cases.Open(ctx, by, casework.Opening{Procedure: ballot.Meetings, Act: "call_alone", Values: v})
	*id = receipt.Case
	return err
}

// hold plays the day of a meeting by the verbs of the house.
func (f *Show) hold(ctx context.Context, p MeetingPlan, m Meeting, id string) error {
	do := func(who, act string, values map[string]any) error {
		by, err := f.People.Actor(ctx, who)
		if err != nil {
			return err
		}
		_, err = f.Cases.Do(ctx, by, casework.Asking{Case: id, Act: act, Values: values})
		if err != nil {
			err = fmt.Errorf("%s: %w", act, err)
		}
		return err
	}
	for line := 1; line <= m.Present; line++ {
		if err := do(p.Clerks[line%2], "arrive", map[string]any{"line": line, "how": "self"}); err != nil {
			return err
		}
	}
	if err := do(p.Chair, "begin", nil); err != nil || len(m.Votes) != 4 {
		return err
	}
	for _, step := range []struct {
		who, act string
		values   map[string]any
	}{
		{p.Chair, "put_to_vote", map[string]any{"method": "hands"}},
		{p.Clerks[0], "count_first", ballots("first", m.Votes)},
		{p.Clerks[1], "count_second", ballots("second", m.Votes)},
		{p.Chair, "close_vote", nil},
		{p.Clerks[0], "draft_minutes", nil},
		{p.Chair, "sign_minutes", nil},
		{p.Second, "confirm", nil},
	} {
		if err := do(step.who, step.act, step.values); err != nil {
			return err
		}
	}
	return nil
}

func ballots(who string, n []int) map[string]any {
	return map[string]any{who + "_for": n[0], who + "_against": n[1], who + "_abstained": n[2], who + "_void": n[3]}
}
