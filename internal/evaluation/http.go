package evaluation

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/identity"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// edge draws this room's pages and answers its API.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the pages under /figures and /burden and their API on the mux.
func (s *Service) Routes(mux *http.ServeMux, api huma.API, pages *web.Renderer) {
	e := &edge{s, pages}
	mux.HandleFunc("GET /figures", identity.SignedIn(e.getFigures))
	mux.HandleFunc("GET /figures/cases", identity.SignedIn(e.getCases))
	mux.HandleFunc("GET /figures/export", identity.SignedIn(e.getExport))
	mux.HandleFunc("POST /figures/cases/export", identity.SignedIn(e.postExport))
	mux.HandleFunc("GET /figures/public", httpx.Quiet(e.getPublic))
	mux.HandleFunc("GET /burden", identity.SignedIn(e.getBurden))
	mux.HandleFunc("GET /burden/cases", identity.SignedIn(e.getBurdenCases))
	mux.HandleFunc("GET /burden/export", identity.SignedIn(e.getBurdenExport))
	mux.HandleFunc("POST /burden/cases/export", identity.SignedIn(e.postBurdenExport))
	s.routesAPI(api)
}

// drawing is one page being drawn.
type drawing struct {
	*edge
	r    *http.Request
	ctx  context.Context
	who  identity.Actor
	lang string
	list Catalogue
	names
}

func (e *edge) draw(r *http.Request) (*drawing, error) {
	d := &drawing{edge: e, r: r, ctx: r.Context(), who: identity.From(r.Context()), lang: text.Language(r.Context())}
	var err error
	if d.list, err = e.Catalogue(d.ctx); err != nil {
		return nil, err
	}
	return d, d.names.load(d.ctx, e.Service, d.lang, d.say)
}

func (d *drawing) say(key string, args ...any) string {
	return d.rd.Say(d.r, "evaluation."+key, args...)
}

// value is one cell of a table.
type value struct {
	Name, Value, Small, Href string
	Quiet                    bool
}

// line is one row of a table.
type line struct {
	Name, Href string
	Values     []value
}

// meaning says how an indicator is counted.
type meaning struct{ Name, Text, Norm string }

// view is the page of figures.
type view struct {
	Title    string
	Asof     string
	Notices  []web.Notice
	Tools    web.Toolbar
	Figures  []web.Figure
	Tabs     []web.Tab
	Charts   []web.Chart
	Row      string // what the rows are
	Heads    []string
	Lines    []line
	Empty    web.Empty
	Meanings []meaning
	Fewest   int64
}

func (e *edge) getFigures(w http.ResponseWriter, r *http.Request) {
	d, err := e.draw(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	sc, err := e.scopeOf(d.ctx, d.who)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	q := r.URL.Query()
	f, by, err := d.filter(q)
	if err == nil {
		var got Figures
		if got, err = e.figures(d.ctx, f, by, sc.sight()); err == nil {
			d.page(w, sc, f, by, got)
			return
		}
	}
	form := d.form(sc, f, by)
	if !marked(err, form) {
		httpx.Fail(w, r, err)
		return
	}
	d.rd.Mark(r, &form, err)
	d.rd.Page(w, r, http.StatusUnprocessableEntity, "evaluation/figures", view{Title: d.say("title"), Tools: web.Toolbar{Label: d.say("filter"), Filters: &form, Open: true, Clear: "/figures"}})
}

func (d *drawing) page(w http.ResponseWriter, sc scope, f Filter, by By, got Figures) {
	state, err := d.State(d.ctx)
	if err != nil {
		httpx.Fail(w, d.r, err)
		return
	}
	form := d.form(sc, f, by)
	v := view{Title: d.say("title"), Asof: d.asof(state), Row: d.say("row." + string(by)), Fewest: d.list.Fewest, Tools: web.Toolbar{Label: d.say("filter"), Filters: &form, Active: d.active(f, by), Clear: "/figures",
		Ways: []web.NavItem{{Href: "/figures/export?" + address(f, by).Encode(), Text: d.say("export")}, {Href: "/figures/public", Text: d.say("public.link")}}}}
	if state.Parked > 0 {
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Text: d.say("parked", "n", state.Parked)})
	}
	indicators := d.list.Of(f.Procedure)
	for _, i := range indicators {
		v.Meanings = append(v.Meanings, meaning{i.Words().In(d.lang), text.Words(i.Means).In(d.lang), i.Norm})
		sum := got.Total[i.ID]
		if i.Imported && sum.N == 0 {
			continue
		}
		x := d.figure(i, sum)
		x.Href = leads(i, sum, f, by)
		v.Figures = append(v.Figures, x)
	}
	for _, way := range ways {
		v.Tabs = append(v.Tabs, web.Tab{Href: "/figures?" + address(f, way).Encode() + "#table", Text: d.say("by." + string(way)), Current: way == by})
	}
	rows := d.ordered(d.grouped(got.Rows, f, by), f, by, d.r.URL.Query().Get("sort"))
	v.Charts = d.charts(indicators, rows, f, by)
	d.table(&v, indicators, f, by, got, rows)
	v.Empty = web.Empty{Title: d.say("none"), Links: []web.NavItem{{Href: "/figures", Text: d.say("clear")}}}
	d.rd.Page(w, d.r, http.StatusOK, "evaluation/figures", v)
}

// asof says up to when the figures are.
func (d *drawing) asof(state State) string {
	if state.Behind > 0 {
		return d.say("behind", "n", state.Behind)
	}
	return d.say("asof", "when", d.clk.Now())
}

// written is a figure in words: a count, or a share with numerator and
// denominator. Of nothing there is no data; of few there is no percentage.
func (d *drawing) written(i Indicator, sum Sum) (value, small string, quiet bool) {
	switch {
	case !i.Rate():
		return strconv.FormatInt(sum.N, 10), "", sum.N == 0
	case sum.Of == 0:
		return d.say("no_data"), "", true
	case d.scarce(i, sum):
		return fraction(sum), d.say("few"), true
	}
	return Percent(sum), fraction(sum), false
}

// scarce says that a share is of too few cases for a percentage.
func (d *drawing) scarce(i Indicator, s Sum) bool {
	return i.Rate() && s.Of > 0 && s.Of < d.list.Fewest
}

// figure is an indicator in all as a large number.
func (d *drawing) figure(i Indicator, s Sum) web.Figure {
	x := web.Figure{Label: i.Words().In(d.lang), Value: strconv.FormatInt(s.N, 10)}
	if !i.Rate() {
		return x
	}
	x.None, x.Of = s.Of == 0, &web.Ratio{Numerator: s.N, Denominator: s.Of}
	switch {
	case s.Of == 0:
		x.Of = nil
	case s.Of < d.list.Fewest:
		x.Value, x.Of, x.Note, x.Tone = fraction(s), nil, d.say("few"), web.Quiet
	default:
		x.Value = Percent(s)
	}
	return x
}

func fraction(s Sum) string { return strconv.FormatInt(s.N, 10) + "/" + strconv.FormatInt(s.Of, 10) }

// leads is where a figure leads: the list of its cases.
func leads(i Indicator, sum Sum, f Filter, by By) string {
	if sum.N == 0 && sum.Of == 0 {
		return ""
	}
	q := address(f, by)
	q.Set("indicator", i.ID)
	return "/figures/cases?" + q.Encode()
}

// narrowedTo is the filter of one row of a table.
func narrowedTo(f Filter, by By, key string) Filter {
	if key == "" && by != ByMonth {
		key = Nobody
	}
	switch by {
	case ByMonth:
		switch key {
		case "":
		case Earlier:
			f.Before = f.From
		case Later:
			f.After = f.To
		default:
			f.Month, _ = strconv.Atoi(key)
		}
	case ByArea:
		f.Here = key != Nobody && len(key) < below(len(f.Area))
		f.Area = key
	case ByUnit:
		f.Unit = key
	case ByClass:
		f.Class = key
	case ByChannel:
		f.Channel = key
	}
	return f
}

// table lays the rows out in the order of their kind, or by one indicator where
// the reader asks for it.
func (d *drawing) table(v *view, indicators []Indicator, f Filter, by By, got Figures, rows []Row) {
	shown := slices.DeleteFunc(slices.Clone(indicators), func(i Indicator) bool { return !i.Rate() && got.Total[i.ID].N == 0 })
	for _, i := range shown {
		v.Heads = append(v.Heads, i.Words().In(d.lang))
	}
	for _, row := range rows {
		l := line{Name: d.rowName(by, row.Key, f), Href: d.deeper(f, by, row.Key)}
		for _, i := range shown {
			x := value{Name: i.Words().In(d.lang)}
			if x.Value, x.Small, x.Quiet = d.written(i, row.Sums[i.ID]); d.scarce(i, row.Sums[i.ID]) {
				x.Small = "" // told below the table
			}
			x.Href = leads(i, row.Sums[i.ID], narrowedTo(f, by, row.Key), by)
			l.Values = append(l.Values, x)
		}
		v.Lines = append(v.Lines, l)
	}
}

// deeper is the page of figures of one row only, one level below.
func (d *drawing) deeper(f Filter, by By, key string) string {
	if key == "" || by == ByMonth || by == ByArea && (len(key) >= gridDigits || len(key) < below(len(f.Area))) || by == ByClass && f.Class == key || by == ByUnit && f.Unit == key {
		return ""
	}
	return "/figures?" + address(narrowedTo(f, by, key), by).Encode() + "#table"
}

// address writes a filter as a query.
func address(f Filter, by By) url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("procedure", f.Procedure)
	set("area", f.Area)
	set("unit", f.Unit)
	set("class", f.Class)
	set("channel", f.Channel)
	set("by", string(by))
	q.Set("from", monthOr(f.From))
	q.Set("to", monthOr(f.To))
	if f.Here {
		q.Set("here", "yes")
	}
	for name, month := range map[string]int{"month": f.Month, "before": f.Before, "after_month": f.After} {
		if month != 0 {
			q.Set(name, MonthText(month))
		}
	}
	return q
}

func monthOr(month int) string {
	if month == 0 {
		return ""
	}
	return MonthText(month)
}

// today is the month of now.
func (d *drawing) today() int { return monthOf(d.clk.Now()) }
