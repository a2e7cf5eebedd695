package schedule

import (
	"context"
	"time"

	"linli/internal/kit/clock"
)

const (
	leaseName   = "schedule"
	leaseLength = 10 * time.Second
	lookEvery   = 5 * time.Second
	pause       = 200 * time.Millisecond // between batches: people who act go first
)

// Run opens what is due until ctx ends. It runs on every node; a lease keeps all
// but one from looking, and the database holds where two look all the same.
func (s *Service) Run(ctx context.Context) {
	var until clock.Instant
	failing := false
	for wait := lookEvery; ; {
		select {
		case <-ctx.Done():
			s.giveBack(ctx, until)
			return
		case <-time.After(wait):
		}
		more, err := s.turn(ctx, &until)
		if err != nil && ctx.Err() == nil && !failing {
			s.Log.Error("schedule: what is due waits", "error", err)
		}
		failing = err != nil
		wait = lookEvery
		if more {
			wait = pause
		}
	}
}

// turn works one batch while this node holds the lease.
func (s *Service) turn(ctx context.Context, until *clock.Instant) (bool, error) {
	if now := s.Clock.Now(); now.Add(leaseLength/2) >= *until {
		held, err := s.DB.Lease(ctx, leaseName, s.holder, now, leaseLength)
		if err != nil || !held {
			*until = 0
			return false, err
		}
		*until = now.Add(leaseLength)
	}
	_, more, err := s.Work(ctx)
	return more, err
}

// giveBack lets the next node work without waiting.
func (s *Service) giveBack(ctx context.Context, until clock.Instant) {
	if until == 0 {
		return
	}
	if _, err := s.DB.Lease(context.WithoutCancel(ctx), leaseName, s.holder, s.Clock.Now(), 0); err != nil {
		s.Log.Debug("schedule: lease not given back", "error", err)
	}
}
