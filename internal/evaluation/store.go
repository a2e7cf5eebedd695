package evaluation

import (
	"context"
	"embed"
	"errors"
	"io/fs"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
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

const partColumns = `indicator, month, area, unit, class, channel, sealed, n, whole`

// known reads what stands of some cases.
func (s *Service) known(ctx context.Context, ids []string) (map[string]known, error) {
	out := map[string]known{}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	rows, err := s.d.Reader().Rows(ctx, `SELECT c.case_id, c.print, COALESCE(p.tries, 0) FROM evaluation_case c
		LEFT JOIN evaluation_parked p ON p.case_id = c.case_id WHERE c.case_id IN `+db.In(1, len(ids)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var k known
		var tries int64
		if err := rows.Scan(&id, &k.print, &tries); err != nil {
			return nil, err
		}
		k.parked = tries > 0
		out[id] = k
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	parts, err := s.d.Reader().Rows(ctx, `SELECT case_id, `+partColumns+` FROM evaluation_part WHERE case_id IN `+db.In(1, len(ids)), args...)
	if err != nil {
		return nil, err
	}
	defer parts.Close()
	for parts.Next() {
		var id string
		var p Contribution
		if err := parts.Scan(&id, &p.Indicator, &p.Month, &p.Area, &p.Unit, &p.Class, &p.Channel, &p.Sealed, &p.N, &p.Of); err != nil {
			return nil, err
		}
		k := out[id]
		k.parts = append(k.parts, p)
		out[id] = k
	}
	return out, parts.Err()
}

// write applies changes to cases, parts and cells. It is refused with errMoved
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
		return errMoved
	}
	if err := writeParked(tx, c); err != nil {
		return err
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
		if _, err := tx.Exec(`INSERT INTO evaluation_part(case_id, `+partColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
			ON CONFLICT (case_id, indicator) DO UPDATE SET month = excluded.month, area = excluded.area, unit = excluded.unit, class = excluded.class,
			channel = excluded.channel, sealed = excluded.sealed, n = excluded.n, whole = excluded.whole`,
			c.caseID, p.Indicator, p.Month, p.Area, p.Unit, p.Class, p.Channel, p.Sealed, p.N, p.Of); err != nil {
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

func writeParked(tx *db.Tx, c change) error {
	if p := c.parked; p != nil {
		_, err := tx.Exec(`INSERT INTO evaluation_parked(case_id, act_id, number, tries, problem, recorded) VALUES ($1, $2, $3, 1, $4, $5)
			ON CONFLICT (case_id) DO UPDATE SET act_id = excluded.act_id, number = excluded.number, tries = evaluation_parked.tries + 1,
			problem = excluded.problem, recorded = excluded.recorded`, p.Case, p.Act, p.Number, p.Problem, p.At)
		return err
	}
	if !c.was.parked {
		return nil
	}
	_, err := tx.Exec(`DELETE FROM evaluation_parked WHERE case_id = $1`, c.caseID)
	return err
}

func writeCell(tx *db.Tx, at cell, by Sum) error {
	if _, err := tx.Exec(`INSERT INTO evaluation_count(grain, `+partColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
		ON CONFLICT (grain, indicator, month, area, unit, class, channel, sealed) DO UPDATE SET n = evaluation_count.n + excluded.n, whole = evaluation_count.whole + excluded.whole`,
		int64(at.grain), at.indicator, at.Month, at.Area, at.Unit, at.Class, at.Channel, at.Sealed, by.N, by.Of); err != nil {
		return err
	}
	if by.N >= 0 && by.Of >= 0 {
		return nil
	}
	_, err := tx.Exec(`DELETE FROM evaluation_count WHERE grain = $1 AND indicator = $2 AND month = $3 AND area = $4 AND unit = $5 AND class = $6 AND channel = $7 AND sealed = $8
		AND n = 0 AND whole = 0`, int64(at.grain), at.indicator, at.Month, at.Area, at.Unit, at.Class, at.Channel, at.Sealed)
	return err
}

// mark notes by which indicators was reckoned and when the newest leaf was read.
func mark(tx *db.Tx, print string, read clock.Instant) error {
	_, err := tx.Exec(`INSERT INTO evaluation_state(id, print, read) VALUES (1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET print = excluded.print, read = excluded.read`, print, read)
	return err
}

// stands is what mark noted; "" and 0 where nothing was.
func (s *Service) stands(ctx context.Context) (print string, read clock.Instant, err error) {
	err = s.d.Reader().Row(ctx, `SELECT print, read FROM evaluation_state WHERE id = 1`).Scan(&print, &read)
	if errors.Is(err, db.NoRows) {
		return "", 0, nil
	}
	return print, read, err
}

// clear empties everything and sets the reader back, in one transaction.
func (s *Service) clear(ctx context.Context, print string) error {
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		for _, text := range []string{`DELETE FROM evaluation_parked`, `DELETE FROM evaluation_count`, `DELETE FROM evaluation_part`, `DELETE FROM evaluation_case`} {
			if _, err := tx.Exec(text); err != nil {
				return err
			}
		}
		if err := mark(tx, print, 0); err != nil {
			return err
		}
		return s.log.Rewind(tx, Reader, 0)
	})
}

// Parked lists cases that could not be counted, those tried longest ago first.
func (s *Service) Parked(ctx context.Context, most int) ([]Parked, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT case_id, act_id, number, tries, problem, recorded FROM evaluation_parked ORDER BY recorded, case_id LIMIT $1`, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Parked
	for rows.Next() {
		var p Parked
		if err := rows.Scan(&p.Case, &p.Act, &p.Number, &p.Tries, &p.Problem, &p.At); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// State tells how far the figures are.
func (s *Service) State(ctx context.Context) (st State, err error) {
	if err = s.d.Reader().Row(ctx, `SELECT (SELECT COUNT(*) FROM evaluation_case), (SELECT COUNT(*) FROM evaluation_parked)`).Scan(&st.Cases, &st.Parked); err != nil {
		return st, err
	}
	st.Cases -= st.Parked
	if _, st.Read, err = s.stands(ctx); err != nil {
		return st, err
	}
	cursors, err := s.log.Cursors(ctx)
	if err != nil {
		return st, err
	}
	found := false
	for _, c := range cursors {
		if c.Reader == Reader {
			st.Behind, found = c.Behind, true
		}
	}
	if !found {
		refs, err := s.log.Next(ctx, Reader, 1)
		if err != nil {
			return st, err
		}
		st.Behind = int64(len(refs))
	}
	return st, nil
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
