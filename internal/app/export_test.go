package app

import (
	"context"
	"fmt"

	"linli/internal/kit/clock"
)

// DemoDays is how far back the demo's cases reach.
const DemoDays = demoDays

// DemoFilled tells what a filling of the demo did.
type DemoFilled struct {
	Acts    int
	Refused []error
}

// FillDemoRefused fills a demo and gives the steps that were refused.
func (h *House) FillDemoRefused(ctx context.Context, hand *clock.Hand, until clock.Instant, seed uint64) (DemoFilled, error) {
	f, err := h.fillDemo(ctx, hand, until, seed)
	if err != nil {
		return DemoFilled{}, err
	}
	return DemoFilled{f.acts, f.refused}, nil
}

// CheckDemo names the matters of the demo that no list gives to a unit, and
// those whose other or helping unit could not stand there.
func (h *House) CheckDemo(ctx context.Context) (bad []string, err error) {
	f, err := h.newFilling(ctx, clock.NewHand(h.Clock.Now()), h.Clock.Now(), 1)
	if err != nil {
		return nil, err
	}
	for _, kind := range []string{"matters", "findings", "complaints", "upward", "emergencies"} {
		for _, m := range f.script.matters[kind] {
			for _, place := range m.In {
				name := m.Class + " in " + place
				found, err := h.Duty.Suggest(ctx, m.Class, place, h.Clock.Now().Day())
				if err != nil || found.Lead.ID == "" {
					bad = append(bad, fmt.Sprintf("%s: nobody leads: %v", name, err))
					continue
				}
				for _, unit := range []string{m.Other, m.Helper} {
					if unit == found.Lead.ID {
						bad = append(bad, name+": "+unit+" leads itself")
					}
					if unit != "" && len(f.cast.with(unit, "handler", "clerk", "head")) == 0 {
						bad = append(bad, name+": nobody works in "+unit)
					}
				}
				if m.Other == "" {
					continue
				}
				u, err := h.People.Unit(ctx, m.Other)
				if err == nil {
					err = h.Duty.MayLead(ctx, m.Class, place, u, h.Clock.Now().Day())
				}
				if err != nil {
					bad = append(bad, fmt.Sprintf("%s: %s may not even be sent it by mistake: %v", name, m.Other, err))
				}
			}
		}
	}
	return bad, nil
}

// Rebuild has one reader of the log read anew, as the command does.
func Rebuild(h *House, reader string) error {
	return h.perform(context.Background(), task{Verb: "rebuild", Options: map[string]string{"reader": reader}}, func(event) {})
}
