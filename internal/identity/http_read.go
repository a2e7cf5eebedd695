package identity

import (
	"maps"
	"net/http"
	"slices"

	"linli/internal/kit/text"
	"linli/web"
)

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
