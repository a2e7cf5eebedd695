package setup

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"linli/internal/area"
	"linli/internal/duty"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/sheet"
	"linli/internal/kit/text"
	"linli/internal/law"
)

// mostPeople bounds one workbook: making a password takes its time on purpose.
const mostPeople = 500

// Parts are the rooms that the checklist reads. Serving tells how the house is
// served; it is set by the roof.
type Parts struct {
	DB      *db.DB
	Clock   clock.Clock
	Areas   *area.Service
	People  *identity.Service
	Law     *law.Service
	Duty    *duty.Service
	Rights  *edition.Compiled[identity.Rights]
	Book    func() *text.Book
	Serving func(ctx context.Context) (Serving, error)
}

// Service leads through the first days.
type Service struct{ Parts }

// New makes the service.
func New(p Parts) *Service { return &Service{p} }

// MayKeep says whether the actor administers the whole county. Fault: Forbidden
// setup.rights.
func (s *Service) MayKeep(ctx context.Context, a identity.Actor) error {
	root, err := s.root(ctx)
	if err != nil {
		return err
	}
	if !a.Has(identity.Administrator) || !identity.Administers(a, root.Path) {
		return fault.New(fault.Forbidden, "setup.rights")
	}
	return nil
}

// root is the unit above all others.
func (s *Service) root(ctx context.Context) (identity.Unit, error) {
	units, err := s.People.Units(ctx)
	if err != nil {
		return identity.Unit{}, err
	}
	for _, u := range units {
		if u.Parent == "" && u.Open(s.Clock.Now()) {
			return u, nil
		}
	}
	return identity.Unit{}, fault.New(fault.Conflict, "setup.no_unit")
}

// Look reads the state of the house.
func (s *Service) Look(ctx context.Context) (State, error) {
	root, err := s.root(ctx)
	if err != nil {
		return State{}, err
	}
	st := State{County: root.Area}
	if st.Serving, err = s.Serving(ctx); err != nil {
		return st, err
	}
	for _, look := range []func(context.Context, *State) error{s.lookAreas, s.lookUnits, s.lookDuty, s.lookPosts, s.lookYears} {
		if err := look(ctx, &st); err != nil {
			return st, err
		}
	}
	st.Marks, err = s.marks(ctx)
	return st, err
}

func (s *Service) lookAreas(ctx context.Context, st *State) error {
	n, err := s.Areas.CountPlaces(ctx)
	if err != nil {
		return err
	}
	st.Places = n
	if st.County == "" {
		return nil
	}
	county, err := s.Areas.Get(ctx, st.County)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return nil // nothing of it is in the table yet
	}
	if err != nil {
		return err
	}
	st.CountyName = county.Name
	streets, err := s.Areas.Children(ctx, county.Code)
	if err != nil {
		return err
	}
	st.Streets = len(streets)
	for _, street := range streets {
		below, err := s.Areas.Children(ctx, street.Code)
		if err != nil {
			return err
		}
		st.Communities += len(below)
		for _, c := range below {
			grids := s.Areas.Grids(ctx, c.Code)
			if len(grids) == 0 {
				st.WithoutGrids = append(st.WithoutGrids, same(c.Name))
			}
			for _, g := range grids {
				st.Grids++
				if g.Phone == "" {
					st.WithoutPhone++
				}
			}
		}
	}
	return nil
}

func (s *Service) lookUnits(ctx context.Context, st *State) error {
	units, err := s.People.Units(ctx)
	if err != nil {
		return err
	}
	now, people := s.Clock.Now(), map[string]bool{}
	for _, u := range units {
		if !u.Open(now) {
			continue
		}
		st.Units++
		members, err := s.People.Members(ctx, u.ID)
		if err != nil {
			return err
		}
		accepts := false
		for _, m := range members {
			people[m.Post.Person] = true
			accepts = accepts || slices.Contains(accepting, m.Post.Kind)
		}
		if u.Function != "" && !accepts {
			st.HandlersMissing = append(st.HandlersMissing, text.Words{text.Chinese: u.Name, text.English: u.NameEn})
		}
	}
	st.People = len(people)
	return nil
}

// accepting are the kinds of post that may accept a case for a unit.
var accepting = []string{"handler", "head", "clerk"}

func (s *Service) lookDuty(ctx context.Context, st *State) error {
	cat, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return err
	}
	units, err := s.People.Units(ctx)
	if err != nil {
		return err
	}
	now, today := s.Clock.Now(), s.Clock.Now().Day()
	units = slices.DeleteFunc(slices.Clone(units), func(u identity.Unit) bool { return !u.Open(now) })
	real := false
	for _, l := range cat.Lists {
		if !l.Holds(st.County, today) && !area.Under(l.Area, st.County) {
			continue
		}
		st.Lists++
		real = real || !l.Example
		for _, i := range l.Items {
			if !i.Holds(today) {
				continue
			}
			st.Items++
			if name := lacks(cat, units, i.Lead); name != nil && !slices.ContainsFunc(st.LeadersMissing, func(w text.Words) bool { return maps.Equal(w, name) }) {
				st.LeadersMissing = append(st.LeadersMissing, name)
			}
		}
	}
	st.ListsExample = st.Items > 0 && !real
	return nil
}

// lacks names the line of work or unit of a role that nobody has; nil where somebody
// has it.
func lacks(cat *duty.Catalogue, units []identity.Unit, r duty.Role) text.Words {
	f, known := cat.Function(r.Function)
	for _, u := range units {
		if r.Unit != "" && u.ID == r.Unit || r.Unit == "" && (u.Function == r.Function || slices.Contains(f.Kinds, u.Kind)) {
			return nil
		}
	}
	if known {
		return f.Title
	}
	return same(cmp.Or(r.Unit, r.Function))
}

// same is a name that is the same in both languages.
func same(name string) text.Words { return text.Words{text.Chinese: name} }

// needed are the kinds of post without which a request cannot go its way.
var needed = []string{"intake", "dispatcher", "verifier", "caller", "leader", "grid-worker"}

func (s *Service) lookPosts(ctx context.Context, st *State) error {
	rights, _, err := s.Rights.Now(ctx)
	if err != nil {
		return err
	}
	for _, id := range needed {
		kind, known := rights.Kind(id)
		if !known { // a county may have taken it out of its catalogue
			continue
		}
		units, err := s.People.UnitsWith(ctx, id, "")
		if err != nil {
			return err
		}
		if len(units) == 0 {
			st.PostsMissing = append(st.PostsMissing, kind.Name)
		}
	}
	return nil
}

func (s *Service) lookYears(ctx context.Context, st *State) error {
	calendars, _, err := s.Law.Calendars(ctx)
	if err != nil {
		return err
	}
	today := s.Clock.Now().Day()
	years := []int{today.Year()}
	if _, month, _ := today.Date(); month >= time.November { // the State Council's notice comes in November
		years = append(years, today.Year()+1)
	}
	for _, y := range years {
		if _, known := calendars.Year(y); !known {
			st.YearsMissing = append(st.YearsMissing, y)
		}
	}
	return nil
}

// Confirm keeps that a person says so of a line only a person can know, or takes
// it back. Faults: those of MayKeep; Invalid setup.item.
func (s *Service) Confirm(ctx context.Context, by identity.Actor, item string, yes bool) error {
	if err := s.MayKeep(ctx, by); err != nil {
		return err
	}
	if !mayMark(item) {
		return fault.New(fault.Invalid, "setup.item", "item", item).At("item")
	}
	if !yes {
		return s.unmark(ctx, item)
	}
	return s.mark(ctx, item, by.Person, by.Name, s.Clock.Now())
}

// ImportAreas loads the county's part of a national table of divisions. Faults:
// those of MayKeep and area.ImportDivisions, Conflict setup.no_county.
func (s *Service) ImportAreas(ctx context.Context, by identity.Actor, files []area.File) (area.Report, error) {
	if err := s.MayKeep(ctx, by); err != nil {
		return area.Report{}, err
	}
	root, err := s.root(ctx)
	if err != nil {
		return area.Report{}, err
	}
	if root.Area == "" {
		return area.Report{}, fault.New(fault.Conflict, "setup.no_county")
	}
	for i, f := range files {
		plain, err := unzipped(f.Data)
		if err != nil {
			return area.Report{}, err
		}
		files[i].Data = countyPart(plain, root.Area)
	}
	return s.Areas.ImportDivisions(ctx, area.Divisions{Files: files, By: by.Person})
}

// BookReport says what became of a workbook.
type BookReport struct {
	Units     *identity.Report // nil where the book has no table of units
	BadUnits  []Row
	People    []Row // made, with the password that is shown once
	There     int   // people who had an account already
	Posts     int   // posts given
	BadPeople []Row
}

// ImportBook makes units, people and posts from a workbook. A bad row is named
// and every other one goes in; the same workbook twice changes nothing. Faults:
// those of MayKeep and kit/sheet, Invalid setup.book_head and setup.book_empty.
func (s *Service) ImportBook(ctx context.Context, by identity.Actor, data []byte) (BookReport, error) {
	var r BookReport
	if err := s.MayKeep(ctx, by); err != nil {
		return r, err
	}
	tables, err := sheet.ReadBytes(data, sheet.Limits{})
	if err != nil {
		return r, fault.Of(err).At("file")
	}
	d, err := s.dictionary(ctx)
	if err != nil {
		return r, err
	}
	units, people := pick(tables, d)
	if units == nil && people == nil {
		return r, fault.New(fault.Invalid, "setup.book_empty").At("file")
	}
	if units != nil {
		if err := s.importUnits(ctx, by, units, d, &r); err != nil {
			return r, err
		}
	}
	if people == nil {
		return r, nil
	}
	list, err := peopleTable(people, d)
	if err != nil {
		return r, err
	}
	if by, err = s.People.Reload(ctx, by); err != nil { // the units are new
		return r, err
	}
	for _, p := range list {
		if err := s.importPerson(ctx, by, p, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// pick finds the table of units and that of people: by name, else by their heads.
func pick(tables []sheet.Table, d dictionary) (units, people *sheet.Table) {
	for i := range tables {
		t := &tables[i]
		name := text.Fold(t.Name)
		switch {
		case t.Hidden:
		case slices.Contains(d.peopleTable, name):
			people = t
		case slices.Contains(d.unitTable, name):
			units = t
		case people == nil && fits(t, d.people, "login", "post"):
			people = t
		case units == nil && fits(t, d.units, "id", "kind"):
			units = t
		}
	}
	return units, people
}

func fits(t *sheet.Table, words map[string]string, must ...string) bool {
	_, _, err := find(t, words, must...)
	return err == nil
}

func (s *Service) importUnits(ctx context.Context, by identity.Actor, t *sheet.Table, d dictionary, r *BookReport) error {
	raw, numbers, err := unitTable(t, d)
	if err != nil {
		return err
	}
	report, err := s.People.ImportUnits(ctx, by, bytes.NewReader(raw))
	if err != nil {
		return fault.Of(err).At("file")
	}
	r.Units = &report
	for _, b := range report.Bad {
		r.BadUnits = append(r.BadUnits, Row{Number: numbers[b.Line], Name: b.ID, Fault: b.Fault})
	}
	return nil
}

// importPerson makes one account and post. What is refused is kept in the report;
// an error is only what ends the import.
func (s *Service) importPerson(ctx context.Context, by identity.Actor, p person, r *BookReport) error {
	row := Row{Number: p.Number, Name: p.Name, Login: p.Login}
	who, password, err := s.People.AddPerson(ctx, by, identity.PersonDraft{Name: p.Name, Login: p.Login, MustChange: true})
	switch {
	case err == nil:
		row.Password = password
		r.People = append(r.People, row)
	case fault.Is(err, fault.Conflict):
		if who, err = s.People.PersonByLogin(ctx, p.Login); err == nil && who.Name != p.Name {
			err = fault.New(fault.Conflict, "setup.other_name", "name", who.Name).At("login")
		}
		r.There++
	}
	if err == nil {
		_, err = s.People.AddPost(ctx, by, identity.Post{Person: who.ID, Unit: p.Unit, Kind: p.Post, Area: p.Area})
		if err == nil {
			r.Posts++
		} else if fault.Is(err, fault.Conflict) { // the post stands already
			err = nil
		}
	}
	if err == nil {
		return nil
	}
	var f *fault.Fault
	if !errors.As(err, &f) || f.Kind == fault.Internal || f.Kind == fault.Busy {
		return err
	}
	row.Fault, row.Password = f, ""
	r.BadPeople = append(r.BadPeople, row)
	return nil
}
