package coordination

import (
	"net/http"
	"net/url"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// Beside is what this room tells on the generic page of a case (desk.Doors): to its
// party the words that a leader released for them, and nothing else of a note; on an
// opinion its points, and on a consultation what each street said.
func (s *Service) Beside(r *http.Request, rd *web.Renderer, v *casework.View) ([]web.Notice, error) {
	e := &edge{Service: s, rd: rd}
	switch {
	case v.Party:
		return e.released(r, v.Case.Number)
	case v.Case.Procedure == Opinions:
		return e.points(r, v.Case)
	case v.Case.Procedure == Consultations:
		return e.streets(r, v.Case.ID)
	case v.Case.Procedure == Proposals:
		return s.draftNotice(r, rd, v)
	}
	return nil, nil
}

func (e *edge) released(r *http.Request, number string) ([]web.Notice, error) {
	notes, _, err := e.Cases.List(r.Context(), identity.SystemActor(), casework.Filter{Procedure: Notes, State: "released", Field: "case", Value: number})
	if err != nil {
		return nil, err
	}
	var out []web.Notice
	for _, n := range notes {
		u, err := e.People.Unit(r.Context(), n.Values.Text("issuer"))
		if err != nil {
			return nil, err
		}
		out = append(out, web.Notice{Tone: web.Info, Text: e.say(r, "note.released", "unit", u.Words().In(text.Language(r.Context())), "words", n.Values.Text("public_words"))})
	}
	return out, nil
}

// points leads to the points of an opinion, whose words stand in its own acts too,
// and to where it is noted that what it warned of has come.
func (e *edge) points(r *http.Request, c *casework.Case) ([]web.Notice, error) {
	points, err := e.numbered(r.Context(), c.ID)
	if err != nil || len(points) == 0 {
		return nil, err
	}
	out := web.Notice{Tone: web.Info, Title: e.say(r, "points", "n", len(points))}
	lang := text.Language(r.Context())
	for _, p := range points {
		out.Links = append(out.Links, web.NavItem{Href: "/cases/" + p.ID, Text: e.say(r, "point", "n", p.Values["nth"], "words", beginning(p.Values.Text("point")), "state", e.stands(r, p, "result", lang))})
	}
	if c.State == stateGiven {
		out.Links = append(out.Links, web.NavItem{Href: "/new/" + Foreseen + "/link?opinion=" + url.QueryEscape(c.Number), Text: e.say(r, "foreseen.link")})
	}
	return []web.Notice{out}, nil
}

// streets tells of each street what it said and how many of its points wait.
func (e *edge) streets(r *http.Request, id string) ([]web.Notice, error) {
	opinions, err := e.below(r.Context(), id, Opinions)
	if err != nil || len(opinions) == 0 {
		return nil, err
	}
	out := web.Notice{Tone: web.Info, Title: e.say(r, "opinions", "n", len(opinions))}
	lang := text.Language(r.Context())
	for _, o := range opinions {
		street, err := e.People.Unit(r.Context(), o.Unit)
		if err != nil {
			return nil, err
		}
		points, err := e.below(r.Context(), o.ID, Points)
		if err != nil {
			return nil, err
		}
		waiting := 0
		for _, p := range points {
			if p.Kind != procedure.Final {
				waiting++
			}
		}
		out.Links = append(out.Links, web.NavItem{Href: "/cases/" + o.ID, Text: e.say(r, "opinion", "unit", street.Words(), "state", e.stands(r, o, "verdict", lang), "n", len(points), "waiting", waiting)})
	}
	return []web.Notice{out}, nil
}

// stands is the answer that a case holds in a field of choice, else its state.
func (e *edge) stands(r *http.Request, row casework.Row, field, lang string) string {
	p, err := e.Cases.ProcedureAt(r.Context(), row.Procedure, row.Edition)
	if value := row.Values.Text(field); err == nil && value != "" {
		return p.Field(field).Option(value, lang)
	}
	return row.Words.In(lang)
}
