package ledger

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"linli/internal/kit/clock"
)

const (
	leaseName   = "ledger.sequencer"
	leaseLength = 3 * time.Second // short: a node that died is followed within it
	pollEvery   = time.Second     // for leaves queued by other nodes
)

// Run sequences until ctx ends. On every node it runs, and the lease lets one
// node work at a time; correctness does not rest on the lease (see Sequence). An
// idle log costs one small read a second and writes nothing.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	defer s.witness.flush(true, s.clk.Now)
	var until clock.Instant
	for {
		select {
		case <-ctx.Done():
			if until != 0 { // give the lease back, so that the next node need not wait
				_, err := s.d.Lease(context.WithoutCancel(ctx), leaseName, s.o.Holder, s.clk.Now(), 0)
				if err != nil {
					slog.Debug("ledger: lease not given back", "err", err)
				}
			}
			return
		case <-s.wake:
			if !pause(ctx, s.o.Gather) {
				continue
			}
		case <-tick.C:
		}
		s.witness.flush(false, s.clk.Now)
		if err := s.work(ctx, &until); err != nil && ctx.Err() == nil {
			slog.Error("ledger: leaves wait for their numbers", "err", err)
			pause(ctx, pollEvery)
		}
	}
}

// work numbers all that waits, while this node holds the lease.
func (s *Service) work(ctx context.Context, until *clock.Instant) error {
	any, err := s.anyWaiting(ctx)
	if err != nil || !any {
		return err
	}
	for {
		if now := s.clk.Now(); now.Add(leaseLength/2) >= *until {
			held, err := s.d.Lease(ctx, leaseName, s.o.Holder, now, leaseLength)
			if err != nil || !held {
				*until = 0
				return err
			}
			*until = now.Add(leaseLength)
		}
		n, err := s.Sequence(ctx)
		if err != nil || n < s.o.Batch {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// witness appends checkpoints to a file that leaves the house, at most one a
// second: the newest waits its turn, those between are implied by it.
type witness struct {
	path    string
	mu      sync.Mutex
	pending string
	last    clock.Instant
}

func (w *witness) offer(text string, now clock.Instant) {
	if w.path == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = text
	w.write(false, now)
}

// flush writes what is pending once its second is over, or at once.
func (w *witness) flush(atOnce bool, now func() clock.Instant) {
	if w.path == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.write(atOnce, now())
}

func (w *witness) write(atOnce bool, now clock.Instant) {
	gap := now.Sub(w.last)
	if w.pending == "" || (!atOnce && w.last != 0 && gap >= 0 && gap < time.Second) {
		return
	}
	f, err := os.OpenFile(w.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(w.pending + "\n")
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}
	if err != nil { // the log itself is unharmed; the next checkpoint tries again
		slog.Error("ledger: checkpoint not written for the witness", "file", w.path, "err", err)
		return
	}
	w.pending, w.last = "", now
}
