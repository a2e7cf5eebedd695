package staff

import (
	"context"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// How often hand-overs are looked for, and how long one node keeps the work.
const (
	workEvery   = 2 * time.Second
	workLease   = 20 * time.Second
	leaseOfWork = "staff.handover"
)

// Run carries hand-overs on until ctx ends; with several nodes one does it, and it
// would do no harm if two did. A look at an idle house is one small read.
func (s *Service) Run(ctx context.Context) {
	holder := db.NewID(s.Clock.Now())
	beat := time.NewTicker(workEvery)
	defer beat.Stop()
	var until clock.Instant
	for {
		if err := s.round(ctx, holder, &until); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "hand-overs wait", "error", err)
		}
		select {
		case <-ctx.Done():
			if until != 0 {
				if _, err := s.DB.Lease(context.WithoutCancel(ctx), leaseOfWork, holder, s.Clock.Now(), 0); err != nil {
					s.Log.Debug("lease not given back", "job", leaseOfWork, "error", err)
				}
			}
			return
		case <-beat.C:
		}
	}
}

func (s *Service) round(ctx context.Context, holder string, until *clock.Instant) error {
	ids, err := s.running(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	if now := s.Clock.Now(); now.Add(workLease/2) >= *until {
		mine, err := s.DB.Lease(ctx, leaseOfWork, holder, now, workLease)
		if err != nil || !mine {
			*until = 0
			return err
		}
		*until = now.Add(workLease)
	}
	_, err = s.Work(ctx)
	return err
}
