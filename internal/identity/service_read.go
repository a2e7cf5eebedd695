package identity

import (
	"context"
	"database/sql"
	"log/slog"
	"strconv"
	"time"
	"unicode/utf8"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Bounds of a purpose, in characters.
const (
	ShortestPurpose = 4
	LongestPurpose  = 200
)

// bulkWindow is the time over which openings are counted for the alarm.
const bulkWindow = time.Hour

// Read is one opening of a sealed value.
type Read struct {
	ID       string
	Recorded clock.Instant
	Person   string // who read
	Name     string // their name
	Post     string // under which post
	Unit     string // and in which unit
	Case     string
	Field    string
	About    string // whom the value is about: a party's id or a blind index, never a name
	Purpose  string
}

// Alarm says that one person opened more sealed values within an hour than is
// usual. It accuses nobody; somebody has to look.
type Alarm struct {
	ID       string
	Recorded clock.Instant
	Person   string
	Name     string
	Unit     string
	Count    int64
}

// ReadLog writes down that the actor opens a sealed field of a case, and for
// what. It returns once that is durable: show the value only after it. about
// says whom the value is about, so that the person can ask who read it. Faults:
// Invalid identity.purpose_short at purpose; Forbidden for who is not signed in.
func (s *Service) ReadLog(ctx context.Context, a Actor, caseID, field, purpose string, about ...string) error {
	if !a.Known() {
		return fault.New(fault.Forbidden, "httpx.sign_in")
	}
	purpose, err := text.Clean(purpose, LongestPurpose)
	if err != nil {
		return fault.Of(err).At("purpose")
	}
	if utf8.RuneCountInString(purpose) < ShortestPurpose {
		return fault.New(fault.Invalid, "identity.purpose_short", "min", ShortestPurpose).At("purpose")
	}
	now, post := s.clk.Now(), a.MainPost()
	r := Read{ID: db.NewID(now), Recorded: now, Person: a.Person, Post: post.ID, Unit: post.Unit, Case: caseID, Field: field, Purpose: purpose}
	if len(about) > 0 {
		r.About = about[0]
	}
	alarm := db.NewID(now)
	return s.d.Commit(ctx, func(tx *db.Tx) error { return s.writeRead(tx, r, alarm) })
}

func (s *Service) writeRead(tx *db.Tx, r Read, alarm string) error {
	_, err := tx.Exec(`INSERT INTO identity_read(id, recorded, person, post, unit, case_id, field, about, purpose)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`, r.ID, r.Recorded, r.Person, r.Post, r.Unit, r.Case, r.Field, r.About, r.Purpose)
	if err != nil {
		return err
	}
	since := r.Recorded.Add(-bulkWindow)
	var reads, alarms int64
	err = tx.Row(`SELECT (SELECT COUNT(*) FROM identity_read WHERE person = $1 AND recorded > $2),
		(SELECT COUNT(*) FROM identity_alarm WHERE person = $1 AND recorded > $2)`, r.Person, since).Scan(&reads, &alarms)
	if err != nil || reads <= int64(s.BulkReads) || alarms > 0 {
		return err
	}
	tx.After(func() {
		slog.Warn("many sealed values were opened by one person within an hour", "person", r.Person, "count", reads)
	})
	_, err = tx.Exec(`INSERT INTO identity_alarm(id, recorded, person, unit, count) VALUES ($1,$2,$3,$4,$5)`,
		alarm, r.Recorded, r.Person, r.Unit, reads)
	return err
}

// Reads says which lines of the read log are wanted; empty fields do not narrow.
type Reads struct {
	Case   string
	About  string
	Person string // who read
	Before string // id to go on from, newest first
	Limit  int    // 0 = 50
}

const readColumns = `r.id, r.recorded, r.person, COALESCE(p.name, ''), r.post, r.unit, r.case_id, r.field, r.about, r.purpose`

// ReadsOf lists openings, newest first. It checks no right: a case page that
// shows its own case's lines to its party has done so. AuditReads does.
func (s *Service) ReadsOf(ctx context.Context, f Reads) ([]Read, error) {
	return s.reads(ctx, f, "")
}

func (s *Service) reads(ctx context.Context, f Reads, within string) ([]Read, error) {
	q := `SELECT ` + readColumns + ` FROM identity_read r LEFT JOIN identity_person p ON p.id = r.person`
	var args []any
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	if within != "" {
		q += ` JOIN identity_unit u ON u.id = r.unit AND substr(u.path, 1, ` + strconv.Itoa(len(within)) + `) = ` + arg(within)
	}
	q += ` WHERE 1=1`
	for _, n := range []struct{ column, value string }{{"r.case_id", f.Case}, {"r.about", f.About}, {"r.person", f.Person}} {
		if n.value != "" {
			q += ` AND ` + n.column + ` = ` + arg(n.value)
		}
	}
	if f.Before != "" {
		q += ` AND r.id < ` + arg(f.Before)
	}
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 50
	}
	rows, err := s.d.Reader().Rows(ctx, q+` ORDER BY r.id DESC LIMIT `+strconv.Itoa(f.Limit), args...)
	return collect(rows, err, func(r *sql.Rows) (x Read, err error) {
		err = r.Scan(&x.ID, &x.Recorded, &x.Person, &x.Name, &x.Post, &x.Unit, &x.Case, &x.Field, &x.About, &x.Purpose)
		return x, err
	})
}

// AuditReads lists openings by people of the auditor's subtree, newest first, and
// raised alarms. Fault: Forbidden identity.not_auditor.
func (s *Service) AuditReads(ctx context.Context, a Actor, f Reads) ([]Read, []Alarm, error) {
	within, err := s.auditRoot(a)
	if err != nil {
		return nil, nil, err
	}
	reads, err := s.reads(ctx, f, within)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.d.Reader().Rows(ctx, `SELECT a.id, a.recorded, a.person, COALESCE(p.name, ''), a.unit, a.count
		FROM identity_alarm a LEFT JOIN identity_person p ON p.id = a.person
		JOIN identity_unit u ON u.id = a.unit AND substr(u.path, 1, `+strconv.Itoa(len(within))+`) = $1
		ORDER BY a.id DESC LIMIT 50`, within)
	alarms, err := collect(rows, err, func(r *sql.Rows) (x Alarm, err error) {
		err = r.Scan(&x.ID, &x.Recorded, &x.Person, &x.Name, &x.Unit, &x.Count)
		return x, err
	})
	return reads, alarms, err
}

// auditRoot is the path under which the actor audits: the highest unit in which
// they are auditor.
func (s *Service) auditRoot(a Actor) (string, error) {
	best := ""
	for _, p := range a.Posts {
		if p.Kind == Auditor && p.UnitPath != "" && (best == "" || len(p.UnitPath) < len(best)) {
			best = p.UnitPath
		}
	}
	if best == "" {
		return "", fault.New(fault.Forbidden, "identity.not_auditor")
	}
	return best, nil
}
