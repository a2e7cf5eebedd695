package coordination

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// edge draws this room's pages and answers its API.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages and API on mux. Every page is read without script.
func (s *Service) Routes(mux *http.ServeMux, api huma.API, pages *web.Renderer) {
	e := &edge{s, pages}
	for at, do := range map[string]http.HandlerFunc{
		"GET /supervision": e.getSupervision,
		"GET /precedents":  e.getPrecedents,
	} {
		mux.HandleFunc(at, identity.SignedIn(do))
	}
	e.taskRoutes(mux, api)
}

// say gives words of this room in the page's language.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "coordination."+key, args...)
}

// drawing is one page being drawn.
type drawing struct {
	*edge
	r     *http.Request
	ctx   context.Context
	who   identity.Actor
	lang  string
	now   clock.Instant
	units house
	items map[string]string // what an item is called, by area and id
}

func (e *edge) draw(r *http.Request) (*drawing, error) {
	d := &drawing{edge: e, r: r, ctx: r.Context(), who: identity.From(r.Context()), lang: text.Language(r.Context()), now: e.Clock.Now(), items: map[string]string{}}
	var err error
	d.units, err = e.house(d.ctx)
	return d, err
}

func (d *drawing) say(key string, args ...any) string {
	return d.rd.Say(d.r, "coordination."+key, args...)
}

// unit is a unit's name, its id where there is none of it.
func (d *drawing) unit(id string) string {
	if u, known := d.units[id]; known {
		return u.Words().In(d.lang)
	}
	return id
}

// item is an item's number with its title in the lists of an area; "" where none
// was named.
func (d *drawing) item(id, area string) string {
	if id == "" {
		return ""
	}
	key := area + "/" + id
	if said, known := d.items[key]; known {
		return said
	}
	said := id
	if found, err := d.Duty.Item(d.ctx, id, area, d.now.Day()); err == nil { // an item that is gone is shown by its number
		said += " " + found.Item.Title.In(d.lang)
	}
	d.items[key] = said
	return said
}

// state is where a case stands, with the colour of its kind.
func (d *drawing) state(c *casework.Case) web.Tag {
	p, err := d.Cases.ProcedureAt(d.ctx, c.Procedure, c.Edition)
	if err != nil || p.State(c.State) == nil {
		return web.Tag{Text: c.State}
	}
	tone := map[string]web.Tone{procedure.Open: web.Info, procedure.Waiting: web.Warning, procedure.Done: web.Good, procedure.Final: web.Quiet}[c.Kind]
	switch c.State {
	case stateRefused, stateStopped, "not_ours", "denied":
		tone = web.Bad
	case "closed", "done", "granted":
		tone = web.Good
	}
	return web.Tag{Text: p.State(c.State).Words.In(d.lang), Tone: tone}
}

// due is the limit of a case as a badge; nil where it has none.
func (d *drawing) due(label string, at clock.Instant) *web.Clock {
	if at == 0 {
		return nil
	}
	return web.Running(label, at, d.now)
}

// lasting is a length of time in words.
func (d *drawing) lasting(s string) string {
	l, err := procedure.ParseLength(s)
	if err != nil {
		return s
	}
	return d.rd.Say(d.r, "law.period."+string(l.Unit), "n", l.N)
}
