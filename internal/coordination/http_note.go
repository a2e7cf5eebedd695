package coordination

import (
	"net/http"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/text"
	"linli/web"
)

// Beside is what this room tells on the generic page of a case (desk.Doors): to its
// party the words that a leader released for them, and nothing else of a note.
func (s *Service) Beside(r *http.Request, rd *web.Renderer, v *casework.View) ([]web.Notice, error) {
	if !v.Party {
		return nil, nil
	}
	notes, _, err := s.Cases.List(r.Context(), identity.SystemActor(), casework.Filter{Procedure: Notes, State: "released", Field: "case", Value: v.Case.Number})
	if err != nil {
		return nil, err
	}
	var out []web.Notice
	for _, n := range notes {
		u, err := s.People.Unit(r.Context(), n.Values.Text("issuer"))
		if err != nil {
			return nil, err
		}
		out = append(out, web.Notice{Tone: web.Info, Text: rd.Say(r, "coordination.note.released", "unit", u.Words().In(text.Language(r.Context())), "words", n.Values.Text("public_words"))})
	}
	return out, nil
}
