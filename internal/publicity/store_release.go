package publicity

import (
	"context"
	"encoding/json"
	"errors"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// copyRow is a copy as it is kept.
type copyRow struct {
	ID, Case, Key string
	Made          clock.Instant
	Digest, Body  string
}

const copyColumns = `id, case_id, form_key, made, digest, body`

func scanCopy(row scanner) (c copyRow, err error) {
	err = row.Scan(&c.ID, &c.Case, &c.Key, &c.Made, &c.Digest, &c.Body)
	return c, err
}

func (s *Service) copyByID(ctx context.Context, q db.Query, id string) (copyRow, bool, error) {
	return found(scanCopy(q.Row(ctx, `SELECT `+copyColumns+` FROM publicity_release WHERE id = $1`, id)))
}

func (s *Service) copyByKey(ctx context.Context, key string) (copyRow, bool, error) {
	return found(scanCopy(s.DB.Reader().Row(ctx, `SELECT `+copyColumns+` FROM publicity_release WHERE form_key = $1`, key)))
}

func found[T any](v T, err error) (T, bool, error) {
	if errors.Is(err, db.NoRows) {
		return v, false, nil
	}
	return v, err == nil, err
}

// copiesOf are the versions made of a case, the newest first.
func (s *Service) copiesOf(ctx context.Context, id string) ([]copyRow, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+copyColumns+` FROM publicity_release WHERE case_id = $1 ORDER BY id DESC LIMIT 50`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []copyRow
	for rows.Next() {
		c, err := scanCopy(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// stage keeps a copy before its act; nothing shows it yet.
func stage(tx *db.Tx, c copyRow, search string, photos []CopyPhoto) error {
	if _, err := tx.Exec(`INSERT INTO publicity_release(id, case_id, form_key, made, digest, body, search) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		c.ID, c.Case, c.Key, c.Made, c.Digest, c.Body, search); err != nil {
		return err
	}
	for _, p := range photos {
		if _, err := tx.Exec(`INSERT INTO publicity_photo(blob, release_id, case_id, gone) VALUES ($1,$2,$3,0)`, p.Blob, c.ID, c.Case); err != nil {
			return err
		}
	}
	return nil
}

// unstage takes a copy back that came to no act.
func unstage(tx *db.Tx, id string) error {
	if _, err := tx.Exec(`UPDATE publicity_photo SET gone = 1 WHERE release_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM publicity_release WHERE id = $1`, id)
	return err
}

// gonePhotos are pictures to be destroyed.
func (s *Service) gonePhotos(ctx context.Context, most int) ([]string, error) {
	return s.texts(ctx, `SELECT blob FROM publicity_photo WHERE gone = 1 ORDER BY blob LIMIT $1`, most)
}

// stray are copies made between two instants, to be looked at whether an act names them: the program
// may have ended between making and releasing one.
func (s *Service) stray(ctx context.Context, from, before clock.Instant, after string, most int) ([]copyRow, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+copyColumns+` FROM publicity_release WHERE body <> '' AND made > $1 AND made < $2 AND id > $3 ORDER BY id LIMIT $4`,
		from, before, after, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []copyRow
	for rows.Next() {
		c, err := scanCopy(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func (s *Service) texts(ctx context.Context, text string, args ...any) ([]string, error) {
	rows, err := s.DB.Reader().Rows(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// draftOf reads where a person has got to with a case.
func (s *Service) draftOf(ctx context.Context, id, person string) (d Draft, ok bool, err error) {
	var body string
	err = s.DB.Reader().Row(ctx, `SELECT body FROM publicity_draft WHERE case_id = $1 AND person = $2`, id, person).Scan(&body)
	if errors.Is(err, db.NoRows) {
		return d, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &d)
	}
	return d, err == nil, err
}

func (s *Service) saveDraft(ctx context.Context, id, person string, d Draft) error {
	raw, err := json.Marshal(d)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO publicity_draft(case_id, person, saved, body) VALUES ($1,$2,$3,$4)
			ON CONFLICT (case_id, person) DO UPDATE SET saved = $3, body = $4`, id, person, now, string(raw))
		return err
	})
}

// leave notes that somebody looked at a case and left it as it is.
func (s *Service) leave(ctx context.Context, id string) error {
	now := s.Clock.Now()
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO publicity_left(case_id, at) VALUES ($1, $2) ON CONFLICT (case_id) DO NOTHING`, id, now)
		return err
	})
}
