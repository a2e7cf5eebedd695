package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// Board is everything a page counts for one viewer and scope.
type Board struct {
	Total   Numbers
	Areas   []Part // one step below the scope, most of what the filter shows first
	Classes []Part
	States  []Part // key is procedure.state
	Rises   []Rise
	State   State
}

const (
	mostRises   = 8
	mostAnswers = 2000 // boards kept while nothing changes
)

// answer is something counted, kept for others with the same posts who ask in
// the same second, while no row changed.
type answer struct {
	value  any
	second int64
}

// kept gives what was counted a moment ago for the same key, or counts. What it
// gives is shared: nobody changes it.
func kept[T any](s *Service, key string, count func() (T, error)) (T, error) {
	second, at := int64(s.clk.Now())/1e6, s.hub.at()
	s.mu.Lock()
	if s.at != at || s.answers == nil || len(s.answers) > mostAnswers {
		s.at, s.answers = at, map[string]answer{}
	}
	had, ok := s.answers[key]
	s.mu.Unlock()
	if value, fits := had.value.(T); ok && fits && had.second == second && at != unknownSeq {
		return value, nil
	}
	value, err := count()
	if err == nil {
		s.mu.Lock()
		if s.at == at {
			s.answers[key] = answer{value, second}
		}
		s.mu.Unlock()
	}
	return value, err
}

// Board counts for what the actor's posts see of a scope. The filter narrows
// areas by class and state; the totals are of the whole scope.
func (s *Service) Board(ctx context.Context, a identity.Actor, sc Scope, f Filter) (Board, error) {
	if err := f.Check(); err != nil {
		return Board{}, err
	}
	return kept(s, "board"+boardKey(a, sc, f), func() (Board, error) { return s.count(ctx, a, sc, f) })
}

// grids are the figures of every grid of a scope.
func (s *Service) grids(ctx context.Context, a identity.Actor, sc Scope, f Filter) (map[string]Numbers, error) {
	return kept(s, "grids"+boardKey(a, sc, f), func() (map[string]Numbers, error) { return s.tally(ctx, a, sc, f, byArea, wholeCode) })
}

// boardKey is equal for those who see the same: posts, not persons, decide.
func boardKey(a identity.Actor, sc Scope, f Filter) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s|%s|%s|%q|%q|%q|%d", a.Kind, sc.Area, sc.Unit, f.Class, f.Procedure, f.State, a.Grants)
	for _, p := range a.Posts {
		fmt.Fprintf(&b, "|%q,%q,%q,%q,%q", p.Kind, p.Unit, p.UnitPath, p.Area, p.Commands)
	}
	return b.String()
}

func (s *Service) count(ctx context.Context, a identity.Actor, sc Scope, f Filter) (b Board, err error) {
	if b.State, err = s.State(ctx); err != nil {
		return b, err
	}
	below := childDigits(sc.Area)
	if sc.Area == "" {
		below = 9 // a unit's cases by street
	}
	matters, err := s.tally(ctx, a, sc, Filter{}, byMatter, 0)
	if err != nil {
		return b, err
	}
	var classes, states map[string]Numbers
	b.Total, classes, states = apart(matters)
	b.Classes, b.States = sorted(classes, func(n Numbers) int { return n.Open }), sorted(states, func(n Numbers) int { return n.Open })
	areas, err := s.tally(ctx, a, sc, f, byArea, below)
	if err != nil {
		return b, err
	}
	b.Areas = sorted(areas, func(n Numbers) int { return n.Open })
	rises, err := s.rises(ctx, a, sc)
	b.Rises = rising(rises, mostRises)
	return b, err
}

// apart adds up matters to the whole, to classes and to states.
func apart(matters map[string]Numbers) (total Numbers, classes, states map[string]Numbers) {
	classes, states = map[string]Numbers{}, map[string]Numbers{}
	for key, n := range matters {
		cut := strings.LastIndexByte(key, '|') // a procedure and a state hold none
		total = total.plus(n)
		classes[key[:cut]] = classes[key[:cut]].plus(n)
		states[key[cut+1:]] = states[key[cut+1:]].plus(n)
	}
	return total, classes, states
}

// List gives open cases of a scope, as the actor's lists show them: this room
// proposes and casework's own list disposes, so that a case that was sealed a
// moment ago is gone. The cursor leads to the next page.
func (s *Service) List(ctx context.Context, a identity.Actor, sc Scope, f Filter) ([]casework.Row, string, error) {
	if err := f.Check(); err != nil {
		return nil, "", err
	}
	lines, next, err := s.lines(ctx, a, sc, f)
	if err != nil || len(lines) == 0 {
		return nil, next, err
	}
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	rows, _, err := s.cases.List(ctx, a, casework.Filter{IDs: ids, Limit: 200})
	if err != nil {
		return nil, "", err
	}
	byID := make(map[string]casework.Row, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	out := make([]casework.Row, 0, len(rows))
	for _, id := range ids {
		if r, ok := byID[id]; ok {
			out = append(out, r)
		}
	}
	return out, next, nil
}

// ScopeOf reads what a page is asked about: an area, a unit, or by default what
// the actor's first post is over, else the unit it is in. Faults: NotFound for a
// unit that is not there, Invalid for a code, Forbidden for somebody without any
// post.
func (s *Service) ScopeOf(ctx context.Context, a identity.Actor, areaCode, unit string) (Scope, error) {
	switch {
	case areaCode != "" && unit != "":
		return Scope{}, fault.New(fault.Invalid, "command.scope").At("unit")
	case unit != "":
		u, err := s.people.Unit(ctx, unit)
		return Scope{Unit: u.ID, Path: u.Path}, err
	case areaCode != "":
		if !isCode(areaCode) {
			return Scope{}, fault.New(fault.Invalid, "procedure.value_area").At("area")
		}
		return Scope{Area: areaCode}, nil
	case a.Kind == identity.System:
		return Scope{}, nil
	case len(a.Posts) == 0:
		return Scope{}, fault.New(fault.Forbidden, "command.no_post")
	}
	for _, p := range a.Posts {
		if p.Area != "" && isCode(p.Area) {
			return Scope{Area: p.Area}, nil
		}
	}
	u, err := s.people.Unit(ctx, a.MainPost().Unit)
	return Scope{Unit: u.ID, Path: u.Path}, err
}

func isCode(code string) bool {
	if len(code) < 2 || len(code) > 20 {
		return false
	}
	return strings.Trim(code, "0123456789") == ""
}

// Duties are those on duty now; none where the roof has no roster.
func (s *Service) duties(ctx context.Context, a identity.Actor, sc Scope, now clock.Instant) []Watch {
	if s.OnDuty == nil {
		return nil
	}
	list, err := s.OnDuty(ctx, a, sc, now)
	if err != nil && !errors.Is(err, context.Canceled) { // the page stands without it
		s.slog.Error("command: the roster cannot be read", "error", err)
	}
	return list
}
