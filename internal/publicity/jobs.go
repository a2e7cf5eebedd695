package publicity

import (
	"context"
	"time"
)

const (
	digestName  = "publicity.digest"
	digestEvery = 10 * time.Minute
	digestLease = 5 * time.Minute
)

// Run sends digests every few minutes until ctx ends, where something can be sent.
// It runs on every node; a lease lets one send.
func (s *Service) Run(ctx context.Context) {
	if s.Outbox == nil {
		return
	}
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
