package show

import (
	"context"
	"time"

	"linli/internal/casework"
	"linli/internal/disclosure"
	"linli/internal/identity"
	"linli/internal/kit/clock"
)

// BoardPlan is what one village or community publishes, and who does it.
type BoardPlan struct {
	Area     string      `yaml:"area"`
	Clerk    string      `yaml:"clerk"`
	Checker  string      `yaml:"checker"`
	Head     string      `yaml:"head"`
	Party    string      `yaml:"party"`
	Postings []BoardPost `yaml:"postings"`
}

// BoardPost is one publication. One that is not to be posted waits where Stop says.
type BoardPost struct {
	Ago      Ago    `yaml:"ago"`
	Item     string `yaml:"item"`
	Party    bool   `yaml:"party"` // the secretary approves it
	Contents string `yaml:"contents"`
	Correct  string `yaml:"correct"` // what it says after a correction the day after
	Reason   string `yaml:"reason"`
	Stop     string `yaml:"stop"` // due, drafted or checked: it goes no further
	Question string `yaml:"question"`
	Answer   string `yaml:"answer"`
}

// boardTicks are the points of the secrecy and privacy check.
var boardTicks = []any{"state", "trade", "persons", "files", "truth", "scope"}

// boards adds the scenes of a plan.
func (f *Show) boards(p BoardPlan, add func(at clock.Instant, what string, play func(ctx context.Context) error)) {
	for _, one := range p.Postings {
		at, id := f.Until.Add(-time.Duration(one.Ago)), new(string)
		add(at, "publication of "+one.Item, func(ctx context.Context) error { return f.publish(ctx, p, one, id) })
		if one.Correct != "" {
			add(at.Add(24*time.Hour), "correction of "+one.Item, func(ctx context.Context) error {
				return f.act(ctx, p.Clerk, *id, "correct", map[string]any{"contents": one.Correct, "reason": one.Reason})
			})
		}
		if one.Question != "" {
			add(at.Add(40*time.Hour), "question about "+one.Item, func(ctx context.Context) error { return f.inquire(ctx, p, one, *id) })
		}
	}
}

// publish carries one publication as far as it goes.
func (f *Show) publish(ctx context.Context, p BoardPlan, one BoardPost, id *string) error {
	by, err := f.People.Actor(ctx, p.Clerk)
	if err != nil {
		return err
	}
	receipt, err := f.Cases.Open(ctx, by, casework.Opening{Procedure: disclosure.Procedure, Act: "begin", Values: map[string]any{"village": p.Area, "item": one.Item}})
	if err != nil || one.Stop == "due" {
		return err
	}
	*id = receipt.Case
	approver := p.Head
	if one.Party {
		approver = p.Party
	}
	for _, step := range []struct {
		who, act, state string
		values          map[string]any
	}{
		{p.Clerk, "draft", "drafted", map[string]any{"contents": one.Contents}},
		{p.Checker, "check", "checked", map[string]any{"ticked": boardTicks}},
		{approver, "approve", "approved", nil},
		{p.Clerk, "post", "posted", nil},
	} {
		if err := f.act(ctx, step.who, *id, step.act, step.values); err != nil || one.Stop == step.state {
			return err
		}
	}
	return nil
}

// inquire has a resident ask, and the clerk answer.
func (f *Show) inquire(ctx context.Context, p BoardPlan, one BoardPost, id string) error {
	receipt, err := f.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: disclosure.Questions, Act: "ask", Values: map[string]any{"about": id, "words": one.Question}})
	if err != nil {
		return err
	}
	return f.act(ctx, p.Clerk, receipt.Case, "answer", map[string]any{"question": one.Question, "answer": one.Answer})
}
