package account

import (
	"context"
	"time"

	"linli/internal/kit/db"
)

const tidyEvery = 10 * time.Minute

// Run forgets what is over, on one node at a time, until ctx ends.
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
		ours, err := s.DB.Lease(ctx, "account.tidy", holder, s.Clock.Now(), 2*tidyEvery)
		if err == nil && ours {
			err = s.Tidy(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Error("what is over of residents' accounts could not be forgotten; the next round tries again", "error", err)
		}
	}
}
