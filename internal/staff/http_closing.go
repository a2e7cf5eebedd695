package staff

import (
	"net/http"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/web"
)

// closeForm asks what takes the place of a unit; a unit that holds nothing needs
// no successor.
func (e *edge) closeForm(r *http.Request, at string, u identity.Unit, all []identity.Unit) web.Form {
	others := slices.DeleteFunc(slices.Clone(all), func(x identity.Unit) bool { return x.Within(u.Path) })
	f := web.Form{ID: "close-form", Action: at + "/close", Submit: e.say(r, "unit.close"), Danger: true, Key: seal.Token(), Question: e.say(r, "unit.close_sure"), Fields: []web.Field{
		e.unitField(r, "successor", e.say(r, "unit.successor"), others, "", false),
		{Name: "people", Type: "yes", Label: e.say(r, "unit.successor_people")},
		{Name: "reason", Type: "text", Label: e.say(r, "reason"), Help: e.say(r, "unit.successor_reason"), Max: mostReason},
	}}
	f.Fields[0].Help = e.say(r, "unit.successor_help")
	if r.Method == http.MethodPost {
		f.Key = posted(r, "key")
	}
	return *named(&f)
}

// postUnitClose closes a unit that holds nothing, or one whose work goes to a
// successor; then the page of the hand-over tells how far it is.
func (e *edge) postUnitClose(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	a, id := identity.From(r.Context()), r.PathValue("id")
	c := Succession{Successor: strings.TrimSpace(posted(r, "successor")), Reason: posted(r, "reason"), People: posted(r, "people") == "yes"}
	if key := posted(r, "key"); key != "" && len(key) <= 64 {
		c.Token = a.Person + " " + key
	}
	if c.Successor == "" {
		e.unitVerb(w, r, "/admin/units", func(id string) error { return e.People.CloseUnit(r.Context(), a, id) })
		return
	}
	h, err := e.CloseInto(r.Context(), a, id, c)
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawUnit(w, r, httpx.Status(fault.Of(err)), mark) })
		return
	}
	e.begun(w, r, h)
}
