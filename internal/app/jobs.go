package app

import (
	"context"
	"sync"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// How often the jobs of the house look.
const (
	refreshEvery = time.Second     // for editions and grids that another node published
	scanEvery    = 2 * time.Second // for clocks that are due
	scanLease    = 10 * time.Second
	passEvery    = time.Second // for what leading cases pass on to their followers
	forgetEvery  = 24 * time.Hour
)

// Run does all background work until ctx ends, and returns when every job has
// stopped. On many nodes it runs on each; what must be done once is leased.
func (h *House) Run(ctx context.Context) {
	holder := db.NewID(h.Clock.Now())
	var jobs sync.WaitGroup
	jobs.Go(func() { h.Ledger.Run(ctx) })
	jobs.Go(func() { h.People.Run(ctx) })
	jobs.Go(func() { h.Schedule.Run(ctx) })
	jobs.Go(func() { h.Ledger.RunReaders(ctx, h.Readers()...) })
	jobs.Go(func() { h.Command.Run(ctx) })
	jobs.Go(func() { h.Notices.Run(ctx) })
	jobs.Go(func() { h.Accounts.Run(ctx) })
	jobs.Go(func() { h.Public.Run(ctx) })
	jobs.Go(func() { h.Requests.Run(ctx) })
	jobs.Go(func() { h.Staff.Run(ctx) })
	jobs.Go(func() { h.every(ctx, "refresh", refreshEvery, h.refresh) })
	jobs.Go(func() {
		h.leased(ctx, "casework.scan", holder, scanEvery, scanLease, func(ctx context.Context) error {
			_, err := h.Cases.Scan(ctx)
			return err
		})
	})
	jobs.Go(func() {
		h.leased(ctx, "casework.pass", holder, passEvery, scanLease, func(ctx context.Context) error {
			_, err := h.Cases.Pass(ctx)
			return err
		})
	})
	jobs.Go(func() {
		h.leased(ctx, "app.forget", holder, forgetEvery, forgetEvery-time.Hour, func(ctx context.Context) error {
			_, err := h.DB.ForgetOnce(ctx, h.Clock.Now())
			return err
		})
	})
	jobs.Wait()
}

// refresh learns of what other nodes published.
func (h *House) refresh(ctx context.Context) error {
	if err := h.Editions.Refresh(ctx); err != nil {
		return err
	}
	return h.Areas.Refresh(ctx)
}

// every does a job again and again. A failure is logged once until it works
// again: a database that is away would fill the log.
func (h *House) every(ctx context.Context, name string, pause time.Duration, do func(context.Context) error) {
	beat := time.NewTicker(pause)
	defer beat.Stop()
	failing := false
	for {
		err := do(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			h.Log.Error("job failed and is tried again", "job", name, "error", err)
		case err == nil && failing:
			h.Log.Info("job works again", "job", name)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

// leased is every, on one node at a time. The lease is renewed when half of it
// is over, so that an idle house writes little, and given back at the end.
func (h *House) leased(ctx context.Context, name, holder string, pause, length time.Duration, do func(context.Context) error) {
	var until clock.Instant
	h.every(ctx, name, pause, func(ctx context.Context) error {
		if now := h.Clock.Now(); now.Add(length/2) >= until {
			held, err := h.DB.Lease(ctx, name, holder, now, length)
			if err != nil || !held {
				until = 0
				return err
			}
			until = now.Add(length)
		}
		return do(ctx)
	})
	if until != 0 {
		if _, err := h.DB.Lease(context.WithoutCancel(ctx), name, holder, h.Clock.Now(), 0); err != nil {
			h.Log.Debug("lease not given back", "job", name, "error", err)
		}
	}
}
