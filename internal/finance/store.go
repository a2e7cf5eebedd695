package finance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

const bookColumns = `id, village, period, state, person, name, file, target, mapping, report, lines, digest, sums, case_id, version, standing, post_act, posted, ended, recorded`

func noBook() error { return fault.New(fault.NotFound, "finance.no_book") }

func scanBook(row interface{ Scan(...any) error }) (Book, error) {
	var b Book
	var target, mapping, report, sums string
	var standing int64
	err := row.Scan(&b.ID, &b.Village, &b.Period, &b.State, &b.Person, &b.Name, &b.File, &target, &mapping, &report, &b.Lines, &b.Digest, &sums, &b.Case, &b.Version,
		&standing, &b.PostAct, &b.Posted, &b.Ended, &b.Recorded)
	if errors.Is(err, db.NoRows) {
		return b, noBook()
	}
	if err != nil {
		return b, err
	}
	b.Standing = standing == 1
	for text, into := range map[string]any{target: &b.Target, mapping: &b.Mapping, report: &b.Report, sums: &b.Sums} {
		if text != "" {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				return b, fmt.Errorf("book %s: %w", b.ID, err)
			}
		}
	}
	return b, nil
}

func (s *Service) bookByID(ctx context.Context, q db.Query, id string) (Book, error) {
	return scanBook(q.Row(ctx, `SELECT `+bookColumns+` FROM finance_book WHERE id = $1`, id))
}

// bookOfCase is the version that a case holds now.
func (s *Service) bookOfCase(ctx context.Context, q db.Query, id string) (Book, error) {
	return scanBook(q.Row(ctx, `SELECT `+bookColumns+` FROM finance_book WHERE case_id = $1 AND standing = 1`, id))
}

func (s *Service) books(ctx context.Context, where string, args ...any) ([]Book, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+bookColumns+` FROM finance_book WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Book
	for rows.Next() {
		b, err := scanBook(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, rows.Err()
}

// bookTexts are the parts of a book that are kept as JSON.
func bookTexts(b Book) (out [4]string, err error) {
	for i, v := range []any{b.Target, b.Mapping, b.Report, b.Sums} {
		raw, wrong := json.Marshal(v)
		if wrong != nil {
			return out, wrong
		}
		out[i] = string(raw)
	}
	return out, nil
}

// putBook writes a book that no case holds yet.
func (s *Service) putBook(ctx context.Context, b Book) error {
	texts, err := bookTexts(b)
	if err != nil {
		return err
	}
	first, last := b.Period.Span()
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`INSERT INTO finance_book(id, village, period, first_day, last_day, state, person, name, file, target, mapping, report, lines, digest, sums,
				case_id, version, bind_act, standing, post_act, posted, ended, recorded)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, '', 0, '', 0, '', 0, 0, $16)
			ON CONFLICT (id) DO UPDATE SET state = $6, mapping = $11, report = $12, lines = $13, digest = $14, sums = $15 WHERE finance_book.state <> '`+Bound+`'`,
			b.ID, b.Village, string(b.Period), int64(first), int64(last), b.State, b.Person, b.Name, b.File, texts[0], texts[1], texts[2], b.Lines, b.Digest, texts[3], b.Recorded)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "finance.bound")
		}
		return err
	})
}

// previous is the closing by account of the period before; nil where there is none.
func (s *Service) previous(ctx context.Context, village string, p Period) (map[string]int64, error) {
	first, _ := p.Span()
	list, err := s.books(ctx, `village = $1 AND last_day = $2 AND standing = 1 ORDER BY first_day DESC`, village, int64(first)-1)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := map[string]int64{}
	for _, a := range list[0].Sums.Accounts {
		out[a.ID] = a.Closing
	}
	return out, nil
}

// overlapping is a book of another case that tells of the same days.
func (s *Service) overlapping(ctx context.Context, q db.Query, b Book, caseID string) (other Period, there bool, err error) {
	first, last := b.Period.Span()
	err = q.Row(ctx, `SELECT period FROM finance_book WHERE village = $1 AND first_day <= $2 AND last_day >= $3 AND standing = 1 AND case_id <> $4 LIMIT 1`,
		b.Village, int64(last), int64(first), caseID).Scan(&other)
	if errors.Is(err, db.NoRows) {
		return "", false, nil
	}
	return other, err == nil, err
}

// mappings are what a village's workbooks were learnt to mean.
func (s *Service) mappings(ctx context.Context, village string) (map[string]learnt, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT shape, learnt FROM finance_mapping WHERE village = $1`, village)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]learnt{}
	for rows.Next() {
		var key, raw string
		if err := rows.Scan(&key, &raw); err != nil {
			return nil, err
		}
		var l learnt
		if err := json.Unmarshal([]byte(raw), &l); err != nil {
			return nil, fmt.Errorf("mapping of %s: %w", village, err)
		}
		out[key] = l
	}
	return out, rows.Err()
}

func (s *Service) keepMappings(ctx context.Context, village, person string, all map[string]learnt, now clock.Instant) error {
	texts := map[string]string{}
	for key, l := range all {
		raw, err := json.Marshal(l)
		if err != nil {
			return err
		}
		texts[key] = string(raw)
	}
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		for key, raw := range texts {
			if _, err := tx.Exec(`INSERT INTO finance_mapping(village, shape, learnt, person, recorded) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (village, shape) DO UPDATE SET learnt = $3, person = $4, recorded = $5`, village, key, raw, person, now); err != nil {
				return err
			}
		}
		return nil
	})
}
