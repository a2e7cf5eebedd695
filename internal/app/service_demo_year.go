package app

import (
	"context"

	"linli/internal/app/year"
	"linli/internal/kit/clock"
)

// FillYear makes the demo's second county, thirty streets and a year of what
// departments ask of them, up to until, on a clock that is set by hand. With a
// portion only one of so many cases is played.
func (h *House) FillYear(ctx context.Context, hand *clock.Hand, until clock.Instant, seed uint64, hash string, portion int) (year.Done, error) {
	files, err := h.Editions.Files(ctx, h.Editions.Current())
	if err != nil {
		return year.Done{}, err
	}
	var profile year.Profile
	if err := readYAML(files, year.File, &profile); err != nil {
		return year.Done{}, err
	}
	f := &filling{House: h, hand: hand, until: until, seed: seed}
	if f.calendar, _, err = h.Law.Calendars(ctx); err != nil {
		return year.Done{}, err
	}
	return year.Fill(ctx, year.Parts{People: h.People, Cases: h.Cases, Duty: h.Duty, Clock: hand, Calendar: f.calendar, Until: until, Pass: f.pass, Sequence: f.sequence, Portion: portion,
		Load: func(ctx context.Context, t year.Town) error { return h.loadTown(ctx, t, hand.Now().Day(), hash) }}, &profile, seed)
}

// loadTown puts a county that was made into the house, as the one of the catalogue.
func (h *House) loadTown(ctx context.Context, t year.Town, since clock.Day, hash string) error {
	files, err := h.Editions.Files(ctx, h.Editions.Current())
	if err != nil {
		return err
	}
	model, err := readCounty(files) // for the words and the drawn map's measures
	if err != nil {
		return err
	}
	c := &county{Words: model.Words, Grids: model.Grids}
	c.Grids.Places = t.Map
	for _, a := range t.Areas {
		c.Areas = append(c.Areas, struct{ Code, Name string }{a[0], a[1]})
	}
	for _, u := range t.Units {
		c.Units = append(c.Units, countyUnit{ID: u.ID, Parent: u.Parent, Name: u.Name, Kind: u.Kind, Function: u.Function, Area: u.Area})
	}
	for _, p := range t.People {
		c.People = append(c.People, countyPerson(p))
	}
	c.staff()
	if err := h.loadPlace(ctx, c, since); err != nil {
		return err
	}
	return h.loadPeople(ctx, c, hash)
}
