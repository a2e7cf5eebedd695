package notice

import (
	"context"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// mostTogether bounds the lines of one message.
const mostTogether = 200

// bundle is what is sent as one message.
type bundle struct {
	id    string
	lines []Line // in the order of their acts
}

// claim leases messages that are due: lines of one bunch become one bundle, which
// is fixed here, before the first attempt. Several nodes lease different ones.
func (s *Service) claim(ctx context.Context, channels []string, most int, gather time.Duration) ([]bundle, error) {
	if len(channels) == 0 {
		return nil, nil
	}
	now := s.Clock.Now()
	until := now.Add(leaseLength)
	args := []any{now, most}
	for _, c := range channels {
		args = append(args, c)
	}
	var out []bundle
	err := s.DB.Commit(ctx, func(tx *db.Tx) error {
		out = nil
		rows, err := tx.Rows(`SELECT `+lineColumns+` FROM notice_message WHERE status = 'waiting' AND channel IN `+db.In(3, len(channels))+`
			AND due <= $1 AND lease <= $1 ORDER BY urgency, due, id LIMIT $2`, args...)
		if err != nil {
			return err
		}
		leaders, err := scanLines(rows)
		if err != nil {
			return err
		}
		for _, l := range leaders {
			b := bundle{id: l.Bundle}
			var n int64
			if b.id == "" {
				b.id = l.ID
				n, err = tx.Exec(`UPDATE notice_message SET bundle = $1, holder = $2, lease = $3 WHERE id IN (SELECT id FROM notice_message
					WHERE status = 'waiting' AND bunch = $4 AND bundle = '' AND lease <= $5 AND due <= $6 ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 END, due, id LIMIT $7)
					AND bundle = '' AND status = 'waiting'`, b.id, s.holder, until, l.Bunch, now, now.Add(gather), mostTogether)
			} else {
				n, err = tx.Exec(`UPDATE notice_message SET holder = $2, lease = $3 WHERE bundle = $1 AND status = 'waiting' AND lease <= $4`, b.id, s.holder, until, now)
			}
			if err != nil {
				return err
			}
			if n == 0 { // it went with another, or another node has it
				continue
			}
			if rows, err = tx.Rows(`SELECT `+lineColumns+` FROM notice_message WHERE bundle = $1 AND holder = $2 AND status = 'waiting' ORDER BY recorded, id`, b.id, s.holder); err != nil {
				return err
			}
			if b.lines, err = scanLines(rows); err != nil {
				return err
			}
			out = append(out, b)
		}
		return nil
	})
	return out, err
}

// outcome is what became of a bundle, or of one of its lines.
type outcome struct {
	status, sender, ref, problem string
	due                          clock.Instant // of the next attempt, where it still waits
	attempt                      int
}

// finish notes what became of a bundle that this node holds.
func (s *Service) finish(ctx context.Context, b bundle, o outcome) error {
	now := s.Clock.Now()
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE notice_message SET status = $3, sender = $4, ref = $5, problem = $6, due = CASE WHEN CAST($7 AS BIGINT) > 0 THEN CAST($7 AS BIGINT) ELSE due END,
			attempts = attempts + $8, lease = 0, changed = $9, day = $10 WHERE bundle = $1 AND holder = $2 AND status = 'waiting'`,
			b.id, s.holder, o.status, o.sender, o.ref, o.problem, o.due, o.attempt, now, int64(now.Day()))
		return err
	})
}

// drop suppresses single lines of a bundle that was not tried yet.
func (s *Service) drop(ctx context.Context, lines []Line, why string) error {
	now := s.Clock.Now()
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		for _, l := range lines {
			if _, err := tx.Exec(`UPDATE notice_message SET status = 'suppressed', problem = $3, lease = 0, changed = $4, day = $5
				WHERE id = $1 AND holder = $2 AND status = 'waiting'`, l.ID, s.holder, why, now, int64(now.Day())); err != nil {
				return err
			}
		}
		return nil
	})
}

// States are the senders that ever sent or failed, by name.
func (s *Service) States(ctx context.Context) (map[string]SenderState, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT name, fails, since, problem, failed, retry, worked FROM notice_sender ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]SenderState{}
	for rows.Next() {
		var st SenderState
		if err := rows.Scan(&st.Name, &st.Fails, &st.Since, &st.Problem, &st.Failed, &st.Retry, &st.Worked); err != nil {
			return nil, err
		}
		out[st.Name] = st
	}
	return out, rows.Err()
}

// failing notes that a sender as a whole failed once more.
func (s *Service) failing(ctx context.Context, name, problem string, now clock.Instant, pause func(fails int) time.Duration) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		var fails int
		if err := tx.Row(`INSERT INTO notice_sender(name, fails, since, problem, failed, retry, worked) VALUES ($1,1,$2,$3,$2,$2,0)
			ON CONFLICT (name) DO UPDATE SET fails = notice_sender.fails + 1, since = CASE WHEN notice_sender.fails = 0 THEN excluded.since ELSE notice_sender.since END,
			problem = excluded.problem, failed = excluded.failed RETURNING fails`, name, now, problem).Scan(&fails); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE notice_sender SET retry = $2 WHERE name = $1`, name, now.Add(pause(fails)))
		return err
	})
}

// working notes that a sender works.
func (s *Service) working(ctx context.Context, name string, now clock.Instant) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO notice_sender(name, fails, since, problem, failed, retry, worked) VALUES ($1,0,0,'',0,0,$2)
			ON CONFLICT (name) DO UPDATE SET fails = 0, worked = excluded.worked, retry = 0`, name, now)
		return err
	})
}
