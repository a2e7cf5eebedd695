package staff

import (
	"context"
	"database/sql"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// collect reads all rows with scan.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func insertHandover(tx *db.Tx, h Handover, token string) error {
	_, err := tx.Exec(`INSERT INTO staff_handover(id, token, person, reason, state, made_by, agreed, recorded, finished) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,0)`,
		h.ID, token, h.Person, h.Reason, h.State, h.MadeBy, h.Agreed, h.Recorded)
	if err != nil {
		return err
	}
	for _, i := range h.Items {
		_, err := tx.Exec(`INSERT INTO staff_handover_item(handover, n, kind, thing, label, receiver, state, fault) VALUES ($1,$2,$3,$4,$5,$6,$7,'')`,
			h.ID, i.N, i.Kind, i.Thing, i.Label, i.Receiver, i.State)
		if err != nil {
			return err
		}
	}
	return nil
}

const handoverColumns = `id, person, reason, state, made_by, agreed, recorded, finished`

func scanHandover(r *sql.Rows) (h Handover, err error) {
	err = r.Scan(&h.ID, &h.Person, &h.Reason, &h.State, &h.MadeBy, &h.Agreed, &h.Recorded, &h.Finished)
	return h, err
}

// handoverBy finds one by its id or the token of its form. Fault: NotFound.
func (s *Service) handoverBy(ctx context.Context, column, value string) (Handover, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+handoverColumns+` FROM staff_handover WHERE `+column+` = $1`, value)
	list, err := collect(rows, err, scanHandover)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "staff.no_handover")
	}
	if err != nil {
		return Handover{}, err
	}
	h := list[0]
	rows, err = s.DB.Reader().Rows(ctx, `SELECT n, kind, thing, label, receiver, state, fault FROM staff_handover_item WHERE handover = $1 ORDER BY n`, h.ID)
	h.Items, err = collect(rows, err, func(r *sql.Rows) (i Item, err error) {
		err = r.Scan(&i.N, &i.Kind, &i.Thing, &i.Label, &i.Receiver, &i.State, &i.Fault)
		return i, err
	})
	return h, err
}

// Handovers are the hand-overs of one person, the newest first. It checks no right.
func (s *Service) Handovers(ctx context.Context, person string) ([]Handover, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+handoverColumns+` FROM staff_handover WHERE person = $1 ORDER BY id DESC LIMIT 20`, person)
	return collect(rows, err, scanHandover)
}

// asked are the hand-overs that wait for a second person.
func (s *Service) asked(ctx context.Context) ([]Handover, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+handoverColumns+` FROM staff_handover WHERE state = 'asked' ORDER BY id LIMIT 200`)
	return collect(rows, err, scanHandover)
}

func (s *Service) running(ctx context.Context) ([]string, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT id FROM staff_handover WHERE state = 'running' ORDER BY id LIMIT 50`)
	return collect(rows, err, func(r *sql.Rows) (id string, err error) { err = r.Scan(&id); return id, err })
}

const dutyColumns = `id, unit, kind, day, begins, ends, person`

func scanDuty(r *sql.Rows) (d Duty, err error) {
	var day int64
	err = r.Scan(&d.ID, &d.Unit, &d.Kind, &day, &d.From, &d.Until, &d.Person)
	d.Day = clock.Day(day)
	return d, err
}

func (s *Service) duties(ctx context.Context, where string, args ...any) ([]Duty, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+dutyColumns+` FROM staff_roster WHERE `+where+` ORDER BY begins, kind, id`, args...)
	return collect(rows, err, scanDuty)
}

// dutiesOf are the times on duty a person still has before them, as published.
func (s *Service) dutiesOf(ctx context.Context, person string, now clock.Instant) ([]Duty, error) {
	return s.duties(ctx, `person = $1 AND state = 'published' AND ends > $2`, person, now)
}

// month reads a month of a unit: its draft where there is one.
func (s *Service) month(ctx context.Context, unit, month string) (Month, error) {
	m := Month{Unit: unit, Month: month}
	rows, err := s.DB.Reader().Rows(ctx, `SELECT phone, version, published, by_person FROM staff_month WHERE unit = $1 AND month = $2`, unit, month)
	_, err = collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		return struct{}{}, r.Scan(&m.Phone, &m.Version, &m.Published, &m.By)
	})
	if err != nil {
		return m, err
	}
	if m.Duties, err = s.duties(ctx, `unit = $1 AND month = $2 AND state = 'draft'`, unit, month); err != nil {
		return m, err
	}
	if m.Draft = len(m.Duties) > 0; !m.Draft {
		m.Duties, err = s.duties(ctx, `unit = $1 AND month = $2 AND state = 'published'`, unit, month)
	}
	return m, err
}

// writeMonth puts duties in the place of those of one state, if nobody changed
// the month meanwhile. Fault: Stale staff.month_moved.
func writeMonth(tx *db.Tx, m Month, version int64, states []string, as string) error {
	if version == 0 {
		if _, err := tx.Exec(`INSERT INTO staff_month(unit, month, phone, version, published, by_person) VALUES ($1,$2,'',0,0,'') ON CONFLICT (unit, month) DO NOTHING`, m.Unit, m.Month); err != nil {
			return err
		}
	}
	n, err := tx.Exec(`UPDATE staff_month SET phone = $3, version = version + 1, published = $4, by_person = $5 WHERE unit = $1 AND month = $2 AND version = $6`,
		m.Unit, m.Month, m.Phone, m.Published, m.By, version)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Stale, "staff.month_moved")
	}
	for _, state := range states {
		if _, err := tx.Exec(`DELETE FROM staff_roster WHERE unit = $1 AND month = $2 AND state = $3`, m.Unit, m.Month, state); err != nil {
			return err
		}
	}
	for _, d := range m.Duties {
		_, err := tx.Exec(`INSERT INTO staff_roster(id, unit, month, state, kind, day, begins, ends, person) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
			d.ID, m.Unit, m.Month, as, d.Kind, int64(d.Day), d.From, d.Until, d.Person)
		if err != nil {
			return err
		}
	}
	return nil
}
