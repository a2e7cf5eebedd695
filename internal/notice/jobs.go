package notice

import (
	"context"
	"slices"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"linli/internal/kit/db"
	"linli/internal/ledger"
)

const (
	pollEvery   = time.Second
	afterFault  = 2 * time.Second
	forgetAfter = 90 // days for which the delivery log is kept
)

// Run sends until ctx ends. It runs on every node, and each leases what it sends.
// What is to be sent is written by the follower, on one node.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := s.sendDue(ctx)
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

// sendDue sends all that is due.
func (s *Service) sendDue(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := s.Work(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// start finds out whether this house ever told anybody. Where it did not (a new
// house, a demo's made-up past, a program that had no such room) nothing of what
// happened before is sent out.
func (s *Service) start(ctx context.Context) error {
	cursors, err := s.Ledger.Cursors(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(cursors, func(c ledger.Cursor) bool { return c.Reader == Reader }) {
		s.since = s.Clock.Now()
	}
	return nil
}

// chores are what is done once a minute: old lines, figures.
func (s *Service) chores(ctx context.Context) error {
	now := s.Clock.Now()
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
