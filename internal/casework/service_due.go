package casework

import (
	"context"

	"linli/internal/kit/clock"
)

// NextDue is the earliest moment at which a clock of any case wants to be looked
// at by Scan; 0 where none is running. Who moves time by hand need look at no
// other moment.
func (s *Service) NextDue(ctx context.Context) (clock.Instant, error) {
	var next clock.Instant
	err := s.DB.Reader().Row(ctx, `SELECT COALESCE(MIN(next), 0) FROM casework_clock WHERE next > 0`).Scan(&next)
	return next, err
}
