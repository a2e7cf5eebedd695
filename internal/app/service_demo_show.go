package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/internal/casework"
	"linli/internal/desk"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/notice"
	"linli/internal/procedure"
	"linli/internal/publicity"
	"linli/internal/request"
	"linli/internal/staff"
)

// scene is something that is done beside the stories when its moment has come.
type scene struct {
	at   clock.Instant
	what string
	play func(ctx context.Context) error
}

// scenes are what the demo shows beside its cases, in the order of time. None
// comes before the clock stands there already.
func (f *filling) scenes() []scene {
	now, show := f.hand.Now(), f.shown
	var out []scene
	add := func(at clock.Instant, what string, play func(ctx context.Context) error) {
		out = append(out, scene{min(max(at, now), f.until), what, play})
	}
	add(now, "people", f.engage)
	first := f.until.Day()
	_, _, n := first.Date()
	first -= clock.Day(n - 1)
	for _, r := range show.Rosters {
		add(hour(first-5, 10), "roster of "+r.Unit, func(ctx context.Context) error { return f.roster(ctx, r, first) })
		add(f.until.Add(-20*time.Hour), "next roster of "+r.Unit, func(ctx context.Context) error { return f.roster(ctx, r, (first+31)-clock.Day(dayOfMonth(first+31)-1)) })
	}
	for _, d := range show.Deputies {
		add(f.until.Add(-time.Duration(d.Since)*24*time.Hour), "deputy of "+d.Person, func(ctx context.Context) error { return f.standIn(ctx, d) })
	}
	for _, c := range show.Contacts {
		add(hour(first-4, 9), "contact of "+c.Person, func(ctx context.Context) error { return f.reach(ctx, c) })
	}
	add(hour(first-3, 9), "texts and searches", f.keep)
	for i, r := range show.Releases {
		what := fmt.Sprintf("release %d", i+1)
		at := f.inHours("dispatcher", uint64(i), f.until.Add(-time.Duration(r.Ago)))
		add(at, what, func(ctx context.Context) error { return f.release(ctx, r) })
		if r.Reason != "" {
			add(f.inHours("dispatcher", uint64(i), f.until.Add(-time.Duration(r.Back))), what+" taken back", func(ctx context.Context) error { return f.takeBack(ctx, r) })
		}
		for v := range r.Voices {
			add(at.Add(time.Duration(v*v*5+v*7+9)*time.Minute), what+" voice", func(ctx context.Context) error { return f.voice(ctx, r, fmt.Sprint("demo show ", i, " ", v)) })
		}
	}
	slices.SortStableFunc(out, func(a, b scene) int { return int(a.at.Sub(b.at) / time.Microsecond) })
	return out
}

// dayOfMonth is the number of a day in its month.
func dayOfMonth(d clock.Day) int {
	_, _, n := d.Date()
	return n
}

// inHours is a moment near t at which people of a role act.
func (f *filling) inHours(who string, n uint64, t clock.Instant) clock.Instant {
	return f.script.hoursOf(who).opens(f.calendar, newDraw(f.seed, 1<<33+n), t)
}

// stage plays the scenes whose moment comes before the next step. One that is
// refused is noted; a demo without it is still a demo.
func (f *filling) stage(ctx context.Context, next clock.Instant) error {
	for len(f.waiting) > 0 && f.waiting[0].at <= next {
		s := f.waiting[0]
		f.waiting = f.waiting[1:]
		if err := f.pass(ctx, max(s.at, f.hand.Now())); err != nil {
			return err
		}
		if err := s.play(ctx); err != nil {
			f.refused = append(f.refused, fmt.Errorf("demo, %s on %s: %w", s.what, f.hand.Now(), err))
			f.Log.Debug("a scene of the demo was refused", "scene", s.what, "error", err)
		}
	}
	return nil
}

// engage gives the house the people that it has beside those of the county.
func (f *filling) engage(ctx context.Context) error {
	hash, err := f.People.HashPassword(ctx, DemoPassword, "demo")
	if err != nil {
		return err
	}
	return f.addPeople(ctx, f.shown.People, hash)
}

// roster publishes a month in which those of a unit take turns.
func (f *filling) roster(ctx context.Context, r shownRoster, first clock.Day) error {
	by, err := f.People.Actor(ctx, r.By)
	if err != nil {
		return err
	}
	q := staff.Filled{Unit: r.Unit, Month: first.String()[:len("2026-01")], Phone: r.Phone, Cells: map[string]string{}}
	month, _, err := f.Staff.Roster(ctx, by, r.Unit, q.Month)
	if err != nil {
		return err
	}
	q.Version = month.Version
	turn := func(of []string, n int) string { return of[n%len(of)] }
	for d := first; d < first+31 && d.String()[:len(q.Month)] == q.Month; d++ {
		day := "holiday"
		if works, _ := f.calendar.Working(d); works {
			day = "day"
		}
		var there []string
		for i := range r.Days {
			there = append(there, turn(r.Watch, int(d)+2+i))
		}
		q.Cells[staff.CellName(d, day)] = strings.Join(there, " ")
		q.Cells[staff.CellName(d, "night")] = turn(r.Watch, int(d))
		q.Cells[staff.CellName(d, "lead")] = turn(r.Lead, (int(d)+3)/7)
	}
	bad, err := f.Staff.SaveRoster(ctx, by, q, true)
	for _, b := range bad {
		err = errors.Join(err, b)
	}
	return err
}

// standIn has somebody ask a colleague to stand in, who agrees.
func (f *filling) standIn(ctx context.Context, d shownDeputy) error {
	now := f.hand.Now()
	asked, err := f.People.AskDeputy(ctx, f.cast.by[d.Person], identity.Deputy{Person: d.Person, Deputy: d.Deputy, From: now, Until: (now.Day() + clock.Day(d.Days)).End()})
	if err != nil {
		return err
	}
	_, err = f.People.AnswerDeputy(ctx, f.cast.by[d.Deputy], asked.ID, true)
	return err
}

// reach keeps how somebody is reached, and how they want to be told.
func (f *filling) reach(ctx context.Context, c shownContact) error {
	for _, to := range [][2]string{{notice.SMS, c.SMS}, {notice.Mail, c.Mail}} {
		if to[1] == "" {
			continue
		}
		if err := f.Notices.SeedContact(ctx, c.Person, to[0], to[1]); err != nil {
			return err
		}
	}
	p := notice.DefaultPreference()
	p.Channel, p.Modes, p.Digest = c.Channel, c.Modes, minuteOf(c.Digest)
	if from, to, told := strings.Cut(c.Quiet, "-"); told {
		p.From, p.To = minuteOf(from), minuteOf(to)
	}
	return f.Notices.SetPreference(ctx, f.cast.by[c.Person], p)
}

// minuteOf reads "08:30" as minutes of the day; 0 where nothing is said.
func minuteOf(s string) int {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0
	}
	return t.Hour()*60 + t.Minute()
}

// keep keeps texts for answers and searches.
func (f *filling) keep(ctx context.Context) error {
	d := desk.New(f.Cases)
	for _, t := range f.shown.Texts {
		if _, err := d.PutTemplate(ctx, f.cast.by[t.Person], desk.Template{Unit: t.Unit, Procedure: request.Procedure, Field: "answer", Name: t.Name, Body: t.Body}); err != nil {
			return fmt.Errorf("text of %s: %w", t.Person, err)
		}
	}
	for _, s := range f.shown.Searches {
		if err := d.KeepFilter(ctx, f.cast.by[s.Person], s.Name, s.Query); err != nil {
			return fmt.Errorf("search of %s: %w", s.Person, err)
		}
	}
	return nil
}

// release chooses a request that may be public, of a class of which none is yet,
// and releases it as a person does: words struck, photos masked and looked at.
// Where none has come so far, nothing is released.
func (f *filling) release(ctx context.Context, r *shownRelease) error {
	by, known := f.cast.by["dispatch1"]
	if !known {
		return fault.New(fault.NotFound, "identity.no_person", "who", "dispatch1")
	}
	runs := slices.Clone(f.runs)
	if !r.Ended {
		slices.Reverse(runs) // the stories that end where requests stand now come last
	}
	for _, one := range runs {
		if one.id == "" || one.story.steps[0].Opens != request.Procedure || one.next < len(one.story.steps) ||
			f.released[kindOf(one, r)] || r.Story != "" && r.Story != one.story.Name {
			continue
		}
		v, err := f.Public.Review(ctx, by, one.id)
		if err != nil {
			if fault.Is(err, fault.NotFound) { // sealed from who releases
				continue
			}
			return err
		}
		fits := v.Never == "" && v.May == nil && v.Standing == "" && r.Photo == (len(v.Photos) > 0)
		if r.Voices > 0 && !slices.Contains(v.Proc.Act("voice").From, v.Case.State) {
			fits = false // others can say that they have it too as long as it is handled
		}
		if !fits || r.Ended != ended(v.Case) {
			continue
		}
		r.id, f.released[kindOf(one, r)] = one.id, true
		return f.show(ctx, by, v)
	}
	return nil
}

// kindOf is of what only one becomes public of those that are done, and one of
// those being handled, so that the list does not say the same again and again.
func kindOf(one *run, r *shownRelease) string { return fmt.Sprint(one.Class, r.Ended) }

func ended(c *casework.Case) bool { return c.Kind == procedure.Done || c.Kind == procedure.Final }

// show releases what a person sees on the review page.
func (f *filling) show(ctx context.Context, by identity.Actor, v *publicity.Review) error {
	for _, t := range v.Texts {
		d := v.Draft.Texts[t.Key]
		d.Use = t.Field != "place"
		for _, words := range f.shown.Strike {
			d.Marks = append(d.Marks, publicity.Occurrences(t.Text, words)...)
		}
		v.Draft.Texts[t.Key] = d
	}
	for _, p := range v.Photos {
		d := publicity.DraftPhoto{Use: true}
		for _, m := range f.shown.Masks {
			d.Regions = append(d.Regions, publicity.Box(m))
		}
		v.Draft.Photos[p.Blob] = d
	}
	if err := f.Public.Save(ctx, by, v); err != nil {
		return err
	}
	q := publicity.Asked{Key: seal.Token(), Seen: map[string]string{}}
	for _, p := range v.Photos {
		_, version, err := f.Public.Look(ctx, v, p.Blob)
		if err != nil {
			return err
		}
		q.Seen[p.Blob] = version
	}
	f.acts++
	_, err := f.Public.Release(ctx, by, v.Case.ID, q)
	return err
}

// takeBack takes back what was released.
func (f *filling) takeBack(ctx context.Context, r *shownRelease) error {
	if r.id == "" {
		return nil
	}
	f.acts++
	_, err := f.Public.Unrelease(ctx, f.cast.by["dispatch1"], r.id, r.Reason, seal.Token())
	return err
}

// voice has somebody say that they have it too, as long as it can be said.
func (f *filling) voice(ctx context.Context, r *shownRelease, device string) error {
	if r.id == "" {
		return nil
	}
	c, err := f.look(ctx, r.id)
	if err != nil || ended(c) {
		return err
	}
	if _, err = f.Merging.Voice(ctx, c.Number, device, ""); fault.Is(err, fault.Conflict) {
		return nil // it has been answered meanwhile
	}
	f.acts++
	return err
}
