package app

import (
	"context"
	"fmt"

	"linli/internal/app/show"
	"linli/internal/kit/clock"
	"linli/internal/request"
)

// scenes are what the demo shows beside its cases, in the order of time.
func (f *filling) scenes(plan *show.Plan) []show.Scene {
	return show.New(show.Parts{People: f.People, Cases: f.Cases, Public: f.Public, Merging: f.Merging, Staff: f.Staff, Notices: f.Notices, Ballot: f.Ballot, Matters: f.Matters, Books: f.Books,
		Clock: f.hand, Calendar: f.calendar, Until: f.until, Engage: f.engage, Told: f.told,
		Hours: func(n int, t clock.Instant) clock.Instant {
			return f.script.hoursOf("dispatcher").opens(f.calendar, newDraw(f.seed, 1<<33+uint64(n)), t)
		}}, plan).Scenes()
}

// told are the requests whose stories have ended.
func (f *filling) told() (out []show.Told) {
	for _, r := range f.runs {
		if r.id != "" && r.next >= len(r.story.steps) && r.story.steps[0].Opens == request.Procedure {
			out = append(out, show.Told{Case: r.id, Class: r.Class, Story: r.story.Name, At: r.at})
		}
	}
	return out
}

// engage gives the house the people that it has beside those of the county; they
// sign in as those do.
func (f *filling) engage(ctx context.Context, people []show.Person) error {
	hash, err := f.People.HashPassword(ctx, DemoPassword, "demo")
	if err != nil {
		return err
	}
	var all []countyPerson
	for _, p := range people {
		all = append(all, countyPerson(p))
	}
	return f.addPeople(ctx, all, hash)
}

// stage plays the scenes whose moment comes before the next step. One that is
// refused is noted; a demo without it is still a demo.
func (f *filling) stage(ctx context.Context, next clock.Instant) error {
	for len(f.waiting) > 0 && f.waiting[0].At <= next {
		s := f.waiting[0]
		f.waiting = f.waiting[1:]
		if err := f.pass(ctx, max(s.At, f.hand.Now())); err != nil {
			return err
		}
		f.acts++
		if err := s.Play(ctx); err != nil {
			f.refused = append(f.refused, fmt.Errorf("demo, %s on %s: %w", s.What, f.hand.Now(), err))
			f.Log.Debug("a scene of the demo was refused", "scene", s.What, "error", err)
		}
	}
	return nil
}
