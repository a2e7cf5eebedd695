package notice

import (
	"context"
	"embed"
	"encoding/json"
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
	return d.Migrate(ctx, "notice", files)
}

const lineColumns = `id, case_id, number, act_id, who, receiver, unit, channel, kind, args, source, field, urgency, bunch,
	recorded, due, expires, status, bundle, lease, attempts, round, sender, ref, problem, changed`

// rowed is a row of either kind.
type rowed interface{ Scan(...any) error }

func scanLine(row rowed) (Line, error) {
	var l Line
	var args string
	err := row.Scan(&l.ID, &l.Case, &l.Number, &l.Act, &l.Who, &l.Receiver, &l.Unit, &l.Channel, &l.Kind, &args, &l.Source, &l.Field, &l.Urgency, &l.Bunch,
		&l.Recorded, &l.Due, &l.Expires, &l.Status, &l.Bundle, &l.Lease, &l.Attempts, &l.Round, &l.Sender, &l.Ref, &l.Problem, &l.Changed)
	if err == nil && args != "" {
		err = json.Unmarshal([]byte(args), &l.Args)
	}
	return l, err
}

// insert keeps a line; one that stands already stays as it is.
func insert(tx *db.Tx, l *Line, args string) error {
	_, err := tx.Exec(`INSERT INTO notice_message(id, case_id, number, act_id, who, receiver, unit, channel, kind, args, source, field, urgency, bunch,
		recorded, due, expires, status, bundle, holder, lease, attempts, round, sender, ref, problem, changed, day)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,'',0,0,0,$20,$21,$22,$23,$24) ON CONFLICT (id) DO NOTHING`,
		l.ID, l.Case, l.Number, l.Act, l.Who, l.Receiver, l.Unit, l.Channel, l.Kind, args, l.Source, l.Field, l.Urgency, l.Bunch,
		l.Recorded, l.Due, l.Expires, l.Status, l.Bundle, l.Sender, l.Ref, l.Problem, l.Changed, l.Changed.Day())
	return err
}

// toldOf lists the lines that an act made, inside a transaction.
func toldOf(tx *db.Tx, act string) ([]Line, error) {
	rows, err := tx.Rows(`SELECT `+lineColumns+` FROM notice_message WHERE act_id = $1 ORDER BY id`, act)
	if err != nil {
		return nil, err
	}
	return scanLines(rows)
}

// scanner of rows that closes them.
type lineRows interface {
	rowed
	Next() bool
	Err() error
	Close() error
}

func scanLines(rows lineRows) (out []Line, err error) {
	defer rows.Close()
	for rows.Next() {
		l, err := scanLine(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// annulled takes back what an annulled act told: what waits is not sent; what was
// sent, or is being sent, is corrected.
func annulled(tx *db.Tx, act, by string, recorded, now clock.Instant, policy Policy) error {
	lines, err := toldOf(tx, act)
	if err != nil {
		return err
	}
	for _, l := range lines {
		n, err := tx.Exec(`UPDATE notice_message SET status = 'suppressed', problem = 'annulled', changed = $2 WHERE id = $1 AND status = 'waiting' AND bundle = ''`, l.ID, now)
		if err != nil {
			return err
		}
		if n == 1 || l.Status != Sent && (l.Status != Waiting || l.Bundle == "") || policy.old(recorded, now) {
			continue
		}
		c := l
		c.ID, c.Act, c.Kind = lineID(by, l.Receiver), by, l.Who+"."+corrected
		c.Status, c.Bundle, c.Sender, c.Ref, c.Problem = Waiting, "", "", "", ""
		c.Recorded, c.Changed = recorded, now
		if c.Due = policy.partyTime(now); l.Who == toPerson && l.Urgency == Urgent {
			c.Due = now
		}
		c.Expires = c.Due.Add(policy.life())
		args, err := c.Args.stored()
		if err != nil {
			return err
		}
		if err := insert(tx, &c, args); err != nil {
			return err
		}
	}
	return nil
}

// keepLink makes the page good to which a party's messages lead.
func keepLink(tx *db.Tx, code string, l *Line) error {
	_, err := tx.Exec(`INSERT INTO notice_link(code, case_id, number, party, role) VALUES ($1,$2,$3,$4,$5) ON CONFLICT (code) DO NOTHING`, code, l.Case, l.Number, l.Receiver, l.Role)
	return err
}

// none turns "no such row" into ok = false.
func none(err error) (bool, error) {
	if errors.Is(err, db.NoRows) {
		return false, nil
	}
	return err == nil, err
}

// cursorOf and cursor write and read where a page of the delivery log ends.
func cursorOf(l Line) string { return cursorAt(l.Changed, l.ID) }

func cursorAt(i clock.Instant, id string) string { return strconv.FormatInt(int64(i), 10) + "." + id }

func cursor(s string) (clock.Instant, string, bool) {
	at, id, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(at, 10, 64)
	return clock.Instant(n), id, ok && err == nil && len(id) <= 64
}
