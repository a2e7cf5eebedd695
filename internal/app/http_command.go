package app

import (
	"context"

	"linli/internal/command"
	"linli/internal/identity"
	"linli/internal/kit/clock"
)

// mostWatches bounds the roster on the command page.
const mostWatches = 20

// onDuty tells the command page who is on duty now: of a unit and of the units
// below it, or of those that answer for an area.
func (h *House) onDuty(ctx context.Context, _ identity.Actor, sc command.Scope, now clock.Instant) ([]command.Watch, error) {
	units, err := h.People.Units(ctx)
	if err != nil {
		return nil, err
	}
	var out []command.Watch
	for _, u := range units {
		if !u.Open(now) || sc.Unit != "" && !u.Within(sc.Path) || sc.Unit == "" && (sc.Area == "" || u.Area != sc.Area) {
			continue
		}
		duties, err := h.Staff.OnDuty(ctx, u.ID, now)
		if err != nil || len(duties) == 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		phone, err := h.Staff.DutyPhone(ctx, u.ID, now)
		if err != nil {
			return nil, err
		}
		people := make([]string, len(duties))
		for i, d := range duties {
			people[i] = d.Person
		}
		names, err := h.People.Names(ctx, people)
		if err != nil {
			return nil, err
		}
		for _, d := range duties {
			if out = append(out, command.Watch{Name: names[d.Person], Unit: u.Name, Phone: phone, From: d.From, Until: d.Until}); len(out) == mostWatches {
				return out, nil
			}
		}
	}
	return out, nil
}
