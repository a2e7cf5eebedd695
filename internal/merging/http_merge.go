package merging

import (
	"net/http"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// mayMerge are the kinds of post that merge at all.
var mayMerge = []string{"dispatcher", "intake", "leader", "handler", "head", "clerk"}

// mergeLine is one request that may be merged.
type mergeLine struct {
	ID, Href, Number, Title string
	State                   web.Tag
	Facts                   []string
	Words                   string // what its reporter said
	Opened                  clock.Instant
	Picked, Leads           bool
	Heard                   int64
}

// mergePage chooses which requests are one matter and which of them leads.
type mergePage struct {
	Title, Lead, Key string
	Notices          []web.Notice
	Problem          string
	Lines            []mergeLine
	Picked           int
	Back             web.NavItem
	Empty            *web.Empty
	Table            *web.Table // of those that could not be merged
}

// getMerge offers the open requests that may be the same matter as one.
func (e *edge) getMerge(w http.ResponseWriter, r *http.Request) {
	a := actor(r)
	c, _, err := e.Cases.Seen(r.Context(), a, r.PathValue("id"))
	if err == nil && (c.Procedure != Requests || !has(a, mayMerge...)) {
		err = fault.New(fault.NotFound, "casework.no_case")
	}
	var found []Alike
	if err == nil && !c.Following() {
		found, err = e.Alike(r.Context(), a, c)
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	rows := []casework.Row{{Case: c}}
	picked := map[string]bool{c.ID: true}
	notes := map[string]string{}
	for _, one := range found {
		rows = append(rows, one.Row)
		picked[one.ID] = one.Score >= likeTicked
		if one.Meters >= 0 {
			notes[one.ID] = e.say(r, "meters", "meters", one.Meters)
		}
	}
	page, err := e.mergePage(r, rows, picked, "", notes)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	page.Back = web.NavItem{Href: "/cases/" + c.ID, Text: e.say(r, "back")}
	if len(found) == 0 {
		page.Empty = &web.Empty{Title: e.say(r, "none_alike"), Text: e.say(r, "none_alike.text"), Links: []web.NavItem{page.Back}}
	}
	e.rd.Page(w, r, http.StatusOK, "merging/merge", page)
}

// postMerge shows the requests that were ticked, to choose which one leads, and
// merges them when that is confirmed.
func (e *edge) postMerge(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	ctx, a := r.Context(), actor(r)
	ids := slices.Compact(slices.Sorted(slices.Values(r.PostForm["case"])))
	if !has(a, mayMerge...) {
		e.rd.Fault(w, r, fault.New(fault.Forbidden, "merging.right"))
		return
	}
	if r.PostForm.Get("do") == "merge" {
		done, err := e.Merge(ctx, a, r.PostForm.Get("leading"), ids, r.PostForm.Get("key"))
		if err == nil {
			e.merged(w, r, done)
			return
		}
		if f := fault.Of(err); f.Kind == fault.Internal {
			e.rd.Fault(w, r, err)
			return
		}
		e.chooseAgain(w, r, ids, err)
		return
	}
	e.chooseAgain(w, r, ids, nil)
}

// chooseAgain draws the page for requests that were ticked.
func (e *edge) chooseAgain(w http.ResponseWriter, r *http.Request, ids []string, wrong error) {
	if len(ids) > mostMerged {
		ids, wrong = ids[:mostMerged], fault.New(fault.Invalid, "merging.many", "most", mostMerged)
	}
	rows, _, err := e.Cases.List(r.Context(), actor(r), casework.Filter{Procedure: Requests, IDs: append([]string{}, ids...), Limit: mostMerged})
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	picked := map[string]bool{}
	for _, row := range rows {
		picked[row.ID] = !row.Following()
	}
	page, err := e.mergePage(r, rows, picked, r.PostForm.Get("leading"), nil)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	page.Back = web.NavItem{Href: "/cases", Text: e.say(r, "inbox")}
	if len(rows) < 2 && wrong == nil {
		wrong = fault.New(fault.Invalid, "merging.two")
	}
	status := http.StatusOK
	if f := fault.Of(wrong); f != nil {
		httpx.Note(r, f)
		status, page.Problem = httpx.Status(f), e.rd.Explain(r, f)
	}
	if len(rows) == 0 {
		page.Empty = &web.Empty{Title: page.Problem, Links: []web.NavItem{page.Back}}
	}
	e.rd.Page(w, r, status, "merging/merge", page)
}

func (e *edge) mergePage(r *http.Request, rows []casework.Row, picked map[string]bool, leading string, notes map[string]string) (mergePage, error) {
	page := mergePage{Title: e.say(r, "title"), Lead: e.say(r, "lead"), Key: r.PostForm.Get("key")}
	if len(page.Key) != keyLength {
		page.Key = seal.Token()
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	heard, err := e.Heard(r.Context(), ids...)
	if err != nil {
		return page, err
	}
	if leading == "" {
		best := slices.MinFunc(append([]casework.Row{}, rows...), func(a, b casework.Row) int { return standing(a, b, heard) })
		leading = best.ID
	}
	p, err := e.Cases.Procedure(r.Context(), Requests)
	if err != nil {
		return page, err
	}
	for _, row := range rows {
		l := mergeLine{ID: row.ID, Href: "/cases/" + row.ID, Number: row.Number, Title: row.Case.Title, Words: row.Values.Text("words"), Opened: row.Opened,
			Picked: picked[row.ID], Leads: row.ID == leading, Heard: heard[row.ID].People()}
		if s := p.State(row.State); s != nil {
			l.State = web.Tag{Text: in(r, s.Words), Tone: toneOf(s.Kind)}
		}
		if l.Facts, err = e.mergeFacts(r, row.Case, notes[row.ID]); err != nil {
			return page, err
		}
		if l.Picked && !l.Leads {
			page.Picked++
		}
		page.Lines = append(page.Lines, l)
	}
	return page, nil
}

// mergeFacts are class, place and unit of a request.
func (e *edge) mergeFacts(r *http.Request, c *casework.Case, note string) ([]string, error) {
	var out []string
	if class, err := e.Duty.Class(r.Context(), c.Class); err == nil {
		out = append(out, in(r, class.Title))
	}
	name, err := e.nameOf(r.Context(), community(c.Area))
	if err != nil {
		return nil, err
	}
	unit, err := e.unitName(r.Context(), c.Unit, text.Language(r.Context()))
	if err != nil {
		return nil, err
	}
	place, _ := c.Values["place"].(procedure.Place)
	for _, s := range []string{name, place.Words, unit, note} {
		if s != "" {
			out = append(out, s)
		}
	}
	return out, nil
}

// merged tells what became of each.
func (e *edge) merged(w http.ResponseWriter, r *http.Request, done []Merged) {
	lead, _, err := e.Cases.Seen(r.Context(), actor(r), r.PostForm.Get("leading"))
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	page := mergePage{Title: e.say(r, "title"), Back: web.NavItem{Href: "/cases/" + lead.ID, Text: e.say(r, "to_leader", "number", lead.Number)}}
	table := &web.Table{Caption: e.say(r, "not"), Columns: []web.Column{{Text: e.say(r, "number")}, {Text: e.say(r, "why")}}}
	n := 0
	for _, one := range done {
		f := fault.Of(one.Err)
		if f == nil {
			n++
			continue
		}
		httpx.Note(r, f)
		table.Rows = append(table.Rows, []web.Cell{{Text: one.Number, Href: "/cases/" + one.Case}, {Text: e.rd.Explain(r, f)}})
	}
	if n > 0 {
		page.Notices = append(page.Notices, web.Notice{Tone: web.Good, Text: e.say(r, "done", "n", n, "number", lead.Number)})
	}
	if len(table.Rows) > 0 {
		page.Notices = append(page.Notices, web.Notice{Tone: web.Warning, Text: e.say(r, "failed", "n", len(table.Rows))})
		page.Table = table
	}
	e.rd.Page(w, r, http.StatusOK, "merging/merge", page)
}

// Together is what may be done with several requests that somebody ticked in a
// list (desk.Doors).
func (s *Service) Together(a identity.Actor) bool { return has(a, mayMerge...) }

// Beside is what this room tells on the generic page of a request: how many have
// it too, and how many others may be the same matter (desk.Doors).
func (s *Service) Beside(r *http.Request, rd *web.Renderer, v *casework.View) ([]web.Notice, error) {
	if v.Case.Procedure != Requests || v.Party {
		return nil, nil
	}
	var out []web.Notice
	heard, err := s.Heard(r.Context(), v.Case.ID)
	if err != nil {
		return nil, err
	}
	if n := heard[v.Case.ID].Voices; n > 0 {
		out = append(out, web.Notice{Tone: web.Info, Text: rd.Say(r, "merging.beside.voices", "n", n)})
	}
	if v.Followers > 0 {
		out = append(out, web.Notice{Tone: web.Info, Text: rd.Say(r, "merging.beside.followers", "n", v.Followers)})
	}
	a := actor(r)
	join := v.Procedure.Act(joinAct)
	if join == nil || v.Case.Following() || v.Case.Sealed != "" || !slices.Contains(join.Follows.In, v.Case.State) || !has(a, mayMerge...) {
		return out, nil
	}
	if about, _ := v.Case.Values["about_unit"].(bool); about {
		return out, nil
	}
	found, err := s.Alike(r.Context(), a, v.Case)
	if err == nil && len(found) > 0 {
		out = append(out, web.Notice{Tone: web.Info, Text: rd.Say(r, "merging.beside.alike", "n", len(found)),
			Links: []web.NavItem{{Href: "/cases/" + v.Case.ID + "/merge", Text: rd.Say(r, "merging.beside.look")}}})
	}
	return out, err
}
