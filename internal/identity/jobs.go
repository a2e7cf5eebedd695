package identity

import (
	"context"
	"log/slog"
	"time"

	"linli/internal/kit/db"
)

// sweepEvery is how often what has ended is dropped.
const sweepEvery = time.Hour

// Run drops what has ended, once an hour until ctx ends; with several nodes one
// of them does it.
func (s *Service) Run(ctx context.Context) {
	holder := db.NewID(s.clk.Now())
	beat := time.NewTicker(sweepEvery)
	defer beat.Stop()
	for {
		mine, err := s.d.Lease(ctx, "identity.sweep", holder, s.clk.Now(), sweepEvery/2)
		if err == nil && mine {
			err = s.Sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "ended sessions and limits could not be dropped", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

// Sweep drops ended sessions, limits older than a day, first-run codes that have
// run out, and API tokens a month after their end.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.clk.Now()
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		for _, step := range []struct {
			text string
			at   any
		}{
			{`DELETE FROM identity_session WHERE expires <= $1 OR idle <= $1`, now},
			{`DELETE FROM identity_limit WHERE gone <= $1`, now},
			{`DELETE FROM identity_step WHERE expires <= $1`, now},
			{`DELETE FROM identity_device WHERE until <= $1`, now},
			{`DELETE FROM identity_setup WHERE expires > 0 AND expires <= $1`, now},
			{`DELETE FROM identity_token WHERE expires <= $1 OR revoked > 0 AND revoked <= $1`, now.Add(-30 * day)},
		} {
			if _, err := tx.Exec(step.text, step.at); err != nil {
				return err
			}
		}
		return nil
	})
}
