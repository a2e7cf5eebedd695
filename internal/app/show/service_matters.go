package show

import (
	"context"
	"errors"
	"fmt"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
)

// MatterStep is one moment of a petition, a consultation, a matter of the four
// steps, a task or a whistle: a case is opened, an act is done, or somebody says something.
type MatterStep struct {
	Case   string         `yaml:"case"` // what the plan calls it
	Ago    Ago            `yaml:"ago"`
	By     string         `yaml:"by"`
	Open   string         `yaml:"open"` // the procedure, opened by act
	Act    string         `yaml:"act"`
	Values map[string]any `yaml:"values"`
	Signed int            `yaml:"signed"` // so many made-up people sign, in the capacity that act names
	Judged int            `yaml:"judged"` // so many of the signatures are found valid, the rest not
	Say    string         `yaml:"say"`    // a statement; by looks at it then
	Hide   string         `yaml:"hide"`   // and holds it back for this reason
	Stands []int          `yaml:"stands"` // agree, disagree, no view

	Names   map[string]string `yaml:"names"`   // what the plan calls the cases it opens below, by their units
	Days    map[string]int    `yaml:"days"`    // fields that hold a day: so many days from then
	Numbers map[string]string `yaml:"numbers"` // fields that hold the number of a case: what the plan calls it, or "overdue"
}

// matters adds the scenes of petitions, consultations and matters.
func (f *Show) matters(steps []MatterStep, add func(at clock.Instant, what string, play func(ctx context.Context) error)) {
	ids := map[string]string{}
	for i, s := range steps {
		add(f.Until.Add(-time.Duration(s.Ago)), fmt.Sprintf("matter %s, step %d", s.Case, i+1), func(ctx context.Context) error { return f.matterStep(ctx, i, s, ids) })
	}
}

func (f *Show) matterStep(ctx context.Context, n int, s MatterStep, ids map[string]string) error {
	by, err := f.People.Actor(ctx, s.By)
	if err != nil {
		return err
	}
	values, err := f.filled(ctx, s, by, ids)
	if err != nil {
		return err
	}
	switch {
	case s.Open != "":
		got, err := f.Cases.Open(ctx, by, casework.Opening{Procedure: s.Open, Act: s.Act, Values: values})
		ids[s.Case] = got.Case
		return errors.Join(err, f.name(ctx, s, got.Children, ids))
	case s.Say != "":
		return f.say(ctx, by, n, s, ids[s.Case])
	case s.Signed > 0:
		return f.signed(ctx, by, s, ids[s.Case])
	case s.Judged > 0:
		return f.judgedSignatures(ctx, by, s, ids[s.Case])
	}
	got, err := f.Cases.Do(ctx, by, casework.Asking{Case: ids[s.Case], Act: s.Act, Values: values})
	return errors.Join(err, f.name(ctx, s, got.Children, ids))
}

// name notes the cases that a step opened below, such as the part of one receiver
// of a task.
func (f *Show) name(ctx context.Context, s MatterStep, children []string, ids map[string]string) error {
	for _, id := range children {
		v, err := f.Cases.Get(ctx, identity.SystemActor(), id)
		if err != nil {
			return err
		}
		if called := s.Names[v.Case.Unit]; called != "" {
			ids[called] = id
		}
	}
	return nil
}

// say has somebody write a statement, somebody of the office look at it, and
// others say what they think of it.
func (f *Show) say(ctx context.Context, by identity.Actor, n int, s MatterStep, id string) error {
	said, err := f.Matters.Say(ctx, id, s.Say, "")
	if err != nil {
		return err
	}
	values := map[string]any{"statement_ref": said.ID, "ruling": "publish"}
	if s.Hide != "" {
		values["ruling"], values["ground"] = "hide", s.Hide
	}
	if _, err := f.Cases.Do(ctx, by, casework.Asking{Case: id, Act: "moderate", Values: values}); err != nil {
		return err
	}
	for i, stand := range []string{"agree", "disagree", "unsure"} {
		if i >= len(s.Stands) {
			break
		}
		for k := range s.Stands[i] {
			if err := f.Matters.Stand(ctx, id, said.ID, fmt.Sprint("demo show ", n, " ", i, " ", k), stand); err != nil {
				return err
			}
		}
	}
	return nil
}

// signed enters signatures of people who do not exist: numbers for names.
func (f *Show) signed(ctx context.Context, by identity.Actor, s MatterStep, id string) error {
	for i := range s.Signed {
		values := map[string]any{"signer": fmt.Sprintf("S%03d", i+1), "household": fmt.Sprintf("H%03d", i/3+1), "capacity": s.Act}
		if _, err := f.Cases.Do(ctx, by, casework.Asking{Case: id, Act: "sign", Values: values}); err != nil {
			return err
		}
	}
	return nil
}

func (f *Show) judgedSignatures(ctx context.Context, by identity.Actor, s MatterStep, id string) error {
	_, list, err := f.Matters.Signatures(ctx, by, id, "", 0, 1000)
	if err != nil {
		return err
	}
	for i, x := range list {
		values := map[string]any{"signature": x.Act, "verdict": "valid"}
		if i >= s.Judged {
			values["verdict"], values["ground"] = "invalid", "not_on_roll"
		}
		if _, err := f.Cases.Do(ctx, by, casework.Asking{Case: id, Act: "judge", Values: values}); err != nil {
			return err
		}
	}
	return nil
}
