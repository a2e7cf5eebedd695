package request

import (
	"context"
	"errors"

	"linli/internal/kit/db"
)

// keepPhoto gives the id of the owner's photo with this content, storing it
// where it is new.
func (s *Service) keepPhoto(ctx context.Context, owner, sum string, jpeg []byte) (id string, err error) {
	const find = `SELECT blob FROM request_photo WHERE owner = $1 AND sum = $2`
	err = s.DB.Reader().Row(ctx, find, owner, sum).Scan(&id)
	if err == nil || !errors.Is(err, db.NoRows) {
		return id, err
	}
	b, err := s.Blobs.Put(ctx, jpeg, "image/jpeg")
	if err != nil {
		return "", err
	}
	now := s.Clock.Now()
	err = s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO request_photo(blob, owner, sum, case_id, sent) VALUES ($1, $2, $3, '', $4)
			ON CONFLICT (owner, sum) DO NOTHING`, b.ID, owner, sum, now)
		if err != nil {
			return err
		}
		return tx.Row(find, owner, sum).Scan(&id)
	})
	if err == nil && id != b.ID { // the same form came twice at one moment
		err = s.Blobs.Delete(ctx, b.ID)
	}
	return id, err
}

func (s *Service) casesOfPhoto(ctx context.Context, id string) ([]string, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT case_id FROM request_photo WHERE blob = $1 AND case_id <> ''`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var c string
		if err := rows.Scan(&c); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func (s *Service) bindPhotos(ctx context.Context, caseID string, ids []string) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec(`UPDATE request_photo SET case_id = $1 WHERE blob = $2 AND case_id = ''`, caseID, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// imported are the numbers that were imported before, with the hash of their row.
func (s *Service) imported(ctx context.Context, numbers []string) (map[string]string, error) {
	out := make(map[string]string, len(numbers))
	for len(numbers) > 0 {
		part := numbers[:min(len(numbers), 500)]
		numbers = numbers[len(part):]
		args := make([]any, len(part))
		for i, n := range part {
			args[i] = n
		}
		if err := s.importedPart(ctx, args, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) importedPart(ctx context.Context, args []any, out map[string]string) error {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT number, sum FROM request_import WHERE number IN `+db.In(1, len(args)), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var number, sum string
		if err := rows.Scan(&number, &sum); err != nil {
			return err
		}
		out[number] = sum
	}
	return rows.Err()
}

// noted is one order that is in.
type noted struct{ number, sum, caseID string }

func (s *Service) noteImported(ctx context.Context, done []noted) error {
	if len(done) == 0 {
		return nil
	}
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		for _, n := range done {
			if _, err := tx.Exec(`INSERT INTO request_import(number, sum, case_id) VALUES ($1, $2, $3)
				ON CONFLICT (number) DO NOTHING`, n.number, n.sum, n.caseID); err != nil {
				return err
			}
		}
		return nil
	})
}
