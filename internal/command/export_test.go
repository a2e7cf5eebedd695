package command

import (
	"context"

	"linli/internal/identity"
	"linli/internal/procedure"
)

// Spoil has some cases refuse to be read.
func (s *Service) Spoil(fn func(id string) error) { s.spoil = fn }

// TellOnce has the hub look once.
func (s *Service) TellOnce(ctx context.Context) error { return s.tellOnce(ctx) }

// Streams counts the open pages.
func (s *Service) Streams() int { return s.hub.count() }

// Forget drops days that are over.
func (s *Service) Forget(ctx context.Context) error { return s.forget(ctx) }

// Lines are the ids of a list.
func (s *Service) Lines(ctx context.Context, a identity.Actor, sc Scope, f Filter) (ids []string, err error) {
	for {
		list, next, err := s.lines(ctx, a, sc, f)
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			ids = append(ids, l.ID)
		}
		if f.After = next; next == "" {
			return ids, nil
		}
	}
}

// Decides tells whether a state waits for a decision.
func Decides(p *procedure.Procedure, state string) bool { return decides(p, state) }

// KeepDays is for how long received cases stay counted.
const KeepDays = keepDays

// Rising and ShadeOf are the pure rules.
var (
	Rising  = rising
	ShadeOf = shade
)
