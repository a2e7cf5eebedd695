package deliberation

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// Touched folds the acts of this room's procedures into its tables, in their own
// transaction: a signature given twice and a count that was overtaken are refused
// there. The engine has locked the case's row.
func Touched(tx *db.Tx, name string, row casework.ActRow) error {
	if name != Petition && name != Consultation && name != FourSteps && name != CollectiveDecision {
		return nil
	}
	switch {
	case row.Delta.Opened != nil:
		return listMatter(tx, name, row)
	case row.Delta.Kind != "" && !row.Delta.Quiet:
		if _, err := tx.Exec(`UPDATE deliberation_matter SET kind = $2 WHERE case_id = $1`, row.CaseID, row.Delta.Kind); err != nil {
			return err
		}
	}
	switch name + "/" + row.Act {
	case Petition + "/" + signAct:
		return keepSignature(tx, row)
	case Petition + "/" + judgeAct:
		return judgeSignature(tx, row)
	case Petition + "/" + countAct:
		return holdCount(tx, row)
	case Consultation + "/" + sayAct:
		return keepStatement(tx, row)
	case Consultation + "/" + moderateAct:
		return moderateStatement(tx, row)
	}
	return nil
}

func listMatter(tx *db.Tx, name string, row casework.ActRow) error {
	code := ""
	if row.Delta.Area != nil {
		code = *row.Delta.Area
	}
	_, err := tx.Exec(`INSERT INTO deliberation_matter(case_id, procedure, area, kind, opened) VALUES ($1,$2,$3,$4,$5)`,
		row.CaseID, name, code, row.Delta.Kind, row.Recorded)
	return err
}

// word is a text among an act's values, "" where there is none.
func word(row casework.ActRow, field string) (out string) {
	if json.Unmarshal(row.Body[field].Value, &out) != nil {
		return ""
	}
	return out
}

func keepSignature(tx *db.Tx, row casework.ActRow) error {
	n, err := tx.Exec(`INSERT INTO deliberation_signature(act_id, case_id, n, capacity, mark, verdict, ground)
		SELECT $1, $2, COALESCE(MAX(n), 0) + 1, $3, $4, '', '' FROM deliberation_signature WHERE case_id = $2
		ON CONFLICT DO NOTHING`, row.ID, row.CaseID, word(row, "capacity"), word(row, "mark"))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "deliberation.signed_already").At("signer")
	}
	return err
}

func judgeSignature(tx *db.Tx, row casework.ActRow) error {
	verdict := word(row, "verdict")
	ground := word(row, "ground")
	if verdict == Valid {
		ground = ""
	}
	n, err := tx.Exec(`UPDATE deliberation_signature SET verdict = $3, ground = $4 WHERE act_id = $1 AND case_id = $2
		AND ($3 = 'invalid' OR NOT EXISTS (SELECT 1 FROM deliberation_signature o WHERE o.case_id = $2 AND o.act_id <> $1 AND o.verdict <> 'invalid'
			AND o.capacity = deliberation_signature.capacity AND o.mark = deliberation_signature.mark))`,
		word(row, "signature"), row.CaseID, verdict, ground)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "deliberation.signed_already").At("signature")
	}
	return err
}

// holdCount refuses a count that somebody overtook with another verdict.
func holdCount(tx *db.Tx, row casework.ActRow) error {
	now, err := countIn(tx.Row(countQuery, row.CaseID))
	if err != nil {
		return err
	}
	for field, n := range map[string]int64{"signed_people": now.People, "signed_households": now.Households, "signed_representatives": now.Representatives,
		"signed_invalid": now.Invalid} {
		var said int64
		if err := json.Unmarshal(row.Body[field].Value, &said); err != nil || said != n || now.Waiting > 0 {
			return fault.New(fault.Stale, "casework.stale")
		}
	}
	return nil
}

const countQuery = `SELECT
	COUNT(*) FILTER (WHERE verdict = 'valid' AND capacity = 'person'), COUNT(*) FILTER (WHERE verdict = 'valid' AND capacity = 'household'),
	COUNT(*) FILTER (WHERE verdict = 'valid' AND capacity = 'representative'), COUNT(*) FILTER (WHERE verdict = 'invalid'),
	COUNT(*) FILTER (WHERE verdict = '') FROM deliberation_signature WHERE case_id = $1`

type scanner interface{ Scan(...any) error }

func countIn(row scanner) (c Count, err error) {
	err = row.Scan(&c.People, &c.Households, &c.Representatives, &c.Invalid, &c.Waiting)
	return c, err
}

// counted is how many signatures a petition has.
func counted(ctx context.Context, q db.Query, id string) (Count, error) {
	return countIn(q.Row(ctx, countQuery, id))
}

// signatures lists those of a petition from a number on.
func (s *Service) signatures(ctx context.Context, id string, after int64, limit int) (out []Signature, err error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT act_id, n, capacity, verdict, ground FROM deliberation_signature WHERE case_id = $1 AND n > $2 ORDER BY n LIMIT $3`, id, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var x Signature
		if err := rows.Scan(&x.Act, &x.N, &x.Capacity, &x.Verdict, &x.Ground); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

func hasSignature(ctx context.Context, q db.Query, id, act string) (n int, err error) {
	err = q.Row(ctx, `SELECT COUNT(*) FROM deliberation_signature WHERE case_id = $1 AND act_id = $2`, id, act).Scan(&n)
	return n, err
}

func keepStatement(tx *db.Tx, row casework.ActRow) error {
	_, err := tx.Exec(`INSERT INTO deliberation_statement(act_id, case_id, n, status, ground, agree, disagree, unsure)
		SELECT $1, $2, COALESCE(MAX(n), 0) + 1, 'held', '', 0, 0, 0 FROM deliberation_statement WHERE case_id = $2`, row.ID, row.CaseID)
	return err
}

func moderateStatement(tx *db.Tx, row casework.ActRow) error {
	status, ground := Published, ""
	if word(row, "ruling") == "hide" {
		status, ground = Hidden, word(row, "ground")
	}
	_, err := tx.Exec(`UPDATE deliberation_statement SET status = $3, ground = $4 WHERE act_id = $1 AND case_id = $2`,
		word(row, "statement_ref"), row.CaseID, status, ground)
	return err
}

const statementColumns = `act_id, case_id, n, status, ground, agree, disagree, unsure`

func scanStatement(row scanner) (x Statement, err error) {
	err = row.Scan(&x.ID, &x.Case, &x.N, &x.Status, &x.Ground, &x.Agree, &x.Disagree, &x.Unsure)
	return x, err
}

// mostStatements bounds what is drawn of one topic.
const mostStatements = 500

// statements lists those of a topic with a status, "" for all.
func (s *Service) statements(ctx context.Context, id, status string) (out []Statement, err error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+statementColumns+` FROM deliberation_statement WHERE case_id = $1 AND ($2 = '' OR status = $2) ORDER BY n LIMIT $3`,
		id, status, mostStatements)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		x, err := scanStatement(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return out, s.worded(ctx, id, out)
}

func (s *Service) statementByID(ctx context.Context, q db.Query, id string) (Statement, error) {
	x, err := scanStatement(q.Row(ctx, `SELECT `+statementColumns+` FROM deliberation_statement WHERE act_id = $1`, id))
	if err != nil {
		return x, err
	}
	one := []Statement{x}
	err = s.worded(ctx, x.Case, one)
	return one[0], err
}

// worded reads the words of a topic's statements where they stand: in their acts.
func (s *Service) worded(ctx context.Context, id string, list []Statement) error {
	if len(list) == 0 {
		return nil
	}
	_, _, acts, err := s.Cases.History(ctx, id)
	if err != nil {
		return err
	}
	said := map[string]casework.Entry{}
	for _, e := range acts {
		if e.Act == sayAct {
			said[e.ID] = e
		}
	}
	for i, x := range list {
		if list[i].Words = said[x.ID].Values.Text("statement"); list[i].Words == "" {
			list[i].Status = Erased
		}
	}
	return nil
}

// heldOn is how many statements of a topic wait to be looked at.
func (s *Service) heldOn(ctx context.Context, id string) (n int, err error) {
	list, err := s.statements(ctx, id, Held)
	for _, x := range list {
		if x.Status == Held { // and was not erased since
			n++
		}
	}
	return n, err
}

// takeStand keeps what a device thinks; a second stand takes the place of the
// first. Where it is on a statement, its counts move with it.
func takeStand(tx *db.Tx, about, device, stand string, statement bool) error {
	before := ""
	rows, err := tx.Rows(`SELECT stand FROM deliberation_stand WHERE about = $1 AND device = $2`, about, device)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := rows.Scan(&before); err != nil {
			return err
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO deliberation_stand(about, device, stand) VALUES ($1,$2,$3) ON CONFLICT (about, device) DO UPDATE SET stand = $3`, about, device, stand); err != nil {
		return err
	}
	if !statement || before == stand {
		return nil
	}
	for column, change := range map[string]int{before: -1, stand: 1} {
		switch column {
		case Agree:
			_, err = tx.Exec(`UPDATE deliberation_statement SET agree = agree + $2 WHERE act_id = $1`, about, change)
		case Disagree:
			_, err = tx.Exec(`UPDATE deliberation_statement SET disagree = disagree + $2 WHERE act_id = $1`, about, change)
		case Unsure:
			_, err = tx.Exec(`UPDATE deliberation_statement SET unsure = unsure + $2 WHERE act_id = $1`, about, change)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lockStatement keeps two stands on one statement apart and says whether it may be
// judged.
func lockStatement(tx *db.Tx, id string) (bool, error) {
	n, err := tx.Exec(`UPDATE deliberation_statement SET status = status WHERE act_id = $1 AND status = 'published'`, id)
	return n == 1, err
}

// lockMatter does the same for the judgement on a result.
func lockMatter(tx *db.Tx, id string) error {
	_, err := tx.Exec(`UPDATE deliberation_matter SET kind = kind WHERE case_id = $1`, id)
	return err
}

// judgedBy counts the stands on a result.
func judgedBy(ctx context.Context, q db.Query, about string) (t Tally, err error) {
	err = q.Row(ctx, `SELECT COUNT(*) FILTER (WHERE stand = 'agree'), COUNT(*) FILTER (WHERE stand = 'disagree'), COUNT(*) FILTER (WHERE stand = 'unsure')
		FROM deliberation_stand WHERE about = $1`, about).Scan(&t.Agree, &t.Disagree, &t.Unsure)
	return t, err
}

// stands are what a device thinks of some things, by what it is about.
func (s *Service) stands(ctx context.Context, device string, about []string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range about {
		var stand string
		if s.DB.Reader().Row(ctx, `SELECT stand FROM deliberation_stand WHERE about = $1 AND device = $2`, id, s.deviceOn(id, device)).Scan(&stand) == nil {
			out[id] = stand
		}
	}
	return out, nil
}

// listFilter chooses public lines.
type listFilter struct {
	Procedure, Area string
	Over            bool
	After           string
	Limit           int
}

// list gives the ids of public lines, the newest first, and the cursor of the next
// page.
func (s *Service) list(ctx context.Context, f listFilter) (ids []string, next string, err error) {
	args := []any{f.Procedure, f.Area, f.Area + ":"}
	cond := `procedure = $1 AND ($2 = '' OR area >= $2 AND area < $3)`
	if f.Over {
		cond += ` AND kind = 'final'`
	} else {
		cond += ` AND kind <> 'final'`
	}
	if at, id, ok := strings.Cut(f.After, "."); ok {
		n, err := strconv.ParseInt(at, 10, 64)
		if err != nil || len(id) != 26 {
			return nil, "", fault.New(fault.Invalid, "casework.cursor").At("after")
		}
		cond += ` AND (opened, case_id) < ($4, $5)`
		args = append(args, n, id)
	}
	args = append(args, f.Limit+1)
	rows, err := s.DB.Reader().Rows(ctx, `SELECT case_id, opened FROM deliberation_matter WHERE `+cond+` ORDER BY opened DESC, case_id DESC LIMIT $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	var last clock.Instant
	for rows.Next() {
		var id string
		var opened clock.Instant
		if err := rows.Scan(&id, &opened); err != nil {
			return nil, "", err
		}
		if len(ids) == f.Limit {
			next = strconv.FormatInt(int64(last), 10) + "." + ids[f.Limit-1]
			break
		}
		ids, last = append(ids, id), opened
	}
	return ids, next, rows.Err()
}
