package app

import (
	"context"
	"fmt"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/procedure"
	"linli/internal/request"
)

// outageFile tells of one power cut that many people report.
const outageFile = "demo/outage.yaml"

// outage is that power cut.
type outage struct {
	Class     string `yaml:"class"`
	Community string `yaml:"community"`
	Reports   []struct {
		Words string `yaml:"words"`
		Place string `yaml:"place"`
	} `yaml:"reports"`
	Voices int `yaml:"voices"`
}

// outageBefore is how long before the demo's present the light goes out.
const outageBefore = 100 * time.Minute

// cut plays the power cut when its moment has come: reports minutes apart, one
// of them dispatched and accepted, the others merged into it, voices added.
func (f *filling) cut(ctx context.Context, next clock.Instant) error {
	if f.isOut || next < f.until.Add(-outageBefore) {
		return nil
	}
	f.isOut = true
	files, err := f.Editions.Files(ctx, f.Editions.Current())
	if err != nil {
		return err
	}
	var o outage
	if err := readYAML(files, outageFile, &o); err != nil {
		return err
	}
	if err := f.pass(ctx, max(f.until.Add(-outageBefore), f.hand.Now())); err != nil {
		return err
	}
	r := &run{draw: newDraw(f.seed, 1<<32), story: &story{Name: outageFile}, matter: &matter{Class: o.Class}, community: o.Community}
	dispatcher, err := f.cast.who(r, &casework.Case{}, "dispatcher")
	if err != nil {
		return err
	}
	var leading casework.Receipt
	for i, report := range o.Reports {
		r.matter.Words, r.matter.Place = report.Words, []string{report.Place}
		values := map[string]any{"channel": "web", "class": o.Class, "words": report.Words, "place": f.place(r)}
		receipt, err := f.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: request.Procedure, Act: "report", Values: values})
		if err != nil {
			return err
		}
		f.acts++
		if i == 0 {
			leading = receipt
			err = f.lead(ctx, r, receipt.Case, dispatcher)
		} else if err = f.wait(ctx); err == nil {
			f.acts++
			_, err = f.Cases.Do(ctx, dispatcher, casework.Asking{Case: receipt.Case, Act: "join", Values: map[string]any{"leading": leading.Number}})
		}
		if err == nil {
			err = f.wait(ctx)
		}
		if err != nil {
			return err
		}
	}
	for i := range o.Voices {
		if _, err := f.Merging.Voice(ctx, leading.Number, fmt.Sprint("demo ", i), ""); err != nil {
			return err
		}
		f.acts++
	}
	return nil
}

func (f *filling) wait(ctx context.Context) error {
	return f.pass(ctx, f.hand.Now().Add(2*time.Minute))
}

// lead has the first report dispatched to whom the duty list names, and accepted.
func (f *filling) lead(ctx context.Context, r *run, id string, dispatcher identity.Actor) error {
	c, err := f.look(ctx, id)
	if err != nil {
		return err
	}
	area := r.community
	if p, _ := c.Values["place"].(procedure.Place); p.Area != "" {
		area = p.Area
	}
	found, err := f.Duty.Suggest(ctx, r.Class, area, f.hand.Now().Day())
	if err != nil {
		return err
	}
	if err := f.wait(ctx); err != nil {
		return err
	}
	f.acts += 2
	if _, err := f.Cases.Do(ctx, dispatcher, casework.Asking{Case: id, Act: "dispatch", Values: map[string]any{"lead": found.Lead.ID, "item": found.Item.ID}}); err != nil {
		return err
	}
	if c, err = f.look(ctx, id); err != nil {
		return err
	}
	handler, err := f.cast.who(r, c, "emergency-handler")
	if err != nil {
		return err
	}
	if err := f.wait(ctx); err != nil {
		return err
	}
	_, err = f.Cases.Do(ctx, handler, casework.Asking{Case: id, Act: "accept"})
	return err
}
