package app

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/web"
)

// editionsShown is how many editions one page lists.
const editionsShown = 50

// editionRoutes are the pages on which anybody with an account sees which lists
// are in force, since when, by whom and why.
func (s *Site) editionRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /admin/editions", identity.SignedIn(s.getEditions))
	mux.HandleFunc("GET /admin/editions/{number}", identity.SignedIn(s.getEdition))
}

// editionsView is the history of editions.
type editionsView struct {
	Table web.Table
	Pager web.Pager
}

func (s *Site) getEditions(w http.ResponseWriter, r *http.Request) {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // what is no number begins with the newest
	list, err := s.Editions.History(r.Context(), before, editionsShown+1)
	if err != nil {
		s.Pages.Fault(w, r, err)
		return
	}
	say := func(key string) string { return s.Pages.Say(r, "app.editions."+key) }
	v := editionsView{Table: web.Table{Caption: say("caption"), Columns: []web.Column{{Text: say("number")}, {Text: say("published")}, {Text: say("by")}, {Text: say("reason")}, {Text: say("hash")}}}}
	if before > 0 {
		v.Pager.First = "/admin/editions"
	}
	if len(list) > editionsShown {
		list = list[:editionsShown]
		v.Pager.Next = "/admin/editions?before=" + strconv.FormatInt(list[editionsShown-1].Number, 10)
	}
	for _, e := range list {
		by, reason, err := s.publisher(r, e)
		if err != nil {
			s.Pages.Fault(w, r, err)
			return
		}
		v.Table.Rows = append(v.Table.Rows, []web.Cell{{Text: s.Pages.Say(r, "app.editions.nth", "number", e.Number), Href: fmt.Sprintf("/admin/editions/%d", e.Number)},
			{Text: e.Published}, {Text: by}, {Text: reason}, {Text: e.Hash[:12]}})
	}
	s.Pages.Page(w, r, http.StatusOK, "app/editions", v)
}

// publisher says who published an edition and why, in words.
func (s *Site) publisher(r *http.Request, e edition.Edition) (by, reason string, err error) {
	by, reason = e.By, e.Reason
	if e.Reason == edition.ReasonSeed || e.Reason == edition.ReasonUpgrade {
		reason = s.Pages.Say(r, "edition.reason."+e.Reason)
	}
	if e.By == edition.System {
		return s.Pages.Say(r, "edition.by.system"), reason, nil
	}
	names, err := s.People.Names(r.Context(), []string{e.By})
	if name := names[e.By]; name != "" {
		by = name
	}
	return by, reason, err
}

// editionView is one edition and what it changed.
type editionView struct {
	Title   string
	Facts   []web.Fact
	Changes []changeView
	Files   *web.Table // of the first edition, which changed nothing
	Links   []web.NavItem
}

// changeView is one file in which an edition differs from the one before.
type changeView struct {
	Path, Kind string
	Lines      string
}

func (s *Site) getEdition(w http.ResponseWriter, r *http.Request) {
	v, err := s.editionView(r)
	if err != nil {
		s.Pages.Fault(w, r, err)
		return
	}
	s.Pages.Page(w, r, http.StatusOK, "app/edition", v)
}

func (s *Site) editionView(r *http.Request) (*editionView, error) {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return nil, fault.New(fault.NotFound, "edition.no_edition", "number", r.PathValue("number"))
	}
	e, err := s.Editions.Get(r.Context(), number)
	if err != nil {
		return nil, err
	}
	by, reason, err := s.publisher(r, e)
	if err != nil {
		return nil, err
	}
	say := func(key string) string { return s.Pages.Say(r, "app.editions."+key) }
	v := &editionView{Title: s.Pages.Say(r, "app.editions.nth", "number", number), Facts: []web.Fact{
		{Name: say("published"), Value: e.Published}, {Name: say("by"), Value: by}, {Name: say("reason"), Value: reason}, {Name: say("hash"), Value: e.Hash},
	}, Links: []web.NavItem{{Href: "/proof/" + e.Leaf, Text: say("proof")}, {Href: "/admin/editions", Text: say("title")}}}
	if number == 1 {
		return v, s.editionFiles(r, number, v)
	}
	changes, err := s.Editions.Difference(r.Context(), number-1, number)
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		v.Changes = append(v.Changes, changeView{Path: c.Path, Kind: s.Pages.Say(r, "edition.change."+string(c.Kind)), Lines: lines(c.Hunks)})
	}
	return v, nil
}

func (s *Site) editionFiles(r *http.Request, number int64, v *editionView) error {
	files, err := s.Editions.List(r.Context(), number)
	if err != nil {
		return err
	}
	v.Files = &web.Table{Caption: s.Pages.Say(r, "app.editions.files"), Columns: []web.Column{{Text: s.Pages.Say(r, "app.editions.file")}, {Text: s.Pages.Say(r, "app.editions.source")}}}
	for _, f := range files {
		v.Files.Rows = append(v.Files.Rows, []web.Cell{{Text: f.Path}, {Text: s.Pages.Say(r, "edition.source."+string(f.Source))}})
	}
	return nil
}

// lines writes the changed places of a file as people who compare texts know it.
func lines(hunks [][]edition.Line) string {
	var b strings.Builder
	for i, hunk := range hunks {
		if i > 0 {
			b.WriteString("…\n")
		}
		for _, l := range hunk {
			fmt.Fprintf(&b, "%c %s\n", l.Op, l.Text)
		}
	}
	return b.String()
}
