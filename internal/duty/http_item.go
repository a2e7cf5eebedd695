package duty

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// listPage is one list with its items, each of which leads to its form.
type listPage struct {
	Title, Lead string
	Notices     []web.Notice
	Items       web.Table
	Add         web.Confirm
	Precedents  *web.Table
	Links       []web.NavItem
}

// itemPage is the form of one item.
type itemPage struct {
	Title   string
	Notices []web.Notice
	Remarks *web.Table
	Changes *web.Table
	Publish *web.Form
	Form    web.Form
	Remove  *web.Confirm
	Links   []web.NavItem

	Precedents *web.Table
}

// one finds a list in force. Faults: duty.rights, NotFound duty.no_list.
func (e *edge) one(r *http.Request) (*Catalogue, List, error) {
	if !mayDraft(identity.From(r.Context())) {
		return nil, List{}, fault.New(fault.Forbidden, "duty.rights")
	}
	cat, _, err := e.Catalogue(r.Context())
	if err != nil {
		return nil, List{}, err
	}
	l, known := cat.List(r.PathValue("list"))
	if !known {
		return nil, List{}, fault.New(fault.NotFound, "duty.no_list", "id", r.PathValue("list"))
	}
	return cat, l, nil
}

func listAddress(list string) string { return "/admin/duty/" + url.PathEscape(list) }

func (e *edge) getList(w http.ResponseWriter, r *http.Request) {
	cat, l, err := e.one(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	lang := text.Language(r.Context())
	p := listPage{Title: l.Title.In(lang), Lead: e.rd.Say(r, "duty.item.lead", "version", l.Version, "n", len(l.Items)),
		Links: []web.NavItem{{Href: "/duty/" + l.ID + ".csv", Text: e.rd.Say(r, "duty.page.download")}, {Href: "/admin/duty", Text: e.rd.Say(r, "duty.item.back")}},
		Items: web.Table{Caption: l.Title.In(lang), Columns: []web.Column{{Text: e.rd.Say(r, "duty.page.matter")}, {Text: e.rd.Say(r, "duty.column.lead")}, {Text: e.rd.Say(r, "duty.column.limit")}}}}
	for _, i := range l.Items {
		p.Items.Rows = append(p.Items.Rows, []web.Cell{{Text: i.ID + " " + i.Title.In(lang), Href: listAddress(l.ID) + "/" + url.PathEscape(i.ID)},
			{Text: cat.roleName(i.Lead, lang)}, {Text: i.Limit.Say(e.book(), lang)}})
	}
	p.Add = web.Confirm{Summary: e.rd.Say(r, "duty.item.add"), Form: e.itemForm(r, cat, l, Item{}), Open: asked(r, "precedent") != ""}
	if p.Precedents, err = e.precedents(r, ""); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "duty/list", p)
}

// roleName is the line of work or the unit of a role, in words where there are.
func (c *Catalogue) roleName(role Role, lang string) string {
	if f, known := c.Function(role.Function); known && role.Level == "" {
		return f.Title.In(lang)
	}
	return role.String()
}

// itemForm asks for the columns of an item, as they stand or as they were sent.
func (e *edge) itemForm(r *http.Request, cat *Catalogue, l List, i Item) web.Form {
	lang := text.Language(r.Context())
	values := cat.cells(i)
	at := listAddress(l.ID)
	if number := asked(r, "precedent"); number != "" {
		at += "?precedent=" + url.QueryEscape(number)
	}
	f := web.Form{ID: "item", Action: at, Submit: e.rd.Say(r, "duty.staff.check"), Hidden: []web.Option{{Label: "was", Value: i.ID}}}
	for _, c := range Columns() {
		field := web.Field{Name: c, Label: e.rd.Say(r, "duty.column."+c), Type: "text", Max: mostCell, Value: values[c]}
		switch c {
		case "id", "kind", "title_zh", "lead":
			field.Required = true
		case "from", "until":
			field.Type = "day"
		case "support_zh", "support_en", "boundary_zh", "boundary_en", "way_zh", "way_en", "basis":
			field.Type, field.Rows = "lines", 2
		}
		switch c {
		case "kind":
			field.Type = "unit"
			for _, k := range ItemKinds() {
				field.Options = append(field.Options, web.Option{Value: k, Label: e.rd.Say(r, "duty.kind."+k)})
			}
		case "lead":
			for _, fn := range cat.Functions {
				field.Options = append(field.Options, web.Option{Value: fn.ID, Label: fn.Title.In(lang)})
			}
			field.Help = e.rd.Say(r, "duty.item.role.help")
		case "classes":
			for _, k := range cat.Classes.All() {
				field.Options = append(field.Options, web.Option{Value: k.ID, Label: k.Title.In(lang)})
			}
			field.Help = e.rd.Say(r, "duty.item.several")
		case "helpers":
			field.Help = e.rd.Say(r, "duty.item.several")
		case "limit":
			if i.Limit.Length > 0 {
				field.Value = i.Limit.Say(e.book(), lang)
			}
			field.Help = e.rd.Say(r, "duty.item.limit.help")
		case "from":
			field.Help = e.rd.Say(r, "duty.item.from.help")
		case "remedy":
			field.Type, field.Value, field.Options = "choices", i.Remedy, l.remedyOptions(lang)
		}
		if said := asked(r, c); said != "" && asked(r, "precedent") != "" {
			field.Value = said // as the precedent proposes; a person looks at it before anything is checked
		}
		if r.Method == http.MethodPost {
			field.Value = r.PostFormValue(c)
			if c == "remedy" {
				field.Value = r.PostForm[c]
			}
		}
		f.Fields = append(f.Fields, field)
	}
	return f
}

// remedyOptions are the remedies of the list, by their texts.
func (l List) remedyOptions(lang string) []web.Option {
	var out []web.Option
	for _, key := range slices.Sorted(maps.Keys(l.Remedies)) {
		out = append(out, web.Option{Value: key, Label: l.Remedies[key].In(lang)})
	}
	return out
}

// cells is an item by its columns, classes and lines of work by their names.
func (c *Catalogue) cells(i Item) map[string]string {
	zh := i.said("zh")
	var classes, helpers []string
	for _, id := range i.Classes {
		classes = append(classes, c.className(id))
	}
	for _, h := range i.Helpers {
		helpers = append(helpers, c.roleCell(h))
	}
	zh["classes"], zh["lead"], zh["helpers"] = strings.Join(classes, "; "), c.roleCell(i.Lead), strings.Join(helpers, "; ")
	return map[string]string{
		"id": i.ID, "kind": i.Kind, "title_zh": i.Title["zh"], "title_en": i.Title["en"], "classes": zh["classes"], "lead": zh["lead"], "helpers": zh["helpers"],
		"limit": zh["limit"], "basis": i.Basis, "remedy": zh["remedy"], "support_zh": i.Support["zh"], "support_en": i.Support["en"],
		"boundary_zh": i.Boundary["zh"], "boundary_en": i.Boundary["en"], "way_zh": i.Way["zh"], "way_en": i.Way["en"], "line": i.Line, "from": zh["from"], "until": zh["until"],
	}
}

func (c *Catalogue) className(id string) string {
	if k, known := c.Classes.Class(id); known && k.Title["zh"] != "" && !strings.Contains(k.Title["zh"], ";") && c.onlyClass(k) {
		return k.Title["zh"]
	}
	return id
}

// onlyClass says whether no other class has the same name, under which it would
// be found.
func (c *Catalogue) onlyClass(k Class) bool {
	for _, other := range c.Classes.All() {
		if other.ID != k.ID && other.Title["zh"] == k.Title["zh"] {
			return false
		}
	}
	return true
}

// roleCell is a role as a table may say it.
func (c *Catalogue) roleCell(r Role) string {
	f, known := c.Function(r.Function)
	if r.Unit != "" || !known || f.Title["zh"] == "" {
		return r.String()
	}
	if r.Level == "" {
		return f.Title["zh"]
	}
	if said := c.words.heads[r.Level]; said != "" {
		return f.Title["zh"] + "@" + said
	}
	return f.Title["zh"] + "@" + r.Level
}

func (e *edge) itemPage(r *http.Request, cat *Catalogue, l List, i Item) itemPage {
	p := itemPage{Title: e.rd.Say(r, "duty.item.title"), Form: e.itemForm(r, cat, l, i), Links: []web.NavItem{{Href: listAddress(l.ID), Text: l.Title.In(text.Language(r.Context()))}}}
	if i.ID != "" {
		p.Title = i.ID + " " + i.Title.In(text.Language(r.Context()))
		p.Remove = &web.Confirm{Summary: e.rd.Say(r, "duty.item.remove"), Danger: true, Form: web.Form{ID: "remove", Action: listAddress(l.ID), Danger: true,
			Submit: e.rd.Say(r, "duty.item.remove"), Hidden: []web.Option{{Label: "was", Value: i.ID}, {Label: "remove", Value: "yes"}}}}
	}
	return p
}

// precedents are what decided disputes proposed for an item, for all items where item
// is "".
func (e *edge) precedents(r *http.Request, item string) (*web.Table, error) {
	if e.Precedents == nil {
		return nil, nil
	}
	all, err := e.Precedents(r.Context(), item)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	t := &web.Table{Caption: e.rd.Say(r, "duty.item.precedents")}
	for _, c := range []string{"precedent", "state", "says"} {
		t.Columns = append(t.Columns, web.Column{Text: e.rd.Say(r, "duty.item."+c)})
	}
	for _, p := range all {
		t.Rows = append(t.Rows, []web.Cell{{Text: p.Number + " " + p.Title, Href: p.Href}, {Text: p.State}, {Text: p.Says}})
	}
	return t, nil
}

func (l List) item(id string) Item {
	for _, i := range l.Items {
		if i.ID == id {
			return i
		}
	}
	return Item{}
}

func (e *edge) getItem(w http.ResponseWriter, r *http.Request) {
	cat, l, err := e.one(r)
	if err == nil && l.item(r.PathValue("item")).ID == "" {
		err = fault.New(fault.NotFound, "duty.no_item", "item", r.PathValue("item"))
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p := e.itemPage(r, cat, l, l.item(r.PathValue("item")))
	if number := asked(r, "precedent"); number != "" {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Info, Title: e.rd.Say(r, "duty.item.from_precedent_title", "number", number), Text: e.rd.Say(r, "duty.item.from_precedent")})
	}
	if p.Precedents, err = e.precedents(r, r.PathValue("item")); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "duty/item", p)
}

// postItem checks the list with the item as it was sent, shows what changes and
// offers to publish it. Nothing is in force before that.
func (e *edge) postItem(w http.ResponseWriter, r *http.Request) {
	cat, l, err := e.one(r)
	if err == nil {
		if formErr := r.ParseForm(); formErr != nil {
			err = httpx.BodyFault(formErr)
		}
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	var sent map[string]string
	if r.PostFormValue("remove") != "yes" {
		sent = map[string]string{}
		for _, c := range Columns() {
			sent[c] = strings.Join(r.PostForm[c], "; ")
		}
	}
	d, err := e.EditItem(r.Context(), l.ID, r.PostFormValue("was"), sent)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p := e.itemPage(r, cat, l, l.item(r.PostFormValue("was")))
	if sent == nil {
		p.Form, p.Remove = web.Form{}, nil
	}
	status := http.StatusOK
	if len(d.Remarks) > 0 {
		status = http.StatusUnprocessableEntity
		p.Remarks = e.remarks(r, d.Remarks)
		p.Notices = []web.Notice{{Tone: web.Bad, Title: e.rd.Say(r, "duty.staff.problems_title", "n", len(d.Remarks))}}
	} else {
		var s staffPage
		e.ready(r, &s, d)
		p.Notices, p.Changes, p.Publish = s.Notices, s.Changes, s.Publish
		if p.Publish != nil && !topAdministrator(identity.From(r.Context())) {
			p.Publish = nil
			p.Notices = append(p.Notices, web.Notice{Tone: web.Info, Text: e.rd.Say(r, "duty.item.only_draft")})
		}
		if number := asked(r, "precedent"); p.Publish != nil && number != "" {
			p.Publish.Fields[0].Value = e.rd.Say(r, "duty.item.publish_reason", "number", number)
		}
	}
	e.rd.Page(w, r, status, "duty/item", p)
}
