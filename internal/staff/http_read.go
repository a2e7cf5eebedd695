package staff

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/text"
	"linli/web"
)

// getReadLog shows an auditor who opened sealed values, and the alarms.
func (e *edge) getReadLog(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f := identity.Reads{Case: strings.TrimSpace(q.Get("case")), Person: q.Get("person"), Before: q.Get("before"), Limit: pageSize + 1}
	typed := f.Case
	if c, ok := e.caseOf(r, typed); ok {
		f.Case = c.ID
	}
	reads, alarms, err := e.People.AuditReads(r.Context(), identity.From(r.Context()), f)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	own := url.Values{}
	if f.Case != "" {
		own.Set("case", typed)
	}
	if f.Person != "" {
		own.Set("person", f.Person)
	}
	pager := &web.Pager{}
	if f.Before != "" {
		pager.First = "/read-log?" + own.Encode()
	}
	if len(reads) > pageSize {
		reads = reads[:pageSize]
		own.Set("before", reads[pageSize-1].ID)
		pager.Next = "/read-log?" + own.Encode()
	}
	v := view{Title: e.word(r, "reads.title"), Lead: e.word(r, "reads.lead"), Wide: true}
	if f.Before == "" && f.Case == "" {
		for _, a := range alarms {
			v.Notices = append(v.Notices, web.Notice{
				Tone: web.Warning, Title: e.word(r, "reads.alarm", "name", a.Name, "count", a.Count, "when", a.Recorded), Text: e.word(r, "reads.alarm_text"),
				Links: []web.NavItem{{Href: "/read-log?person=" + url.QueryEscape(a.Person), Text: e.word(r, "reads.alarm_look")}},
			})
		}
	}
	find := named(&web.Form{ID: "case-form", Action: "/read-log", Method: "get", Submit: e.word(r, "find"), Fields: []web.Field{
		{Name: "case", Type: "text", Label: e.word(r, "reads.case"), Value: typed, Max: 40},
	}})
	v.Parts = []part{{Form: find}, {Table: e.readTable(r, reads), Pager: pager}}
	e.show(w, r, http.StatusOK, v)
}

// caseOf asks how people know a case; false where nobody can say.
func (e *edge) caseOf(r *http.Request, ref string) (identity.CaseName, bool) {
	if e.People.CaseOf == nil || ref == "" {
		return identity.CaseName{}, false
	}
	return e.People.CaseOf(r.Context(), ref)
}

func (e *edge) readTable(r *http.Request, reads []identity.Read) *web.Table {
	t := &web.Table{
		Caption: e.word(r, "reads.title"), Empty: web.Empty{Text: e.word(r, "reads.none")},
		Columns: []web.Column{
			{Text: e.word(r, "when")}, {Text: e.word(r, "person")}, {Text: e.word(r, "unit")}, {Text: e.word(r, "reads.case")},
			{Text: e.word(r, "reads.field")}, {Text: e.word(r, "reads.purpose")},
		},
	}
	known := map[string]identity.CaseName{}
	for _, x := range reads {
		about, ok := known[x.Case]
		if !ok {
			about, _ = e.caseOf(r, x.Case)
			known[x.Case] = about
		}
		field := x.Field
		if about.Field != nil {
			if said := about.Field(x.Field).In(text.Language(r.Context())); said != "" {
				field = said
			}
		}
		number := cmp.Or(about.Number, x.Case)
		of := web.Cell{Text: number, Href: "/read-log?case=" + url.QueryEscape(number)}
		if x.Case == "" { // not one case but a list of them was taken out
			of, field = web.Cell{Text: e.word(r, "reads.many")}, e.word(r, "reads.list."+x.Field)
		}
		unit := x.Unit
		if u, err := e.People.Unit(r.Context(), x.Unit); err == nil {
			unit = u.Words().In(text.Language(r.Context()))
		}
		t.Rows = append(t.Rows, []web.Cell{
			{Text: x.Recorded}, {Text: x.Name, Href: "/read-log?person=" + url.QueryEscape(x.Person)}, {Text: unit},
			of, {Text: field}, {Text: x.Purpose},
		})
	}
	return t
}
