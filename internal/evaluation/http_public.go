package evaluation

import (
	"net/http"
	"slices"
	"strconv"

	"linli/internal/identity"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// publicView is what everybody may know.
type publicView struct {
	Title    string
	Asof     string
	Chosen   []web.Tag
	Figures  []web.Figure
	Parts    []publicTable
	Meanings []meaning
	Few      string
	Own      web.NavItem // for who may see more
	Back     web.NavItem
}

type publicTable struct {
	ID, Title string
	Row       string
	Heads     []string
	Lines     []line
}

// getPublic shows the county or one street: twelve months, no unit, no class, no
// person, nothing sealed, and nothing of fewer cases than the catalogue says.
func (e *edge) getPublic(w http.ResponseWriter, r *http.Request) {
	d, err := e.draw(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	f := Filter{Procedure: d.list.Indicators[0].Procedure, Area: r.URL.Query().Get("area"), From: nextMonth(d.today(), 1-usualMonths), To: d.today()}
	months, err := e.Public(d.ctx, f, ByMonth)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	state, err := e.State(d.ctx)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	v := publicView{Title: d.say("public.title"), Asof: d.asof(state), Chosen: d.chosen(f), Few: d.say("public.few", "n", d.list.Fewest)}
	if f.Area != "" {
		v.Title = d.say("public.of", "area", d.area(f.Area))
		v.Back = web.NavItem{Href: "/figures/public", Text: d.say("public.county")}
	}
	var shown []Indicator
	for _, i := range d.list.Of(f.Procedure) {
		if i.Unit != (UnitOf{}) || i.Imported || i.Stock { // of units, of old times, of the hour
			continue
		}
		shown = append(shown, i)
		x := d.figure(i, months.Total[i.ID])
		if d.few(i, months.Total[i.ID]) {
			x.Value, x.Of, x.Note, x.Tone = d.say("public.under", "n", d.list.Fewest), nil, "", web.Quiet
		}
		v.Figures = append(v.Figures, x)
		v.Meanings = append(v.Meanings, meaning{i.Words().In(d.lang), text.Words(i.Means).In(d.lang), i.Norm})
	}
	monthly := shown
	if f.Area != "" { // of a street's month too little is left to hide behind
		monthly = slices.DeleteFunc(slices.Clone(shown), Indicator.Rate)
	}
	v.Parts = append(v.Parts, d.publicTable("months", ByMonth, months.Rows, monthly, f))
	if len(f.Area) < streetDigits {
		streets, err := e.Public(d.ctx, f, ByArea)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		v.Parts = append(v.Parts, d.publicTable("streets", ByArea, streets.Rows, shown, f))
	}
	if e.Sees(d.ctx, identity.From(d.ctx)) {
		v.Own = web.NavItem{Href: "/figures", Text: d.say("public.own")}
	}
	d.rd.Page(w, r, http.StatusOK, "evaluation/public", v)
}

// public is a figure as everybody sees it: of few cases neither count nor share,
// for behind one answer there is one person.
func (d *drawing) public(i Indicator, s Sum) (value, small string, quiet bool) {
	switch {
	case i.Rate() && s.Of == 0:
		return d.say("no_data"), "", true
	case d.few(i, s):
		return d.say("public.under", "n", d.list.Fewest), "", true
	case i.Rate():
		return Percent(s), fraction(s), false
	}
	return strconv.FormatInt(s.N, 10), "", s.N == 0
}

func (d *drawing) few(i Indicator, s Sum) bool {
	if i.Rate() {
		return s.Of > 0 && s.Of < d.list.Fewest
	}
	return s.N > 0 && s.N < d.list.Fewest
}

// hushed are the rows of which an indicator is not told: those of few cases, and
// where that is one row only the next smallest as well, or a subtraction from the
// whole would tell it.
func (d *drawing) hushed(i Indicator, rows []Row) map[string]bool {
	out := map[string]bool{}
	least, size := "", int64(0)
	for _, r := range rows {
		s := r.Sums[i.ID]
		n := s.N
		if i.Rate() {
			n = s.Of
		}
		if d.few(i, s) {
			out[r.Key] = true
		} else if n > 0 && (size == 0 || n < size) {
			least, size = r.Key, n
		}
	}
	if len(out) == 1 && size > 0 {
		out[least] = true
	}
	return out
}

func (d *drawing) publicTable(id string, by By, rows []Row, shown []Indicator, f Filter) publicTable {
	t := publicTable{ID: id, Title: d.say("by." + string(by)), Row: d.say("row." + string(by))}
	hush := map[string]map[string]bool{}
	for _, i := range shown {
		t.Heads = append(t.Heads, i.Words().In(d.lang))
		hush[i.ID] = d.hushed(i, rows)
	}
	for _, row := range d.ordered(rows, f, by, "") {
		if by == ByMonth && (row.Key == Earlier || row.Key == Later) {
			continue
		}
		l := line{Name: d.rowName(by, row.Key, f)}
		if by == ByArea && len(row.Key) == streetDigits {
			l.Href = "/figures/public?area=" + row.Key
		}
		for _, i := range shown {
			x := value{Name: i.Words().In(d.lang)}
			if x.Value, x.Small, x.Quiet = d.public(i, row.Sums[i.ID]); hush[i.ID][row.Key] {
				x.Value, x.Small, x.Quiet = d.say("public.hushed"), "", true
			}
			l.Values = append(l.Values, x)
		}
		t.Lines = append(t.Lines, l)
	}
	return t
}
