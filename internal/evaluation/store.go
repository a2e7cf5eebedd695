package evaluation

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"slices"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/ledger"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "evaluation", files)
}

// chunk is how many cases are asked for at once.
const chunk = 200

const partColumns = `indicator, month, area, unit, class, channel, other, sealed, n, whole`

// known reads what stands of the cases that are due.
func (s *Service) known(ctx context.Context, due []ledger.Due) (map[string]known, error) {
	out := map[string]known{}
	for some := range slices.Chunk(due, chunk) {
		args := make([]any, chunk) // always as many, for one shape of statement
		for i := range args {
			args[i] = some[min(i, len(some)-1)].Case
		}
		if err := s.knownOf(ctx, args, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) knownOf(ctx context.Context, ids []any, out map[string]known) error {
	rows, err := s.d.Reader().Rows(ctx, `SELECT case_id, print FROM evaluation_case WHERE case_id IN `+db.In(1, len(ids)), ids...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var k known
		if err := rows.Scan(&id, &k.print); err != nil {
			return err
		}
		out[id] = k
	}
	if err := rows.Err(); err != nil {
		return err
	}
	parts, err := s.d.Reader().Rows(ctx, `SELECT case_id, `+partColumns+` FROM evaluation_part WHERE case_id IN `+db.In(1, len(ids)), ids...)
	if err != nil {
		return err
	}
	defer parts.Close()
	for parts.Next() {
		var id string
		var p Contribution
		if err := parts.Scan(&id, &p.Indicator, &p.Month, &p.Area, &p.Unit, &p.Class, &p.Channel, &p.Other, &p.Sealed, &p.N, &p.Of); err != nil {
			return err
		}
		k := out[id]
		k.parts = append(k.parts, p)
		out[id] = k
	}
	return parts.Err()
}

// write applies changes to cases, parts and cells. It is refused with ErrMoved
// where a case does not stand as it was seen.
func write(tx *db.Tx, changes []change) error {
	for _, c := range changes {
		if err := writeCase(tx, c); err != nil {
			return err
		}
	}
	order, sums := moves(changes)
	for _, at := range order {
		if err := writeCell(tx, at, sums[at]); err != nil {
			return err
		}
	}
	return nil
}

func writeCase(tx *db.Tx, c change) error {
	var n int64
	var err error
	if c.fresh {
		n, err = tx.Exec(`INSERT INTO evaluation_case(case_id, print) VALUES ($1, $2) ON CONFLICT (case_id) DO NOTHING`, c.caseID, c.print)
	} else {
		n, err = tx.Exec(`UPDATE evaluation_case SET print = $2 WHERE case_id = $1 AND print = $3`, c.caseID, c.print, c.was.print)
	}
	if err != nil {
		return err
	}
	if n != 1 {
		return ledger.ErrMoved
	}
	if c.print == c.was.print {
		return nil
	}
	old := map[string]Contribution{}
	for _, p := range c.was.parts {
		old[p.Indicator] = p
	}
	for _, p := range c.parts {
		was, had := old[p.Indicator]
		delete(old, p.Indicator)
		if had && was == p {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO evaluation_part(case_id, `+partColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
			ON CONFLICT (case_id, indicator) DO UPDATE SET month = excluded.month, area = excluded.area, unit = excluded.unit, class = excluded.class,
			channel = excluded.channel, other = excluded.other, sealed = excluded.sealed, n = excluded.n, whole = excluded.whole`,
			c.caseID, p.Indicator, p.Month, p.Area, p.Unit, p.Class, p.Channel, p.Other, p.Sealed, p.N, p.Of); err != nil {
			return err
		}
	}
	for indicator := range old {
		if _, err := tx.Exec(`DELETE FROM evaluation_part WHERE case_id = $1 AND indicator = $2`, c.caseID, indicator); err != nil {
			return err
		}
	}
	return nil
}

func writeCell(tx *db.Tx, at cell, by Sum) error {
	if _, err := tx.Exec(`INSERT INTO evaluation_count(grain, `+partColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
		ON CONFLICT (grain, indicator, month, area, unit, class, channel, other, sealed) DO UPDATE SET n = evaluation_count.n + excluded.n, whole = evaluation_count.whole + excluded.whole`,
		int64(at.grain), at.indicator, at.Month, at.Area, at.Unit, at.Class, at.Channel, at.Other, at.Sealed, by.N, by.Of); err != nil {
		return err
	}
	if by.N >= 0 && by.Of >= 0 {
		return nil
	}
	_, err := tx.Exec(`DELETE FROM evaluation_count WHERE grain = $1 AND indicator = $2 AND month = $3 AND area = $4 AND unit = $5 AND class = $6 AND channel = $7 AND other = $8 AND sealed = $9
		AND n = 0 AND whole = 0`, int64(at.grain), at.indicator, at.Month, at.Area, at.Unit, at.Class, at.Channel, at.Other, at.Sealed)
	return err
}

// mark notes by which indicators was reckoned and when the newest leaf was read.
func mark(tx *db.Tx, print string, read clock.Instant) error {
	_, err := tx.Exec(`INSERT INTO evaluation_state(id, print, read) VALUES (1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET print = excluded.print, read = excluded.read`, print, read)
	return err
}

// reckonedBy is the print that mark noted: "" after a clear, and stands is false
// where nothing was ever noted.
func (s *Service) reckonedBy(ctx context.Context) (print string, stands bool, err error) {
	err = s.d.Reader().Row(ctx, `SELECT print FROM evaluation_state WHERE id = 1`).Scan(&print)
	if errors.Is(err, db.NoRows) {
		return "", false, nil
	}
	return print, err == nil, err
}

// clear empties everything.
func (s *Service) clear(tx *db.Tx) error {
	for _, text := range []string{`DELETE FROM evaluation_count`, `DELETE FROM evaluation_part`, `DELETE FROM evaluation_case`} {
		if _, err := tx.Exec(text); err != nil {
			return err
		}
	}
	return mark(tx, "", 0)
}

// State tells how far the figures are.
func (s *Service) State(ctx context.Context) (st State, err error) {
	if st.Standing, err = s.Standing(ctx); err != nil {
		return st, err
	}
	err = s.d.Reader().Row(ctx, `SELECT (SELECT COUNT(*) FROM evaluation_case), COALESCE((SELECT read FROM evaluation_state WHERE id = 1), 0)`).Scan(&st.Cases, &st.Read)
	st.Cases -= st.Parked
	return st, err
}

// moved rewrites the paths that cells and parts are sealed from when a unit moves
// in the tree.
func moved(tx *db.Tx, old, now string) error {
	for _, table := range []string{"evaluation_part", "evaluation_count"} {
		if _, err := tx.Exec(`UPDATE `+table+` SET sealed = $1 || substr(sealed, $2) WHERE substr(sealed, 1, $3) = $4`, now, len(old)+1, len(old), old); err != nil {
			return err
		}
	}
	return nil
}
