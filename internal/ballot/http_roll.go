package ballot

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/sheet"
	"linli/internal/kit/text"
	"linli/web"
)

// pageSize is how many lines of a roll stand on one page; all of them are printed.
const pageSize = 100

// mostPlaces is how many villages a choice may list before the code is typed.
const mostPlaces = 400

func (e *edge) rollTitle(r *http.Request, x Roll) string {
	if x.Group != "" {
		return e.say(r, "roll.title_group", "place", e.placeName(r.Context(), x.Area), "body", x.Body.Key(), "group", x.Group)
	}
	return e.say(r, "roll.title", "place", e.placeName(r.Context(), x.Area), "body", x.Body.Key())
}

func (e *edge) getRolls(w http.ResponseWriter, r *http.Request) {
	e.drawRolls(w, r, http.StatusOK, nil, nil, func(*web.Form) {})
}

func (e *edge) drawRolls(w http.ResponseWriter, r *http.Request, status int, notices []web.Notice, report *Report, mark func(*web.Form)) {
	if !MayKeep(actor(r)) {
		e.rd.Fault(w, r, fault.New(fault.Forbidden, "ballot.not_yours"))
		return
	}
	list, err := e.List(r.Context(), actor(r))
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	t := &web.Table{Caption: e.say(r, "rolls.title"), Empty: web.Empty{Title: e.say(r, "rolls.none"), Text: e.say(r, "rolls.none_text")},
		Columns: []web.Column{{Text: e.say(r, "roll")}, {Text: e.say(r, "people"), Number: true}, {Text: e.say(r, "version"), Number: true}, {Text: e.say(r, "made")}, {Text: e.say(r, "frozen")}}}
	for _, x := range list {
		frozen := any(e.say(r, "not_frozen"))
		if x.Frozen > 0 {
			frozen = x.Frozen
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: e.rollTitle(r, x), Href: "/rolls/" + x.ID}, {Text: x.Counts.Members}, {Text: x.Version}, {Text: x.Made}, {Text: frozen}})
	}
	v := view{Title: e.say(r, "rolls.title"), Lead: e.say(r, "rolls.lead"), Wide: true, Notices: notices}
	if report != nil {
		v.Parts = append(v.Parts, e.reportPart(r, *report))
	}
	meetings, err := e.meetingsPart(r)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	v.Parts = append(v.Parts, part{Table: t}, meetings)
	if places, err := e.Places(r.Context(), actor(r)); err != nil {
		e.rd.Fault(w, r, err)
		return
	} else if len(places) > 0 {
		form := e.importForm(r, places)
		mark(form)
		v.Parts = append(v.Parts, part{Confirms: []web.Confirm{{Summary: e.say(r, "import"), Text: e.say(r, "import_text"), Open: len(list) == 0 || form.Wrong() > 0, Form: *form}},
			Links: []web.NavItem{{Href: "/rolls/form.xlsx", Text: e.say(r, "form")}}})
	}
	e.show(w, r, status, v)
}

func (e *edge) importForm(r *http.Request, places []Place) *web.Form {
	where := web.Field{Name: "area", Type: "unit", Label: e.say(r, "area"), Required: true}
	if len(places) > mostPlaces {
		where.Type = "text"
	} else if len(places) == 1 {
		where.Value = places[0].Code
	}
	for _, p := range places {
		where.Options = append(where.Options, web.Option{Value: p.Code, Label: p.Name.In(text.Language(r.Context()))})
	}
	body := web.Field{Name: "body", Type: "choice", Label: e.say(r, "body"), Required: true}
	for _, b := range Bodies() {
		body.Options = append(body.Options, web.Option{Value: string(b), Label: e.rd.Show(r, b.Key())})
	}
	return &web.Form{ID: "import", Action: "/rolls", Submit: e.say(r, "import"), Fields: []web.Field{where, body,
		{Name: "group", Type: "text", Label: e.say(r, "group"), Help: e.say(r, "group_help"), Max: mostWord},
		{Name: "as_of", Type: "day", Label: e.say(r, "as_of"), Help: e.say(r, "as_of_help")},
		{Name: "file", Type: "files", Label: e.say(r, "file"), Help: e.say(r, "file_help"), Required: true, Max: 1}}}
}

// reportPart says row by row what cannot be taken.
func (e *edge) reportPart(r *http.Request, report Report) part {
	p := part{ID: "report", Title: e.say(r, "report")}
	p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "report.lines"), Value: report.Lines})
	if report.Minors > 0 {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "report.minors"), Value: report.Minors})
	}
	if len(report.Unread) > 0 {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "report.unread"), Value: strings.Join(report.Unread, e.say(r, "list_comma"))})
	}
	if len(report.Bad) == 0 {
		return p
	}
	if report.MoreBad > 0 {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "report.more"), Value: report.MoreBad})
	}
	p.Table = &web.Table{Caption: e.say(r, "report.bad"), Columns: []web.Column{{Text: e.say(r, "report.row"), Number: true}, {Text: e.say(r, "report.column")}, {Text: e.say(r, "report.why")}}}
	for _, b := range report.Bad {
		column := ""
		if b.Fault.Field != "" {
			column = e.say(r, "column."+b.Fault.Field)
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: b.Row}, {Text: column}, {Text: e.rd.Explain(r, b.Fault)}})
	}
	return p
}

func (e *edge) postRoll(w http.ResponseWriter, r *http.Request) {
	in, err := e.importing(r)
	var roll Roll
	var report Report
	if err == nil {
		roll, report, err = e.Import(r.Context(), actor(r), in)
	}
	if err != nil {
		e.wrong(w, r, err, func(status int, mark func(*web.Form)) { e.drawRolls(w, r, status, nil, reportOf(report), mark) })
		return
	}
	notice := web.Notice{Tone: web.Good, Title: e.say(r, "imported"), Text: e.say(r, "imported_text", "roll", e.rollTitle(r, roll), "version", roll.Version, "n", roll.Counts.Members),
		Links: []web.NavItem{{Href: "/rolls/" + roll.ID, Text: e.say(r, "look")}}}
	e.drawRolls(w, r, http.StatusOK, []web.Notice{notice}, &report, func(*web.Form) {})
}

// reportOf is nil where nothing was read.
func reportOf(r Report) *Report {
	if r.Lines == 0 && len(r.Bad) == 0 {
		return nil
	}
	return &r
}

// importing reads the posted form.
func (e *edge) importing(r *http.Request) (in Importing, err error) {
	if err := r.ParseMultipartForm(httpx.LargeBody); err != nil {
		return in, httpx.BodyFault(err)
	}
	in = Importing{Area: strings.TrimSpace(r.FormValue("area")), Body: Body(r.FormValue("body")), Group: r.FormValue("group")}
	if s := strings.TrimSpace(r.FormValue("as_of")); s != "" {
		if in.AsOf, err = clock.ParseDay(s); err != nil {
			return in, fault.New(fault.Invalid, "ballot.day").At("as_of")
		}
	}
	f, head, err := r.FormFile("file")
	if err != nil {
		return in, fault.New(fault.Invalid, "ballot.no_file").At("file")
	}
	defer f.Close()
	in.File = head.Filename
	in.Data, err = io.ReadAll(f)
	return in, err
}

// getForm is an empty workbook with our own headings.
func (e *edge) getForm(w http.ResponseWriter, r *http.Request) {
	words, _, err := e.Words.Now(r.Context())
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	s := sheet.Sheet{Name: e.say(r, "roll"), Notes: []string{e.say(r, "form_note")}}
	for _, name := range columnNames {
		s.Columns = append(s.Columns, sheet.Column{Head: words.heads[name], Width: 14})
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="roll.xlsx"; filename*=UTF-8''`+url.PathEscape(e.say(r, "roll"))+".xlsx")
	if err := sheet.Write(w, sheet.Book{Title: e.say(r, "roll"), Created: e.Clock.Now(), Sheets: []sheet.Sheet{s}}); err != nil {
		httpx.Note(r, fault.Of(err))
	}
}

func (e *edge) getRoll(w http.ResponseWriter, r *http.Request) {
	e.drawRoll(w, r, http.StatusOK, func(*web.Form) {})
}

func (e *edge) drawRoll(w http.ResponseWriter, r *http.Request, status int, mark func(*web.Form)) {
	x, lines, err := e.Show(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	all, err := e.versions(r.Context(), x)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	v := view{Title: e.rollTitle(r, x), Wide: true}
	newest := all[0].ID == x.ID
	if !newest {
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Text: e.say(r, "old_version", "version", x.Version, "newest", all[0].Version),
			Links: []web.NavItem{{Href: "/rolls/" + all[0].ID, Text: e.say(r, "to_newest")}}})
	}
	d, err := e.Composition(r.Context(), x)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	if d != nil {
		tone := web.Good
		if d.Outcome != "lawful" && d.Outcome != "accepted" {
			tone = web.Bad
		}
		v.Notices = append(v.Notices, web.Notice{Tone: tone, Text: text.Words(d.Because).In(text.Language(r.Context()))})
	}
	v.Parts = append(v.Parts, part{Facts: e.rollFacts(r, x)}, e.linesPart(r, x, lines, newest && over(actor(r), x.Area, keepers)))
	if newest && over(actor(r), x.Area, keepers) {
		form := e.lineForm(r, x, Line{Adult: true, Capable: true})
		mark(form)
		v.Parts = append(v.Parts, part{Confirms: []web.Confirm{{Summary: e.say(r, "line.add"), Text: e.say(r, "line.text"), Open: form.Wrong() > 0, Form: *form}}})
	}
	v.Parts = append(v.Parts, e.versionsPart(r, all))
	e.show(w, r, status, v)
}

func (e *edge) rollFacts(r *http.Request, x Roll) []web.Fact {
	facts := []web.Fact{{Name: e.say(r, "version"), Value: x.Version}, {Name: e.say(r, "made"), Value: x.Made}, {Name: e.say(r, "as_of"), Value: x.AsOf}, {Name: e.say(r, "people"), Value: x.Counts.Members}}
	if x.Body.general() {
		facts = append(facts, web.Fact{Name: e.say(r, "households"), Value: x.Counts.Households}, web.Fact{Name: e.say(r, "for_households"), Value: x.Counts.ForHouseholds})
	}
	if x.Body.chosen() {
		facts = append(facts, web.Fact{Name: e.say(r, "representatives"), Value: x.Counts.Representatives}, web.Fact{Name: e.say(r, "women"), Value: x.Counts.Women})
	}
	if x.Frozen > 0 {
		facts = append(facts, web.Fact{Name: e.say(r, "frozen"), Value: x.Frozen})
	}
	return append(facts, web.Fact{Name: e.say(r, "hash"), Value: x.Hash})
}

// linesPart lists the lines that fit what was typed: a page of them, or all of
// them for the printer.
func (e *edge) linesPart(r *http.Request, x Roll, lines []Line, keeps bool) part {
	typed, from := strings.TrimSpace(r.URL.Query().Get("find")), int64(0)
	if n, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64); err == nil {
		from = n
	}
	all := r.URL.Query().Get("all") == "yes"
	here := "/rolls/" + x.ID
	p := part{ID: "lines", Title: e.say(r, "lines"), Find: &web.Form{ID: "find", Method: "get", Action: here, Submit: e.say(r, "find"),
		Fields: []web.Field{{Name: "find", Type: "text", Label: e.say(r, "find_label"), Max: mostName, Value: typed}}}}
	p.Table = &web.Table{Caption: e.say(r, "lines"), Empty: web.Empty{Title: e.say(r, "no_match"), Links: []web.NavItem{{Href: here, Text: e.say(r, "all_lines")}}},
		Columns: []web.Column{{Text: e.say(r, "no"), Number: true}, {Text: e.say(r, "column.name")}, {Text: e.say(r, "column.household")}, {Text: e.say(r, "column.group")}, {Text: e.say(r, "marks")}}}
	next := int64(0)
	for _, l := range lines {
		if l.No <= from || !l.matches(typed) {
			continue
		}
		if len(p.Table.Rows) == pageSize && !all {
			next = p.Table.Rows[pageSize-1][0].Text.(int64)
			break
		}
		cell := web.Cell{Text: l.No}
		if keeps {
			cell.Href = here + "/lines/" + strconv.FormatInt(l.No, 10)
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{cell, {Text: l.Name}, {Text: l.Household}, {Text: l.Group}, {Text: e.marks(r, l)}})
	}
	p.Pager = &web.Pager{Shown: len(p.Table.Rows)}
	if next > 0 {
		p.Pager.Next = here + "?find=" + url.QueryEscape(typed) + "&after=" + strconv.FormatInt(next, 10)
	}
	if from > 0 {
		p.Pager.First = here + "?find=" + url.QueryEscape(typed)
	}
	p.Links = []web.NavItem{{Href: here + "?all=yes", Text: e.say(r, "print_all")}, {Href: "/rolls", Text: e.say(r, "rolls.title")}}
	return p
}

// marks writes what a person is, in words.
func (e *edge) marks(r *http.Request, l Line) string {
	var out []string
	for _, m := range []struct {
		is   bool
		name string
	}{{l.ForHouse, "household_representative"}, {l.Represent, "representative"}, {l.Committee, "committee"}, {l.Woman, "woman"}, {l.Party, "party"}, {!l.Adult, "minor"}, {!l.Capable, "incapable"}} {
		if m.is {
			out = append(out, e.say(r, "mark."+m.name))
		}
	}
	if l.Unit != "" {
		out = append(out, l.Unit)
	}
	return strings.Join(out, e.say(r, "list_comma"))
}

func (e *edge) versionsPart(r *http.Request, all []Roll) part {
	t := &web.Table{Caption: e.say(r, "versions"), Columns: []web.Column{{Text: e.say(r, "version"), Number: true}, {Text: e.say(r, "people"), Number: true}, {Text: e.say(r, "made")}, {Text: e.say(r, "source")}, {Text: e.say(r, "frozen")}}}
	for _, x := range all {
		source, frozen := x.Reason, any(e.say(r, "not_frozen"))
		if source == "" {
			source = x.Source
		}
		if x.Frozen > 0 {
			frozen = x.Frozen
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: x.Version, Href: "/rolls/" + x.ID}, {Text: x.Counts.Members}, {Text: x.Made}, {Text: source}, {Text: frozen}})
	}
	return part{Title: e.say(r, "versions"), Text: e.say(r, "versions_text"), Table: t}
}
