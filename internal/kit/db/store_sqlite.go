package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// mostInGroup bounds how many closures share one durable transaction: enough
// that the disk's flush is shared, few enough that one group stays short.
const mostInGroup = 256

// lite is the single writer of SQLite with its group commit.
type lite struct {
	*pen
	dsn   string
	queue chan *job
	gone  chan struct{}
	once  sync.Once
	stop  chan struct{}
}

// pen is the one connection that writes, with its statements.
type pen struct {
	db   *sql.DB
	conn *sql.Conn
	kept map[string]*sql.Stmt
	sick bool // the disk failed under it: the next work begins with a fresh one
}

// job is one closure that waits for its durable answer.
type job struct {
	ctx   context.Context
	fn    func(*Tx) error
	err   error
	after []func()
	done  chan struct{}
}

func openSQLite(ctx context.Context, o Options) (*DB, error) {
	d := &DB{}
	path := filepath.Join(o.Folder, "linli.db")
	if o.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("no database in %s: %w", o.Folder, err)
		}
		d.engine = readOnly{}
	} else {
		if err := os.MkdirAll(o.Folder, 0o700); err != nil {
			return nil, fmt.Errorf("data folder: %w", err)
		}
		unlock, err := lockFolder(o.Folder)
		if err != nil {
			return nil, err
		}
		d.lock = unlock
		w, err := openWriter(ctx, path, o.MaxPages)
		if err != nil {
			unlock()
			return nil, err
		}
		d.engine = w
	}
	read, err := sql.Open("sqlite", liteAddress(path, "query_only(1)"))
	if err != nil {
		return nil, err
	}
	read.SetMaxOpenConns(o.Readers)
	read.SetMaxIdleConns(o.Readers)
	d.read = read
	return d, nil
}

func liteAddress(path string, pragmas ...string) string {
	q := url.Values{}
	q.Add("_pragma", "busy_timeout(10000)")
	q.Add("_pragma", "journal_mode(WAL)")
	q.Add("_pragma", "synchronous(FULL)")
	q.Add("_pragma", "cache_size(-32000)")
	q.Add("_pragma", "temp_store(MEMORY)")
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// lockFolder keeps a second process off the same data folder.
func lockFolder(folder string) (func() error, error) {
	f, err := os.OpenFile(filepath.Join(folder, "linli.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder cannot be written: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%w: %s", ErrLocked, folder)
	}
	return f.Close, nil
}

// ErrLocked says that another process serves this data folder.
var ErrLocked = errors.New("db: the data folder is in use by another linli")

func openWriter(ctx context.Context, path string, maxPages int64) (*lite, error) {
	// Only what writes takes the write lock when it begins; a snapshot must not.
	pragmas := []string{"foreign_keys(1)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)",
		"secure_delete(FAST)"} // what is erased is overwritten where that costs no extra page
	if maxPages > 0 {
		pragmas = append(pragmas, "max_page_count("+strconv.FormatInt(maxPages, 10)+")")
	}
	w := &lite{dsn: liteAddress(path, pragmas...) + "&_txlock=immediate", queue: make(chan *job, 4096), gone: make(chan struct{}),
		stop: make(chan struct{})}
	var err error
	if w.pen, err = takePen(ctx, w.dsn); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	go w.work()
	return w, nil
}

func takePen(ctx context.Context, dsn string) (*pen, error) {
	d, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	d.SetMaxOpenConns(1)
	conn, err := d.Conn(ctx)
	if err != nil {
		d.Close()
		return nil, err
	}
	return &pen{db: d, conn: conn, kept: map[string]*sql.Stmt{}}, nil
}

func (p *pen) putDown() error {
	for _, st := range p.kept {
		st.Close()
	}
	p.conn.Close()
	return p.db.Close()
}

// begin starts a transaction, after a failure of the disk with a fresh pen: the
// old connection may go on answering with its error when the disk is back.
func (w *lite) begin() error {
	if w.sick {
		fresh, err := takePen(context.Background(), w.dsn)
		if err != nil {
			return err
		}
		_ = w.putDown() // what it says of the dead disk helps nobody
		w.pen = fresh
	}
	return w.note(w.plain("BEGIN IMMEDIATE"))
}

// note remembers that the disk failed.
func (w *lite) note(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
			w.sick = true
		}
	}
	return err
}

func (w *lite) commit(ctx context.Context, fn func(*Tx) error) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case <-w.stop:
		return ErrClosed
	case w.queue <- j:
	}
	select {
	case <-j.done:
	case <-w.gone: // closed between the two selects: nobody will run it any more
		select {
		case <-j.done:
		default:
			return ErrClosed
		}
	}
	if j.err == nil {
		for _, after := range j.after {
			after()
		}
	}
	return j.err
}

func (w *lite) work() {
	defer close(w.gone)
	group := make([]*job, 0, mostInGroup)
	for {
		group = group[:0]
		select {
		case j := <-w.queue:
			group = append(group, j)
		case <-w.stop:
			select {
			case j := <-w.queue:
				group = append(group, j)
			default:
				return
			}
		}
	fill:
		for len(group) < mostInGroup {
			select {
			case j := <-w.queue:
				group = append(group, j)
			default:
				break fill
			}
		}
		w.runGroup(group)
	}
}

// runGroup commits the group at once; where the group as a whole fails (disk
// full, I/O error, panic) it is void and every member runs alone.
func (w *lite) runGroup(group []*job) {
	live := group[:0]
	for _, j := range group {
		if err := j.ctx.Err(); err != nil { // given up before it began
			j.err = err
			close(j.done)
			continue
		}
		live = append(live, j)
	}
	// Mostly no member is undone, and then none needs a savepoint, which costs two
	// statements each. Where one is, the group is void and runs again with them.
	if len(live) > 1 && (w.tryGroup(live, false) == nil || w.tryGroup(live, true) == nil) {
		for _, j := range live {
			close(j.done)
		}
		return
	}
	for _, j := range live {
		j.err, j.after = nil, nil
		j.err = w.alone(j)
		close(j.done)
	}
}

// errVoid says that a group must be run singly.
var errVoid = errors.New("db: group void")

func (w *lite) tryGroup(group []*job, savepoints bool) error {
	if err := w.begin(); err != nil {
		return err
	}
	member := w.bare
	if savepoints {
		member = w.member
	}
	for _, j := range group {
		if err := w.note(member(j)); err != nil {
			w.rollback()
			return err
		}
	}
	if err := w.note(w.plain("COMMIT")); err != nil {
		w.rollback()
		return err
	}
	return nil
}

// bare runs one closure without a savepoint: any error voids the group.
func (w *lite) bare(j *job) error {
	tx := &Tx{run: w}
	err := w.guarded(j.fn, tx)
	j.err, j.after = nil, tx.after
	return err
}

// member runs one closure in its own savepoint. It returns an error only where
// the whole group is lost.
func (w *lite) member(j *job) error {
	if err := w.plain("SAVEPOINT m"); err != nil {
		return err
	}
	tx := &Tx{run: w}
	err := w.guarded(j.fn, tx)
	if err == nil {
		j.err, j.after = nil, tx.after
		return w.plain("RELEASE m")
	}
	if errors.Is(err, errVoid) || fatal(err) {
		return err
	}
	j.err, j.after = err, nil
	if err := w.plain("ROLLBACK TO m"); err != nil {
		return err
	}
	return w.plain("RELEASE m")
}

func (w *lite) alone(j *job) error {
	if err := w.begin(); err != nil {
		return err
	}
	tx := &Tx{run: w}
	if err := w.note(w.guarded(j.fn, tx)); err != nil {
		w.rollback()
		return err
	}
	if err := w.note(w.plain("COMMIT")); err != nil {
		w.rollback()
		return err
	}
	j.after = tx.after
	return nil
}

// guarded turns a panic of a closure into an error, so that one bad member
// cannot take the writer down.
func (w *lite) guarded(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic in a closure: %v\n%s", errVoid, p, debug.Stack())
		}
	}()
	return fn(tx)
}

// fatal reports errors after which SQLite may have lost the whole transaction.
func fatal(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_READONLY:
		return true
	}
	return false
}

// rollback may find no transaction, where SQLite already undid it; that is the
// state wanted.
func (w *lite) rollback() { _ = w.note(w.plain("ROLLBACK")) }

func (w *lite) plain(text string) error {
	_, err := w.exec(text, nil)
	return err
}

func (w *lite) statement(text string) (*sql.Stmt, error) {
	if st, ok := w.kept[text]; ok {
		return st, nil
	}
	st, err := w.conn.PrepareContext(context.Background(), text)
	if err == nil && len(w.kept) < mostStatements {
		w.kept[text] = st
	}
	return st, err
}

// exec, rows and row never see a request's context: an interrupt would undo
// the whole group.
func (w *lite) exec(text string, args []any) (sql.Result, error) {
	st, err := w.statement(text)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(context.Background(), args...)
}

func (w *lite) rows(text string, args []any) (*sql.Rows, error) {
	st, err := w.statement(text)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(context.Background(), args...)
}

func (w *lite) row(text string, args []any) *sql.Row {
	st, err := w.statement(text)
	if err != nil {
		return w.conn.QueryRowContext(context.Background(), text, args...) // meets the same error in Scan
	}
	return st.QueryRowContext(context.Background(), args...)
}

func (w *lite) close() error {
	w.once.Do(func() { close(w.stop) })
	<-w.gone
	return w.putDown()
}

func (w *lite) handle() (*sql.DB, goose.Dialect, func(), error) {
	h, err := sql.Open("sqlite", w.dsn)
	if err != nil {
		return nil, "", nil, err
	}
	h.SetMaxOpenConns(1)
	return h, goose.DialectSQLite3, func() { h.Close() }, nil
}

// readOnly refuses every write.
type readOnly struct{}

func (readOnly) commit(context.Context, func(*Tx) error) error {
	return errors.New("db: opened for reading only")
}
func (readOnly) close() error { return nil }
func (readOnly) handle() (*sql.DB, goose.Dialect, func(), error) {
	return nil, "", nil, errors.New("db: opened for reading only")
}

// sqliteText turns a migration written in PostgreSQL's types into SQLite's
// STRICT tables.
func sqliteText(migration string) string {
	text := strings.NewReplacer("BIGINT", "INTEGER", "BYTEA", "BLOB", "\n);", "\n) STRICT;").Replace(migration)
	return withFullText(text, fts5{})
}
