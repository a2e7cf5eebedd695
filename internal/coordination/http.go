package coordination

import (
	"net/http"

	"linli/internal/identity"
	"linli/web"
)

// edge draws this room's pages.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages on mux. None of them needs script.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	for at, do := range map[string]http.HandlerFunc{
		"GET /supervision": e.getSupervision,
		"GET /precedents":  e.getPrecedents,
	} {
		mux.HandleFunc(at, identity.SignedIn(do))
	}
}

// say gives words of this room in the page's language.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "coordination."+key, args...)
}
