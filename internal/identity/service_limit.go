package identity

import (
	"context"
	"errors"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// Take counts one use of bucket by key and refuses the use beyond max within
// window (counted from its first use; at most a day). The limit holds on every
// node. The key is stored only as a keyed hash and dropped after a day, so no
// address remains. Fault: Busy identity.limit with "retry_after" in seconds.
func (s *Service) Take(ctx context.Context, bucket, key string, max int, window time.Duration) error {
	l := s.limit(bucket, key, max, window)
	return s.d.Commit(ctx, l.take)
}

// TakeTx is Take inside a transaction of the caller's: a use that fails for
// another reason is then not counted. The limit is prepared before the commit
// (Limit) because hashing does not belong into it.
func (s *Service) TakeTx(tx *db.Tx, l Limit) error { return l.take(tx) }

// Limit is one use, prepared for TakeTx.
type Limit struct {
	bucket, key string
	max         int64
	window      time.Duration
	now         clock.Instant
}

// Limit prepares a use.
func (s *Service) Limit(bucket, key string, max int, window time.Duration) Limit {
	return s.limit(bucket, key, max, window)
}

func (s *Service) limit(bucket, key string, max int, window time.Duration) Limit {
	return Limit{bucket: bucket, key: s.keys.Keyed("limit "+bucket, key), max: int64(max), window: min(window, day), now: s.clk.Now()}
}

func (l Limit) take(tx *db.Tx) error {
	var began clock.Instant
	var count int64
	err := tx.Row(`INSERT INTO identity_limit(bucket, key, began, count, gone) VALUES ($1, $2, $3, 1, $4)
		ON CONFLICT (bucket, key) DO UPDATE SET
			count = CASE WHEN identity_limit.began <= $5 THEN 1 ELSE identity_limit.count + 1 END,
			began = CASE WHEN identity_limit.began <= $5 THEN $3 ELSE identity_limit.began END,
			gone = $4
		RETURNING began, count`, l.bucket, l.key, l.now, l.now.Add(day), l.now.Add(-l.window)).Scan(&began, &count)
	if err != nil {
		return err
	}
	if count > l.max {
		return l.busy(began)
	}
	return nil
}

func (l Limit) busy(began clock.Instant) error {
	wait := began.Add(l.window).Sub(l.now)
	return fault.New(fault.Busy, "identity.limit", "retry_after", max(int64(1), int64((wait+time.Second-1)/time.Second)))
}

// free says whether one more use would be granted, without counting it.
func (s *Service) free(ctx context.Context, l Limit) error {
	var began clock.Instant
	var count int64
	err := s.d.Reader().Row(ctx, `SELECT began, count FROM identity_limit WHERE bucket = $1 AND key = $2`, l.bucket, l.key).Scan(&began, &count)
	if errors.Is(err, db.NoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if began > l.now.Add(-l.window) && count >= l.max {
		return l.busy(began)
	}
	return nil
}

// giveBack takes one use back: it turned out not to be one that counts.
func (l Limit) giveBack(tx *db.Tx) error {
	_, err := tx.Exec(`UPDATE identity_limit SET count = count - 1 WHERE bucket = $1 AND key = $2 AND count > 0`, l.bucket, l.key)
	return err
}
