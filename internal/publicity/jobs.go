package publicity

import (
	"context"
	"sync"
	"time"

	"linli/internal/kit/clock"
)

const (
	leaseName   = "publicity.reader"
	leaseLength = 5 * time.Second
	pollEvery   = time.Second
	slowEvery   = time.Minute // parked cases, pictures to destroy
	digestName  = "publicity.digest"
	digestEvery = 10 * time.Minute
	digestLease = 5 * time.Minute
	afterFault  = 2 * time.Second
)

// Run follows the log, tidies, and sends digests where something can be sent,
// until ctx ends. It runs on every node; a lease lets one work at a time.
func (s *Service) Run(ctx context.Context) {
	var jobs sync.WaitGroup
	jobs.Go(func() { s.runReader(ctx) })
	if s.Outbox != nil {
		jobs.Go(func() { s.runDigests(ctx) })
	}
	jobs.Wait()
}

func (s *Service) runReader(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var until, slow clock.Instant
	for {
		select {
		case <-ctx.Done():
			s.giveBack(ctx, leaseName, until)
			return
		case <-tick.C:
		}
		if err := s.work(ctx, &until, &slow); err != nil && ctx.Err() == nil {
			s.Log.Error("publicity: the public lines wait", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(afterFault):
			}
		}
	}
}

// giveBack lets the next node work without waiting.
func (s *Service) giveBack(ctx context.Context, name string, until clock.Instant) {
	if until == 0 {
		return
	}
	if _, err := s.DB.Lease(context.WithoutCancel(ctx), name, s.holder, s.Clock.Now(), 0); err != nil {
		s.Log.Debug("publicity: lease not given back", "error", err)
	}
}

// work reads all that is new while this node holds the lease, and once a minute
// tries what is parked and destroys what was taken back.
func (s *Service) work(ctx context.Context, until, slow *clock.Instant) error {
	for {
		refs, err := s.Ledger.Next(ctx, Reader, 1)
		if err != nil {
			return err
		}
		now := s.Clock.Now()
		tidy := now.Sub(*slow) >= slowEvery
		if len(refs) == 0 && !tidy {
			return nil
		}
		if now.Add(leaseLength/2) >= *until {
			held, err := s.DB.Lease(ctx, leaseName, s.holder, now, leaseLength)
			if err != nil || !held {
				*until = 0
				return err
			}
			*until = now.Add(leaseLength)
		}
		if tidy {
			*slow = now
			if _, err := s.Retry(ctx, batch); err != nil {
				return err
			}
			if _, err := s.Tidy(ctx); err != nil {
				return err
			}
		}
		if n, err := s.Follow(ctx); err != nil || n < batch {
			return err
		}
	}
}

// runDigests sends what is due every few minutes, on one node.
func (s *Service) runDigests(ctx context.Context) {
	tick := time.NewTicker(digestEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		held, err := s.DB.Lease(ctx, digestName, s.holder, s.Clock.Now(), digestLease)
		if err == nil && held {
			_, err = s.SendDigests(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Error("publicity: digests wait", "error", err)
		}
	}
}
