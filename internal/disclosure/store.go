package disclosure

import (
	"context"
	"embed"
	"io/fs"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/privacy"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "disclosure", files)
}

// loadPrivacy makes the privacy check of an edition.
func loadPrivacy(files fs.FS) (*privacy.Check, error) { return privacy.Load(files, privacyFile) }

// clear empties the rows before the log is read again.
func clear(tx *db.Tx) error {
	if _, err := tx.Exec(`DELETE FROM disclosure_case`); err != nil {
		return err
	}
	return tx.BumpEpoch(epoch)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// put keeps the row of a case, unless a newer reading stands already.
func put(tx *db.Tx, r row) error {
	_, err := tx.Exec(`INSERT INTO disclosure_case(case_id, procedure, item, col, area, period, about, state, waiting, due, opened, published, over, persons, acts)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)
		ON CONFLICT (case_id) DO UPDATE SET item = $3, col = $4, area = $5, period = $6, about = $7, state = $8, waiting = $9, due = $10, opened = $11,
			published = $12, over = $13, persons = $14, acts = $15
		WHERE disclosure_case.acts <= $15`,
		r.Case, r.Procedure, r.Item, r.Column, r.Area, r.Period, r.About, r.State, flag(r.Waiting), r.Due, r.Opened, r.Published, r.Over, flag(r.Persons), r.Acts)
	return err
}

func (s *Service) rowsOf(ctx context.Context, where string, args ...any) ([]row, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT case_id, procedure, item, col, area, period, about, state, waiting, due, opened, published, over, persons
		FROM disclosure_case WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		var r row
		var waiting, persons int64
		if err := rows.Scan(&r.Case, &r.Procedure, &r.Item, &r.Column, &r.Area, &r.Period, &r.About, &r.State, &waiting, &r.Due, &r.Opened, &r.Published, &r.Over, &persons); err != nil {
			return nil, err
		}
		r.Waiting, r.Persons = waiting == 1, persons == 1
		out = append(out, r)
	}
	return out, rows.Err()
}

// mostShown bounds the publications of one board's page.
const mostShown = 300

// published lists what an area has published, the newest first.
func (s *Service) published(ctx context.Context, code string) ([]row, error) {
	return s.rowsOf(ctx, `area = $1 AND published > 0 AND procedure <> $2 ORDER BY published DESC, case_id DESC LIMIT $3`, code, Questions, mostShown)
}

// about lists the questions about a publication, the oldest first.
func (s *Service) about(ctx context.Context, id string) ([]string, error) {
	rows, err := s.rowsOf(ctx, `about = $1 ORDER BY opened, case_id`, id)
	out := make([]string, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.Case)
	}
	return out, err
}

// owed lists what is due of one area, what is due first first.
func (s *Service) owed(ctx context.Context, code string) ([]row, error) {
	return s.rowsOf(ctx, `waiting = 1 AND area = $1 ORDER BY due, case_id LIMIT 500`, code)
}

// Village is how much one village or community owes.
type Village struct {
	Area          string
	Open, Overdue int64
	First         clock.Instant // the earliest day by which something is due
}

// waiting counts what each village and community under an area owes of which there
// is a case.
func (s *Service) waiting(ctx context.Context, under string, now clock.Instant) ([]Village, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT area, COUNT(*), SUM(CASE WHEN due > 0 AND due <= $3 THEN 1 ELSE 0 END), MIN(due)
		FROM disclosure_case WHERE waiting = 1 AND area >= $1 AND area < $2 GROUP BY area`, under, under+":", now)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Village
	for rows.Next() {
		var v Village
		if err := rows.Scan(&v.Area, &v.Open, &v.Overdue, &v.First); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// elsewhere tells of the periods that another procedure has published or begun
// under an area since a day.
func (s *Service) elsewhere(ctx context.Context, name, under string, since clock.Day) (done, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT area, period, published > 0, case_id, state FROM disclosure_case
		WHERE procedure = $1 AND procedure <> 'disclosure' AND area >= $2 AND area < $3 AND opened >= $4 AND (published > 0 OR over = 0)`, name, under, under+":", since.Start())
	if err != nil {
		return done{}, err
	}
	defer rows.Close()
	out := done{published: map[inMonth]bool{}, begun: map[[2]string][2]string{}}
	for rows.Next() {
		var code, period, id, state string
		var published bool
		if err := rows.Scan(&code, &period, &published, &id, &state); err != nil {
			return out, err
		}
		if !published {
			out.begun[[2]string{code, period}] = [2]string{id, state}
			continue
		}
		first, last := monthsOf(period)
		for m := first; m <= last; m++ {
			out.published[inMonth{code, m}] = true
		}
	}
	return out, rows.Err()
}

// epochNow is the state of all boards.
func (s *Service) epochNow(ctx context.Context) (n int64, err error) {
	err = s.DB.Reader().Row(ctx, `SELECT COALESCE(MAX(value), 0) FROM kit_epoch WHERE name = $1`, epoch).Scan(&n)
	return n, err
}
