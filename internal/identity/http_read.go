package identity

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"linli/internal/kit/text"
	"linli/web"
)

// getReadLog shows an auditor who opened sealed values, and the alarms.
func (e *edge) getReadLog(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f := Reads{Case: strings.TrimSpace(q.Get("case")), Person: q.Get("person"), Before: q.Get("before"), Limit: pageSize + 1}
	typed := f.Case
	if c, ok := e.caseOf(r, typed); ok {
		f.Case = c.ID
	}
	reads, alarms, err := e.AuditReads(r.Context(), From(r.Context()), f)
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
	v := view{Title: e.say(r, "reads.title"), Lead: e.say(r, "reads.lead"), Wide: true}
	if f.Before == "" && f.Case == "" {
		for _, a := range alarms {
			v.Notices = append(v.Notices, web.Notice{
				Tone: web.Warning, Title: e.say(r, "reads.alarm", "name", a.Name, "count", a.Count, "when", a.Recorded), Text: e.say(r, "reads.alarm_text"),
				Links: []web.NavItem{{Href: "/read-log?person=" + url.QueryEscape(a.Person), Text: e.say(r, "reads.alarm_look")}},
			})
		}
	}
	find := named(&web.Form{ID: "case-form", Action: "/read-log", Method: "get", Submit: e.say(r, "find"), Fields: []web.Field{
		{Name: "case", Type: "text", Label: e.say(r, "reads.case"), Value: typed, Max: 40},
	}})
	v.Parts = []part{{Form: find}, {Table: e.readTable(r, reads), Pager: pager}}
	e.show(w, r, http.StatusOK, v)
}

// caseOf asks how people know a case; false where nobody can say.
func (e *edge) caseOf(r *http.Request, ref string) (CaseName, bool) {
	if e.CaseOf == nil || ref == "" {
		return CaseName{}, false
	}
	return e.CaseOf(r.Context(), ref)
}

func (e *edge) readTable(r *http.Request, reads []Read) *web.Table {
	t := &web.Table{
		Caption: e.say(r, "reads.title"), Empty: web.Empty{Text: e.say(r, "reads.none")},
		Columns: []web.Column{
			{Text: e.say(r, "when")}, {Text: e.say(r, "person")}, {Text: e.say(r, "unit")}, {Text: e.say(r, "reads.case")},
			{Text: e.say(r, "reads.field")}, {Text: e.say(r, "reads.purpose")},
		},
	}
	known := map[string]CaseName{}
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
			of, field = web.Cell{Text: e.say(r, "reads.many")}, e.say(r, "reads.list."+x.Field)
		}
		unit := x.Unit
		if u, err := e.Unit(r.Context(), x.Unit); err == nil {
			unit = u.Words().In(text.Language(r.Context()))
		}
		t.Rows = append(t.Rows, []web.Cell{
			{Text: x.Recorded}, {Text: x.Name, Href: "/read-log?person=" + url.QueryEscape(x.Person)}, {Text: unit},
			of, {Text: field}, {Text: x.Purpose},
		})
	}
	return t
}

// getRights shows from the same text as the predicate and the lists who may see
// what: the auditor's table.
func (e *edge) getRights(w http.ResponseWriter, r *http.Request) {
	rights, number, err := e.lists.Now(r.Context())
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	lang := text.Language(r.Context())
	v := view{Title: e.say(r, "rights.title"), Lead: e.say(r, "rights.lead", "number", number), Wide: true}
	for _, name := range slices.Sorted(maps.Keys(rights.Views)) {
		title := name
		if key := "view." + name; e.say(r, key) != "identity."+key {
			title = e.say(r, key)
		}
		t := &web.Table{Caption: title, Columns: []web.Column{{Text: e.say(r, "rights.relation")}, {Text: e.say(r, "post")}, {Text: e.say(r, "rights.text")}}}
		for _, rel := range rights.Views[name] {
			as := rel.As
			if k, ok := rights.Kind(rel.PostKind()); ok {
				as = k.Name.In(lang)
			}
			t.Rows = append(t.Rows, []web.Cell{{Text: e.say(r, "relation."+rel.Name)}, {Text: as}, {Text: rel.String()}})
		}
		v.Parts = append(v.Parts, part{Table: t})
	}
	kinds := &web.Table{Caption: e.say(r, "rights.kinds"), Columns: []web.Column{{Text: e.say(r, "post")}, {Text: e.say(r, "rights.for")}}}
	for _, k := range rights.Kinds {
		kinds.Rows = append(kinds.Rows, []web.Cell{{Text: k.Name.In(lang)}, {Text: k.For.In(lang)}})
	}
	v.Parts = append(v.Parts, part{Table: kinds})
	e.show(w, r, http.StatusOK, v)
}
