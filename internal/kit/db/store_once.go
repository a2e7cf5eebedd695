package db

import (
	"context"
	"database/sql"
	"errors"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// Once is one asking of a verb under an idempotency key: the same key with the
// same body gets the same answer and does nothing again; with another body it
// is a conflict. Kept 90 days.
type Once struct {
	Actor, Verb, Key string
	Body             string // hash of what was asked
}

// Answer finds the stored answer of an earlier asking. It returns ok=false
// where there is none, and a Conflict fault where the body differs.
func (o Once) Answer(ctx context.Context, q Query) (answer string, ok bool, err error) {
	if o.Key == "" {
		return "", false, nil
	}
	var body string
	err = q.Row(ctx, `SELECT body, answer FROM kit_once WHERE actor = $1 AND verb = $2 AND key = $3`,
		o.Actor, o.Verb, o.Key).Scan(&body, &answer)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if body != o.Body {
		return "", false, fault.New(fault.Conflict, "db.key_used_for_other_body").At("Idempotency-Key")
	}
	return answer, true, nil
}

// ErrOnce says that another asking with the same key was committed first: read
// its answer.
var ErrOnce = errors.New("db: the key was just used")

// Keep stores the answer in the act's own transaction; ErrOnce where the key
// stands already.
func (o Once) Keep(tx *Tx, answer string, now clock.Instant) error {
	if o.Key == "" {
		return nil
	}
	n, err := tx.Exec(`INSERT INTO kit_once(actor, verb, key, body, answer, recorded) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (actor, verb, key) DO NOTHING`, o.Actor, o.Verb, o.Key, o.Body, answer, now)
	if err == nil && n == 0 {
		return ErrOnce
	}
	return err
}

// ForgetOnce drops keys kept longer than 90 days and returns how many.
func (d *DB) ForgetOnce(ctx context.Context, now clock.Instant) (n int64, err error) {
	const kept = 90 * 24 * 3600 * 1_000_000
	err = d.Commit(ctx, func(tx *Tx) error {
		n, err = tx.Exec(`DELETE FROM kit_once WHERE recorded < $1`, now-kept)
		return err
	})
	return n, err
}
