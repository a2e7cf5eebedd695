package publicity

import (
	"context"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/web"
)

// root is the unit that has none above it, with its area.
func (s *Service) root(ctx context.Context) (identity.Unit, error) {
	units, err := s.People.Units(ctx)
	if err != nil {
		return identity.Unit{}, err
	}
	now := s.Clock.Now()
	for _, u := range units {
		if u.Parent == "" && u.Area != "" && u.Open(now) {
			return u, nil
		}
	}
	return identity.Unit{}, fault.New(fault.Unmet, "publicity.no_county")
}

// operator is the unit that runs the platform: the one nearest the county's root
// in which somebody holds the post of administrator, else the root itself.
func (s *Service) operator(ctx context.Context) (unit, root identity.Unit, err error) {
	if root, err = s.root(ctx); err != nil {
		return unit, root, err
	}
	units, err := s.People.Units(ctx)
	if err != nil {
		return unit, root, err
	}
	now := s.Clock.Now()
	for _, u := range units {
		if !u.Open(now) || !strings.HasPrefix(u.Path, root.Path) || unit.ID != "" && strings.Count(u.Path, "/") >= strings.Count(unit.Path, "/") {
			continue
		}
		members, err := s.People.Members(ctx, u.ID)
		if err != nil {
			return unit, root, err
		}
		for _, m := range members {
			if m.Post.Kind == identity.Administrator {
				unit = u
				break
			}
		}
	}
	if unit.ID == "" {
		unit = root
	}
	return unit, root, nil
}

// toOperator gives a word on the platform itself to who runs it.
func (s *Service) toOperator(ctx context.Context, m *casework.Moment) error {
	unit, root, err := s.operator(ctx)
	if err != nil {
		return err
	}
	m.PlaceAt(root.Area)
	m.HoldBy(unit, "")
	if page := m.Given.Text("page"); page != "" {
		m.Set("page", cleanPage(page))
	}
	return nil
}

// cleanPage keeps of an address what says which kind of page it is: no query,
// no number, nothing that could open or name a case.
func cleanPage(path string) string {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || len(path) > 200 {
		return ""
	}
	return web.Whence(path)
}
