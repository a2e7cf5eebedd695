package duty

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// placesPage is what duty/places.html shows: whose lists there are.
type placesPage struct {
	Streets []placeLink
	Empty   web.Empty
}

// placeLink is a street or township with its communities.
type placeLink struct {
	web.NavItem
	Below []web.NavItem
}

// placePage is what duty/place.html shows: the lists as one street or community reads them.
type placePage struct {
	Title     string
	Example   bool
	Lists     []placeList
	Forbidden string // for a community: of what it is never the responsible subject
	Norm      string
	Below     []web.NavItem
	Links     []web.NavItem
	Empty     *web.Empty
}

// placeList is one list in its parts.
type placeList struct {
	Title, Version, Changes string
	Coming                  string // a version that was announced and has not begun
	Parts                   []placePart
}

// placePart is what is theirs, what they help with, or what was taken back.
type placePart struct {
	Title, Lead string
	Table       web.Table
}

// receivers are the units that lists speak of, by level.
func (o offices) receivers(level string) []identity.Unit {
	var out []identity.Unit
	for _, u := range o.all {
		own := u.Kind == "street" && level == LevelStreet || (u.Kind == "community" || u.Kind == "village") && level == LevelCommunity
		if own && u.Area != "" && u.Open(o.day.Start()) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b identity.Unit) int { return cmp.Or(cmp.Compare(a.Area, b.Area), cmp.Compare(a.ID, b.ID)) })
	return out
}

func placeItem(u identity.Unit, lang string) web.NavItem {
	return web.NavItem{Href: "/duty/of/" + u.Area, Text: unitName(u).In(lang)}
}

// looking gives what the pages of places look at.
func (e *edge) looking(r *http.Request) (*Catalogue, offices, error) {
	return e.looked(r.Context(), e.clk.Now().Day())
}

func (e *edge) getPlaces(w http.ResponseWriter, r *http.Request) {
	_, o, err := e.looking(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	lang := text.Language(r.Context())
	p := placesPage{Empty: web.Empty{Title: e.rd.Say(r, "duty.page.no_list_title"), Text: e.rd.Say(r, "duty.places.none"), Links: []web.NavItem{{Href: "/duty", Text: e.rd.Say(r, "duty.page.title")}}}}
	below := o.receivers(LevelCommunity)
	for _, u := range o.receivers(LevelStreet) {
		link := placeLink{NavItem: placeItem(u, lang)}
		for _, c := range below {
			if within(c.Area, u.Area) {
				link.Below = append(link.Below, placeItem(c, lang))
			}
		}
		p.Streets = append(p.Streets, link)
	}
	e.rd.Page(w, r, http.StatusOK, "duty/places", p)
}

// getPlace shows the lists of one street, township, village or community: what is
// its own, what it only helps with and within which bounds, what was taken back.
func (e *edge) getPlace(w http.ResponseWriter, r *http.Request) {
	cat, o, err := e.looking(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	code, lang := r.PathValue("area"), text.Language(r.Context())
	var whose identity.Unit
	for _, level := range []string{LevelStreet, LevelCommunity} {
		for _, u := range o.receivers(level) {
			if u.Area == code {
				whose = u
			}
		}
	}
	if whose.ID == "" {
		httpx.Fail(w, r, fault.New(fault.NotFound, "duty.no_place", "area", code))
		return
	}
	p := placePage{Title: e.rd.Say(r, "duty.place.title", "unit", unitName(whose)),
		Links: []web.NavItem{{Href: "/duty/places", Text: e.rd.Say(r, "duty.places.title")}, {Href: "/duty/certificates", Text: e.rd.Say(r, "duty.certificates.link")}, {Href: "/duty", Text: e.rd.Say(r, "duty.page.title")}}}
	community := o.levelOf(whose) == LevelCommunity
	for _, l := range cat.Lists {
		if l.Holds(code, o.day) {
			list, err := e.placeList(r, cat, o, l, code, community)
			if err != nil {
				httpx.Fail(w, r, err)
				return
			}
			p.Lists, p.Example = append(p.Lists, list), p.Example || l.Example
		}
	}
	if len(p.Lists) == 0 {
		p.Empty = &web.Empty{Title: e.rd.Say(r, "duty.page.no_list_title"), Text: e.rd.Say(r, "duty.page.no_list")}
	}
	if community {
		p.Forbidden, p.Norm = e.forbidden(r, cat), cat.Forbidden.Norm
	}
	for _, c := range o.receivers(LevelCommunity) {
		if !community && within(c.Area, code) {
			p.Below = append(p.Below, placeItem(c, lang))
		}
	}
	e.rd.Page(w, r, http.StatusOK, "duty/place", p)
}

// forbidden says of which lines a village or community is never the responsible subject.
func (e *edge) forbidden(r *http.Request, cat *Catalogue) string {
	var lines []string
	for _, l := range cat.Forbidden.Lines {
		lines = append(lines, l.Title.In(text.Language(r.Context())))
	}
	return e.rd.Say(r, "duty.page.forbidden", "lines", lines)
}

func (e *edge) placeList(r *http.Request, cat *Catalogue, o offices, l List, code string, community bool) (placeList, error) {
	versions, err := e.editions.Versions(r.Context(), listFile(l.ID))
	if err != nil {
		return placeList{}, err
	}
	out := placeList{Title: l.Title.In(text.Language(r.Context())), Version: e.rd.Say(r, "duty.page.version", "version", l.Version, "from", l.From), Changes: "/duty/versions/" + url.PathEscape(l.ID)}
	if len(versions) > 0 {
		out.Version += e.rd.Say(r, "duty.place.changed", "day", versions[0].Published.Day(), "number", versions[0].Edition)
	}
	for _, next := range cat.Lists {
		if next.Area == l.Area && next.From > o.day && next.From == l.Until+1 {
			out.Coming, out.Changes = e.rd.Say(r, "duty.place.coming", "from", next.From, "version", next.Version), "/duty/versions/"+url.PathEscape(next.ID)
		}
	}
	parts := []struct {
		name  string
		holds func(Item) bool
	}{
		{"own", func(i Item) bool { return i.Kind == Basic }},
		{"helps", func(i Item) bool { return i.Kind == Cooperating }},
		{"taken_back", func(i Item) bool { return i.Kind == TakenBack }},
	}
	if community {
		parts = parts[:2]
		parts[0].holds = func(i Item) bool { return i.Kind == Community }
		parts[1].holds = func(i Item) bool {
			return i.Kind != Community && slices.ContainsFunc(i.Helpers, func(h Role) bool { return cat.ledBy(h, LevelCommunity) })
		}
	}
	level := "street"
	if community {
		level = "community"
	}
	for _, part := range parts {
		table := e.partTable(r, cat, o, l, code, part.name, part.holds)
		out.Parts = append(out.Parts, placePart{Title: e.rd.Say(r, "duty.place."+level+"."+part.name) + e.rd.Say(r, "duty.place.count", "n", len(table.Rows)),
			Lead: e.rd.Say(r, "duty.place."+level+"."+part.name+"_lead"), Table: table})
	}
	return out, nil
}

// partTable is one part of a list: for what only is helped with its bounds, for
// what was taken back who does it now and how.
func (e *edge) partTable(r *http.Request, cat *Catalogue, o offices, l List, code, part string, holds func(Item) bool) web.Table {
	lang := text.Language(r.Context())
	columns := map[string][]string{"own": {"matter", "who", "helpers", "limit", "basis"}, "helps": {"matter", "leads", "support", "boundary", "basis"}, "taken_back": {"matter", "now_by", "now_how", "basis"}}[part]
	t := web.Table{Caption: e.rd.Say(r, "duty.place.caption."+part), Empty: web.Empty{Title: e.rd.Say(r, "duty.place.nothing")}}
	for _, c := range columns {
		t.Columns = append(t.Columns, web.Column{Text: e.rd.Say(r, "duty.page."+c)})
	}
	for _, i := range l.Items {
		if !i.Holds(o.day) || !holds(i) {
			continue
		}
		f := cat.found(match{l, i, ""}, o, code)
		var helpers []string
		for _, h := range f.Helpers {
			at := code
			if h.Unit.ID == "" {
				at = "" // one below the place, of which there are several: by its kind
			}
			helpers = append(helpers, e.roleName(r, cat, h.Role, h.Unit, at))
		}
		who := e.who(r, cat, f, code)
		say := func(key, value string) string {
			if value == "" {
				return e.rd.Say(r, key)
			}
			return value
		}
		cells := map[string]string{"matter": i.ID + " " + i.Title.In(lang), "who": who, "leads": who, "now_by": who, "limit": e.limit(r, i), "basis": e.basis(r, i, l.Example),
			"helpers": say("duty.place.nobody", strings.Join(helpers, e.rd.Say(r, "text.list_separator"))), "support": say("duty.place.as_asked", i.Support.In(lang)),
			"boundary": say("duty.place.only_helps", i.Boundary.In(lang)), "now_how": say("duty.place.by_itself", i.Way.In(lang))}
		var row []web.Cell
		for _, c := range columns {
			row = append(row, web.Cell{Text: cells[c]})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// versionsPage is what duty/versions.html shows.
type versionsPage struct {
	Title    string
	Versions web.Table
	Shown    string
	Changes  *web.Table
	Nothing  *web.Empty
	Links    []web.NavItem
}

// getVersions shows how a list became what it is: each version, and what one changed.
func (e *edge) getVersions(w http.ResponseWriter, r *http.Request) {
	p, err := e.versionsPage(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "duty/versions", p)
}

// mostVersions bounds the table of a list that changes often.
const mostVersions = 50

func (e *edge) versionsPage(r *http.Request) (versionsPage, error) {
	id := r.PathValue("list")
	versions, err := e.editions.Versions(r.Context(), listFile(id))
	if err != nil {
		return versionsPage{}, err
	}
	if len(versions) == 0 {
		return versionsPage{}, fault.New(fault.NotFound, "duty.no_list", "id", id)
	}
	chosen := 0
	for i, v := range versions {
		if asked(r, "edition") == strconv.FormatInt(v.Edition, 10) {
			chosen = i
		}
	}
	now, err := e.listAt(r, id, versions[chosen].Edition)
	if err != nil {
		return versionsPage{}, err
	}
	p := versionsPage{Title: e.rd.Say(r, "duty.versions.title", "list", now.Title), Shown: e.rd.Say(r, "duty.versions.shown", "version", now.Version, "from", now.From, "number", versions[chosen].Edition),
		Versions: web.Table{Caption: e.rd.Say(r, "duty.versions.all"), Columns: []web.Column{{Text: e.rd.Say(r, "duty.versions.edition"), Number: true}, {Text: e.rd.Say(r, "duty.versions.published")}}},
		Links:    []web.NavItem{{Href: "/duty/places", Text: e.rd.Say(r, "duty.places.title")}, {Href: "/duty", Text: e.rd.Say(r, "duty.page.title")}}}
	for i, v := range versions[:min(len(versions), mostVersions)] {
		cell := web.Cell{Text: v.Edition, Href: "/duty/versions/" + url.PathEscape(id) + "?edition=" + strconv.FormatInt(v.Edition, 10)}
		if i == chosen {
			cell.Href = ""
		}
		p.Versions.Rows = append(p.Versions.Rows, []web.Cell{cell, {Text: v.Published.Day()}})
	}
	if chosen+1 >= len(versions) {
		p.Nothing = &web.Empty{Title: e.rd.Say(r, "duty.versions.first", "n", len(now.Items))}
		return p, nil
	}
	old, err := e.listAt(r, id, versions[chosen+1].Edition)
	if err != nil {
		return p, err
	}
	if d := Compare(old, now); d.Empty() {
		p.Nothing = &web.Empty{Title: e.rd.Say(r, "duty.versions.same")}
	} else {
		p.Changes = e.changes(r, d)
		p.Changes.Caption = e.rd.Say(r, "duty.versions.caption", "was", old.Version, "is", now.Version)
	}
	return p, nil
}

// listAt is a list as one edition holds it. Fault: NotFound duty.no_list.
func (e *edge) listAt(r *http.Request, id string, number int64) (List, error) {
	cat, err := e.At(r.Context(), number)
	if err != nil {
		return List{}, err
	}
	l, known := cat.List(id)
	if !known {
		return List{}, fault.New(fault.NotFound, "duty.no_list", "id", id)
	}
	return l, nil
}
