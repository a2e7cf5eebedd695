package year

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
)

// atOnce is how many cases act at the same moment.
const atOnce = 8

// sequenceEvery is after how many acts the log is numbered.
const sequenceEvery = 500

// play is one filling.
type play struct {
	Parts
	*Profile
	town    Town
	seed    uint64
	people  map[string]identity.Actor
	streets []Unit
	depts   []Unit
	items   map[string][]string // of the duty list, by what the door says of them; cooperating ones by who leads
	since   clock.Day           // from when all lists are in force: before it nobody can cite an item
	agenda  map[clock.Instant][]*step
	moments []clock.Instant // of the agenda, in order

	mu   sync.Mutex
	done Done
}

// step is the next thing a case does; n orders those of one moment.
type step struct {
	n   int
	act func(ctx context.Context) error
}

// flow is one case on its way.
type flow struct {
	*play
	draw
	n  int
	at clock.Instant
}

// Fill loads the county and plays the year.
func Fill(ctx context.Context, parts Parts, profile *Profile, seed uint64) (Done, error) {
	p := &play{Parts: parts, Profile: profile, town: profile.town(seed), seed: seed, people: map[string]identity.Actor{}, items: map[string][]string{}, agenda: map[clock.Instant][]*step{}, done: Done{Cases: map[string]int{}}}
	if err := p.Load(ctx, p.town); err != nil {
		return p.done, err
	}
	p.streets, p.depts = p.town.offices("street"), p.town.offices("department")
	if err := p.cast(ctx); err != nil {
		return p.done, err
	}
	if err := p.listed(ctx); err != nil {
		return p.done, err
	}
	p.plan()
	return p.done, p.run(ctx)
}

// cast reads who acts: everybody of the county, heads and handlers of every unit.
func (p *play) cast(ctx context.Context) error {
	ids := []string{}
	for _, x := range p.town.People {
		ids = append(ids, x.ID)
	}
	for _, u := range p.town.Units {
		ids = append(ids, "h-"+u.ID, "b-"+u.ID)
	}
	for _, id := range ids {
		if a, err := p.People.Actor(ctx, id); err == nil { // not every unit has both
			p.people[id] = a
		}
	}
	return nil
}

// listed sorts the items of the duty list by what the door says of them.
func (p *play) listed(ctx context.Context) error {
	cat, _, err := p.Duty.Catalogue(ctx)
	if err != nil {
		return err
	}
	leads := map[string]string{}
	for _, d := range p.depts {
		leads[d.Function] = d.ID
	}
	for _, list := range cat.Lists {
		p.since = max(p.since, list.From)
		for _, i := range list.Items {
			switch i.Kind {
			case duty.Cooperating:
				if lead := leads[i.Lead.Function]; lead != "" {
					p.items["of "+lead] = append(p.items["of "+lead], i.ID)
					p.items[duty.Cooperating] = append(p.items[duty.Cooperating], i.ID)
				}
			default:
				p.items[i.Kind] = append(p.items[i.Kind], i.ID)
			}
		}
	}
	return nil
}

// plan deals the cases over the year.
func (p *play) plan() {
	n := 0
	for _, x := range []struct {
		what  string
		begin func(*flow) func(context.Context) error
	}{{"tasks", (*flow).task}, {"unlisted", (*flow).unlisted}, {"forbidden", (*flow).forbidden}, {"split", (*flow).split}, {"whistles", (*flow).whistle}, {"requests", (*flow).request}} {
		for range p.Year[x.what] / max(p.Portion, 1) {
			n++
			f := &flow{play: p, draw: newDraw(p.seed, uint64(n)), n: n}
			f.at = p.begins(f.draw, p.Calendar, p.Until)
			p.done.Cases[x.what]++
			f.next(f.at, x.begin(f))
		}
	}
}

// next puts a step on the agenda; what lies behind the end is not done.
func (f *flow) next(at clock.Instant, act func(ctx context.Context) error) {
	if at > f.Until {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if i, had := slices.BinarySearch(f.moments, at); !had {
		f.moments = slices.Insert(f.moments, i, at)
	}
	f.agenda[at] = append(f.agenda[at], &step{f.n, act})
}

// then goes on some working days later.
func (f *flow) then(least, most int, act func(ctx context.Context) error) {
	f.at = f.later(f.draw, f.Calendar, max(f.at, f.Clock.Now()), least, most)
	f.next(f.at, act)
}

// run plays the agenda moment by moment.
func (p *play) run(ctx context.Context) error {
	numbered := 0
	for len(p.moments) > 0 {
		at := p.moments[0]
		now := p.agenda[at]
		p.moments = p.moments[1:]
		delete(p.agenda, at)
		slices.SortStableFunc(now, func(a, b *step) int { return cmp.Compare(a.n, b.n) })
		if err := p.Pass(ctx, at); err != nil {
			return err
		}
		if err := p.together(ctx, at, now); err != nil {
			return err
		}
		if p.done.Acts-numbered > sequenceEvery {
			numbered = p.done.Acts
			if err := p.Sequence(ctx); err != nil {
				return err
			}
		}
	}
	if err := p.Pass(ctx, p.Until); err != nil {
		return err
	}
	return p.Sequence(ctx)
}

// together does the steps of one moment, several cases at a time and the steps of
// one case in their order.
func (p *play) together(ctx context.Context, at clock.Instant, now []*step) error {
	places := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for len(now) > 0 {
		k := 1
		for k < len(now) && now[k].n == now[0].n {
			k++
		}
		own := now[:k]
		now = now[k:]
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			for _, s := range own {
				if err := s.act(ctx); err != nil {
					p.mu.Lock()
					p.done.Refused = append(p.done.Refused, fmt.Errorf("year, case %d on %s: %w", s.n, at, err))
					p.mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// errNobody says that somebody the profile speaks of does not work there.
var errNobody = errors.New("nobody of that name works there")

// open begins a case and gives its id and those it opened below, by their units.
func (f *flow) open(ctx context.Context, who, procedure, act string, values map[string]any) (string, error) {
	by := f.people[who]
	if who == "" {
		by = identity.Actor{Kind: identity.Anyone}
	} else if !by.Known() {
		return "", fmt.Errorf("%s: %w", who, errNobody)
	}
	got, err := f.Cases.Open(ctx, by, casework.Opening{Procedure: procedure, Act: act, Values: values})
	f.count(err)
	return got.Case, err
}

// do acts on a case and gives the cases it opened below, by their units.
func (f *flow) do(ctx context.Context, who, id, act string, values map[string]any) (map[string]string, error) {
	by := f.people[who]
	if !by.Known() {
		return nil, fmt.Errorf("%s: %w", who, errNobody)
	}
	got, err := f.Cases.Do(ctx, by, casework.Asking{Case: id, Act: act, Values: values})
	f.count(err)
	if err != nil {
		return nil, fmt.Errorf("%s by %s: %w", act, who, err)
	}
	below := map[string]string{}
	for _, child := range got.Children {
		v, err := f.Cases.Get(ctx, identity.SystemActor(), child)
		if err != nil {
			return nil, err
		}
		below[v.Case.Unit] = child
	}
	return below, nil
}

func (f *flow) count(err error) {
	if err != nil {
		return
	}
	f.mu.Lock()
	f.done.Acts++
	f.mu.Unlock()
}

// state is where a case stands.
func (f *flow) state(ctx context.Context, id string) string {
	v, err := f.Cases.Get(ctx, identity.SystemActor(), id)
	if err != nil {
		return ""
	}
	return v.Case.State
}
