package staff

import (
	"io"
	"linli/internal/identity"
	"net/http"
	"strings"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// mostOptions is how many units a choice may list before it becomes a field in
// which the id is typed, with suggestions.
const mostOptions = 400

// adminTabs lead between the pages of administration.
func (e *edge) adminTabs(r *http.Request) []web.Tab {
	var tabs []web.Tab
	for _, name := range []string{"units", "people", "posts"} {
		href := "/admin/" + name
		tabs = append(tabs, web.Tab{Href: href, Text: e.say(r, name+".title"), Current: r.URL.Path == href})
	}
	return tabs
}

// mine are the open units that the actor administers, parents first.
func (e *edge) mine(r *http.Request) ([]identity.Unit, error) {
	a := identity.From(r.Context())
	if !a.Has(identity.Administrator) {
		return nil, identity.NotAdministrator()
	}
	units, err := e.People.Units(r.Context())
	if err != nil {
		return nil, err
	}
	var out []identity.Unit
	for _, u := range units {
		if u.Open(e.Clock.Now()) && identity.Administers(a, u.Path) {
			out = append(out, u)
		}
	}
	return out, nil
}

// unitField asks for one of the units.
func (e *edge) unitField(r *http.Request, name, label string, units []identity.Unit, value string, required bool) web.Field {
	f := web.Field{Name: name, Type: "unit", Label: label, Required: required, Value: value}
	if len(units) > mostOptions {
		f.Type = "text"
	}
	for _, u := range units {
		f.Options = append(f.Options, web.Option{Value: u.ID, Label: indent(u) + unitName(r, u)})
	}
	return f
}

// indent shows how deep a unit stands.
func indent(u identity.Unit) string {
	return strings.Repeat("\u2003", max(0, strings.Count(u.Path, "/")-2))
}

func (e *edge) unitFields(r *http.Request, u identity.Unit, all []identity.Unit, change bool) []web.Field {
	kinds := []web.Option{}
	for _, k := range identity.UnitKinds() {
		kinds = append(kinds, web.Option{Value: k, Label: e.word(r, "unit_kind."+k)})
	}
	fields := []web.Field{
		{Name: "name", Type: "text", Label: e.say(r, "unit.name"), Required: true, Max: identity.LongestName, Value: u.Name},
		{Name: "name_en", Type: "text", Label: e.say(r, "unit.name_en"), Max: identity.LongestName, Value: u.NameEn},
		{Name: "kind", Type: "choice", Label: e.say(r, "unit.kind"), Required: true, Options: kinds, Value: u.Kind},
		{Name: "function", Type: "text", Label: e.say(r, "unit.function"), Help: e.say(r, "unit.function_help"), Max: 64, Value: u.Function},
		{Name: "area", Type: "text", Label: e.word(r, "area_code"), Help: e.say(r, "unit.area_help"), Max: 15, Value: u.Area},
		e.unitField(r, "owner", e.say(r, "unit.owner"), all, u.Owner, false),
		e.unitField(r, "commander", e.say(r, "unit.commander"), all, u.Commander, false),
	}
	if !change {
		id := web.Field{Name: "id", Type: "text", Label: e.say(r, "unit.id"), Help: e.say(r, "unit.id_help"), Max: 64}
		fields = append([]web.Field{id, e.unitField(r, "parent", e.say(r, "unit.parent"), all, u.Parent, false)}, fields...)
	}
	return fields
}

func postedUnit(r *http.Request) identity.Unit {
	at := func(name string) string { return strings.TrimSpace(posted(r, name)) }
	return identity.Unit{
		ID: at("id"), Parent: at("parent"), Name: at("name"), NameEn: at("name_en"), Kind: at("kind"),
		Function: at("function"), Area: at("area"), Owner: at("owner"), Commander: at("commander"),
	}
}

func (e *edge) getUnits(w http.ResponseWriter, r *http.Request) {
	e.drawUnits(w, r, http.StatusOK, nil, func(*web.Form) {})
}

func (e *edge) drawUnits(w http.ResponseWriter, r *http.Request, status int, notices []web.Notice, mark func(*web.Form)) {
	units, err := e.mine(r)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	t := &web.Table{
		Caption: e.say(r, "units.title"), Empty: web.Empty{Text: e.say(r, "units.none")},
		Columns: []web.Column{{Text: e.say(r, "unit.name")}, {Text: e.say(r, "unit.parent")}, {Text: e.say(r, "unit.kind")}, {Text: e.say(r, "unit.function")}, {Text: e.word(r, "area_code")}, {Text: e.say(r, "unit.id")}},
	}
	names := map[string]string{}
	for _, u := range units { // parents come first
		names[u.ID] = unitName(r, u)
		t.Rows = append(t.Rows, []web.Cell{
			{Text: names[u.ID], Href: "/admin/units/" + u.ID}, {Text: names[u.Parent]}, {Text: e.word(r, "unit_kind."+u.Kind)},
			{Text: e.function(r, u.Function)}, {Text: u.Area}, {Text: u.ID},
		})
	}
	add := named(&web.Form{ID: "unit-form", Action: "/admin/units", Submit: e.say(r, "units.add"), Fields: e.unitFields(r, identity.Unit{}, units, false)})
	load := named(&web.Form{ID: "import-form", Action: "/admin/units/import", Submit: e.say(r, "units.import"), Fields: []web.Field{
		{Name: "file", Type: "files", Label: e.say(r, "units.file"), Help: e.say(r, "units.file_help"), Required: true, Max: 1},
	}})
	for _, form := range []*web.Form{add, load} {
		if form.Action == r.URL.Path && r.Method == http.MethodPost {
			mark(form)
		}
	}
	e.show(w, r, status, view{
		Title: e.say(r, "units.title"), Lead: e.say(r, "units.lead"), Wide: true, Tabs: e.adminTabs(r), Notices: notices,
		Parts: []part{{Confirms: []web.Confirm{
			{Summary: e.say(r, "units.add"), Form: *add, Open: len(units) < 2}, {Summary: e.say(r, "units.import"), Form: *load},
		}}, {Table: t}},
	})
}

func (e *edge) postUnit(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	u, err := e.People.AddUnit(r.Context(), identity.From(r.Context()), postedUnit(r))
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawUnits(w, r, httpx.Status(fault.Of(err)), nil, mark) })
		return
	}
	http.Redirect(w, r, "/admin/units/"+u.ID, http.StatusSeeOther)
}

// postUnitImport takes a CSV and shows what became of each bad row.
func (e *edge) postUnitImport(w http.ResponseWriter, r *http.Request) {
	report, err := e.readImport(r)
	if err != nil {
		e.wrong(w, r, fault.Of(err).At("file"), func(mark func(*web.Form)) { e.drawUnits(w, r, httpx.Status(fault.Of(err)), nil, mark) })
		return
	}
	notice := web.Notice{Tone: web.Good, Title: e.say(r, "units.imported"), Text: e.say(r, "units.imported_text",
		"added", report.Added, "changed", report.Changed, "moved", report.Moved, "same", report.Same, "bad", len(report.Bad))}
	v := view{Title: e.say(r, "units.import"), Wide: true, Tabs: e.adminTabs(r), Notices: []web.Notice{notice}}
	if len(report.Bad) > 0 {
		v.Notices[0].Tone = web.Warning
		t := &web.Table{Caption: e.say(r, "units.bad"), Columns: []web.Column{{Text: e.say(r, "line"), Number: true}, {Text: e.say(r, "unit.id")}, {Text: e.say(r, "reason")}}}
		for _, b := range report.Bad {
			t.Rows = append(t.Rows, []web.Cell{{Text: b.Line}, {Text: b.ID}, {Text: e.rd.Explain(r, b.Fault)}})
		}
		v.Parts = []part{{Table: t}}
	}
	e.show(w, r, http.StatusOK, v)
}

func (e *edge) readImport(r *http.Request) (identity.Report, error) {
	if !identity.From(r.Context()).Has(identity.Administrator) {
		return identity.Report{}, identity.NotAdministrator()
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return identity.Report{}, fault.New(fault.Invalid, "identity.no_file").Because(err)
	}
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			return identity.Report{}, fault.New(fault.Invalid, "identity.no_file")
		}
		if err != nil {
			return identity.Report{}, httpx.BodyFault(err)
		}
		if p.FormName() == "file" && p.FileName() != "" {
			return e.People.ImportUnits(r.Context(), identity.From(r.Context()), p)
		}
	}
}

func (e *edge) getUnit(w http.ResponseWriter, r *http.Request) {
	e.drawUnit(w, r, http.StatusOK, func(*web.Form) {})
}

func (e *edge) drawUnit(w http.ResponseWriter, r *http.Request, status int, mark func(*web.Form)) {
	units, err := e.mine(r)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	var u identity.Unit
	for _, each := range units {
		if each.ID == r.PathValue("id") {
			u = each
		}
	}
	if u.ID == "" {
		e.rd.Fault(w, r, fault.New(fault.NotFound, "identity.no_unit", "unit", r.PathValue("id")))
		return
	}
	members, err := e.People.Members(r.Context(), u.ID)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	at := "/admin/units/" + u.ID
	change := named(&web.Form{ID: "unit-form", Action: at, Submit: e.say(r, "save"), Fields: e.unitFields(r, u, units, true)})
	move := web.Form{ID: "move-form", Action: at + "/move", Submit: e.say(r, "unit.move"), Fields: []web.Field{
		e.unitField(r, "parent", e.say(r, "unit.parent"), units, u.Parent, false),
	}}
	end := e.closeForm(r, at, u, units)
	for _, form := range []*web.Form{change, named(&move), &end} {
		if form.Action == r.URL.Path && r.Method == http.MethodPost {
			mark(form)
		}
	}
	var duty []part
	if p, found := e.onDutyPart(r, u.ID); found {
		duty = append(duty, p)
	}
	e.show(w, r, status, view{
		Title: unitName(r, u), Wide: true, Tabs: e.adminTabs(r),
		Parts: append(duty, []part{
			{Table: e.postTable(r, e.say(r, "unit.members"), members, true)},
			{Title: e.say(r, "unit.change"), Form: change},
			{Confirms: []web.Confirm{
				{Summary: e.say(r, "unit.move"), Text: e.say(r, "unit.move_text"), Form: move},
				{Summary: e.say(r, "unit.close"), Text: e.say(r, "unit.close_text"), Danger: true, Form: end, Open: end.Action == r.URL.Path},
			}},
		}...),
	})
}

// unitVerb does one verb on the unit of the address and goes to another page.
func (e *edge) unitVerb(w http.ResponseWriter, r *http.Request, to string, do func(id string) error) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	if err := do(r.PathValue("id")); err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawUnit(w, r, httpx.Status(fault.Of(err)), mark) })
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (e *edge) postUnitChange(w http.ResponseWriter, r *http.Request) {
	e.unitVerb(w, r, "/admin/units/"+r.PathValue("id"), func(id string) error {
		u := postedUnit(r)
		u.ID = id
		return e.People.ChangeUnit(r.Context(), identity.From(r.Context()), u)
	})
}

func (e *edge) postUnitMove(w http.ResponseWriter, r *http.Request) {
	e.unitVerb(w, r, "/admin/units/"+r.PathValue("id"), func(id string) error {
		return e.People.MoveUnit(r.Context(), identity.From(r.Context()), id, strings.TrimSpace(posted(r, "parent")))
	})
}

// function names a line of work in the page's language.
func (e *edge) function(r *http.Request, id string) string {
	if e.People.FunctionName != nil && id != "" {
		if said := e.People.FunctionName(r.Context(), id).In(text.Language(r.Context())); said != "" {
			return said
		}
	}
	return id
}
