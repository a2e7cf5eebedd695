package app

import (
	"context"
	"fmt"

	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
)

// DemoPassword opens every account of the fictitious county; such accounts
// exist only where the demo was asked for.
const DemoPassword = "linli-demo-2026"

// LoadCounty puts the fictitious county of the catalogue into an empty house:
// areas, grids, places, units and people, by the same verbs that a real county
// uses. since is the day from which its borders hold. With hash "" the shared
// password is hashed (about 30 ms).
func (h *House) LoadCounty(ctx context.Context, since clock.Day, hash string) error {
	files, err := h.Editions.Files(ctx, h.Editions.Current())
	if err != nil {
		return err
	}
	c, err := readCounty(files)
	if err != nil {
		return err
	}
	if err := h.loadPlace(ctx, c, since); err != nil {
		return err
	}
	if hash == "" {
		if hash, err = h.People.HashPassword(ctx, DemoPassword, "demo"); err != nil {
			return err
		}
	}
	return h.loadPeople(ctx, c, hash)
}

func (h *House) loadPlace(ctx context.Context, c *county, since clock.Day) error {
	report, err := h.Areas.ImportDivisions(ctx, area.Divisions{Files: []area.File{{Name: "areas.csv", Data: c.divisions()}}, On: since, By: identity.System})
	if err := whole(report, err); err != nil {
		return fmt.Errorf("areas: %w", err)
	}
	drawn, err := c.grids()
	if err != nil {
		return err
	}
	report, err = h.Areas.ImportGrids(ctx, area.Grids{File: area.File{Name: "grids.geojson", Data: drawn}, Datum: geo.WGS84, From: since, By: identity.System})
	if err := whole(report, err); err != nil {
		return fmt.Errorf("grids: %w", err)
	}
	report, err = h.Areas.ImportPlaces(ctx, area.Places{File: area.File{Name: "places.csv", Data: c.places()}, Datum: geo.WGS84, By: identity.System})
	if err := whole(report, err); err != nil {
		return fmt.Errorf("places: %w", err)
	}
	if drawn, err = c.lines(); err != nil || drawn == nil {
		return err
	}
	report, err = h.Areas.ImportRoads(ctx, area.Roads{File: area.File{Name: "roads.geojson", Data: drawn}, Datum: geo.WGS84, By: identity.System})
	if err := whole(report, err); err != nil {
		return fmt.Errorf("roads: %w", err)
	}
	return nil
}

// whole takes an import only where nothing was refused.
func whole(r area.Report, err error) error {
	if err == nil && len(r.Broken) > 0 {
		b := r.Broken[0]
		err = fmt.Errorf("%s:%d: %w", b.File, b.Where, b.Fault)
	}
	return err
}

func (h *House) loadPeople(ctx context.Context, c *county, hash string) error {
	by := identity.SystemActor()
	for _, u := range c.Units {
		if _, err := h.People.AddUnit(ctx, by, u.unit()); err != nil {
			return fmt.Errorf("unit %s: %w", u.ID, err)
		}
	}
	return h.addPeople(ctx, c.People, hash)
}

// addPeople adds people and the posts that they hold.
func (h *House) addPeople(ctx context.Context, people []countyPerson, hash string) error {
	by := identity.SystemActor()
	for _, p := range people {
		if _, _, err := h.People.AddPerson(ctx, by, identity.PersonDraft{ID: p.ID, Name: p.Name, Login: p.ID, Hash: hash}); err != nil {
			return fmt.Errorf("person %s: %w", p.ID, err)
		}
		for _, s := range p.Posts {
			post, err := p.post(s)
			if err == nil {
				_, err = h.People.AddPost(ctx, by, post)
			}
			if err != nil {
				return fmt.Errorf("post %s of %s: %w", s, p.ID, err)
			}
		}
	}
	return nil
}

// CountyPeople are the ids of everybody in the fictitious county, which are
// also their login names, in the order of its file.
func (h *House) CountyPeople(ctx context.Context) ([]string, error) {
	files, err := h.Editions.Files(ctx, h.Editions.Current())
	if err != nil {
		return nil, err
	}
	c, err := readCounty(files)
	if err != nil {
		return nil, fault.Of(err)
	}
	ids := make([]string, len(c.People))
	for i, p := range c.People {
		ids[i] = p.ID
	}
	return ids, nil
}
