package app

import (
	"context"
	"fmt"
	"time"

	"linli/internal/app/show"
	"linli/internal/kit/clock"
	"linli/internal/law"
)

// sequenceEvery is after how many acts of the demo the log is numbered.
const sequenceEvery = 200

// filling is one filling of a demo.
type filling struct {
	*House
	hand     *clock.Hand
	until    clock.Instant
	seed     uint64
	script   *script
	county   *county
	calendar law.Calendars
	cast     *cast
	acts     int
	isOut    bool // the power cut has been told
	runs     []*run
	waiting  []show.Scene // still to come, the next first
	refused  []error
}

// run is one case of the demo on its way.
type run struct {
	draw
	story *story
	*matter
	at        clock.Instant // of its next step
	next      int
	community string
	id        string
	resident  link
	children  map[string]string // newest by procedure
	names     map[string]string // what {name} stands for
	did       string            // who did the last act
	sorted    bool              // the dispatcher has looked at class and place
}

// FillDemo makes the demo's cases by the verbs, on a clock that is set by hand
// and runs from where it stands up to until, in a house with the fictitious
// county in it. The same seed and days tell the same stories.
func (h *House) FillDemo(ctx context.Context, hand *clock.Hand, until clock.Instant, seed uint64) error {
	_, err := h.fillDemo(ctx, hand, until, seed)
	return err
}

// fillDemo also gives the filling with the steps that were refused, for the
// test; a demo in which one was is still a demo.
func (h *House) fillDemo(ctx context.Context, hand *clock.Hand, until clock.Instant, seed uint64) (*filling, error) {
	f, err := h.newFilling(ctx, hand, until, seed)
	if err != nil {
		return nil, err
	}
	f.runs = f.begin()
	for {
		r := soonest(f.runs)
		if r == nil || r.at > until {
			break
		}
		if err := f.stage(ctx, r.at); err != nil {
			return nil, err
		}
		if err := f.cut(ctx, r.at); err != nil {
			return nil, err
		}
		if err := f.pass(ctx, r.at); err != nil {
			return nil, err
		}
		if err := f.step(ctx, r); err != nil {
			f.refuse(r, err)
			r.next = len(r.story.steps)
		}
		if f.acts%sequenceEvery == 0 {
			if err := f.sequence(ctx); err != nil {
				return nil, err
			}
		}
	}
	if err := f.stage(ctx, until); err != nil {
		return nil, err
	}
	if err := f.cut(ctx, until); err != nil {
		return nil, err
	}
	if err := f.pass(ctx, until); err != nil {
		return nil, err
	}
	return f, f.sequence(ctx)
}

func (h *House) newFilling(ctx context.Context, hand *clock.Hand, until clock.Instant, seed uint64) (*filling, error) {
	files, err := h.Editions.Files(ctx, h.Editions.Current())
	if err != nil {
		return nil, err
	}
	f := &filling{House: h, hand: hand, until: until, seed: seed}
	var plan show.Plan
	if err := readYAML(files, show.File, &plan); err != nil {
		return nil, err
	}
	if f.script, err = readScript(files); err != nil {
		return nil, err
	}
	if f.county, err = readCounty(files); err != nil {
		return nil, err
	}
	if f.calendar, _, err = h.Law.Calendars(ctx); err != nil {
		return nil, err
	}
	f.waiting = f.scenes(&plan)
	f.cast, err = h.readCast(ctx, f.county)
	return f, err
}

// soonest is the run whose next step comes first; nil where all have ended.
func soonest(runs []*run) (first *run) {
	for _, r := range runs {
		if r.next < len(r.story.steps) && (first == nil || r.at < first.at) {
			first = r
		}
	}
	return first
}

// refuse notes a step that could not be done; its case stays as it is.
func (f *filling) refuse(r *run, err error) {
	s := r.story.steps[r.next]
	err = fmt.Errorf("demo, story %q, %s %s%s of %q on %s: %w", r.story.Name, s.Who, s.Act, s.Opens, r.Class+r.Subject, f.hand.Now(), err)
	f.refused = append(f.refused, err)
	f.Log.Debug("a step of the demo was refused", "error", err)
}

// pass lets time go on to an instant; whatever a clock does on the way happens
// at its moment.
func (f *filling) pass(ctx context.Context, to clock.Instant) error {
	for {
		next, err := f.Cases.NextDue(ctx)
		if err != nil {
			return err
		}
		if next == 0 || next > to {
			break
		}
		f.hand.Set(max(next, f.hand.Now()))
		moved, err := f.Cases.Scan(ctx)
		if err != nil {
			return err
		}
		if moved == 0 {
			return fmt.Errorf("demo: a clock that was due on %s could not be moved", next)
		}
		f.acts += moved
	}
	f.hand.Set(max(to, f.hand.Now()))
	return nil
}

func (f *filling) sequence(ctx context.Context) error {
	for {
		if n, err := f.Ledger.Sequence(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// begin deals matters and days to the stories.
func (f *filling) begin() []*run {
	earliest := f.hand.Now().Add(time.Hour)
	taken := map[string]int{}
	var runs []*run
	for i := range f.script.Stories {
		y := &f.script.Stories[i]
		for range y.N {
			r := &run{draw: newDraw(f.seed, uint64(len(runs))+1), story: y, children: map[string]string{}}
			r.matter = y.matter[(taken[y.Of]+int(f.seed))%len(y.matter)]
			taken[y.Of]++
			r.community = r.In[r.IntN(len(r.In))]
			r.at = max(y.Ago.begins(f.calendar, r.draw, f.script.Arrive, f.until), earliest.Add(r.length(stretch{0, time.Hour})))
			if who := y.steps[0].Who; who != "resident" {
				open := f.script.hoursOf(who)
				at := open.opens(f.calendar, r.draw, r.at)
				if y.Ago.unit == "hours" && at != r.at { // it was found before they went home
					at = open.last(f.calendar, r.draw, r.at)
				}
				r.at = at
			}
			f.name(r)
			runs = append(runs, r)
		}
	}
	return runs
}
