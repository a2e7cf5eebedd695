package account

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// getData shows all that is kept of the account, or gives it as a file.
func (e *edge) getData(w http.ResponseWriter, r *http.Request, a *Account) {
	d, err := e.Data(r.Context(), a, text.Language(r.Context()))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if r.URL.Query().Get("as") == "json" {
		h := w.Header()
		h.Set("Content-Type", "application/json; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="linli-account.json"`)
		h.Set("Cache-Control", "no-store")
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		_ = out.Encode(d) // a reader who went away needs no answer
		return
	}
	p := page{Title: e.say(r, "data.title"), Lead: e.say(r, "data.lead"), Facts: []web.Fact{
		{Name: e.say(r, "phone"), Value: d.Phone}, {Name: e.say(r, "data.created"), Value: d.Created}, {Name: e.say(r, "data.until"), Value: d.Until}}}
	for _, at := range d.Sessions {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "data.session"), Value: at})
	}
	p.Tables = e.dataTables(r, d)
	p.SaidTitle = e.say(r, "data.said")
	for _, c := range d.Cases {
		for _, s := range c.Said {
			ev := web.Event{At: s.At, Title: s.Act, By: c.Number}
			for _, name := range slices.Sorted(maps.Keys(s.Values)) {
				ev.Facts = append(ev.Facts, web.Fact{Name: name, Value: s.Values[name]})
			}
			p.Said = append(p.Said, ev)
		}
	}
	p.Links = []web.NavItem{{Href: "/account/data?as=json", Text: e.say(r, "data.json")}, {Href: "/account/mine", Text: e.say(r, "mine.title")}}
	e.draw(w, r, http.StatusOK, p)
}

func (e *edge) dataTables(r *http.Request, d Data) []web.Table {
	col := func(keys ...string) (out []web.Column) {
		for _, k := range keys {
			out = append(out, web.Column{Text: e.say(r, k)})
		}
		return out
	}
	none := web.Empty{Text: e.say(r, "data.none")}
	cases := web.Table{Caption: e.say(r, "data.cases"), Columns: col("number", "data.what", "data.state", "data.opened"), Empty: none}
	reads := web.Table{Caption: e.say(r, "data.reads"), Columns: col("number", "data.when", "data.unit", "data.purpose"), Empty: web.Empty{Text: e.say(r, "data.reads.none")}}
	for _, c := range d.Cases {
		cases.Rows = append(cases.Rows, []web.Cell{{Text: c.Number, Href: c.Follow}, {Text: c.Title}, {Text: c.State}, {Text: c.Opened}})
		for _, x := range c.Reads {
			reads.Rows = append(reads.Rows, []web.Cell{{Text: c.Number}, {Text: x.At}, {Text: x.Unit}, {Text: x.Purpose}})
		}
	}
	return []web.Table{cases, reads}
}
