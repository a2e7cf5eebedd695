package evaluation

import (
	"context"
	"time"

	"linli/internal/kit/clock"
)

const (
	leaseName   = "evaluation.reader"
	leaseLength = 5 * time.Second // a node that died is followed within it
	pollEvery   = time.Second     // acts of one second on one case are one writing
	retryEvery  = time.Minute     // for parked cases
	afterFault  = 2 * time.Second
)

// Run follows the log until ctx ends. It runs on every node, and the lease lets
// one work at a time; correctness does not rest on the lease (see Follow). An
// idle log costs one small read each time and writes nothing.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var until, retried clock.Instant
	for {
		select {
		case <-ctx.Done():
			if until != 0 { // give the lease back, so that the next node need not wait
				if _, err := s.d.Lease(context.WithoutCancel(ctx), leaseName, s.holder, s.clk.Now(), 0); err != nil {
					s.slog.Debug("evaluation: lease not given back", "error", err)
				}
			}
			return
		case <-tick.C:
		}
		if err := s.work(ctx, &until, &retried); err != nil && ctx.Err() == nil {
			s.slog.Error("evaluation: the figures wait", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(afterFault):
			}
		}
	}
}

// work reads all that is new, while this node holds the lease, and once a minute
// tries what is parked.
func (s *Service) work(ctx context.Context, until, retried *clock.Instant) error {
	for {
		refs, err := s.log.Next(ctx, Reader, 1)
		if err != nil {
			return err
		}
		now := s.clk.Now()
		retry := false
		if now.Sub(*retried) >= retryEvery {
			parked, err := s.Parked(ctx, 1)
			if err != nil {
				return err
			}
			*retried, retry = now, len(parked) > 0
		}
		if len(refs) == 0 && !retry {
			return nil
		}
		if now.Add(leaseLength/2) >= *until {
			held, err := s.d.Lease(ctx, leaseName, s.holder, now, leaseLength)
			if err != nil || !held {
				*until = 0
				return err
			}
			*until = now.Add(leaseLength)
		}
		if retry {
			if _, err := s.Retry(ctx, batch); err != nil {
				return err
			}
		}
		if n, err := s.Follow(ctx); err != nil || n < batch {
			return err
		}
	}
}
