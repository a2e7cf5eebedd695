package casework

import (
	"context"
	"maps"
	"slices"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/ledger"
)

const countFollowers = `SELECT COUNT(*) FROM casework_case WHERE leader = $1 AND leader <> '' AND followed >= $2`

// followers counts the cases that follow now and have come as far as seq.
func (s *Service) followers(ctx context.Context, id string, seq int64) (n int, err error) {
	err = s.DB.Reader().Row(ctx, countFollowers, id, seq).Scan(&n)
	return n, err
}

// passed reports whether an act of a leading case was, or will be, passed on to
// somebody.
func (s *Service) passed(ctx context.Context, leader string, seq int64) (bool, error) {
	var n int
	err := s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM casework_pass WHERE leader = $1 AND seq = $2`, leader, seq).Scan(&n)
	return n > 0, err
}

// lockLeader locks the leading case's row where the act relied on it, before the
// own one: what changes the leading case waits, so that nobody joins a case that
// is being closed.
func (p *plan) lockLeader(tx *db.Tx) error {
	if p.leads == nil {
		return nil
	}
	n, err := tx.Exec(`UPDATE casework_case SET leader = leader WHERE id = $1 AND version = $2`, p.leads.ID, p.leads.Version)
	if err == nil && n == 0 {
		err = errAgain
	}
	return err
}

// writeFollowing notes an act that is to be passed on, counts a quiet one, and
// compares whether anybody has begun to follow meanwhile. The case row is locked:
// who joins locks it first.
func (p *plan) writeFollowing(tx *db.Tx, seq int64) error {
	r, n := &p.row, 0
	if r.Delta.Quiet {
		_, err := tx.Exec(`INSERT INTO casework_count(case_id, act, n) VALUES ($1, $2, 1)
			ON CONFLICT (case_id, act) DO UPDATE SET n = casework_count.n + 1`, r.CaseID, r.Act)
		return err
	}
	if p.alone > 0 {
		if err := tx.Row(countFollowers, r.CaseID, p.alone).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return errAgain
		}
	}
	if !r.Delta.Passes {
		return nil
	}
	if err := tx.Row(countFollowers, r.CaseID, 1).Scan(&n); err != nil || n == 0 {
		return err
	}
	_, err := tx.Exec(`INSERT INTO casework_pass(leader, seq, act_id, recorded, done) VALUES ($1, $2, $3, $4, 0)`, r.CaseID, seq, r.ID, r.Recorded)
	return err
}

// passing lists leading cases that have something to pass on.
func (s *Service) passing(ctx context.Context) ([]string, error) {
	return db.Column[string](ctx, s.DB.Reader(), `SELECT DISTINCT leader FROM casework_pass WHERE done = 0 ORDER BY leader`)
}

// waitingPasses are the acts of a leading case that somebody has not had yet, by
// their place in it.
func (s *Service) waitingPasses(ctx context.Context, leader string) ([]int64, error) {
	return db.Column[int64](ctx, s.DB.Reader(), `SELECT seq FROM casework_pass WHERE leader = $1 AND done = 0 ORDER BY seq`, leader)
}

// behind lists followers that have not come as far as seq.
func (s *Service) behind(ctx context.Context, leader string, seq int64, after string, limit int) ([]string, error) {
	return db.Column[string](ctx, s.DB.Reader(), `SELECT id FROM casework_case WHERE leader = $1 AND leader <> '' AND followed > 0 AND followed < $2 AND id > $3
		ORDER BY id LIMIT $4`, leader, seq, after, limit)
}

// passedAll marks acts as passed on where no follower waits for them any more.
func (s *Service) passedAll(ctx context.Context, leader string, seqs []int64, now clock.Instant) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		for _, seq := range seqs {
			if _, err := tx.Exec(`UPDATE casework_pass SET done = $3 WHERE leader = $1 AND seq = $2 AND done = 0 AND NOT EXISTS (
				SELECT 1 FROM casework_case WHERE leader = $1 AND leader <> '' AND followed > 0 AND followed < $2)`, leader, seq, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// countsOf is how often each quiet act was done on one case.
func (s *Service) countsOf(ctx context.Context, q db.Query, id string) (map[string]int64, error) {
	rows, err := q.Rows(ctx, `SELECT act, n FROM casework_count WHERE case_id = $1`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var act string
		var n int64
		if err := rows.Scan(&act, &n); err != nil {
			return nil, err
		}
		out[act] = n
	}
	return out, rows.Err()
}

// counts compares how often each quiet act was done.
func (v *Verification) counts(q db.Query, acts []ActRow, ref ledger.Ref) error {
	kept, err := v.s.countsOf(v.ctx, q, ref.Case)
	if err != nil {
		return err
	}
	own := map[string]int64{}
	for _, a := range acts {
		if a.Delta.Quiet {
			own[a.Act]++
		}
	}
	if !maps.Equal(kept, own) {
		v.add(ledger.NewFinding("casework", CountChanged, ref))
	}
	return nil
}

// behind finds followers that lack an act of their leading case which nobody is
// going to pass on to them any more.
func (v *Verification) behind(q db.Query) error {
	rows, err := q.Rows(v.ctx, `SELECT f.id, a.id FROM casework_case f JOIN casework_act a ON a.case_id = f.leader AND a.seq > f.followed
		WHERE f.leader <> '' AND f.followed > 0 AND a.delta LIKE '%"passes":true%'
		AND NOT EXISTS (SELECT 1 FROM casework_pass p WHERE p.leader = f.leader AND p.seq = a.seq AND p.done = 0) LIMIT 100`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		ref := ledger.Ref{Number: -1}
		if err := rows.Scan(&ref.Case, &ref.ID); err != nil {
			return err
		}
		v.add(ledger.NewFinding("casework", FollowLost, ref))
	}
	return rows.Err()
}

// Heard is how many people a case speaks for beside its own reporter.
type Heard struct {
	Voices    int64 // quiet acts of one name, on the case and on those that follow it
	Followers int64 // cases that follow it or were answered with it
}

// People is how many others there are.
func (h Heard) People() int64 { return h.Voices + h.Followers }

// Heard counts for each case the quiet acts of one name and the cases that
// follow it, with two queries for a whole page of cases.
func (s *Service) Heard(ctx context.Context, act string, ids []string) (map[string]Heard, error) {
	out := map[string]Heard{}
	for part := range slices.Chunk(ids, scanBatch) {
		args := []any{act}
		for _, id := range part {
			args = append(args, id)
		}
		in := db.In(2, len(part))
		err := s.tally(ctx, out, `SELECT c.led, SUM(k.n), 0 FROM casework_count k JOIN (
			SELECT id, id AS led FROM casework_case WHERE id IN `+in+`
			UNION ALL SELECT id, leader FROM casework_case WHERE leader <> '' AND leader IN `+in+`) c ON c.id = k.case_id
			WHERE k.act = $1 GROUP BY c.led`, args...)
		if err != nil {
			return nil, err
		}
		if err := s.tally(ctx, out, `SELECT leader, 0, COUNT(*) FROM casework_case WHERE leader <> '' AND leader IN `+db.In(1, len(part))+` GROUP BY leader`, args[1:]...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) tally(ctx context.Context, into map[string]Heard, query string, args ...any) error {
	rows, err := s.DB.Reader().Rows(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var h Heard
		if err := rows.Scan(&id, &h.Voices, &h.Followers); err != nil {
			return err
		}
		had := into[id]
		into[id] = Heard{had.Voices + h.Voices, had.Followers + h.Followers}
	}
	return rows.Err()
}
