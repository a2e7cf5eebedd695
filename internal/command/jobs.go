package command

import (
	"context"
	"time"

	"linli/internal/kit/clock"
)

const (
	leaseName   = "command.reader"
	leaseLength = 5 * time.Second // a node that died is followed within it
	pollEvery   = time.Second     // for leaves that another node numbered
	tendEvery   = time.Minute     // for parked cases and days that are over
	afterFault  = 2 * time.Second
)

// Run follows the log until ctx ends and tells open pages of what changed. The
// ledger's nudge has it look at once. It runs on every node; the lease lets one
// read, and every node tells its own pages.
func (s *Service) Run(ctx context.Context) {
	heard, back := s.log.Numbered()
	defer back()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.tellPages(ctx)
	}()
	defer func() { <-done }()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var until, tended clock.Instant
	for {
		select {
		case <-ctx.Done():
			if until != 0 { // give the lease back, so that the next node need not wait
				if _, err := s.d.Lease(context.WithoutCancel(ctx), leaseName, s.holder, s.clk.Now(), 0); err != nil {
					s.slog.Debug("command: lease not given back", "error", err)
				}
			}
			return
		case <-tick.C:
		case <-heard:
		}
		if err := s.work(ctx, &until, &tended); err != nil && ctx.Err() == nil {
			s.slog.Error("command: the counters wait", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(afterFault):
			}
		}
	}
}

// work reads all that is new, while this node holds the lease, and once a minute
// tries what is parked and forgets days that are over.
func (s *Service) work(ctx context.Context, until, tended *clock.Instant) error {
	for {
		refs, err := s.log.Next(ctx, Reader, 1)
		if err != nil {
			return err
		}
		now := s.clk.Now()
		tend := now.Sub(*tended) >= tendEvery
		if len(refs) == 0 && !tend {
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
		if tend {
			*tended = now
			if _, err := s.Retry(ctx, batch); err != nil {
				return err
			}
			if err := s.forget(ctx); err != nil {
				return err
			}
		}
		if n, err := s.Follow(ctx); err != nil || n < batch {
			return err
		}
	}
}
