package command

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
	return d.Migrate(ctx, "command", files)
}

const rowColumns = `case_id, number, procedure, state, kind, live, decides, unplaced, child, class, area, unit, sealed, placed, lon, lat,
	opened, due, breached, escalated, changed`

type scanner interface{ Scan(...any) error }

func scanRow(from scanner, more ...any) (r row, err error) {
	var live, decides, unplaced, child, placed int64
	to := []any{&r.ID, &r.Number, &r.Procedure, &r.State, &r.Kind, &live, &decides, &unplaced, &child, &r.Class, &r.Area, &r.Unit, &r.Sealed,
		&placed, &r.Lon, &r.Lat, &r.Opened, &r.Due, &r.Breached, &r.Escalated, &r.Changed}
	err = from.Scan(append(to, more...)...)
	r.Live, r.Decides, r.Unplaced, r.Child, r.Placed = live == 1, decides == 1, unplaced == 1, child == 1, placed == 1
	return r, err
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// change is what one case becomes.
type change struct {
	caseID string
	is     *row // nil: it is not counted
	seq    int64
}

// writeOne brings one case up to date. What stood before is read in the same
// transaction, so that counters always are a fold of the rows.
func writeOne(tx *db.Tx, c change, oldest clock.Day) error {
	var was *row
	switch before, err := scanRow(tx.Row(`SELECT `+rowColumns+` FROM command_case WHERE case_id = $1`, c.caseID)); {
	case err == nil:
		was = &before
	case !errors.Is(err, db.NoRows):
		return err
	}
	if was != nil && c.is != nil && *was == *c.is {
		return nil
	}
	for _, l := range leaves(was, c.is, oldest) {
		if err := move(tx, l); err != nil {
			return err
		}
	}
	if c.is == nil {
		_, err := tx.Exec(`DELETE FROM command_case WHERE case_id = $1`, c.caseID)
		return err
	}
	return put(tx, was, c)
}

func put(tx *db.Tx, was *row, c change) error {
	r := c.is
	if was == nil {
		was = r
	}
	_, err := tx.Exec(`INSERT INTO command_case(`+rowColumns+`, street, community, due_key, seq, was_area, was_unit, was_sealed)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28)
		ON CONFLICT (case_id) DO UPDATE SET number = excluded.number, procedure = excluded.procedure, state = excluded.state, kind = excluded.kind,
		live = excluded.live, decides = excluded.decides, unplaced = excluded.unplaced, child = excluded.child, class = excluded.class,
		area = excluded.area, unit = excluded.unit, sealed = excluded.sealed, placed = excluded.placed, lon = excluded.lon, lat = excluded.lat,
		opened = excluded.opened, due = excluded.due, breached = excluded.breached, escalated = excluded.escalated, changed = excluded.changed,
		street = excluded.street, community = excluded.community, due_key = excluded.due_key, seq = excluded.seq,
		was_area = excluded.was_area, was_unit = excluded.was_unit, was_sealed = excluded.was_sealed`,
		r.ID, r.Number, r.Procedure, r.State, r.Kind, bit(r.Live), bit(r.Decides), bit(r.Unplaced), bit(r.Child), r.Class, r.Area, r.Unit, r.Sealed,
		bit(r.Placed), r.Lon, r.Lat, r.Opened, r.Due, r.Breached, r.Escalated, r.Changed,
		cut(r.Area, 9), cut(r.Area, communityDigits), r.dueKey(), c.seq, was.Area, was.Unit, was.Sealed)
	return err
}

// move adds to one counter. A counter of received cases that is not there any
// more stays away; one that comes to nothing goes.
func move(tx *db.Tx, l leaf) error {
	const where = ` WHERE what = $1 AND level = $2 AND area = $3 AND day = $4 AND unit = $5 AND procedure = $6 AND class = $7 AND state = $8 AND sealed = $9`
	key := []any{l.What, l.Level, l.Area, l.Day, l.Unit, l.Procedure, l.Class, l.State, l.Seal}
	if l.Move > 0 {
		_, err := tx.Exec(`INSERT INTO command_count(what, level, area, day, unit, procedure, class, state, sealed, n) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
			ON CONFLICT (what, level, area, day, unit, procedure, class, state, sealed) DO UPDATE SET n = command_count.n + excluded.n`, append(key, l.Move)...)
		return err
	}
	var left int64
	err := tx.Row(`UPDATE command_count SET n = n + $10`+where+` RETURNING n`, append(key, l.Move)...).Scan(&left)
	if errors.Is(err, db.NoRows) {
		return nil
	}
	if err == nil && left <= 0 {
		_, err = tx.Exec(`DELETE FROM command_count`+where, key...)
	}
	return err
}

// clear empties rows and counters.
func (s *Service) clear(tx *db.Tx) error {
	for _, text := range []string{`DELETE FROM command_count`, `DELETE FROM command_case`} {
		if _, err := tx.Exec(text); err != nil {
			return err
		}
	}
	return nil
}

// forget drops the counters of received cases of days that no page compares.
func (s *Service) forget(ctx context.Context) error {
	oldest := s.oldest()
	var some int
	err := s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM command_count WHERE what = $1 AND day < $2 LIMIT 1) few`, countReceived, int64(oldest)).Scan(&some)
	if err != nil || some == 0 {
		return err
	}
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM command_count WHERE what = $1 AND day < $2`, countReceived, int64(oldest))
		return err
	})
}

// State tells how far the reader is.
func (s *Service) State(ctx context.Context) (st State, err error) {
	if st.Standing, err = s.Standing(ctx); err != nil {
		return st, err
	}
	st.AsOf = s.clk.Now()
	if st.Behind > 0 {
		err = s.d.Reader().Row(ctx, `SELECT COALESCE(MAX(changed), 0) FROM (SELECT changed FROM command_case ORDER BY seq DESC LIMIT 1) last`).Scan(&st.AsOf)
	}
	return st, err
}

// seen is a row as the hub looks at it: where it stands and where it stood.
type seen struct {
	ID, Procedure         string
	Area, Unit, Sealed    string
	WasArea, WasUnit, Was string
	Seq                   int64
}

// changedAfter lists rows that leaves after seq changed, in their order.
func (s *Service) changedAfter(ctx context.Context, seq int64, most int) ([]seen, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT case_id, procedure, area, unit, sealed, was_area, was_unit, was_sealed, seq FROM command_case
		WHERE seq > $1 ORDER BY seq LIMIT $2`, seq, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []seen
	for rows.Next() {
		var c seen
		if err := rows.Scan(&c.ID, &c.Procedure, &c.Area, &c.Unit, &c.Sealed, &c.WasArea, &c.WasUnit, &c.Was, &c.Seq); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// newest is the leaf that changed a row last; -1 where there is none.
func (s *Service) newest(ctx context.Context) (seq int64, err error) {
	err = s.d.Reader().Row(ctx, `SELECT COALESCE(MAX(seq), -1) FROM command_case`).Scan(&seq)
	return seq, err
}
