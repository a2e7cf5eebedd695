package disclosure

import (
	"context"

	"linli/internal/area"
	"linli/internal/kit/clock"
)

// boardSchedule is the schedule of the procedure that follows the catalogue.
const boardSchedule = "board"

// Due lists the villages and communities under an area that owe something: those
// with most overdue first, then those whose first is due soonest.
func (s *Service) Due(ctx context.Context, under string, now clock.Instant, limit int) ([]Village, error) {
	list, err := s.waiting(ctx, under, now)
	if err != nil {
		return nil, err
	}
	more, err := s.debts(ctx, under)
	if err != nil {
		return nil, err
	}
	list = add(list, more, now)
	return list[:min(limit, len(list))], nil
}

// debts are what is owed under an area of what other procedures publish.
func (s *Service) debts(ctx context.Context, under string) (out []debt, err error) {
	watched, err := s.plans.Watched(ctx, Procedure, boardSchedule)
	if err != nil || len(watched) == 0 {
		return nil, err
	}
	c, err := s.catalogue(ctx)
	if err != nil {
		return nil, err
	}
	standing, err := s.Areas.Standing(ctx, under, area.Community, s.Clock.Now().Day())
	if err != nil {
		return nil, err
	}
	codes := make([]string, len(standing))
	for i, a := range standing {
		codes[i] = a.Code
	}
	since := watched[0].First
	for _, w := range watched {
		since = min(since, w.First)
	}
	have := map[string]done{}
	for _, w := range watched {
		i, there := c.Item(w.Line.Name)
		if !there {
			continue
		}
		known, read := have[i.Procedure]
		if !read {
			if known, err = s.elsewhere(ctx, i.Procedure, under, since); err != nil {
				return nil, err
			}
			have[i.Procedure] = known
		}
		out = append(out, debts(i, w, codes, known)...)
	}
	return out, nil
}
