package app

import (
	"net/http"
	"strconv"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// homeView is what the home page shows.
type homeView struct {
	Tiles   []web.Tile
	Figures []web.Figure   // of the signed in: what waits for them
	Due     []web.CaseLine // the next to fall due
	Staff   bool
	Elder   bool // fewer and plainer ways
	Name    string
}

// homeWays are the ways on for everybody, and the few of elder mode.
var homeWays, elderWays = []string{"query", "grid", "duty", "notices", "proof"}, []string{"report", "query", "grid"}

func (s *Site) getHome(w http.ResponseWriter, r *http.Request) {
	a := identity.From(r.Context())
	v := homeView{Staff: a.Known() && len(a.Posts) > 0, Elder: web.Elder(r), Name: a.Name}
	ways, words := homeWays, "app.home."
	switch {
	case v.Staff:
		if err := s.waiting(r, a, &v); err != nil {
			s.Pages.Fault(w, r, err)
			return
		}
		ways = append([]string{"report"}, homeWays...)
	case v.Elder:
		ways, words = elderWays, "app.home.elder."
	}
	for _, name := range ways {
		v.Tiles = append(v.Tiles, web.Tile{Href: "/" + name, Icon: name, Title: s.Pages.Say(r, words+name), Text: s.Pages.Say(r, words+name+".text")})
	}
	s.Pages.Page(w, r, http.StatusOK, "app/home", v)
}

// mostCounted bounds a count on the home page; beyond it the list itself tells.
// mostDue is how many of the next to fall due are shown.
const mostCounted, mostDue = 1000, 5

// waiting counts what waits for somebody of the office, and names what falls due
// first.
func (s *Site) waiting(r *http.Request, a identity.Actor, v *homeView) error {
	unit := casework.Filter{Box: casework.BoxUnit, Kind: procedure.Open}
	today, late := unit, unit
	today.Due, late.Due = "today", "overdue"
	for _, box := range []struct {
		name, href string
		filter     casework.Filter
	}{
		{"mine", "/cases?box=mine", casework.Filter{Box: casework.BoxMine, Kind: procedure.Open}},
		{"unit", "/cases?box=unit", unit},
		{"today", "/cases?box=unit&due=today", today},
		{"overdue", "/cases?box=unit&due=overdue", late},
		{"above", "/cases?box=above", casework.Filter{Box: casework.BoxAbove}},
	} {
		n, err := s.Cases.Count(r.Context(), a, box.filter, mostCounted)
		if err != nil {
			return err
		}
		f := web.Figure{Label: s.Pages.Say(r, "app.home."+box.name), Value: strconv.Itoa(n), Unit: s.Pages.Say(r, "app.home.cases"), Href: box.href, Link: s.Pages.Say(r, "app.home.see")}
		if n >= mostCounted {
			f.Value = strconv.Itoa(mostCounted-1) + "+"
		}
		if n > 0 && (box.name == "overdue" || box.name == "above") {
			f.Tone = web.Bad
		}
		v.Figures = append(v.Figures, f)
	}
	unit.Limit = mostDue
	rows, _, err := s.Cases.List(r.Context(), a, unit)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Due > 0 {
			v.Due = append(v.Due, s.dueLine(r, row))
		}
	}
	return nil
}

// dueLine is one case with the time that is left.
func (s *Site) dueLine(r *http.Request, row casework.Row) web.CaseLine {
	lang := text.Language(r.Context())
	left := int64(row.Due-s.Clock.Now()) / 60_000_000
	c := &web.Clock{Label: s.Pages.Say(r, "app.home.due"), Due: row.Due, State: "running", Left: left}
	if left <= 0 {
		c.State, c.Left = "breached", min(left, -1)
	}
	l := web.CaseLine{Href: "/cases/" + row.ID, Number: row.Number, Title: row.Case.Title, State: web.Tag{Text: row.Words.In(lang), Tone: web.Info},
		Facts: []string{row.Title.In(lang)}, Clock: c}
	if l.Title == "" {
		l.Title, l.Facts = row.Title.In(lang), nil
	}
	return l
}
