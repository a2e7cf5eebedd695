package publicity

import (
	"context"
	"fmt"
	"slices"

	"linli/internal/area"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Bounds of the public pages.
const (
	pageSize    = 30
	mostDots    = 50
	mostKept    = 400 // pages kept in memory
	mostWords   = 60
	mostOffered = 600
)

// kept gives what was made before for the same question, while nothing public
// and no edition has changed since; else it is made now.
func kept[T any](ctx context.Context, s *Service, key string, build func() (T, error)) (T, error) {
	var none T
	n, err := s.stamp(ctx)
	if err != nil {
		return none, err
	}
	at := fmt.Sprintf("%d %d", n, s.Editions.Current())
	s.mu.Lock()
	if s.at == at {
		if old, ok := s.pages[key].(T); ok {
			s.mu.Unlock()
			return old, nil
		}
	}
	s.mu.Unlock()
	made, err := build()
	if err != nil {
		return none, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at != at || len(s.pages) >= mostKept {
		s.at, s.pages = at, map[string]any{}
	}
	s.pages[key] = made
	return made, nil
}

// listing is one page of public requests with the counts of all that fit.
type listing struct {
	lines  []shownLine
	copies []*Copy
	next   string
	counts []areaCount
	total  int64
	names  map[string]string // of areas
	units  map[string]text.Words
}

// list gives one page of public requests.
func (s *Service) list(ctx context.Context, f Filter) (*listing, error) {
	f.Limit = pageSize + 1
	return kept(ctx, s, fmt.Sprintf("list %+v", f), func() (*listing, error) {
		l := &listing{names: map[string]string{}, units: map[string]text.Words{}}
		var err error
		if l.lines, err = s.listed(ctx, f); err != nil {
			return nil, err
		}
		if len(l.lines) > pageSize {
			l.lines = l.lines[:pageSize]
			last := l.lines[pageSize-1]
			l.next = fmt.Sprintf("%d.%s", last.Opened, last.Case)
		}
		if l.counts, l.total, err = s.counted(ctx, f, mostDots); err != nil {
			return nil, err
		}
		for _, one := range l.lines {
			c, err := copyRow{ID: one.Release, Body: one.body}.content()
			if err != nil {
				return nil, err
			}
			l.copies = append(l.copies, c)
		}
		return l, s.nameAll(ctx, l)
	})
}

// nameAll finds the names of the areas and units of a page.
func (s *Service) nameAll(ctx context.Context, l *listing) (err error) {
	for _, c := range l.counts {
		if l.names[c.Area], err = s.areaName(ctx, c.Area); err != nil {
			return err
		}
	}
	for _, one := range l.lines {
		if _, known := l.names[one.Area]; !known {
			if l.names[one.Area], err = s.areaName(ctx, one.Area); err != nil {
				return err
			}
		}
		if _, known := l.units[one.Unit]; !known && one.Unit != "" {
			if l.units[one.Unit], err = s.unitName(ctx, one.Unit); err != nil {
				return err
			}
		}
	}
	return nil
}

// areaName is an area's name, "" where it is not known or is the whole county.
func (s *Service) areaName(ctx context.Context, code string) (string, error) {
	if len(code) <= 6 || s.Areas == nil {
		return "", nil
	}
	a, err := s.Areas.Get(ctx, code)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return "", nil
	}
	return a.Name, err
}

func (s *Service) unitName(ctx context.Context, id string) (text.Words, error) {
	u, err := s.People.Unit(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return text.Words{"zh-CN": u.Name, "en": u.NameEn}, err
}

// className is a class in words; a class that is gone has none.
func (s *Service) className(ctx context.Context, id, lang string) string {
	k, err := s.Duty.Class(ctx, id)
	if err != nil {
		return s.Book().Say(lang, "publicity.class.none", nil)
	}
	return k.Title.In(lang)
}

// classes adds to some classes those below them. Fault: Invalid at class.
func (s *Service) classes(ctx context.Context, chosen []string) ([]string, error) {
	if len(chosen) == 0 {
		return nil, nil
	}
	cat, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range chosen {
		if _, ok := cat.Classes.Class(id); !ok {
			return nil, fault.New(fault.Invalid, "publicity.class").At("class")
		}
	}
	var out []string
	for _, k := range cat.Classes.All() {
		if slices.ContainsFunc(cat.Classes.Up(k.ID), func(up string) bool { return slices.Contains(chosen, up) }) {
			out = append(out, k.ID)
		}
	}
	return out, nil
}

// place is an area to choose from, with the street it lies in.
type place struct{ code, name, street string }

// places are streets and communities of the county, to choose from.
func (s *Service) places(ctx context.Context) ([]place, error) {
	root, err := s.root(ctx)
	if fault.Is(err, fault.Unmet) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return kept(ctx, s, "places "+s.Clock.Now().Day().String(), func() ([]place, error) {
		streets, err := s.Areas.Children(ctx, root.Area)
		if err != nil {
			return nil, err
		}
		var out []place
		for _, street := range streets {
			out = append(out, place{street.Code, street.Name, street.Name})
			if street.Level() != area.Street || len(out) > mostOffered {
				continue
			}
			below, err := s.Areas.Children(ctx, street.Code)
			if err != nil {
				return nil, err
			}
			for _, c := range below {
				out = append(out, place{c.Code, c.Name, street.Name})
			}
		}
		return out, nil
	})
}
