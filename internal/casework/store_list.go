package casework

import (
	"context"
	"fmt"
	"linli/internal/procedure"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// The boxes of an inbox.
const (
	BoxMine  = "mine"  // cases the actor holds
	BoxUnit  = "unit"  // cases the actor's units hold, or that lie on the desk of the actor's posts
	BoxAbove = "above" // overdue cases the actor's units were told of
	BoxTold  = "told"  // cases with something new that the actor was told of
	BoxAll   = "all"   // all the actor may see
)

// Filter chooses cases for a list.
type Filter struct {
	Box       string
	Due       string // "", today, overdue
	Kind      string // "", open (not done or final), or a kind of state
	Procedure string
	State     string
	Class     string
	Area      string // code prefix
	Unit      string
	Parent    string
	Leader    string // the cases that follow it, or were answered with it
	Words     string // number or part of the title
	Field     string // a listed field …
	Value     string // … and its value
	IDs       []string
	After     string // cursor of the page before
	Limit     int    // 1 to 200; 0 = 50
}

// Row is one line of a list.
type Row struct {
	*Case
	Words procedure.Words // of the state
	Title procedure.Words // of the procedure
}

// page builds one list query.
type page struct {
	where []string
	args  []any
}

func (q *page) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *page) and(format string, args ...any) {
	marks := make([]any, len(args))
	for i, a := range args {
		marks[i] = q.arg(a)
	}
	q.where = append(q.where, fmt.Sprintf(format, marks...))
}

// columns are the SQL expressions of a case under which relations are judged.
var columns = identity.Columns{
	CaseID: "c.id", Unit: "c.unit", Person: "c.person", Area: "c.area", Sealed: "c.sealed",
	ParentUnit:   "(SELECT p.unit FROM casework_case p WHERE p.id = c.parent)",
	ParentPerson: "(SELECT p.person FROM casework_case p WHERE p.id = c.parent)",
	Value: func(name string) string {
		if !procedure.IDPattern.MatchString(name) {
			return ""
		}
		return "(SELECT v.words FROM casework_value v WHERE v.case_id = c.id AND v.field = '" + name + "')"
	},
	PartyOf: func(a identity.Actor, role string, arg func(any) string) string {
		if a.Person == "" {
			return ""
		}
		cond := "EXISTS (SELECT 1 FROM casework_party y WHERE y.case_id = c.id AND y.person = " + arg(a.Person)
		if role != "" {
			cond += " AND y.role = " + arg(role)
		}
		return cond + ")"
	},
}

// List gives the cases a filter chooses among those the actor may see, the
// earliest due first (those without a date last), and the cursor of the next page.
func (s *Service) List(ctx context.Context, a identity.Actor, f Filter) ([]Row, string, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	q, err := s.filter(ctx, a, f)
	if err != nil {
		return nil, "", err
	}
	if f.After != "" {
		due, id, ok := strings.Cut(f.After, ".")
		n, err := strconv.ParseInt(due, 10, 64)
		if !ok || err != nil || !procedure.IDPattern.MatchString(id) {
			return nil, "", fault.New(fault.Invalid, "casework.cursor").At("after")
		}
		q.and("(CASE WHEN c.due = 0 THEN 9000000000000000000 ELSE c.due END, c.id) > (%s, %s)", n, id)
	}
	rows, err := s.DB.Reader().Rows(ctx, `SELECT `+db.Columns("c", caseColumns)+` FROM casework_case c WHERE `+strings.Join(q.where, " AND ")+
		` ORDER BY CASE WHEN c.due = 0 THEN 9000000000000000000 ELSE c.due END, c.id LIMIT `+q.arg(f.Limit+1), q.args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		c, err := scanCase(rows)
		if err != nil {
			return nil, "", err
		}
		p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
		if err != nil {
			return nil, "", err
		}
		out = append(out, Row{c, p.State(c.State).Words, p.Title})
	}
	next := ""
	if len(out) > f.Limit {
		out = out[:f.Limit]
		last := out[f.Limit-1]
		due := int64(last.Due)
		if due == 0 {
			due = 9000000000000000000
		}
		next = strconv.FormatInt(due, 10) + "." + last.ID
	}
	return out, next, rows.Err()
}

// Count counts what List would list, up to a bound that a page can show.
func (s *Service) Count(ctx context.Context, a identity.Actor, f Filter, most int) (n int, err error) {
	q, err := s.filter(ctx, a, f)
	if err != nil {
		return 0, err
	}
	err = s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM casework_case c WHERE `+strings.Join(q.where, " AND ")+` LIMIT `+q.arg(most)+`) few`, q.args...).Scan(&n)
	return n, err
}

func (s *Service) filter(ctx context.Context, a identity.Actor, f Filter) (*page, error) {
	q := &page{}
	if err := s.visible(ctx, a, q); err != nil {
		return nil, err
	}
	q.box(a, f.Box)
	now := s.Clock.Now()
	switch f.Due {
	case "today":
		q.and("c.due > 0 AND c.due <= %s", now.Day().End())
	case "overdue":
		q.and("c.due > 0 AND c.due <= %s", now)
	case "":
	default:
		return nil, fault.New(fault.Invalid, "casework.filter").At("due")
	}
	switch f.Kind {
	case "":
	case procedure.Open:
		q.where = append(q.where, "c.kind IN ('open', 'waiting')")
	default:
		q.and("c.kind = %s", f.Kind)
	}
	for column, value := range map[string]string{"procedure": f.Procedure, "state": f.State, "class": f.Class, "unit": f.Unit} {
		if value != "" {
			q.and("c."+column+" = %s", value)
		}
	}
	if f.Parent != "" {
		q.and("c.parent = %s AND c.parent <> ''", f.Parent)
	}
	if f.Leader != "" {
		q.and("c.leader = %s AND c.leader <> ''", f.Leader)
	}
	if f.Area != "" {
		if _, err := strconv.ParseUint(f.Area, 10, 64); err != nil {
			return nil, fault.New(fault.Invalid, "procedure.value_area").At("area")
		}
		q.and("c.area >= %s AND c.area < %s", f.Area, f.Area+":")
	}
	if f.Words != "" {
		words, err := text.Clean(f.Words, 100)
		if err != nil {
			return nil, fault.Of(err).At("q")
		}
		pattern := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(words)) + "%"
		q.and(`(c.number = %s OR LOWER(c.title) LIKE %s ESCAPE '\')`, words, pattern)
	}
	if f.Field != "" {
		q.and("c.id IN (SELECT v.case_id FROM casework_value v WHERE v.field = %s AND v.words = %s)", f.Field, f.Value) // few have it: they are found by it
	}
	if f.IDs != nil {
		if len(f.IDs) == 0 {
			q.where = append(q.where, "1=0")
		} else {
			first := len(q.args) + 1
			for _, id := range f.IDs {
				q.args = append(q.args, id)
			}
			q.where = append(q.where, "c.id IN "+db.In(first, len(f.IDs)))
		}
	}
	return q, nil
}

// visible restricts a list to what the relations let the actor see.
func (s *Service) visible(ctx context.Context, a identity.Actor, q *page) error {
	text, err := s.Visible(ctx, a, columns, "c.procedure", q.arg)
	q.where = append(q.where, text)
	return err
}

// Visible is the SQL condition under which the actor may see a case, over the
// columns of a room that keeps cases in a table of its own: what it lists and
// counts is then judged by the same text as every list here. Relations whose
// columns are left out do not hold. Procedures with views of their own are
// judged by those. arg takes one parameter and returns its placeholder.
func (s *Service) Visible(ctx context.Context, a identity.Actor, c identity.Columns, procedure string, arg func(any) string) (string, error) {
	if a.Kind == identity.System {
		return "1=1", nil
	}
	r, _, err := s.rules.Now(ctx)
	if err != nil {
		return "", err
	}
	var own, parts []string
	for _, p := range r.procedures {
		if p.See != nil {
			own = append(own, arg(p.Name))
			parts = append(parts, "("+procedure+" = "+own[len(own)-1]+" AND ("+identity.Condition(p.See, a, c, arg)+"))")
		}
	}
	rest := "(" + identity.Condition(r.views["case"], a, c, arg) + ")"
	if len(own) > 0 {
		rest = "(" + procedure + " NOT IN (" + strings.Join(own, ",") + ") AND " + rest + ")"
	}
	return "(" + strings.Join(append(parts, rest), " OR ") + ")", nil
}

// Sees gives the relations of which one must hold for a case of the procedure to
// be seen: what Visible says in SQL, for a decision about one case in Go.
func (s *Service) Sees(ctx context.Context, name string) ([]identity.Relation, error) {
	r, _, err := s.rules.Now(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range r.procedures {
		if p.Name == name && p.See != nil {
			return p.See, nil
		}
	}
	return r.views["case"], nil
}

// box restricts a list to one box of the inbox. A case that follows another
// waits in nobody's box: its leading case does. A parameter is taken only where
// it is used: PostgreSQL refuses one that is not.
func (q *page) box(a identity.Actor, box string) {
	switch box {
	case BoxMine:
		q.mine(a)
	case BoxUnit:
		or := []string{"c.desk = '' AND c.unit <> '' AND c.unit " + q.units(a)}
		for _, p := range a.Posts {
			if p.Area != "" {
				or = append(or, "(c.desk <> '' AND c.desk = "+q.arg(p.Kind)+" AND c.area >= "+q.arg(p.Area)+" AND c.area < "+q.arg(p.Area+":")+")")
			}
		}
		q.where = append(q.where, "("+strings.Join(or, " OR ")+")", "c.followed = 0")
	case BoxAbove:
		q.where = append(q.where, "c.followed = 0 AND c.escalated <> '' AND c.escalated "+q.units(a))
	case BoxTold:
		q.where = append(q.where, "EXISTS (SELECT 1 FROM casework_told t WHERE t.case_id = c.id AND t.seen = 0 AND (t.unit <> '' AND t.unit "+q.units(a)+
			" OR t.person <> '' AND t.person = "+q.arg(a.Person)+"))")
	}
}

// mine are the cases the actor holds, or those for whom the actor stands in.
func (q *page) mine(a identity.Actor) {
	or := []string{"c.person = " + q.arg(a.Person)}
	for _, st := range a.For {
		one := "c.person = " + q.arg(st.Person)
		if st.Unit != "" {
			one += " AND c.unit = " + q.arg(st.Unit)
		}
		or = append(or, one)
	}
	q.where = append(q.where, "c.followed = 0 AND c.person <> '' AND ("+strings.Join(or, " OR ")+")")
}

// units is the SQL list of the actor's units.
func (q *page) units(a identity.Actor) string {
	marks := []string{"''"}
	for _, p := range a.Posts {
		marks = append(marks, q.arg(p.Unit))
	}
	return "IN (" + strings.Join(marks, ",") + ")"
}

// told marks what an actor was told of a case ("" for all) up to an instant as seen.
func told(a identity.Actor, id string, now clock.Instant) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		for _, p := range a.Posts {
			if _, err := tx.Exec(`UPDATE casework_told SET seen = $1 WHERE (case_id = $2 OR $2 = '') AND unit = $3 AND seen = 0 AND recorded <= $1`, now, id, p.Unit); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`UPDATE casework_told SET seen = $1 WHERE (case_id = $2 OR $2 = '') AND person = $3 AND person <> '' AND seen = 0 AND recorded <= $1`, now, id, a.Person)
		return err
	}
}
