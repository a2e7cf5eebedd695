package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"linli/internal/kit/privacy"
	"slices"
	"strings"
	"time"

	"linli/internal/ballot"
	"linli/internal/casework"
	"linli/internal/deliberation"
	"linli/internal/desk"
	"linli/internal/finance"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/law"
	"linli/internal/merging"
	"linli/internal/notice"
	"linli/internal/procedure"
	"linli/internal/publicity"
	"linli/internal/request"
	"linli/internal/staff"
)

// Parts are the rooms whose verbs are played, and what the demo's filling gives.
type Parts struct {
	People   *identity.Service
	Cases    *casework.Service
	Public   *publicity.Service
	Merging  *merging.Service
	Staff    *staff.Service
	Notices  *notice.Service
	Ballot   *ballot.Service
	Matters  *deliberation.Service
	Books    *finance.Service
	Clock    clock.Clock
	Calendar law.Calendars
	Until    clock.Instant // where the demo ends

	Engage func(ctx context.Context, people []Person) error // takes them on
	Hours  func(n int, t clock.Instant) clock.Instant       // a moment near t at which requests are released
	Told   func() []Told                                    // the cases whose stories have ended
}

// Told is a case whose story has ended.
type Told struct {
	Case, Class, Story string
	At                 clock.Instant // of its last step
}

// Show plays a plan.
type Show struct {
	Parts
	plan     *Plan
	released map[string]bool // kinds of which a request is public
}

// New makes the show of a plan.
func New(p Parts, plan *Plan) *Show { return &Show{p, plan, map[string]bool{}} }

// Scene is something that is done beside the stories when its moment has come.
type Scene struct {
	At   clock.Instant
	What string
	Play func(ctx context.Context) error
}

// Scenes are what the demo shows beside its cases, in the order of time. None
// comes before the clock stands there already.
func (f *Show) Scenes() []Scene {
	now, show := f.Clock.Now(), f.plan
	var out []Scene
	add := func(at clock.Instant, what string, play func(ctx context.Context) error) {
		out = append(out, Scene{min(max(at, now), f.Until), what, play})
	}
	add(now, "people", func(ctx context.Context) error { return f.Engage(ctx, show.People) })
	first := f.Until.Day()
	_, _, n := first.Date()
	first -= clock.Day(n - 1)
	for _, r := range show.Rosters {
		add((first - 5).Start().Add(10*time.Hour), "roster of "+r.Unit, func(ctx context.Context) error { return f.roster(ctx, r, first) })
		add(f.Until.Add(-20*time.Hour), "next roster of "+r.Unit, func(ctx context.Context) error { return f.roster(ctx, r, (first+31)-clock.Day(dayOfMonth(first+31)-1)) })
	}
	for _, d := range show.Deputies {
		add(f.Until.Add(-time.Duration(d.Since)*24*time.Hour), "deputy of "+d.Person, func(ctx context.Context) error { return f.standIn(ctx, d) })
	}
	for _, c := range show.Contacts {
		add((first - 4).Start().Add(9*time.Hour), "contact of "+c.Person, func(ctx context.Context) error { return f.reach(ctx, c) })
	}
	add((first - 3).Start().Add(9*time.Hour), "texts and searches", f.keep)
	for i, r := range show.Releases {
		what := fmt.Sprintf("release %d", i+1)
		at := f.Hours(i, f.Until.Add(-time.Duration(r.Ago)))
		add(at, what, func(ctx context.Context) error { return f.release(ctx, r) })
		if r.Reason != "" {
			add(f.Hours(i, f.Until.Add(-time.Duration(r.Back))), what+" taken back", func(ctx context.Context) error { return f.takeBack(ctx, r) })
		}
		for v := range r.Voices {
			add(at.Add(time.Duration(v*v*5+v*7+9)*time.Minute), what+" voice", func(ctx context.Context) error { return f.voice(ctx, r, fmt.Sprint("demo show ", i, " ", v)) })
		}
	}
	for _, p := range show.Meetings {
		f.meetings(p, add)
	}
	f.matters(show.Matters, add)
	f.matters(show.Asked, add)
	f.village(show.Village, add)
	f.matters(show.Hearings, add)
	for _, p := range show.Boards {
		f.boards(p, add)
	}
	slices.SortStableFunc(out, func(a, b Scene) int { return int(a.At.Sub(b.At) / time.Microsecond) })
	return out
}

// dayOfMonth is the number of a day in its month.
func dayOfMonth(d clock.Day) int {
	_, _, n := d.Date()
	return n
}

// roster publishes a month in which those of a unit take turns.
func (f *Show) roster(ctx context.Context, r Roster, first clock.Day) error {
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
		if works, _ := f.Calendar.Working(d); works {
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
func (f *Show) standIn(ctx context.Context, d Deputy) error {
	now := f.Clock.Now()
	who, err := f.People.Actor(ctx, d.Person)
	if err != nil {
		return err
	}
	deputy, err := f.People.Actor(ctx, d.Deputy)
	if err != nil {
		return err
	}
	asked, err := f.People.AskDeputy(ctx, who, identity.Deputy{Person: d.Person, Deputy: d.Deputy, From: now, Until: (now.Day() + clock.Day(d.Days)).End()})
	if err != nil {
		return err
	}
	_, err = f.People.AnswerDeputy(ctx, deputy, asked.ID, true)
	return err
}

// reach keeps how somebody is reached, and how they want to be told.
func (f *Show) reach(ctx context.Context, c Contact) error {
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
	who, err := f.People.Actor(ctx, c.Person)
	if err != nil {
		return err
	}
	return f.Notices.SetPreference(ctx, who, p)
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
func (f *Show) keep(ctx context.Context) error {
	d := desk.New(f.Cases)
	for _, t := range f.plan.Texts {
		who, err := f.People.Actor(ctx, t.Person)
		if err != nil {
			return err
		}
		if _, err := d.PutTemplate(ctx, who, desk.Template{Unit: t.Unit, Procedure: request.Procedure, Field: "answer", Name: t.Name, Body: t.Body}); err != nil {
			return fmt.Errorf("text of %s: %w", t.Person, err)
		}
	}
	for _, s := range f.plan.Searches {
		who, err := f.People.Actor(ctx, s.Person)
		if err != nil {
			return err
		}
		if err := d.KeepFilter(ctx, who, s.Name, s.Query); err != nil {
			return fmt.Errorf("search of %s: %w", s.Person, err)
		}
	}
	return nil
}

// releases is who does it.
const releases = "dispatch1"

// release chooses a request that may be public, of a class of which none is yet,
// and releases it as a person does: words struck, photos masked and looked at.
// Where none has come so far, nothing is released.
func (f *Show) release(ctx context.Context, r *Release) error {
	by, err := f.People.Actor(ctx, releases)
	if err != nil {
		return err
	}
	all := f.Told()
	if !r.Ended {
		slices.SortStableFunc(all, func(a, b Told) int { return cmp.Compare(b.At, a.At) }) // what moved last
	}
	for _, one := range all {
		if f.released[kindOf(one, r)] || slices.Contains(f.plan.Leave, one.Class) || r.Story != "" && r.Story != one.Story {
			continue
		}
		v, err := f.Public.Review(ctx, by, one.Case)
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
		r.id, f.released[kindOf(one, r)] = one.Case, true
		return f.show(ctx, by, v)
	}
	return nil
}

// kindOf is of what only one becomes public of those that are done, and one of
// those being handled, so that the list does not say the same again and again.
func kindOf(one Told, r *Release) string { return fmt.Sprint(one.Class, r.Ended) }

func ended(c *casework.Case) bool { return c.Kind == procedure.Done || c.Kind == procedure.Final }

// show releases what a person sees on the review page.
func (f *Show) show(ctx context.Context, by identity.Actor, v *publicity.Review) error {
	for _, t := range v.Texts {
		d := v.Draft.Texts[t.Key]
		d.Use = t.Field != "place"
		for _, words := range f.plan.Strike {
			d.Marks = append(d.Marks, privacy.Occurrences(t.Text, words)...)
		}
		v.Draft.Texts[t.Key] = d
	}
	for _, p := range v.Photos {
		d := publicity.DraftPhoto{Use: true}
		for _, m := range f.plan.Masks {
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
	_, err := f.Public.Release(ctx, by, v.Case.ID, q)
	return err
}

// takeBack takes back what was released.
func (f *Show) takeBack(ctx context.Context, r *Release) error {
	if r.id == "" {
		return nil
	}
	by, err := f.People.Actor(ctx, releases)
	if err != nil {
		return err
	}
	_, err = f.Public.Unrelease(ctx, by, r.id, r.Reason, seal.Token())
	return err
}

// voice has somebody say that they have it too, as long as it can be said.
func (f *Show) voice(ctx context.Context, r *Release, device string) error {
	if r.id == "" {
		return nil
	}
	v, err := f.Cases.Get(ctx, identity.SystemActor(), r.id)
	if err != nil || ended(v.Case) {
		return err
	}
	if _, err = f.Merging.Voice(ctx, v.Case.Number, device, ""); fault.Is(err, fault.Conflict) {
		return nil // it has been answered meanwhile
	}
	return err
}
