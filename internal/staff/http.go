package staff

import (
	"net/http"
	"strings"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// day is a day's length, for lives of tokens.
const day = 24 * time.Hour

// pageSize is how many people stand on one page.
const pageSize = 50

// edge draws this room's pages.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages on the mux.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	mux.HandleFunc("GET /first-run", e.getFirstRun)
	mux.HandleFunc("POST /first-run", e.postFirstRun)
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /me":                               e.getMe,
		"POST /me/password":                     e.postPassword,
		"POST /me/tokens":                       e.postToken,
		"POST /me/tokens/{id}/revoke":           e.postTokenRevoke,
		"POST /me/sessions/revoke":              e.postSessionsRevoke,
		"GET /read-log":                         e.getReadLog,
		"GET /me/factor":                        e.getFactor,
		"POST /me/factor/begin":                 e.postFactorBegin,
		"POST /me/factor/confirm":               e.postFactorConfirm,
		"POST /me/factor/recovery":              e.postFactorRecovery,
		"POST /me/factor/remove":                e.postFactorRemove,
		"POST /admin/people/{id}/factor":        e.postFactorReset,
		"GET /admin/units":                      e.getUnits,
		"POST /admin/units":                     e.postUnit,
		"POST /admin/units/import":              httpx.Large(httpx.LargeBody, e.postUnitImport),
		"GET /admin/units/{id}":                 e.getUnit,
		"POST /admin/units/{id}":                e.postUnitChange,
		"POST /admin/units/{id}/move":           e.postUnitMove,
		"POST /admin/units/{id}/close":          e.postUnitClose,
		"GET /admin/people":                     e.getPeople,
		"POST /admin/people":                    e.postPerson,
		"GET /admin/people/{id}":                e.getPerson,
		"POST /admin/people/{id}":               e.postPersonChange,
		"POST /admin/people/{id}/reset":         e.postPersonReset,
		"POST /admin/people/{id}/close":         e.postPersonClose,
		"GET /admin/posts":                      e.getPosts,
		"POST /admin/posts":                     e.postPost,
		"GET /admin/posts/{id}":                 e.getPost,
		"POST /admin/posts/{id}/end":            e.postPostEnd,
		"GET /staff/absence":                    e.getAbsence,
		"POST /staff/absence":                   e.postAbsence,
		"POST /staff/absence/{id}/accept":       e.answer(true),
		"POST /staff/absence/{id}/refuse":       e.answer(false),
		"POST /staff/absence/{id}/end":          e.deputyVerb(e.endDeputy),
		"GET /staff/handover":                   e.getHandovers,
		"GET /staff/handover/find":              e.getHandoverFind,
		"GET /staff/handover/{person}":          e.getHolding,
		"POST /staff/handover/{person}":         e.postHolding,
		"GET /staff/handover/done/{id}":         e.getHandover,
		"POST /staff/handover/done/{id}/agree":  e.second(true),
		"POST /staff/handover/done/{id}/refuse": e.second(false),
		"GET /staff/roster":                     e.getRoster,
		"POST /staff/roster":                    e.postRoster,
		"POST /staff/roster/import":             e.postRosterImport,
	} {
		mux.HandleFunc(pattern, identity.SignedIn(h))
	}
}

// view is one page of this room: parts one below the other.
type view struct {
	Title, Lead string
	Wide        bool
	Notices     []web.Notice
	Tabs        []web.Tab
	Parts       []part
}

type part struct {
	ID, Title, Text string
	Facts           []web.Fact
	Table           *web.Table
	Pager           *web.Pager
	Form            *web.Form
	Map             *web.Map // a picture made here
	Codes           []string
	Confirms        []web.Confirm
}

// say gives words of this room, word those of identity.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "staff."+key, args...)
}

func (e *edge) word(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "identity."+key, args...)
}

func (e *edge) show(w http.ResponseWriter, r *http.Request, status int, v view) {
	e.rd.Page(w, r, status, "staff/page", v)
}

// named gives every field an id of its own form, since pages have several.
func named(f *web.Form) *web.Form {
	for i := range f.Fields {
		f.Fields[i].ID = f.ID + "-" + f.Fields[i].Name
	}
	return f
}

// wrong answers a form that was refused: the page again with the fault beside
// its field, or the fault's own page where it is not about the form.
func (e *edge) wrong(w http.ResponseWriter, r *http.Request, err error, again func(mark func(*web.Form))) {
	f := fault.Of(err)
	if f.Kind == fault.Internal || f.Kind == fault.NotFound {
		e.rd.Fault(w, r, err)
		return
	}
	httpx.Note(r, f)
	again(func(form *web.Form) {
		for i := range form.Fields {
			if v, ok := r.PostForm[form.Fields[i].Name]; ok && form.Fields[i].Type != "password" {
				form.Fields[i].Value = v[0]
			}
		}
		e.rd.Mark(r, form, err)
	})
}

// posted reads a form; a field is trimmed by the rules of the verb it goes to.
func posted(r *http.Request, name string) string { return r.PostFormValue(name) }

// dayField reads a day, from its start or to its end; "" is 0.
func dayField(r *http.Request, name string, end bool) (clock.Instant, error) {
	s := strings.TrimSpace(posted(r, name))
	if s == "" {
		return 0, nil
	}
	d, err := clock.ParseDay(s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "identity.day").At(name)
	}
	if end {
		return d.End(), nil
	}
	return d.Start(), nil
}
