package home

import (
	"cmp"
	"context"
	"slices"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
)

// Parts are the rooms below that this one calls. Address is under which people
// reach the house, "" where it is not configured.
type Parts struct {
	Areas   *area.Service
	People  *identity.Service
	Cases   *casework.Service
	Clock   clock.Clock
	Address string
}

// Service answers whose a place is.
type Service struct{ Parts }

// New makes the service.
func New(p Parts) *Service { return &Service{p} }

// gridWorker is the kind of post in catalog/rights/posts.yaml.
const gridWorker = "grid-worker"

// Neighbourhood is a grid or an area with what a resident wants to know of it.
type Neighbourhood struct {
	Code    string
	Name    string
	Chain   []area.Area // the areas it lies in, largest first, itself left out
	Workers []string    // names of those posted for it, the nearest area first
	Team    []Member    // of a grid: who else is on its team
	Phone   string      // complaint telephone; of an area the first of its grids that has one
	Units   []identity.Unit
	Grids   []area.Grid // of a village or community
	Below   []area.Area // of a street or county
}

// Grid tells of one grid. Faults: those of area.Grid.
func (s *Service) Grid(ctx context.Context, code string) (Neighbourhood, error) {
	g, err := s.Areas.Grid(ctx, code)
	if err != nil {
		return Neighbourhood{}, err
	}
	n := Neighbourhood{Code: g.Code, Name: g.Name, Phone: g.Phone}
	if n.Chain, err = s.Areas.Chain(ctx, g.Community); err != nil {
		return n, err
	}
	if n.Workers, err = s.workers(ctx, g.Code); err != nil {
		return n, err
	}
	if n.Team, err = s.team(ctx, g.Code, g.Community); err != nil {
		return n, err
	}
	n.Units, err = s.unitsOf(ctx, g.Community)
	return n, err
}

// Area tells of a village, community, street or county. Faults: those of
// area.Get.
func (s *Service) Area(ctx context.Context, code string) (Neighbourhood, error) {
	a, err := s.Areas.Get(ctx, code)
	if err != nil {
		return Neighbourhood{}, err
	}
	n := Neighbourhood{Code: a.Code, Name: a.Name}
	chain, err := s.Areas.Chain(ctx, a.Code)
	if err != nil {
		return n, err
	}
	n.Chain = slices.DeleteFunc(chain, func(x area.Area) bool { return x.Code == a.Code })
	if a.Level() == area.Community {
		n.Grids = s.Areas.Grids(ctx, a.Code)
		for _, g := range n.Grids {
			n.Phone = cmp.Or(n.Phone, g.Phone)
		}
	} else if n.Below, err = s.Areas.Children(ctx, a.Code); err != nil {
		return n, err
	}
	n.Units, err = s.unitsOf(ctx, a.Code)
	return n, err
}

// workers are the grid workers posted for a grid, the nearest area first.
func (s *Service) workers(ctx context.Context, grid string) ([]string, error) {
	units, err := s.People.UnitsWith(ctx, gridWorker, grid)
	if err != nil {
		return nil, err
	}
	var posted []identity.Member
	for _, u := range units {
		members, err := s.People.Members(ctx, u)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if m.Post.Kind == gridWorker && m.Post.Area != "" && area.Under(grid, m.Post.Area) {
				posted = append(posted, m)
			}
		}
	}
	slices.SortStableFunc(posted, func(a, b identity.Member) int { return cmp.Compare(len(b.Post.Area), len(a.Post.Area)) })
	var names []string
	for _, m := range posted {
		if len(m.Post.Area) == len(posted[0].Post.Area) && !slices.Contains(names, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names, nil
}

// unitsOf are the open units that answer for exactly this area: its committee,
// its street office.
func (s *Service) unitsOf(ctx context.Context, code string) ([]identity.Unit, error) {
	all, err := s.People.Units(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	return slices.DeleteFunc(slices.Clone(all), func(u identity.Unit) bool {
		return !u.Open(now) || u.Area == "" || u.Area != code || u.Kind == "department" || u.Kind == "organisation"
	}), nil
}
