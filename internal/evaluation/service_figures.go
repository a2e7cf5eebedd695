package evaluation

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// Levels of an area by the length of its code.
const (
	streetDigits    = 9
	communityDigits = 12
	gridDigits      = 15
)

// Figures counts the cases that the filter chooses among those the actor may see
// counted, in all and by one way. Faults: Forbidden, Invalid at a field.
func (s *Service) Figures(ctx context.Context, a identity.Actor, f Filter, by By) (Figures, error) {
	sc, err := s.scopeOf(ctx, a)
	if err != nil {
		return Figures{}, err
	}
	return s.figures(ctx, f, by, sc.sight())
}

// Public counts what everybody may know: the cases of an area (a county or
// street) without any that is sealed, by month or by street. Fault: Invalid at a
// field.
func (s *Service) Public(ctx context.Context, f Filter, by By) (Figures, error) {
	if len(f.Area) > streetDigits || f.Unit != "" || f.Class != "" || f.Channel != "" || by != ByMonth && by != ByArea || by == ByArea && len(f.Area) >= streetDigits {
		return Figures{}, fault.New(fault.Invalid, "evaluation.public").At("area")
	}
	return s.figures(ctx, f, by, unsealed)
}

// sight is what of the cells somebody may see.
type sight struct {
	fine      bool                          // judged by areas smaller than a street
	condition func(func(any) string) string // on a table called t
}

// unsealed is the sight of who may see all but what is sealed from somebody.
var unsealed = sight{condition: func(func(any) string) string { return "t.sealed = ''" }}

// figures are those of a procedure.
func (s *Service) figures(ctx context.Context, f Filter, by By, sees sight) (Figures, error) {
	list, err := s.Catalogue(ctx)
	if err != nil {
		return Figures{}, err
	}
	indicators := list.Of(f.Procedure)
	if len(indicators) == 0 {
		return Figures{}, fault.New(fault.Invalid, "evaluation.no_procedure").At("procedure")
	}
	return s.added(ctx, indicators, f, by, sees)
}

// added adds up the cells of some indicators.
func (s *Service) added(ctx context.Context, indicators []Indicator, f Filter, by By, sees sight) (Figures, error) {
	var ids, stock []string
	for _, i := range indicators {
		ids = append(ids, i.ID)
		if i.Stock {
			stock = append(stock, i.ID)
		}
	}
	q := &query{}
	q.where("t.grain = " + q.arg(int64(grainFor(f, by, sees.fine))) + " AND t.indicator IN " + q.list(ids))
	if err := s.narrow(ctx, q, f, stock); err != nil {
		return Figures{}, err
	}
	q.where("(" + sees.condition(q.arg) + ")")
	key, err := keyOf(by, f)
	if err != nil {
		return Figures{}, err
	}
	rows, err := s.d.Reader().Rows(ctx, `SELECT `+key+`, t.indicator, CAST(SUM(t.n) AS BIGINT), CAST(SUM(t.whole) AS BIGINT) FROM evaluation_count t
		WHERE `+strings.Join(q.conditions, " AND ")+` GROUP BY 1, 2`, q.args...)
	if err != nil {
		return Figures{}, err
	}
	defer rows.Close()
	out := Figures{Total: map[string]Sum{}}
	at := map[string]int{}
	for rows.Next() {
		var key, indicator string
		var sum Sum
		if err := rows.Scan(&key, &indicator, &sum.N, &sum.Of); err != nil {
			return out, err
		}
		i, had := at[key]
		if !had {
			i = len(out.Rows)
			at[key] = i
			out.Rows = append(out.Rows, Row{Key: key, Sums: map[string]Sum{}})
		}
		out.Rows[i].Sums[indicator] = sum
		out.Total[indicator] = out.Total[indicator].plus(sum)
	}
	if by == ByMonth {
		out.Rows = gathered(out.Rows, f)
	}
	return out, rows.Err()
}

// Keys of rows of months outside the choice, in which a stock stands.
const (
	Earlier = "earlier"
	Later   = "later"
)

// gathered puts what stands outside the chosen months into one row before and
// one after them.
func gathered(rows []Row, f Filter) (out []Row) {
	outside := map[string]Row{}
	for _, r := range rows {
		month, _ := strconv.Atoi(r.Key)
		switch {
		case f.From != 0 && month < f.From:
			r.Key = Earlier
		case f.To != 0 && month > f.To:
			r.Key = Later
		default:
			out = append(out, r)
			continue
		}
		if had, ok := outside[r.Key]; ok {
			for indicator, sum := range r.Sums {
				had.Sums[indicator] = had.Sums[indicator].plus(sum)
			}
			continue
		}
		outside[r.Key] = r
	}
	for _, r := range outside {
		out = append(out, r)
	}
	return out
}

// keyOf is the SQL expression of a way. Areas are laid out one level below the
// one that is looked at, grids at the end.
func keyOf(by By, f Filter) (string, error) {
	switch by {
	case ByMonth:
		return "CAST(t.month AS TEXT)", nil
	case ByArea:
		return "substr(t.area, 1, " + strconv.Itoa(below(len(f.Area))) + ")", nil
	case ByUnit, ByClass, ByChannel, ByOther:
		return "t." + string(by), nil
	}
	return "", fault.New(fault.Invalid, "evaluation.by").At("by")
}

// below is the length of the codes one level below a code of some length.
func below(digits int) int {
	switch {
	case digits < streetDigits:
		return streetDigits
	case digits < communityDigits:
		return communityDigits
	}
	return gridDigits
}

// query gathers conditions with their parameters.
type query struct {
	conditions []string
	args       []any
}

func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *query) where(condition string) { q.conditions = append(q.conditions, condition) }

func (q *query) list(values []string) string {
	first := len(q.args) + 1
	for _, v := range values {
		q.args = append(q.args, v)
	}
	return db.In(first, len(values))
}

// narrow adds the filter to a query on a table called t.
func (s *Service) narrow(ctx context.Context, q *query, f Filter, stock []string) error {
	if f.Area != "" {
		if f.Area == Nobody {
			q.where("t.area = ''")
		} else if len(f.Area) > gridDigits || strings.Trim(f.Area, "0123456789") != "" {
			return fault.New(fault.Invalid, "evaluation.area").At("area")
		} else if f.Here {
			q.where("t.area = " + q.arg(f.Area))
		} else {
			q.where("t.area >= " + q.arg(f.Area) + " AND t.area < " + q.arg(f.Area+":"))
		}
	}
	for column, unit := range map[By]string{ByUnit: f.Unit, ByOther: f.Other} {
		if unit == "" {
			continue
		}
		if column == f.Alone {
			q.where("t." + string(column) + " = " + q.arg(unit))
			continue
		}
		units, err := s.unitsBelow(ctx, unit)
		if err != nil {
			return fault.Of(err).At(string(column))
		}
		q.where("t." + string(column) + " IN " + q.list(units))
	}
	if f.Class != "" {
		classes, err := s.classesBelow(ctx, f.Class)
		if err != nil {
			return err
		}
		q.where("t.class IN " + q.list(classes))
	}
	if f.Channel != "" {
		q.where("t.channel = " + q.arg(strings.TrimPrefix(f.Channel, Nobody)))
	}
	if f.From != 0 && f.To != 0 && f.From > f.To {
		return fault.New(fault.Invalid, "evaluation.months").At("to")
	}
	months(q, f, stock)
	return nil
}

// months adds the choice of months.
func months(q *query, f Filter, stock []string) {
	var within []string
	if f.From != 0 {
		within = append(within, "t.month >= "+q.arg(f.From))
	}
	if f.To != 0 {
		within = append(within, "t.month <= "+q.arg(f.To))
	}
	if len(within) > 0 && len(stock) > 0 {
		q.where("(t.indicator IN " + q.list(stock) + " OR " + strings.Join(within, " AND ") + ")")
	} else if len(within) > 0 {
		q.where(strings.Join(within, " AND "))
	}
	if f.Month != 0 {
		q.where("t.month = " + q.arg(f.Month))
	}
	if f.Before != 0 {
		q.where("t.month < " + q.arg(f.Before))
	}
	if f.After != 0 {
		q.where("t.month > " + q.arg(f.After))
	}
}

// unitsBelow are a unit and those below it.
func (s *Service) unitsBelow(ctx context.Context, id string) ([]string, error) {
	if id == Nobody {
		return []string{""}, nil
	}
	u, err := s.people.Unit(ctx, id)
	if err != nil {
		return nil, fault.New(fault.Invalid, "evaluation.unit").Because(err)
	}
	all, err := s.people.Units(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, x := range all {
		if x.Within(u.Path) {
			out = append(out, x.ID)
		}
	}
	return out, nil
}

// classesBelow are a class and those below it.
func (s *Service) classesBelow(ctx context.Context, id string) ([]string, error) {
	if id == Nobody {
		return []string{""}, nil
	}
	if s.duty == nil {
		return []string{id}, nil
	}
	c, _, err := s.duty.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	out := []string{id}
	for _, x := range c.Classes.All() {
		if slices.Contains(c.Classes.Up(x.ID), id) && x.ID != id {
			out = append(out, x.ID)
		}
	}
	return out, nil
}

// Listed is a page of the cases behind a figure.
type Listed struct {
	Rows   []casework.Row // those that the actor may see, newest first
	Hidden int            // of this page, counted but not the actor's to see
	Next   string         // where the next page goes on, "" at the end
	Total  int64          // of all pages
}

// Cases lists the cases behind one figure, newest first. Who may see a figure
// need not see each of its cases: those are only counted. Faults: Forbidden,
// Invalid at a field.
func (s *Service) Cases(ctx context.Context, a identity.Actor, f Filter, indicator string, side Share, after string, limit int) (Listed, error) {
	sc, err := s.scopeOf(ctx, a)
	if err != nil {
		return Listed{}, err
	}
	list, err := s.Catalogue(ctx)
	if err != nil {
		return Listed{}, err
	}
	i, ok := list.Find(indicator)
	if !ok || i.Burden {
		return Listed{}, fault.New(fault.Invalid, "evaluation.indicator").At("indicator")
	}
	return s.behind(ctx, a, sc.sight(), f, i, side, after, limit)
}

// behind lists the cases behind a figure that an actor may see.
func (s *Service) behind(ctx context.Context, a identity.Actor, sees sight, f Filter, i Indicator, side Share, after string, limit int) (Listed, error) {
	var out Listed
	if !i.Rate() && side != Counted {
		return out, fault.New(fault.Invalid, "evaluation.indicator").At("indicator")
	}
	q := &query{}
	q.where("t.indicator = " + q.arg(i.ID))
	switch side {
	case Counted:
	case Yes:
		q.where("t.n > 0")
	case Missed:
		q.where("t.n = 0")
	default:
		return out, fault.New(fault.Invalid, "evaluation.side").At("side")
	}
	if i.Stock {
		f.From, f.To = 0, 0
	}
	if err := s.narrow(ctx, q, f, nil); err != nil {
		return out, err
	}
	q.where("(" + sees.condition(q.arg) + ")")
	if err := s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM evaluation_part t WHERE `+strings.Join(q.conditions, " AND "), q.args...).Scan(&out.Total); err != nil {
		return out, err
	}
	if after != "" {
		q.where("t.case_id < " + q.arg(after))
	}
	limit = min(max(limit, 1), 200)
	ids, err := s.ids(ctx, `SELECT t.case_id FROM evaluation_part t WHERE `+strings.Join(q.conditions, " AND ")+` ORDER BY t.case_id DESC LIMIT `+q.arg(limit+1), q.args)
	if err != nil {
		return out, err
	}
	if len(ids) > limit {
		ids = ids[:limit]
		out.Next = ids[limit-1]
	}
	if len(ids) == 0 {
		return out, nil
	}
	out.Rows, _, err = s.cases.List(ctx, a, casework.Filter{IDs: ids, Limit: limit})
	if err != nil {
		return out, err
	}
	slices.SortFunc(out.Rows, func(a, b casework.Row) int { return cmp.Compare(b.ID, a.ID) })
	out.Hidden = len(ids) - len(out.Rows)
	return out, nil
}

func (s *Service) ids(ctx context.Context, text string, args []any) (out []string, err error) {
	rows, err := s.d.Reader().Rows(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
