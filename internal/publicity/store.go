package publicity

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"strconv"
	"strings"

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
	return d.Migrate(ctx, "publicity", files)
}

const lineColumns = `c.case_id, c.acts, c.shown, c.class, c.area, c.state, c.kind, c.edition, c.unit, c.opened, c.settled, c.solved, c.satisfied,
	c.voices, c.imported, c.asks, c.release_id, c.released`

type scanner interface{ Scan(...any) error }

func scanLine(row scanner, more ...any) (l line, err error) {
	var shown, imported, asks int64
	err = row.Scan(append([]any{&l.Case, &l.Acts, &shown, &l.Class, &l.Area, &l.State, &l.Kind, &l.Edition, &l.Unit, &l.Opened, &l.Settled, &l.Solved,
		&l.Satisfied, &l.Voices, &imported, &asks, &l.Release, &l.Released}, more...)...)
	l.Shown, l.Imported, l.Asks = shown == 1, imported == 1, asks == 1
	return l, err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// writeLine keeps what the public may know of a case, unless a newer reading
// stands already. It reports whether anything was written.
func writeLine(tx *db.Tx, l line) error {
	n, err := tx.Exec(`INSERT INTO publicity_case(case_id, acts, shown, class, area, state, kind, edition, unit, opened, settled, solved, satisfied,
			voices, imported, asks, release_id, released)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)
		ON CONFLICT (case_id) DO UPDATE SET acts = $2, shown = $3, class = $4, area = $5, state = $6, kind = $7, edition = $8, unit = $9, opened = $10,
			settled = $11, solved = $12, satisfied = $13, voices = $14, imported = $15, asks = $16, release_id = $17, released = $18
		WHERE publicity_case.acts <= $2`,
		l.Case, l.Acts, flag(l.Shown), l.Class, l.Area, l.State, l.Kind, l.Edition, l.Unit, l.Opened, l.Settled, l.Solved, l.Satisfied,
		l.Voices, flag(l.Imported), flag(l.Asks), l.Release, l.Released)
	if err != nil || n == 0 {
		return err
	}
	return tx.BumpEpoch(epoch)
}

// hide takes a case off every public page at once; the reader puts it back where
// it may be there.
func hide(tx *db.Tx, id string, acts int64) error {
	n, err := tx.Exec(`INSERT INTO publicity_case(case_id, acts, shown, class, area, state, kind, edition, unit, opened, settled, solved, satisfied,
			voices, imported, asks, release_id, released)
		VALUES ($1,$2,0,'','','','',0,'',0,0,'','',0,0,0,'',0)
		ON CONFLICT (case_id) DO UPDATE SET shown = 0, acts = $2 WHERE publicity_case.acts <= $2`, id, acts)
	if err != nil || n == 0 {
		return err
	}
	return tx.BumpEpoch(epoch)
}

// empty takes every copy of a case away: its words now, its photos as soon as
// they are destroyed. That there were copies, and their digests, stay.
func empty(tx *db.Tx, id string, acts int64) error {
	for _, text := range []string{
		`UPDATE publicity_release SET body = '', search = '' WHERE case_id = $1`,
		`UPDATE publicity_photo SET gone = 1 WHERE case_id = $1`,
		`DELETE FROM publicity_draft WHERE case_id = $1`,
	} {
		if _, err := tx.Exec(text, id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE publicity_case SET release_id = '', released = 0, acts = $2 WHERE case_id = $1 AND acts <= $2`, id, acts); err != nil {
		return err
	}
	return tx.BumpEpoch(epoch)
}

// Filter chooses public requests.
type Filter struct {
	Classes []string // any of them; nil is all
	Area    string   // code prefix
	State   string
	Words   string // in what was released
	Open    bool   // only what is not settled
	After   string // cursor of the page before
	Since   clock.Instant
	Limit   int
}

// where writes the condition of a filter; numbers of parameters go on from args.
func (f Filter) where(args []any) (string, []any) {
	cond := []string{"c.shown = 1"}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if len(f.Classes) > 0 {
		marks := make([]string, len(f.Classes))
		for i, k := range f.Classes {
			marks[i] = arg(k)
		}
		cond = append(cond, "c.class IN ("+strings.Join(marks, ",")+")")
	}
	if f.Area != "" {
		cond = append(cond, "c.area >= "+arg(f.Area)+" AND c.area < "+arg(f.Area+":"))
	}
	if f.State != "" {
		cond = append(cond, "c.state = "+arg(f.State))
	}
	if f.Open {
		cond = append(cond, "c.kind IN ('open', 'waiting')")
	}
	if f.Since != 0 {
		cond = append(cond, "c.imported = 0 AND (c.opened > "+arg(f.Since)+" OR c.released > "+arg(f.Since)+")")
	}
	for _, w := range strings.Fields(f.Words) {
		pattern := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(w) + "%"
		cond = append(cond, "r.search LIKE "+arg(pattern)+` ESCAPE '\'`)
	}
	if at, id, ok := cursor(f.After); ok {
		cond = append(cond, "(c.opened, c.case_id) < ("+arg(at)+", "+arg(id)+")")
	}
	return strings.Join(cond, " AND "), args
}

// cursor reads where a page goes on; false for anything else.
func cursor(s string) (at int64, id string, ok bool) {
	first, id, ok := strings.Cut(s, ".")
	at, err := strconv.ParseInt(first, 10, 64)
	return at, id, ok && err == nil && at > 0 && len(id) == 26 && strings.Trim(id, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ""
}

const copyJoin = ` LEFT JOIN publicity_release r ON r.id = c.release_id `

// shownLine is a line with the copy that stands released.
type shownLine struct {
	line
	body string
}

// listed gives public requests, the newest first.
func (s *Service) listed(ctx context.Context, f Filter) ([]shownLine, error) {
	where, args := f.where(nil)
	args = append(args, f.Limit)
	return s.shownLines(ctx, `SELECT `+lineColumns+`, COALESCE(r.body, '') FROM publicity_case c`+copyJoin+`WHERE `+where+
		` ORDER BY c.opened DESC, c.case_id DESC LIMIT $`+strconv.Itoa(len(args)), args...)
}

// waiting gives requests that somebody may review, the most voices first.
func (s *Service) waiting(ctx context.Context, areas []string, after int64, limit int) ([]shownLine, error) {
	args := []any{limit, after}
	parts := []string{"1=0"}
	for _, a := range areas {
		args = append(args, a, a+":")
		n := len(args)
		parts = append(parts, "(c.area >= $"+strconv.Itoa(n-1)+" AND c.area < $"+strconv.Itoa(n)+")")
	}
	return s.shownLines(ctx, `SELECT `+lineColumns+`, '' FROM publicity_case c WHERE c.shown = 1 AND c.asks = 1 AND c.release_id = '' AND (`+strings.Join(parts, " OR ")+`)
		AND NOT EXISTS (SELECT 1 FROM publicity_left x WHERE x.case_id = c.case_id)
		ORDER BY c.voices DESC, c.opened DESC, c.case_id DESC LIMIT $1 OFFSET $2`, args...)
}

func (s *Service) shownLines(ctx context.Context, text string, args ...any) ([]shownLine, error) {
	rows, err := s.DB.Reader().Rows(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []shownLine
	for rows.Next() {
		var l shownLine
		if l.line, err = scanLine(rows, &l.body); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// areaCount is how many public requests lie in a community.
type areaCount struct {
	Area string
	N    int64
}

// counted counts public requests by community, the most first.
func (s *Service) counted(ctx context.Context, f Filter, most int) (out []areaCount, total int64, err error) {
	f.After = ""
	where, args := f.where(nil)
	rows, err := s.DB.Reader().Rows(ctx, `SELECT c.area, COUNT(*) FROM publicity_case c`+copyJoin+`WHERE `+where+` GROUP BY c.area ORDER BY COUNT(*) DESC, c.area`, args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var a areaCount
		if err := rows.Scan(&a.Area, &a.N); err != nil {
			return nil, 0, err
		}
		if total += a.N; len(out) < most && len(a.Area) == communityDigits {
			out = append(out, a)
		}
	}
	return out, total, rows.Err()
}

// stamp tells whether anything public has changed: the epoch of this room.
func (s *Service) stamp(ctx context.Context) (n int64, err error) {
	err = s.DB.Reader().Row(ctx, `SELECT value FROM kit_epoch WHERE name = $1`, epoch).Scan(&n)
	if errors.Is(err, db.NoRows) {
		return 0, nil
	}
	return n, err
}
