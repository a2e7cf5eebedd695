package home

import (
	"context"
	"slices"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/text"
)

// The team around a grid: posts of kinds that begin so, and the members that the
// community entered with their consent.
const (
	teamKind    = "team-"
	teamMembers = "team-member"
	serving     = "serving"
	mostMembers = 200
)

// Member is one member of a grid's team as residents see them.
type Member struct {
	Name, Organisation string
	Role               text.Words
	Phone              string // public work telephone, "" for none
}

// team lists who is on the team of a grid: by post, then as entered.
func (s *Service) team(ctx context.Context, grid, community string) ([]Member, error) {
	out, err := s.teamByPost(ctx, grid)
	if err != nil || s.Cases == nil {
		return out, err
	}
	rows, _, err := s.Cases.List(ctx, identity.SystemActor(), casework.Filter{Procedure: teamMembers, State: serving, Area: community, Limit: mostMembers})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b casework.Row) int { return int(a.Opened - b.Opened) })
	for _, row := range rows {
		if !area.Under(grid, row.Area) {
			continue // of another grid of the community
		}
		p, err := s.Cases.ProcedureAt(ctx, row.Procedure, row.Edition)
		if err != nil {
			return nil, err
		}
		m := Member{Name: row.Values.Text("name"), Organisation: row.Values.Text("organisation"), Phone: row.Values.Text("telephone")}
		for _, o := range p.Field("role").Options {
			if o.Value == row.Values.Text("role") {
				m.Role = text.Words(o.Label)
			}
		}
		out = append(out, m)
	}
	return out, nil
}

// teamByPost are those who hold a post of the team over the grid.
func (s *Service) teamByPost(ctx context.Context, grid string) ([]Member, error) {
	rights, err := s.People.Rights(ctx)
	if err != nil {
		return nil, err
	}
	var out []Member
	for _, kind := range rights.Kinds {
		if !strings.HasPrefix(kind.ID, teamKind) {
			continue
		}
		units, err := s.People.UnitsWith(ctx, kind.ID, grid)
		if err != nil {
			return nil, err
		}
		for _, id := range units {
			unit, err := s.People.Unit(ctx, id)
			if err != nil {
				return nil, err
			}
			members, err := s.People.Members(ctx, id)
			if err != nil {
				return nil, err
			}
			for _, m := range members {
				if m.Post.Kind == kind.ID && m.Post.Area != "" && area.Under(grid, m.Post.Area) {
					out = append(out, Member{Name: m.Name, Organisation: unit.Name, Role: kind.Name})
				}
			}
		}
	}
	return out, nil
}
