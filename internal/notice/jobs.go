package notice

import (
	"context"
	"slices"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/ledger"
)

const (
	readerLease  = "notice.reader"
	readerLength = 5 * time.Second
	pollEvery    = time.Second
	retryEvery   = time.Minute // for parked acts, and for the figures of what waits
	afterFault   = 2 * time.Second
	forgetAfter  = 90 // days for which the delivery log is kept
)

// Run reads the log and sends until ctx ends. Both run on every node: of the
// readers one works at a time, of the senders each leases what it sends.
func (s *Service) Run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.sendLoop(ctx)
	}()
	s.readLoop(ctx)
	<-done
}

func (s *Service) sendLoop(ctx context.Context) {
	s.loop(ctx, func() error {
		for ctx.Err() == nil {
			n, err := s.Work(ctx)
			if err != nil || n == 0 {
				return err
			}
		}
		return nil
	})
}

// begin finds out whether this house ever told anybody. Where it did not (a new
// house, a demo's made-up past, a program that had no such room) nothing of what
// happened before is sent out.
func (s *Service) begin(ctx context.Context) error {
	cursors, err := s.Ledger.Cursors(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(cursors, func(c ledger.Cursor) bool { return c.Reader == Reader }) {
		s.since = s.Clock.Now()
	}
	return nil
}

func (s *Service) readLoop(ctx context.Context) {
	var until, retried clock.Instant
	begun := false
	s.loop(ctx, func() error {
		if !begun {
			if err := s.begin(ctx); err != nil {
				return err
			}
			begun = true
		}
		return s.read(ctx, &until, &retried)
	})
	if until != 0 { // give the lease back, so that the next node need not wait
		if _, err := s.DB.Lease(context.WithoutCancel(ctx), readerLease, s.holder, s.Clock.Now(), 0); err != nil {
			s.Log.Debug("notice: lease not given back", "error", err)
		}
	}
}

// loop does a job once a second. A fault is logged when it begins, not every time.
func (s *Service) loop(ctx context.Context, do func() error) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := do()
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failing {
			s.Log.Error("notice: messages wait", "error", err)
		}
		if failing = err != nil; failing {
			s.pause(ctx, afterFault)
		}
	}
}

// read reads all that is new, while this node holds the lease.
func (s *Service) read(ctx context.Context, until, retried *clock.Instant) error {
	for {
		now := s.Clock.Now()
		refs, err := s.Ledger.Next(ctx, Reader, 1)
		if err != nil {
			return err
		}
		chores := now.Sub(*retried) >= retryEvery
		if len(refs) == 0 && !chores {
			return nil
		}
		if now.Add(readerLength/2) >= *until {
			held, err := s.DB.Lease(ctx, readerLease, s.holder, now, readerLength)
			if err != nil || !held {
				*until = 0
				return err
			}
			*until = now.Add(readerLength)
		}
		if chores {
			*retried = now
			if err := s.chores(ctx, now); err != nil {
				return err
			}
		}
		if n, err := s.Follow(ctx); err != nil || n < batch {
			return err
		}
	}
}

// chores are what is done once a minute: parked acts, old lines, figures.
func (s *Service) chores(ctx context.Context, now clock.Instant) error {
	if _, err := s.Retry(ctx, batch); err != nil {
		return err
	}
	if err := s.DB.Commit(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM notice_message WHERE day < $1 AND status <> 'waiting'`, int64(now.Day())-forgetAfter); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM notice_code WHERE until < $1`, now)
		return err
	}); err != nil {
		return err
	}
	var waiting int64
	if err := s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM notice_message WHERE status = 'waiting' AND due <= $1`, now).Scan(&waiting); err != nil {
		return err
	}
	metrics.GetOrCreateGauge("linli_notice_waiting", nil).Set(float64(waiting))
	return nil
}
