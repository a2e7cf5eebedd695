package casework

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"linli/internal/procedure"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
)

const caseColumns = `id, number, procedure, edition, title, state, kind, version, acts, ticks, unit, person, desk, area, class,
	sealed, parent, parent_act, opened, changed, happened, last_act, due, breached, escalated, published, imported, form, doers,
	leader, followed`

// scanner is a row of either kind.
type scanner interface{ Scan(...any) error }

func scanCase(row scanner, more ...any) (*Case, error) {
	c := &Case{}
	var form, doers string
	var imported int64
	to := []any{&c.ID, &c.Number, &c.Procedure, &c.Edition, &c.Title, &c.State, &c.Kind, &c.Version, &c.Acts, &c.Ticks, &c.Unit,
		&c.Person, &c.Desk, &c.Area, &c.Class, &c.Sealed, &c.Parent, &c.ParentAct, &c.Opened, &c.Changed, &c.Happened, &c.LastAct, &c.Due,
		&c.Breached, &c.Escalated, &c.Published, &imported, &form, &doers, &c.Leader, &c.Followed}
	if err := row.Scan(append(to, more...)...); err != nil {
		return nil, err
	}
	c.Imported = imported == 1
	var err error
	if c.Values, err = procedure.ValuesFrom(form); err != nil {
		return nil, fmt.Errorf("values of case %s: %w", c.ID, err)
	}
	if err := json.Unmarshal([]byte(doers), &c.Doers); err != nil {
		return nil, fmt.Errorf("doers of case %s: %w", c.ID, err)
	}
	return c, nil
}

// load reads a case by id or number with its clocks; NotFound where there is none.
func (s *Service) load(ctx context.Context, id string) (*Case, error) {
	column := "id"
	if len(id) != 26 {
		column = "number"
	}
	c, err := scanCase(s.DB.Reader().Row(ctx, `SELECT `+caseColumns+` FROM casework_case WHERE `+column+` = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "casework.no_case")
	}
	if err != nil {
		return nil, err
	}
	c.clocks, err = s.clocksOf(ctx, s.DB.Reader(), c.ID)
	return c, err
}

func (s *Service) clocksOf(ctx context.Context, q db.Query, id string) (map[string]procedure.ClockRow, error) {
	rows, err := q.Rows(ctx, `SELECT detail FROM casework_clock WHERE case_id = $1`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]procedure.ClockRow{}
	for rows.Next() {
		var detail string
		var k procedure.ClockRow
		if err := rows.Scan(&detail); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(detail), &k); err != nil {
			return nil, err
		}
		out[k.Name] = k
	}
	return out, rows.Err()
}

// children lists the cases a case opened, the first first. "parent <> ”" says to
// the planner that the partial index serves, here and in the like.
func (s *Service) children(ctx context.Context, id string) ([]Child, error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT id, number, procedure, state, kind, unit FROM casework_case WHERE parent = $1 AND parent <> '' ORDER BY id`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Child
	for rows.Next() {
		var c Child
		if err := rows.Scan(&c.ID, &c.Number, &c.Procedure, &c.State, &c.Kind, &c.Unit); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

const actColumns = `id, case_id, seq, act, before, after, person, post, unit, role, behalf, happened, recorded, edition, delta, body, annuls, erases`

func scanAct(row scanner) (ActRow, error) {
	var a ActRow
	var delta, body string
	if err := row.Scan(&a.ID, &a.CaseID, &a.Seq, &a.Act, &a.From, &a.To, &a.Person, &a.Post, &a.Unit, &a.Role, &a.Behalf, &a.Happened, &a.Recorded,
		&a.Edition, &delta, &body, &a.Annuls, &a.Erases); err != nil {
		return a, err
	}
	if err := json.Unmarshal([]byte(delta), &a.Delta); err != nil {
		return a, fmt.Errorf("effect of act %s: %w", a.ID, err)
	}
	if err := json.Unmarshal([]byte(body), &a.Body); err != nil {
		return a, fmt.Errorf("values of act %s: %w", a.ID, err)
	}
	return a, nil
}

// actsOf reads a case's acts in their order.
func (s *Service) actsOf(ctx context.Context, q db.Query, id string) ([]ActRow, error) {
	rows, err := q.Rows(ctx, `SELECT `+actColumns+` FROM casework_act WHERE case_id = $1 ORDER BY seq`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ActRow
	for rows.Next() {
		a, err := scanAct(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// isParty reports whether the actor takes part in the case by account.
func (s *Service) isParty(ctx context.Context, id string, a identity.Actor, role string) bool {
	if a.Person == "" || id == "" {
		return false
	}
	var n int
	err := s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM casework_party WHERE case_id = $1 AND person = $2 AND ($3 = '' OR role = $3)`, id, a.Person, role).Scan(&n)
	return err == nil && n > 0
}

// PartyByToken finds the case and the role that a link's token opens.
func (s *Service) PartyByToken(ctx context.Context, hash string) (identity.Party, error) {
	var p identity.Party
	err := s.DB.Reader().Row(ctx, `SELECT case_id, role, id FROM casework_party WHERE token = $1 AND token <> ''`, hash).Scan(&p.Case, &p.Role, &p.ID)
	if errors.Is(err, sql.ErrNoRows) || hash == "" {
		return identity.Party{}, fault.New(fault.NotFound, "casework.no_link")
	}
	return p, err
}

// Holding finds the cases with an act recorded between two moments whose values
// hold a text that occurs nowhere by chance: the id of an attachment.
func (s *Service) Holding(ctx context.Context, id string, from, until clock.Instant) ([]string, error) {
	if !procedure.IDPattern.MatchString(id) {
		return nil, nil
	}
	const stamp = 10 // characters of an id that tell its time
	rows, err := s.DB.Reader().Rows(ctx, `SELECT DISTINCT case_id FROM casework_act WHERE id >= $1 AND id < $2 AND body LIKE $3`,
		db.NewID(from)[:stamp], db.NewID(until)[:stamp]+"~", `%"`+id+`"%`)
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

const updateCase = `UPDATE casework_case SET title = $1, state = $2, kind = $3, version = $4, acts = acts + 1, ticks = $5, unit = $6,
	person = $7, desk = $8, area = $9, class = $10, sealed = $11, changed = $12, happened = $13, last_act = $14, due = $15, breached = $16,
	escalated = $17, published = $18, form = $19, doers = $20, edition = $21, leader = $22, followed = $23
	WHERE id = $24 AND version = $25 AND ticks = $26
	AND ($27 < 0 OR (SELECT value FROM kit_epoch WHERE name = 'grants') = $27)
	RETURNING acts`

const insertCase = `INSERT INTO casework_case(` + caseColumns + `)
	VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31)
	ON CONFLICT (number) DO NOTHING`

const insertAct = `INSERT INTO casework_act(` + actColumns + `) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)`

// write writes one act. It first locks the case row and compares what the act
// relied on; where that has moved it asks to be prepared again.
func (p *plan) write(tx *db.Tx, log *ledger.Service, grants int64) error {
	if err := p.lockLeader(tx); err != nil {
		return err
	}
	seq, err := p.lock(tx, grants)
	if err != nil {
		return err
	}
	r := &p.row
	r.Seq = seq
	if _, err := tx.Exec(insertAct, r.ID, r.CaseID, seq, r.Act, r.From, r.To, r.Person, r.Post, r.Unit, r.Role, r.Behalf, r.Happened, r.Recorded,
		r.Edition, p.deltaText, p.bodyText, r.Annuls, r.Erases); err != nil {
		return err
	}
	if err := log.Queue(tx, p.leaf); err != nil {
		return err
	}
	if err := p.writeFollowing(tx, seq); err != nil {
		return err
	}
	for _, k := range p.clocks {
		if _, err := tx.Exec(`INSERT INTO casework_clock(case_id, name, status, duty, next, detail) VALUES ($1,$2,$3,$4,$5,$6)
			ON CONFLICT (case_id, name) DO UPDATE SET status = $3, duty = $4, next = $5, detail = $6`,
			r.CaseID, k.row.Name, k.row.Status, k.row.Duty, k.row.Next, k.text); err != nil {
			return err
		}
	}
	for field, value := range p.listed {
		if err := writeListed(tx, r.CaseID, field, value); err != nil {
			return err
		}
	}
	for _, e := range p.erased {
		if _, err := tx.Exec(`UPDATE casework_act SET body = $1 WHERE id = $2`, e.body, e.act); err != nil {
			return err
		}
	}
	return p.writePeople(tx)
}

func (p *plan) writePeople(tx *db.Tx) error {
	r := &p.row
	for _, party := range r.Delta.Parties {
		if _, err := tx.Exec(`INSERT INTO casework_party(id, case_id, role, person, token, unit) VALUES ($1,$2,$3,$4,$5,$6)`,
			party.ID, r.CaseID, party.Role, party.Person, party.Token, party.Unit); err != nil {
			return err
		}
	}
	for _, t := range r.Delta.Told {
		if t.Party != "" || t.Unit == "" && t.Person == "" {
			continue // a party reads the case's own page
		}
		if _, err := tx.Exec(`INSERT INTO casework_told(case_id, act_id, unit, person, recorded, seen) VALUES ($1,$2,$3,$4,$5,0)
			ON CONFLICT (act_id, unit, person) DO NOTHING`, r.CaseID, r.ID, t.Unit, t.Person, r.Recorded); err != nil {
			return err
		}
	}
	return nil
}

// lock touches the case row first and returns the act's place in the case.
func (p *plan) lock(tx *db.Tx, grants int64) (seq int64, err error) {
	c := p.after
	if p.row.Delta.Opened != nil {
		return 1, p.insert(tx, grants)
	}
	if p.row.Delta.Quiet {
		err = tx.Row(`UPDATE casework_case SET acts = acts + 1 WHERE id = $1 AND state = $2 RETURNING acts`, c.ID, p.row.From).Scan(&seq)
	} else {
		err = tx.Row(updateCase, c.Title, c.State, c.Kind, c.Version, c.Ticks, c.Unit, c.Person, c.Desk, c.Area, c.Class, c.Sealed,
			c.Changed, c.Happened, c.LastAct, c.Due, c.Breached, c.Escalated, c.Published, p.formText, p.doersText, c.Edition,
			c.Leader, c.Followed, c.ID, p.before.Version, p.before.Ticks, grants).Scan(&seq)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errAgain
	}
	return seq, err
}

func (p *plan) insert(tx *db.Tx, grants int64) error {
	var n int
	// What a new case relied on: the edition whose forms it keeps, and the doer's posts.
	if err := tx.Row(`SELECT COUNT(*) FROM kit_epoch WHERE name = 'edition' AND value = $1 OR name = 'grants' AND ($2 < 0 OR value = $2)`,
		p.row.Edition, grants).Scan(&n); err != nil {
		return err
	}
	if n != 2 {
		return errAgain
	}
	c := p.after
	imported := 0
	if c.Imported {
		imported = 1
	}
	done, err := tx.Exec(insertCase, c.ID, c.Number, c.Procedure, c.Edition, c.Title, c.State, c.Kind, c.Version, c.Acts, c.Ticks, c.Unit,
		c.Person, c.Desk, c.Area, c.Class, c.Sealed, c.Parent, c.ParentAct, c.Opened, c.Changed, c.Happened, c.LastAct, c.Due, c.Breached,
		c.Escalated, c.Published, imported, p.formText, p.doersText, c.Leader, c.Followed)
	if err == nil && done == 0 {
		if c.Imported {
			return fault.New(fault.Conflict, "casework.number_taken", "number", c.Number)
		}
		return errAgain // the number was drawn twice
	}
	return err
}

// writeListed keeps one value as a column; no value takes it away.
func writeListed(tx *db.Tx, id, field string, value any) error {
	words, number, ok := procedure.Column(value)
	if !ok {
		_, err := tx.Exec(`DELETE FROM casework_value WHERE case_id = $1 AND field = $2`, id, field)
		return err
	}
	_, err := tx.Exec(`INSERT INTO casework_value(case_id, field, words, number) VALUES ($1,$2,$3,$4)
		ON CONFLICT (case_id, field) DO UPDATE SET words = $3, number = $4`, id, field, words, number)
	return err
}
