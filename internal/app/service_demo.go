package app

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

// demoLook is how often the clocks are looked at while the demo is made.
const demoLook = 30 * time.Minute

// filling is one filling of a demo.
type filling struct {
	*House
	hand     *clock.Hand
	until    clock.Instant
	draw     *rand.Rand
	script   demoScript
	county   *county
	calendar law.Calendars
	items    map[[2]string]string // of unit at place: an item it leads
	taken    map[string]int       // of each kind of matter, how many were used
	refused  []error
}

// run is one case of the demo on its way.
type run struct {
	story     *story
	matter    *matter
	at        clock.Instant // of its next step
	next      int           // -1 is the opening
	place     string
	community string
	id        string
	resident  identity.Actor
	children  map[string]string // newest by procedure
}

// FillDemo makes the demo's cases by the verbs, on a clock that is set by hand
// and runs from where it stands up to until. The same seed and days give the same
// cases.
func (h *House) FillDemo(ctx context.Context, hand *clock.Hand, until clock.Instant, seed uint64) error {
	_, err := h.fillDemo(ctx, hand, until, seed)
	return err
}

// fillDemo also gives the steps that were refused, for the test; a demo in which
// one was is still a demo.
func (h *House) fillDemo(ctx context.Context, hand *clock.Hand, until clock.Instant, seed uint64) ([]error, error) {
	files, err := h.Editions.Files(ctx, h.Editions.Current())
	if err != nil {
		return nil, err
	}
	f := &filling{House: h, hand: hand, until: until, draw: rand.New(rand.NewPCG(seed, 1)), items: map[[2]string]string{}, taken: map[string]int{}}
	if f.script, err = readDemo(files); err != nil {
		return nil, err
	}
	if f.county, err = readCounty(files); err != nil {
		return nil, err
	}
	if f.calendar, _, err = h.Law.Calendars(ctx); err != nil {
		return nil, err
	}
	queue := f.begin()
	for queue.Len() > 0 && queue.first().at < until {
		r := heap.Pop(queue).(*run) //nolint:forcetypeassert // the queue holds nothing else
		if err := f.pass(ctx, r.at); err != nil {
			return nil, err
		}
		if err := f.step(ctx, r); err != nil {
			f.refuse(r, err)
			continue
		}
		if r.next++; r.next < len(r.story.Steps) {
			r.at = f.after(r.story.Steps[r.next].At, hand.Now())
			heap.Push(queue, r)
		}
	}
	if err := f.pass(ctx, until); err != nil {
		return nil, err
	}
	return f.refused, f.sequence(ctx)
}

// refuse notes a step that could not be done; its case stays as it is.
func (f *filling) refuse(r *run, err error) {
	act := "open"
	if r.next >= 0 {
		act = r.story.Steps[r.next].Act
	}
	err = fmt.Errorf("demo, story %q, %s of %s at %s on %s: %w", r.story.Name, act, r.matter.Class, r.community, f.hand.Now(), err)
	f.refused = append(f.refused, err)
	f.Log.Debug("a step of the demo was refused", "error", err)
}

// pass lets time go on, looking at the clocks, and numbers the log once a day.
func (f *filling) pass(ctx context.Context, to clock.Instant) error {
	for now := f.hand.Now(); now < to; now = f.hand.Now() {
		next := min(to, now.Add(demoLook))
		f.hand.Set(next)
		if _, err := f.Cases.Scan(ctx); err != nil {
			return err
		}
		if next.Day() != now.Day() {
			if err := f.sequence(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *filling) sequence(ctx context.Context) error {
	for {
		if n, err := f.Ledger.Sequence(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// begin deals matters to stories and days to both.
func (f *filling) begin() *runs {
	q := &runs{}
	start := f.hand.Now()
	for i := range f.script.stories {
		y := &f.script.stories[i]
		for range y.N {
			r := &run{story: y, matter: f.matter(y), next: -1, children: map[string]string{}}
			r.community = r.matter.In[f.draw.IntN(len(r.matter.In))]
			if n := len(r.matter.Place); n > 0 {
				r.place = r.matter.Place[f.draw.IntN(n)]
			}
			r.at = f.moment(y, start)
			heap.Push(q, r)
		}
	}
	return q
}

func (f *filling) matter(y *story) *matter {
	all := f.script.matters[y.Of]
	if y.Take != nil {
		return &all[*y.Take]
	}
	i := f.taken[y.Of]
	f.taken[y.Of]++
	if i%len(all) == 0 { // every matter comes once before one comes twice
		f.draw.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
	}
	m := all[i%len(all)] // a copy: the list is shuffled again
	return &m
}

// moment draws when a story begins: within office hours of a working day for
// what the office begins, at any waking hour for residents.
func (f *filling) moment(y *story, start clock.Instant) clock.Instant {
	if y.Last.defined {
		at := f.until.Add(-time.Duration(f.draw.Int64N(int64(y.Last.length))) - time.Minute)
		return max(start.Add(time.Hour), at)
	}
	days := int(f.until.Day() - start.Day())
	day := start.Day() + 1 + clock.Day(f.draw.IntN(max(days, 1)))
	if f.draw.IntN(5) < 2 { // much is under way
		day = max(day, f.until.Day()-clock.Day(f.draw.IntN(8)))
	}
	if y.Start > 0 {
		day = f.until.Day() - clock.Day(y.Start+f.draw.IntN(4))
	}
	if f.draw.IntN(10) > 0 { // most things are said on working days
		day = f.calendar.Next(max(day, start.Day()+1))
	}
	seconds := 8*3600 + f.draw.IntN(9*3600)
	return day.Start().Add(time.Duration(seconds) * time.Second)
}

// after is a span after an instant, a little scattered, and never in the same
// second as what came before. Work of hours that would reach past the evening
// goes on the next working morning.
func (f *filling) after(s span, from clock.Instant) clock.Instant {
	scatter := time.Duration(f.draw.IntN(14*60)+1) * time.Second
	if !s.dated {
		at := from.Add(s.length + scatter)
		if hour := at.Time().Hour(); hour >= 18 || hour < 8 {
			at = f.calendar.Next(at.Add(-8 * time.Hour).Day()).Start().Add(8*time.Hour + 30*time.Minute + 3*scatter)
		}
		return at
	}
	day := from.Day()
	for range s.days {
		if day++; s.working {
			day = f.calendar.Next(day)
		}
	}
	return max(day.Start().Add(s.at+scatter), from.Add(scatter))
}

// runs is a queue of cases by the time of their next step.
type runs struct{ all []*run }

func (q *runs) first() *run { return q.all[0] }

// Len is for container/heap.
func (q *runs) Len() int { return len(q.all) }

// Less is for container/heap.
func (q *runs) Less(i, j int) bool { return q.all[i].at < q.all[j].at }

// Swap is for container/heap.
func (q *runs) Swap(i, j int) { q.all[i], q.all[j] = q.all[j], q.all[i] }

// Push is for container/heap.
func (q *runs) Push(x any) { q.all = append(q.all, x.(*run)) } //nolint:forcetypeassert // only runs are pushed

// Pop is for container/heap.
func (q *runs) Pop() any {
	last := q.all[len(q.all)-1]
	q.all = q.all[:len(q.all)-1]
	return last
}

// itemOf is the item by which the duty list gives the matter to its lead, with
// the lead; both are empty where no list does.
func (f *filling) itemOf(ctx context.Context, r *run) (lead, item string, err error) {
	if r.matter.Class == "" {
		return "", "", nil
	}
	said, err := f.Duty.Suggest(ctx, r.matter.Class, r.community, f.hand.Now().Day())
	if err != nil || !said.Known() {
		return "", "", err
	}
	return said.Lead.ID, said.Item.ID, nil
}

// anyItemOf is some item by which a unit leads something at the place: what a
// dispatcher took for the right one by mistake.
func (f *filling) anyItemOf(ctx context.Context, unit, place string) (string, error) {
	key := [2]string{unit, place}
	if item, known := f.items[key]; known {
		return item, nil
	}
	lists, _, err := f.Duty.Catalogue(ctx)
	if err != nil {
		return "", err
	}
	for _, k := range lists.Classes.All() {
		all, err := f.Duty.Responsible(ctx, k.ID, place, f.hand.Now().Day())
		if err != nil {
			return "", err
		}
		for _, found := range all {
			if found.Lead.ID == unit {
				f.items[key] = found.Item.ID
				return found.Item.ID, nil
			}
		}
	}
	return "", fault.New(fault.NotFound, "duty.class", "class", unit)
}

// sorted gives a unit's people with one of the kinds of post, the first kind first.
func sorted(members []identity.Member, kinds []string) []identity.Member {
	out := slices.DeleteFunc(slices.Clone(members), func(m identity.Member) bool { return !slices.Contains(kinds, m.Post.Kind) })
	slices.SortStableFunc(out, func(a, b identity.Member) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Post.Kind), slices.Index(kinds, b.Post.Kind)), cmp.Compare(a.Post.Person, b.Post.Person))
	})
	return out
}
