package request

import (
	"context"
	"log/slog"
	"time"

	"linli/internal/kit/db"
)

// How long a photo of a form that was never sent is kept, and how often that is
// looked at.
const (
	draftTime = 24 * time.Hour
	tidyEvery = time.Hour
	tidyBatch = 200
)

// Run destroys photos that never came to a case, every hour on one node, until
// ctx ends.
func (s *Service) Run(ctx context.Context) {
	holder := db.NewID(s.Clock.Now())
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		ours, err := s.DB.Lease(ctx, "request.tidy", holder, s.Clock.Now(), 2*tidyEvery)
		if err == nil && ours {
			_, _, err = s.Tidy(ctx)
		}
		if err != nil && ctx.Err() == nil {
			slog.Error("photos of unsent forms could not be tidied; the next hour tries again", "error", err)
		}
	}
}

// Tidy looks at photos that were sent a day ago and belong to no case by our
// notes: those that an act holds all the same are noted, the others destroyed.
func (s *Service) Tidy(ctx context.Context) (bound, dropped int, err error) {
	stale, err := s.stalePhotos(ctx, s.Clock.Now().Add(-draftTime), tidyBatch)
	if err != nil {
		return 0, 0, err
	}
	for _, p := range stale {
		held, err := s.Cases.Holding(ctx, p.blob, p.sent, p.sent.Add(draftTime))
		if err != nil {
			return bound, dropped, err
		}
		if len(held) > 0 {
			if err := s.bindPhotos(ctx, held[0], []string{p.blob}); err != nil {
				return bound, dropped, err
			}
			bound++
			continue
		}
		if err := s.dropPhoto(ctx, p.blob); err != nil {
			return bound, dropped, err
		}
		dropped++
	}
	return bound, dropped, nil
}
