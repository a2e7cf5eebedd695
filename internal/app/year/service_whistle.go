package year

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"linli/internal/duty"
)

// whistle is one that a street blows: departments report in, come and deliver, or
// say that it is not theirs, or do not come.
func (f *flow) whistle() func(context.Context) error {
	n := f.IntN(len(f.streets))
	street := f.streets[n]
	head := fmt.Sprint("head", n+1)
	communities := slices.DeleteFunc(f.town.offices("community"), func(u Unit) bool { return !strings.HasPrefix(u.Area, street.Area) })
	area := one(f.draw, communities).Area
	called := some(f.draw, f.depts, 1+f.IntN(4))
	var list []any
	for _, d := range called {
		list = append(list, d.ID)
	}
	kind := map[bool]string{true: "key", false: "everyday"}[f.share(20)]
	values := map[string]any{"area": area, "kind": kind, "subject": one(f.draw, f.Subjects["whistle"]), "words": f.Says["situation"], "class": one(f.draw, f.Classes)[0],
		"departments": list, "asks": f.Says["asks"], "answer_within": "48 hours"}
	return func(ctx context.Context) error {
		id, err := f.open(ctx, head, "whistle", "blow", values)
		if err != nil {
			return err
		}
		f.then(0, 0, func(ctx context.Context) error {
			calls, err := f.do(ctx, head, id, "approve", nil)
			if err != nil {
				return err
			}
			for _, d := range called {
				if calls[d.ID] != "" {
					call := &flow{play: f.play, draw: newDraw(f.seed, f.Uint64()), n: f.n, at: f.at}
					call.called(head, d, calls[d.ID])
				}
			}
			f.then(15, 30, func(ctx context.Context) error { return f.ended(ctx, head, id, 2) })
			return nil
		})
		return nil
	}
}

// ended ends a whistle when nobody owes anything; else it is tried again later.
func (f *flow) ended(ctx context.Context, head, id string, tries int) error {
	if _, err := f.do(ctx, head, id, "end", map[string]any{"outcome": f.Says["outcome"]}); err != nil && tries > 0 {
		f.then(5, 10, func(ctx context.Context) error { return f.ended(ctx, head, id, tries-1) })
	}
	return nil // what is still owed stays open
}

// called is what one department does.
func (f *flow) called(head string, d Unit, id string) {
	switch {
	case f.share(f.Shares["reported"]):
		f.then(0, 1, func(ctx context.Context) error { return f.comes(ctx, head, d, id) })
	case f.share(60):
		f.then(0, 1, func(ctx context.Context) error {
			if f.state(ctx, id) != "called" { // the clock took it before the county
				return nil
			}
			if f.Clock.Now().Day() < f.since {
				return nil // no list to cite yet: it keeps silent
			}
			below, err := f.do(ctx, d.Head, id, "decline", map[string]any{"item": one(f.draw, f.items[duty.Basic]), "reason": f.Says["decline"]})
			if err != nil {
				return err
			}
			mine := f.share(f.Shares["mine"])
			f.then(0, 1, func(ctx context.Context) error {
				act := "excuse"
				if mine {
					act = "order"
				}
				if _, err := f.do(ctx, "leader1", below[root], act, map[string]any{"ruling": f.Says["ruling"]}); err != nil || !mine {
					return err
				}
				f.then(0, 1, func(ctx context.Context) error { return f.comes(ctx, head, d, id) })
				return nil
			})
			return nil
		})
	} // else it does not come, and the clock takes it before the county
}

func (f *flow) comes(ctx context.Context, head string, d Unit, id string) error {
	if f.state(ctx, id) != "called" {
		return nil
	}
	if _, err := f.do(ctx, "h-"+d.ID, id, "report_in", map[string]any{"who_comes": f.Says["comes"]}); err != nil {
		return err
	}
	f.then(0, 2, func(ctx context.Context) error {
		if _, err := f.do(ctx, head, id, "arrived", nil); err != nil {
			return err
		}
		f.then(1, 6, func(ctx context.Context) error {
			if _, err := f.do(ctx, "h-"+d.ID, id, "deliver", map[string]any{"result": f.Says["delivered"]}); err != nil {
				return err
			}
			f.then(0, 2, func(ctx context.Context) error {
				_, err := f.do(ctx, head, id, "accept", nil)
				return err
			})
			return nil
		})
		return nil
	})
	return nil
}

// request is what a resident reports, so that pages of requests are real too.
func (f *flow) request() func(context.Context) error {
	class := one(f.draw, f.Classes)
	place := one(f.draw, f.town.offices("community"))
	values := map[string]any{"words": one(f.draw, f.Subjects["request"]) + f.Says["please"], "class": class[0], "channel": "web", "place": map[string]any{"words": place.Name, "area": place.Area}}
	return func(ctx context.Context) error {
		id, err := f.open(ctx, "", "service-request", "report", values)
		if err != nil {
			return err
		}
		f.steps(id, [][4]string{{"dispatch1", "dispatch", "0 0", ""}, {"h-" + class[1], "accept", "0 1", ""}, {"h-" + class[1], "contact", "0 1", ""}, {"h-" + class[1], "answer", "1 4", ""}, {"verify1", "check_done", "0 2", ""}, {"caller1", "call_back", "1 3", ""}},
			map[string]map[string]any{"dispatch": {"lead": class[1], "limit": "5 workdays"}, "contact": {"contact": f.Says["contact"]}, "answer": {"answer": f.Says["answer"]}, "check_done": {"finding": f.Says["finding"]},
				"call_back": {"solved": map[bool]string{true: "yes", false: "no"}[f.share(f.Shares["solved"])], "satisfied": "satisfied"}})
		return nil
	}
}

// steps does one act after the other: who, act, least and most working days.
func (f *flow) steps(id string, list [][4]string, values map[string]map[string]any) {
	if len(list) == 0 || list[0][1] == "call_back" && f.share(f.Shares["unrated"]) {
		return
	}
	s := list[0]
	var least, most int
	fmt.Sscan(s[2], &least, &most)
	f.then(least, most, func(ctx context.Context) error {
		if s[1] == "call_back" && f.state(ctx, id) != "rating" { // nobody answered in time
			return nil
		}
		if _, err := f.do(ctx, s[0], id, s[1], values[s[1]]); err != nil {
			return err
		}
		f.steps(id, list[1:], values)
		return nil
	})
}
