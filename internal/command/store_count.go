package command

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// query builds one statement.
type query struct {
	where []string
	args  []any
}

func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *query) and(format string, args ...any) {
	marks := make([]any, len(args))
	for i, a := range args {
		marks[i] = q.arg(a)
	}
	q.where = append(q.where, fmt.Sprintf(format, marks...))
}

func (q *query) text() string { return strings.Join(q.where, " AND ") }

// within restricts rows or counters (whose alias is given) to a scope and to
// what the actor's posts see of it.
func (s *Service) within(ctx context.Context, q *query, alias string, a identity.Actor, sc Scope) error {
	area := alias + ".area"
	if alias == "c" { // rows are walked in the list's order or by place: a range of areas would have them all sorted
		area = "(c.area || '')"
	}
	if sc.Area != "" {
		if _, err := strconv.ParseUint(sc.Area, 10, 64); err != nil || len(sc.Area) > 20 {
			return fault.New(fault.Invalid, "procedure.value_area").At("area")
		}
		q.and(area+" >= %s AND "+area+" < %s", sc.Area, sc.Area+":")
	}
	if sc.Unit != "" {
		units, err := s.unitsWithin(ctx, sc.Path)
		if err != nil {
			return err
		}
		first := len(q.args) + 1
		for _, u := range units {
			q.args = append(q.args, u)
		}
		q.where = append(q.where, alias+".unit IN "+db.In(first, len(units)))
	}
	text, err := s.cases.Visible(ctx, a, identity.Columns{Unit: alias + ".unit", Area: area, Sealed: alias + ".sealed"}, alias+".procedure", q.arg)
	q.where = append(q.where, text)
	return err
}

// unitsWithin are the ids of the unit of path and of those below it, closed ones
// too; never none.
func (s *Service) unitsWithin(ctx context.Context, path string) ([]string, error) {
	all, err := s.people.Units(ctx)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, u := range all {
		if u.Within(path) {
			out = append(out, u.ID)
		}
	}
	if len(out) == 0 {
		return []string{""}, nil
	}
	return out, nil
}

// what a tally tells apart.
const (
	byArea   = "area"
	byUnit   = "unit"
	byMatter = "matter" // class, procedure and state in one go
)

func grouping(by, alias string, digits int) string {
	switch by {
	case byArea:
		return "substr(" + alias + ".area, 1, " + strconv.Itoa(digits) + ")"
	case byUnit:
		return alias + ".unit"
	case byMatter:
		return alias + ".class || '|' || " + alias + ".procedure || '.' || " + alias + ".state"
	}
	return "''"
}

// same narrows rows or counters to the filter's class and state.
func (f Filter) same(q *query, alias string, state bool) {
	if f.Class != "" {
		q.and(alias+".class = %s", f.Class)
	}
	if f.Procedure != "" {
		q.and(alias+".procedure = %s", f.Procedure)
	}
	if f.State != "" && state {
		q.and(alias+".state = %s", f.State)
	}
}

// tally adds up leaf counters, told apart by area (its first digits), class or
// state. Of the filter only class and state count.
func (s *Service) tally(ctx context.Context, a identity.Actor, sc Scope, f Filter, by string, digits int) (map[string]Numbers, error) {
	child := 0
	if by == byArea {
		child = digits
	}
	now := s.clk.Now()
	today := now.Day()
	out := map[string]Numbers{}
	level := levelOf(sc, a, child)
	q := &query{}
	before, on := q.arg(int64(today)), q.arg(int64(today))
	q.and("k.what IN (%s, %s, %s) AND k.level = %s", countOpen, countDecides, countUnplaced, level)
	f.same(q, "k", true)
	if err := s.within(ctx, q, "k", a, sc); err != nil {
		return nil, err
	}
	group := grouping(by, "k", digits)
	err := s.each(ctx, `SELECT `+group+`, k.what, CAST(SUM(k.n) AS BIGINT), CAST(SUM(CASE WHEN k.day > 0 AND k.day < `+before+` THEN k.n ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN k.day = `+on+` THEN k.n ELSE 0 END) AS BIGINT) FROM command_count k WHERE `+q.text()+` GROUP BY 1, 2`, q.args, 5, func(key string, n []int) {
		m := out[key]
		switch n[0] {
		case countOpen:
			m.Open, m.Overdue, m.Today = n[1], n[2], n[3]
		case countDecides:
			m.Decides = n[1]
		case countUnplaced:
			m.Unplaced = n[1]
		}
		out[key] = m
	})
	if err != nil {
		return nil, err
	}
	if err := s.tallyReceived(ctx, a, sc, f, by, digits, level, today, out); err != nil {
		return nil, err
	}
	return out, s.tallyLate(ctx, a, sc, f, by, digits, now, out)
}

// tallyReceived adds what came today.
func (s *Service) tallyReceived(ctx context.Context, a identity.Actor, sc Scope, f Filter, by string, digits, level int, today clock.Day, out map[string]Numbers) error {
	q := &query{}
	q.and("k.what = %s AND k.level = %s AND k.day = %s", countReceived, level, int64(today))
	f.same(q, "k", false)
	if err := s.within(ctx, q, "k", a, sc); err != nil {
		return err
	}
	return s.each(ctx, `SELECT `+grouping(by, "k", digits)+`, CAST(SUM(k.n) AS BIGINT) FROM command_count k WHERE `+q.text()+` GROUP BY 1`, q.args, 2, func(key string, n []int) {
		m := out[key]
		m.Received = n[0]
		out[key] = m
	})
}

// tallyLate moves what was due earlier today from today to overdue: whole days
// stand in counters, the day that runs is looked at by its cases.
func (s *Service) tallyLate(ctx context.Context, a identity.Actor, sc Scope, f Filter, by string, digits int, now clock.Instant, out map[string]Numbers) error {
	q := &query{}
	q.and("c.live = 1 AND c.due_key > %s AND c.due_key <= %s", now.Day().Start(), now)
	f.same(q, "c", true)
	if err := s.within(ctx, q, "c", a, sc); err != nil {
		return err
	}
	return s.each(ctx, `SELECT `+grouping(by, "c", digits)+`, COUNT(*) FROM command_case c WHERE `+q.text()+` GROUP BY 1`, q.args, 2, func(key string, n []int) {
		m := out[key]
		m.Overdue += n[0]
		m.Today -= n[0]
		out[key] = m
	})
}

// each reads rows of a key and numbers, columns in all.
func (s *Service) each(ctx context.Context, text string, args []any, columns int, fn func(key string, n []int)) error {
	rows, err := s.d.Reader().Rows(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var key string
	n := make([]int, columns-1)
	to := []any{&key}
	for i := range n {
		to = append(to, &n[i])
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		fn(key, n)
	}
	return rows.Err()
}

// rises gives every class with how much of it came in the last seven days, today
// included, and in the four weeks before.
func (s *Service) rises(ctx context.Context, a identity.Actor, sc Scope) ([]Rise, error) {
	today := s.clk.Now().Day()
	q := &query{}
	week, weeks := q.arg(int64(today-6)), q.arg(int64(today-6))
	q.and("k.what = %s AND k.level = %s AND k.day >= %s AND k.day <= %s", countReceived, levelOf(sc, a, 0), int64(today-34), int64(today))
	if err := s.within(ctx, q, "k", a, sc); err != nil {
		return nil, err
	}
	var out []Rise
	err := s.each(ctx, `SELECT k.class, CAST(SUM(CASE WHEN k.day >= `+week+` THEN k.n ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN k.day < `+weeks+` THEN k.n ELSE 0 END) AS BIGINT)
		FROM command_count k WHERE `+q.text()+` GROUP BY k.class`, q.args, 3, func(class string, n []int) {
		out = append(out, Rise{class, n[0], n[1]})
	})
	return out, err
}

// line is a case of the list before its title is asked for.
type line struct {
	ID  string
	Key int64 // what it is sorted by
}

// lines lists open cases by their due date or the newest first.
func (s *Service) lines(ctx context.Context, a identity.Actor, sc Scope, f Filter) (out []line, next string, err error) {
	limit := min(max(f.Limit, 1), 200)
	q := &query{}
	q.where = append(q.where, "c.live = 1")
	s.narrow(q, sc, f)
	if err := s.within(ctx, q, "c", a, sc); err != nil {
		return nil, "", err
	}
	column, order, than := "c.due_key", "c.due_key, c.case_id", ">"
	if f.Newest {
		column, order, than = "c.opened", "c.opened DESC, c.case_id DESC", "<"
	}
	if f.After != "" {
		at, id, ok := strings.Cut(f.After, ".")
		n, err := strconv.ParseInt(at, 10, 64)
		if !ok || err != nil || len(id) > 40 {
			return nil, "", fault.New(fault.Invalid, "command.cursor").At("after")
		}
		q.and("("+column+", c.case_id) "+than+" (%s, %s)", n, id)
	}
	rows, err := s.d.Reader().Rows(ctx, `SELECT c.case_id, `+column+` FROM command_case c WHERE `+q.text()+` ORDER BY `+order+` LIMIT `+q.arg(limit+1), q.args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var l line
		if err := rows.Scan(&l.ID, &l.Key); err != nil {
			return nil, "", err
		}
		out = append(out, l)
	}
	if len(out) > limit {
		out = out[:limit]
		next = strconv.FormatInt(out[limit-1].Key, 10) + "." + out[limit-1].ID
	}
	return out, next, rows.Err()
}

// narrow adds the filter's conditions on rows, and for an area of whole level
// the equality that an index in the list's order serves.
func (s *Service) narrow(q *query, sc Scope, f Filter) {
	switch len(sc.Area) {
	case 9:
		q.and("c.street = %s", sc.Area)
	default:
		if len(sc.Area) >= communityDigits {
			q.and("c.community = %s", cut(sc.Area, communityDigits))
		}
	}
	f.same(q, "c", true)
	now := s.clk.Now()
	switch f.Due {
	case "overdue":
		q.and("c.due_key <= %s", now)
	case "today":
		q.and("c.due_key > %s AND c.due_key <= %s", now, now.Day().End())
	}
	if f.Decides {
		q.where = append(q.where, "c.decides = 1")
	}
	if f.Unplaced {
		q.where = append(q.where, "c.unplaced = 1")
	}
}

// box is a piece of the ground in degrees × 1,000,000.
type box struct{ west, south, east, north int64 }

// squares groups cases with a place of their own by squares of step, the fullest
// first.
func (s *Service) squares(ctx context.Context, a identity.Actor, sc Scope, f Filter, b box, step int64, most int) ([]Cluster, error) {
	q := &query{}
	now := q.arg(s.clk.Now())
	latStep, lonStep := q.arg(step), q.arg(step)
	q.where = append(q.where, "c.live = 1 AND c.placed = 1")
	q.and("c.lat >= %s AND c.lat <= %s AND c.lon >= %s AND c.lon <= %s", b.south, b.north, b.west, b.east)
	s.narrow(q, sc, f)
	if err := s.within(ctx, q, "c", a, sc); err != nil {
		return nil, err
	}
	rows, err := s.d.Reader().Rows(ctx, `SELECT COUNT(*), CAST(SUM(CASE WHEN c.due_key <= `+now+` THEN 1 ELSE 0 END) AS BIGINT), MIN(c.case_id),
		CAST(SUM(c.lon) AS BIGINT), CAST(SUM(c.lat) AS BIGINT) FROM command_case c WHERE `+q.text()+`
		GROUP BY c.lat / CAST(`+latStep+` AS BIGINT), c.lon / CAST(`+lonStep+` AS BIGINT) ORDER BY 1 DESC, 3 LIMIT `+q.arg(most), q.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Cluster
	for rows.Next() {
		var c Cluster
		var lon, lat int64
		if err := rows.Scan(&c.Open, &c.Overdue, &c.Case, &lon, &lat); err != nil {
			return nil, err
		}
		c.Lon, c.Lat = degrees(lon/int64(c.Open)), degrees(lat/int64(c.Open))
		if c.Open > 1 {
			c.Case = ""
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// shown is the number of the filter's kind.
func (n Numbers) shown(f Filter) int {
	switch {
	case f.Unplaced:
		return n.Unplaced
	case f.Decides:
		return n.Decides
	case f.Due == "overdue":
		return n.Overdue
	case f.Due == "today":
		return n.Today
	}
	return n.Open
}

// sorted lists the parts of a tally with most of what is shown first.
func sorted(parts map[string]Numbers, by func(Numbers) int) []Part {
	var out []Part
	for key, n := range parts {
		out = append(out, Part{key, n})
	}
	slices.SortFunc(out, func(a, b Part) int {
		if d := by(b.Numbers) - by(a.Numbers); d != 0 {
			return d
		}
		return strings.Compare(a.Key, b.Key)
	})
	return out
}
