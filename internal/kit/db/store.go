package db

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed schema/*.sql
var schema embed.FS

// Open opens the database, takes the folder's lock (SQLite) and brings the
// kit's own tables up to date. A second process on the same folder is refused.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Readers == 0 {
		o.Readers = 4
	}
	var d *DB
	var err error
	if o.URL != "" {
		d, err = openPostgres(ctx, o)
	} else {
		d, err = openSQLite(ctx, o)
	}
	if err != nil || o.ReadOnly {
		return d, err
	}
	own, err := fs.Sub(schema, "schema")
	if err == nil {
		err = d.Migrate(ctx, "kit", own)
	}
	if err != nil {
		return nil, fmt.Errorf("prepare the kit's tables: %w", errorsJoinClose(err, d))
	}
	return d, nil
}

func errorsJoinClose(err error, d *DB) error {
	if closeErr := d.Close(); closeErr != nil {
		return fmt.Errorf("%w (and closing: %v)", err, closeErr)
	}
	return err
}

// Postgres reports which database this is, for the tests and the operator's
// page; rooms do not ask.
func (d *DB) Postgres() bool { return d.postgres }

// Commit runs fn durably; see the package page. fn may run twice.
func (d *DB) Commit(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.engine.commit(ctx, fn)
}

// Close waits for queued commits and gives everything back.
func (d *DB) Close() error {
	err := d.engine.close()
	d.readers.close()
	if closeErr := d.read.Close(); err == nil {
		err = closeErr
	}
	if d.lock != nil {
		if lockErr := d.lock(); err == nil {
			err = lockErr
		}
	}
	return err
}

// Migrate brings one room's tables up to date with goose; starters that come
// at once wait for each other. The files are written in PostgreSQL's types.
func (d *DB) Migrate(ctx context.Context, room string, files fs.FS) error {
	handle, dialect, done, err := d.engine.(migrator).handle()
	if err != nil {
		return err
	}
	defer done()
	options := []goose.ProviderOption{
		goose.WithTableName("goose_" + room), goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)),
	}
	translate := sqliteText
	if d.postgres {
		options = append(options, postgresLocker())
		translate = postgresText
	}
	p, err := goose.NewProvider(dialect, handle, translated{files, translate}, options...)
	if err != nil {
		return fmt.Errorf("migrations of %s: %w", room, err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", room, err)
	}
	return nil
}

// translated gives migrations in the words of one database.
type translated struct {
	fs.FS
	text func(string) string
}

// Open gives the file with its text translated.
func (t translated) Open(name string) (fs.File, error) {
	f, err := t.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	text := t.text(string(raw))
	return &memoryFile{Reader: bytes.NewReader([]byte(text)), name: path.Base(name), size: int64(len(text))}, nil
}

// memoryFile is one translated migration.
type memoryFile struct {
	*bytes.Reader
	name string
	size int64
}

func (m *memoryFile) Close() error               { return nil }
func (m *memoryFile) Stat() (fs.FileInfo, error) { return memoryInfo{m}, nil }

type memoryInfo struct{ m *memoryFile }

func (i memoryInfo) Name() string       { return i.m.name }
func (i memoryInfo) Size() int64        { return i.m.size }
func (i memoryInfo) Mode() fs.FileMode  { return 0o444 }
func (i memoryInfo) ModTime() time.Time { return time.Time{} }
func (i memoryInfo) IsDir() bool        { return false }
func (i memoryInfo) Sys() any           { return nil }

// migrator gives a handle that may change tables, apart from the writer.
type migrator interface {
	handle() (*sql.DB, goose.Dialect, func(), error)
}

// Reader reads what is committed; it never writes.
func (d *DB) Reader() Query { return reader{d} }

type reader struct{ d *DB }

func (r reader) Rows(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if st := r.d.readers.get(text, r.prepare); st != nil {
		return st.QueryContext(ctx, args...)
	}
	return r.d.read.QueryContext(ctx, text, args...)
}

func (r reader) Row(ctx context.Context, text string, args ...any) *sql.Row {
	if st := r.d.readers.get(text, r.prepare); st != nil {
		return st.QueryRowContext(ctx, args...)
	}
	return r.d.read.QueryRowContext(ctx, text, args...)
}

func (r reader) prepare(text string) (*sql.Stmt, error) {
	if r.d.postgres { // pgx keeps its own statements per connection
		return nil, nil
	}
	return r.d.read.PrepareContext(context.Background(), text)
}

// Snapshot reads one unchanging state of the database, for what looks at many
// tables while others write.
func (d *DB) Snapshot(ctx context.Context, fn func(q Query) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if d.postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := d.read.BeginTx(ctx, options)
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing to keep
	return fn(snapshot{tx})
}

type snapshot struct{ tx *sql.Tx }

func (s snapshot) Rows(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(ctx, text, args...)
}

func (s snapshot) Row(ctx context.Context, text string, args ...any) *sql.Row {
	return s.tx.QueryRowContext(ctx, text, args...)
}

// statements keeps prepared statements by their text. Texts are few; the bound
// keeps lists with ever new shapes from growing it.
type statements struct {
	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

const mostStatements = 1000

func (s *statements) get(text string, prepare func(string) (*sql.Stmt, error)) *sql.Stmt {
	s.mu.RLock()
	st, ok := s.kept[text]
	full := len(s.kept) >= mostStatements
	s.mu.RUnlock()
	if ok || full {
		return st
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if st, ok := s.kept[text]; ok {
		return st
	}
	st, err := prepare(text)
	if err != nil || st == nil {
		return nil // the caller runs the text itself and meets the error there
	}
	if s.kept == nil {
		s.kept = map[string]*sql.Stmt{}
	}
	s.kept[text] = st
	return st
}

func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.kept {
		st.Close()
	}
	s.kept = nil
}

// In writes ($n,$n+1,…) for a list of count arguments that starts at number first.
func In(first, count int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range count {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", first+i)
	}
	b.WriteByte(')')
	return b.String()
}

// Column reads the one column of a query.
func Column[T any](ctx context.Context, q Query, query string, args ...any) ([]T, error) {
	rows, err := q.Rows(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Columns puts the short name of a table before every column of a list.
func Columns(table, list string) string {
	parts := strings.Split(list, ",")
	for i, p := range parts {
		parts[i] = table + "." + strings.TrimSpace(p)
	}
	return strings.Join(parts, ", ")
}
