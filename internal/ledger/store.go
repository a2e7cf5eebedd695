package ledger

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

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
	return d.Migrate(ctx, "ledger", files)
}

// entry is one stored leaf with all its columns.
type entry struct {
	Ref
	erases   string
	recorded clock.Instant
	text     []byte
}

func scanEntries(ctx context.Context, q db.Query, text string, args ...any) ([]entry, error) {
	rows, err := q.Rows(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []entry
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.Number, &e.ID, &e.Kind, &e.Case, &e.erases, &e.recorded, &e.text); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// insertLeaf is the one INSERT that an act pays for its leaf.
func insertLeaf(tx *db.Tx, l Leaf) error {
	_, err := tx.Exec(`INSERT INTO ledger_leaf(id, kind, case_id, leaf, erases, recorded) VALUES ($1,$2,$3,$4,$5,$6)`,
		l.ID, l.Kind, l.Case, string(l.Text), l.Erases, l.Recorded)
	return err
}

const entryColumns = `SELECT COALESCE(number, -1), id, kind, case_id, erases, recorded, leaf FROM ledger_leaf `

func (s *Service) waiting(ctx context.Context, most int) ([]entry, error) {
	return scanEntries(ctx, s.d.Reader(), entryColumns+`WHERE number IS NULL ORDER BY recorded, id LIMIT $1`, most)
}

func (s *Service) anyWaiting(ctx context.Context) (bool, error) {
	var one int
	err := s.d.Reader().Row(ctx, `SELECT 1 FROM ledger_leaf WHERE number IS NULL LIMIT 1`).Scan(&one)
	if errors.Is(err, db.NoRows) {
		return false, nil
	}
	return err == nil, err
}

// entries reads numbered leaves below end in order, from just after the given
// number and id on.
func (s *Service) entries(ctx context.Context, number int64, id string, end int64, most int) ([]entry, error) {
	return scanEntries(ctx, s.d.Reader(), entryColumns+
		`WHERE number >= $1 AND number < $2 AND (number > $1 OR id > $3) ORDER BY number, id LIMIT $4`, number, end, id, most)
}

// tail reads the leaves that do not stand below size, numbered ones first, and
// the newest signed size of the same moment. Number is -1 where there is none
// and -2 where it is below zero.
func (s *Service) tail(ctx context.Context, size int64) (out []entry, signed int64, err error) {
	const columns = `, id, kind, case_id, erases, recorded, leaf,
		(SELECT COALESCE(MAX(size), 0) FROM ledger_checkpoint) FROM ledger_leaf WHERE `
	rows, err := s.d.Reader().Rows(ctx, `SELECT number`+columns+`number >= $1
		UNION ALL SELECT -2`+columns+`number < 0
		UNION ALL SELECT -1`+columns+`number IS NULL`, size)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.Number, &e.ID, &e.Kind, &e.Case, &e.erases, &e.recorded, &e.text, &signed); err != nil {
			return nil, 0, err
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b entry) int {
		return cmp.Or(cmp.Compare(uint64(a.Number), uint64(b.Number)), cmp.Compare(a.recorded, b.recorded), strings.Compare(a.ID, b.ID))
	})
	return out, signed, rows.Err()
}

func (s *Service) entryByID(ctx context.Context, id string) (entry, bool, error) {
	found, err := scanEntries(ctx, s.d.Reader(), entryColumns+`WHERE id = $1`, id)
	if err != nil || len(found) == 0 {
		return entry{}, false, err
	}
	return found[0], true, nil
}

func (s *Service) refs(ctx context.Context, from int64, most int) ([]Ref, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT number, id, kind, case_id FROM ledger_leaf
		WHERE number >= $1 ORDER BY number LIMIT $2`, from, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Ref
	for rows.Next() {
		var r Ref
		if err := rows.Scan(&r.Number, &r.ID, &r.Kind, &r.Case); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// stored is one row of ledger_checkpoint.
type stored struct {
	size, prior int64
	root, note  string
	recorded    clock.Instant
}

const checkpointColumns = `SELECT size, prior, root, note, recorded FROM ledger_checkpoint `

func (s *Service) checkpoints(ctx context.Context, text string, args ...any) ([]stored, error) {
	rows, err := s.d.Reader().Rows(ctx, checkpointColumns+text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []stored
	for rows.Next() {
		var c stored
		if err := rows.Scan(&c.size, &c.prior, &c.root, &c.note, &c.recorded); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// head is the newest checkpoint; ok is false on an empty log.
func (s *Service) head(ctx context.Context) (stored, bool, error) {
	list, err := s.checkpoints(ctx, `ORDER BY size DESC LIMIT 1`)
	if err != nil || len(list) == 0 {
		return stored{}, false, err
	}
	return list[0], true, nil
}

func (s *Service) tile(ctx context.Context, id tileID) ([]byte, error) {
	var data []byte
	err := s.d.Reader().Row(ctx, `SELECT hashes FROM ledger_tile WHERE level = $1 AND number = $2`, id.level, id.number).Scan(&data)
	if errors.Is(err, db.NoRows) {
		return nil, nil
	}
	return data, err
}

// hashes lets tlog read the hashes of a tree from the stored tiles.
func (s *Service) hashes(ctx context.Context) tlog.HashReader {
	cache := map[tileID][]byte{}
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			t := tlog.TileForIndex(tileHeight, index)
			id := tileID{t.L, t.N}
			data, ok := cache[id]
			if !ok {
				var err error
				if data, err = s.tile(ctx, id); err != nil {
					return nil, err
				}
				cache[id] = data
			}
			if len(data) < t.W*tlog.HashSize {
				return nil, fmt.Errorf("ledger: tile %d/%d holds %d of %d hashes", id.level, id.number, len(data)/tlog.HashSize, t.W)
			}
			var err error
			if out[i], err = tlog.HashFromTile(t, data[:t.W*tlog.HashSize], index); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// chunk is how many leaves one numbering statement covers. SQLite's single
// writer is the wall for speed: few statements, each with a text that repeats.
const chunk = 200

// numberLeaves gives the leaves the numbers first, first+1, …; it returns how
// many of them were still without one.
func numberLeaves(tx *db.Tx, first int64, ids []string) (int64, error) {
	var sum int64
	for len(ids) > 0 {
		part := ids[:min(chunk, len(ids))]
		ids = ids[len(part):]
		args := make([]any, 1, 1+len(part))
		args[0] = first
		for _, id := range part {
			args = append(args, id)
		}
		n, err := tx.Exec(numbering(len(part)), args...)
		if err != nil {
			return sum, err
		}
		sum += n
		first += int64(len(part))
	}
	return sum, nil
}

func numbering(n int) string {
	if n == chunk {
		return numberingChunk
	}
	return writeNumbering(n)
}

var numberingChunk = writeNumbering(chunk)

func writeNumbering(n int) string {
	var b strings.Builder
	b.WriteString(`WITH batch(id, place) AS (VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "($%d,%d)", i+2, i)
	}
	b.WriteString(`) UPDATE ledger_leaf SET number = CAST($1 AS BIGINT) + batch.place FROM batch
		WHERE ledger_leaf.id = batch.id AND ledger_leaf.number IS NULL`)
	return b.String()
}

func writeTiles(tx *db.Tx, tiles []tileRow) error {
	for _, t := range tiles {
		if _, err := tx.Exec(`INSERT INTO ledger_tile(level, number, hashes) VALUES ($1,$2,$3)
			ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes`, t.level, t.number, t.hashes); err != nil {
			return err
		}
	}
	return nil
}

func insertCheckpoint(tx *db.Tx, c stored) error {
	_, err := tx.Exec(`INSERT INTO ledger_checkpoint(size, prior, root, note, recorded) VALUES ($1,$2,$3,$4,$5)`,
		c.size, c.prior, c.root, c.note, c.recorded)
	return err
}

func (s *Service) cursor(ctx context.Context, reader string) (int64, error) {
	var at int64
	err := s.d.Reader().Row(ctx, `SELECT number FROM ledger_cursor WHERE reader = $1`, reader).Scan(&at)
	if errors.Is(err, db.NoRows) {
		return 0, nil
	}
	return at, err
}

// moveCursor moves a reader on from exactly where it was read to stand; moved
// is false where somebody else moved it first.
func moveCursor(tx *db.Tx, reader string, from, to int64) (moved bool, err error) {
	n, err := tx.Exec(`UPDATE ledger_cursor SET number = $3 WHERE reader = $1 AND number = $2`, reader, from, to)
	if err != nil || n == 1 || from != 0 {
		return n == 1, err
	}
	n, err = tx.Exec(`INSERT INTO ledger_cursor(reader, number) VALUES ($1, $2) ON CONFLICT (reader) DO NOTHING`, reader, to)
	return n == 1, err
}
