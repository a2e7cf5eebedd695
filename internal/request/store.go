package request

import (
	"context"
	"errors"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
)

// keepBlob gives the id of the owner's photo or voice note with this content,
// storing it where it is new.
func (s *Service) keepBlob(ctx context.Context, owner, sum string, data []byte, media string) (id string, err error) {
	const find = `SELECT blob FROM request_photo WHERE owner = $1 AND sum = $2`
	err = s.DB.Reader().Row(ctx, find, owner, sum).Scan(&id)
	if err == nil || !errors.Is(err, db.NoRows) {
		return id, err
	}
	b, err := s.Blobs.Put(ctx, data, media)
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

// stale is a photo that came to no case by our notes.
type stale struct {
	blob string
	sent clock.Instant
}

func (s *Service) stalePhotos(ctx context.Context, before clock.Instant, most int) ([]stale, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT blob, sent FROM request_photo WHERE case_id = '' AND sent < $1 ORDER BY sent LIMIT $2`, before, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []stale
	for rows.Next() {
		var p stale
		if err := rows.Scan(&p.blob, &p.sent); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// dropPhoto forgets a photo and then destroys it: an id that a form still holds
// is refused from then on.
func (s *Service) dropPhoto(ctx context.Context, id string) error {
	err := s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM request_photo WHERE blob = $1 AND case_id = ''`, id)
		return err
	})
	if err != nil {
		return err
	}
	return s.Blobs.Delete(ctx, id)
}

// keptPhotos counts how many of the photos are still there.
func (s *Service) keptPhotos(ctx context.Context, ids []string) (n int, err error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	err = s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM request_photo WHERE blob IN `+db.In(1, len(ids)), args...).Scan(&n)
	return n, err
}
