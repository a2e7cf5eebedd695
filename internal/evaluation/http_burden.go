package evaluation

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// byName orders a table of the burden account by what the units are called.
const byName = "name"

// burdenPage is the burden account: who asks, or who bears it, in the months and
// of the units that were chosen.
type burdenPage struct {
	*drawing
	f    Filter // Unit is the receiver, Other the sender
	bear bool   // the table is of receivers
	sort string
	list []Indicator
}

// burdenTable is one table of the page.
type burdenTable struct {
	ID, Title, Row string
	Heads          []string
	Lines          []line
}

type burdenView struct {
	Title    string
	Asof     string
	Notices  []web.Notice
	Chosen   []web.Tag
	Tabs     []web.Tab
	Tools    web.Toolbar
	Figures  []web.Figure
	Charts   []web.Chart
	Tables   []burdenTable
	Empty    web.Empty
	Meanings []meaning
}

// burden reads the address. Without months the last twelve are meant.
func (e *edge) burden(r *http.Request, q url.Values) (*burdenPage, error) {
	d, err := e.draw(r)
	if err != nil {
		return nil, err
	}
	p := &burdenPage{drawing: d, bear: q.Get("side") == "bears", sort: q.Get("sort"), list: d.list.Burden()}
	if !MaySeeBurden(d.who) {
		return p, fault.New(fault.Forbidden, "evaluation.officials")
	}
	p.f = Filter{Unit: q.Get("receiver"), Other: q.Get("sender")}
	err = d.monthsIn(q, &p.f)
	if alone := By(q.Get("alone")); alone == ByUnit || alone == ByOther {
		p.f.Alone = alone
	}
	if p.bear || p.f.Unit != "" {
		_, p.list = sides(p.list)
	}
	return p, err
}

// at writes the address of the account with a filter.
func (p *burdenPage) at(path string, bear bool, f Filter) string {
	return path + "?" + p.query(bear, f).Encode()
}

func (p *burdenPage) query(bear bool, f Filter) url.Values {
	q := url.Values{"from": {monthOr(f.From)}, "to": {monthOr(f.To)}}
	for name, value := range map[string]string{"sender": f.Other, "receiver": f.Unit, "month": monthOr(f.Month), "alone": string(f.Alone), "sort": p.sort} {
		if value != "" {
			q.Set(name, value)
		}
	}
	q.Set("side", "asks")
	if bear {
		q.Set("side", "bears")
	}
	return q
}

func (e *edge) getBurden(w http.ResponseWriter, r *http.Request) {
	p, err := e.burden(r, r.URL.Query())
	var v burdenView
	if err == nil {
		v, err = p.view()
	}
	status := http.StatusOK
	if err != nil {
		if p == nil || fault.Of(err).Kind != fault.Invalid {
			httpx.Fail(w, r, err)
			return
		}
		form := p.form()
		if !marked(err, form) {
			httpx.Fail(w, r, err)
			return
		}
		p.rd.Mark(r, &form, err)
		status = http.StatusUnprocessableEntity
		v = burdenView{Title: p.say("burden.title"), Tools: web.Toolbar{Label: p.say("filter"), Filters: &form, Open: true, Clear: "/burden"}}
	}
	p.rd.Page(w, r, status, "evaluation/burden", v)
}

func (p *burdenPage) view() (burdenView, error) {
	state, err := p.State(p.ctx)
	if err != nil {
		return burdenView{}, err
	}
	side := ByOther
	if p.bear {
		side = ByUnit
	}
	got, err := p.Burden(p.ctx, p.who, p.f, side)
	if err != nil {
		return burdenView{}, err
	}
	monthly, err := p.Burden(p.ctx, p.who, p.f, ByMonth)
	if err != nil {
		return burdenView{}, err
	}
	form := p.form()
	v := burdenView{Title: p.say("burden.title"), Asof: p.asof(state), Chosen: p.told(),
		Tabs: []web.Tab{{Href: p.at("/burden", false, p.f), Text: p.say("burden.asks"), Current: !p.bear}, {Href: p.at("/burden", true, p.f), Text: p.say("burden.bears"), Current: p.bear}},
		Tools: web.Toolbar{Label: p.say("filter"), Filters: &form, Active: p.active(), Clear: "/burden",
			Ways: []web.NavItem{{Href: p.at("/burden/export", p.bear, p.f), Text: p.say("export")}}},
		Empty: web.Empty{Title: p.say("burden.none"), Links: []web.NavItem{{Href: "/burden", Text: p.say("clear")}}}}
	if state.Parked > 0 {
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Text: p.say("parked", "n", state.Parked)})
	}
	for _, i := range p.list {
		v.Meanings = append(v.Meanings, meaning{i.Words().In(p.lang), text.Words(i.Means).In(p.lang), i.Norm})
		if sum := got.Total[i.ID]; sum.N > 0 {
			x := p.figure(i, sum)
			x.Href = p.leads(i, p.f)
			v.Figures = append(v.Figures, x)
		}
	}
	months := p.lined(monthly.Rows, ByMonth)
	v.Charts = p.trend(months)
	v.Tables = append(v.Tables, p.tables("side", side, p.lined(p.gathered(got.Rows, side), side), p.list)...)
	if across, chosen := p.across(); chosen {
		_, both := sides(p.list)
		rows, err := p.Burden(p.ctx, p.who, p.f, across)
		if err != nil {
			return v, err
		}
		v.Tables = append(v.Tables, p.tables("across", across, p.lined(p.gathered(rows.Rows, across), across), both)...)
	}
	v.Tables = append(v.Tables, p.tables("months", ByMonth, months, p.list)...)
	return v, nil
}

// across is the other side of a unit that was chosen: whom a sender asked, or who
// asked a receiver.
func (p *burdenPage) across() (By, bool) {
	if p.bear {
		return ByOther, p.f.Unit != ""
	}
	return ByUnit, p.f.Other != ""
}

// gathered adds units up under the one right below the chosen one, so that an
// office stands with its department and a community with its street.
func (p *burdenPage) gathered(rows []Row, by By) (out []Row) {
	above := p.path(p.chosen(by))
	at := map[string]int{}
	for _, r := range rows {
		key := r.Key
		if path := p.path(key); path != "" {
			key = under(path, above)
		}
		i, had := at[key]
		if !had {
			at[key] = len(out)
			out = append(out, Row{Key: key, Sums: map[string]Sum{}})
			i = len(out) - 1
		}
		for indicator, s := range r.Sums {
			out[i].Sums[indicator] = out[i].Sums[indicator].plus(s)
		}
	}
	return out
}

func (p *burdenPage) chosen(by By) string {
	if by == ByOther {
		return p.f.Other
	}
	return p.f.Unit
}

func (p *burdenPage) path(unit string) string {
	if i, ok := p.unitAt[unit]; ok {
		return p.unitTree[i].Path
	}
	return ""
}

// lined puts rows in order: months the newest first, units as in their tree, by
// name, or by the number that the reader asked for.
func (p *burdenPage) lined(rows []Row, by By) []Row {
	slices.SortStableFunc(rows, func(a, b Row) int {
		switch {
		case by == ByMonth:
			return cmp.Compare(monthRank(b.Key), monthRank(a.Key))
		case p.sort == byName:
			return cmp.Compare(p.named(ByUnit, a.Key), p.named(ByUnit, b.Key))
		}
		return cmp.Compare(p.unitAt[a.Key], p.unitAt[b.Key])
	})
	if i, ok := p.drawing.list.Find(p.sort); ok && by != ByMonth {
		slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(b.Sums[i.ID].N, a.Sums[i.ID].N) })
	}
	return rows
}

// tables lays rows out, each table of the catalogue for itself, so that none is
// wider than the page.
func (p *burdenPage) tables(id string, by By, rows []Row, list []Indicator) []burdenTable {
	var names []string
	for _, i := range list {
		if !slices.Contains(names, i.Table) {
			names = append(names, i.Table)
		}
	}
	var out []burdenTable
	for _, name := range names {
		own := slices.DeleteFunc(slices.Clone(list), func(i Indicator) bool { return i.Table != name })
		if name == "" {
			out = append(out, p.table(id, by, rows, own))
			continue
		}
		counted := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool {
			return !slices.ContainsFunc(own, func(i Indicator) bool { return r.Sums[i.ID].N != 0 })
		})
		t := p.table(id+"-"+name, by, counted, own)
		t.Title = p.say("burden.table."+name) + " · " + t.Title
		out = append(out, t)
	}
	return out
}

// table lays rows out under the indicators that have anything in them.
func (p *burdenPage) table(id string, by By, rows []Row, list []Indicator) burdenTable {
	title := map[By]string{ByOther: "burden.by.sender", ByUnit: "burden.by.receiver", ByMonth: "by.month"}[by]
	t := burdenTable{ID: id, Title: p.say(title), Row: p.say(title)}
	if by == ByMonth {
		t.Row = p.say("row.month")
	}
	some := map[string]bool{}
	for _, r := range rows {
		for indicator, s := range r.Sums {
			some[indicator] = some[indicator] || s.N != 0
		}
	}
	list = slices.DeleteFunc(slices.Clone(list), func(i Indicator) bool { return !some[i.ID] })
	for _, i := range list {
		t.Heads = append(t.Heads, i.Words().In(p.lang))
	}
	for _, r := range rows {
		f, name, href := p.narrowed(by, r.Key)
		l := line{Name: name, Href: href}
		for _, i := range list {
			x := value{Name: i.Words().In(p.lang)}
			if x.Value, _, x.Quiet = p.written(i, r.Sums[i.ID]); !x.Quiet {
				x.Href = p.leads(i, f)
			}
			l.Values = append(l.Values, x)
		}
		t.Lines = append(t.Lines, l)
	}
	return t
}

// narrowed is the filter of one row, what the row is called, and the page of its
// unit alone.
func (p *burdenPage) narrowed(by By, key string) (f Filter, name, href string) {
	f = p.f
	if by == ByMonth {
		f.Month, _ = strconv.Atoi(key)
		return f, p.named(by, key), ""
	}
	name = p.named(ByUnit, key)
	itself := key == p.chosen(by) && key != ""
	if by == ByOther {
		f.Other = cmp.Or(key, Nobody)
	} else {
		f.Unit = cmp.Or(key, Nobody)
	}
	if itself {
		f.Alone = by
		return f, p.say("burden.itself", "unit", name), ""
	}
	if key == "" {
		return f, name, ""
	}
	return f, name, p.at("/burden", by == ByUnit, f)
}

// leads is the list of the cases behind a figure.
func (p *burdenPage) leads(i Indicator, f Filter) string {
	q := p.query(p.bear, f)
	q.Set("indicator", i.ID)
	return "/burden/cases?" + q.Encode()
}

// trend draws the months from left to right.
func (p *burdenPage) trend(rows []Row) []web.Chart {
	if len(rows) < 2 {
		return nil
	}
	var shown []Indicator
	for _, i := range p.list {
		if i.Chart && len(shown) < mostSeries {
			shown = append(shown, i)
		}
	}
	rows = slices.Clone(rows)
	slices.Reverse(rows)
	c := p.chart("burden", web.Line, shown, rows, p.f, ByMonth)
	c.Links = nil
	return []web.Chart{c}
}

// form draws the filters with what is chosen.
func (p *burdenPage) form() web.Form {
	side := "asks"
	if p.bear {
		side = "bears"
	}
	form := web.Form{Action: "/burden", Method: "get", ID: "filter", Submit: p.say("apply"), Hidden: []web.Option{{Label: "side", Value: side}}}
	var senders, receivers []identity.Unit
	for _, u := range p.unitTree {
		below := u.Kind == "street" || u.Kind == "community" || u.Kind == "village"
		if below || u.ID == p.f.Unit {
			receivers = append(receivers, u)
		}
		if !below || u.Kind == "street" || u.ID == p.f.Other {
			senders = append(senders, u)
		}
	}
	sorts := []web.Option{{Value: byName, Label: p.say("burden.sort.name")}}
	for _, i := range p.list {
		sorts = append(sorts, web.Option{Value: i.ID, Label: i.Words().In(p.lang)})
	}
	for _, x := range []web.Field{{Name: "sender", Type: "unit", Value: p.f.Other, Options: p.unitOptions(scope{units: senders})}, {Name: "receiver", Type: "unit", Value: p.f.Unit, Options: p.unitOptions(scope{units: receivers})},
		{Name: "from", Type: "month", Value: monthOr(p.f.From)}, {Name: "to", Type: "month", Value: monthOr(p.f.To)}, {Name: "sort", Type: "unit", Value: p.sort, Options: sorts}} {
		x.Label = p.say(map[string]string{"sender": "burden.sender", "receiver": "burden.receiver", "from": "filter.from", "to": "filter.to", "sort": "burden.sort"}[x.Name])
		form.Fields = append(form.Fields, x)
	}
	return form
}

// said is one choice in words, with the filter without it.
type said struct {
	words   string
	without Filter
}

func (p *burdenPage) choices() (out []said) {
	f := p.f
	f.From, f.To = 0, 0
	out = append(out, said{p.months(p.f), f})
	if p.f.Month != 0 {
		f := p.f
		f.Month = 0
		out = append(out, said{p.monthSaid(p.f.Month), f})
	}
	if p.f.Other != "" {
		f := p.f
		f.Other, f.Alone = "", ""
		out = append(out, said{p.say("burden.sender") + " " + p.named(ByUnit, p.f.Other), f})
	}
	if p.f.Unit != "" {
		f := p.f
		f.Unit, f.Alone = "", ""
		out = append(out, said{p.say("burden.receiver") + " " + p.named(ByUnit, p.f.Unit), f})
	}
	return out
}

// told says in words what the account is of.
func (p *burdenPage) told() (out []web.Tag) {
	for _, c := range p.choices() {
		out = append(out, web.Tag{Text: c.words, Tone: web.Quiet})
	}
	return out
}

func (p *burdenPage) active() (out []web.NavItem) {
	for _, c := range p.choices() {
		out = append(out, web.NavItem{Text: c.words, Href: p.at("/burden", p.bear, c.without)})
	}
	return out
}
