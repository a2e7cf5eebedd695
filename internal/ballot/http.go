package ballot

import (
	"context"
	"net/http"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
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
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /rolls":                         e.getRolls,
		"POST /rolls":                        httpx.Large(httpx.LargeBody, e.postRoll),
		"GET /rolls/form.xlsx":               e.getForm,
		"GET /rolls/{id}":                    e.getRoll,
		"POST /rolls/{id}/lines":             e.postLine,
		"GET /rolls/{id}/lines/{no}":         e.getLine,
		"POST /rolls/{id}/lines/{no}/strike": e.postStrike,
		"GET /meetings/{id}":                 e.getHall,
		"GET /meetings/{id}/now":             e.getNow,
		"GET /meetings/{id}/screen":          e.getScreen,
		"GET /meetings/{id}/minutes":         e.getMinutes,
		"POST /meetings/{id}/arrive":         e.postHall(arriveAct),
		"POST /meetings/{id}/leave_early":    e.postHall(leaveAct),
		"POST /meetings/{id}/entrust":        e.postHall(entrustAct),
	} {
		mux.HandleFunc(pattern, identity.SignedIn(h))
	}
}

// view is one page of this room.
type view struct {
	Title, Lead string
	Wide        bool
	Notices     []web.Notice
	Parts       []part
}

type part struct {
	ID, Title, Text string
	Facts           []web.Fact
	Find            *web.Form
	Table           *web.Table
	Pager           *web.Pager
	Form            *web.Form
	Confirms        []web.Confirm
	Links           []web.NavItem
}

func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "ballot."+key, args...)
}

func (e *edge) show(w http.ResponseWriter, r *http.Request, status int, v view) {
	w.Header().Set("Cache-Control", "no-store") // names stand on it
	e.rd.Page(w, r, status, "ballot/page", v)
}

func actor(r *http.Request) identity.Actor { return identity.From(r.Context()) }

// placeName is an area's name, its code where it is not known.
func (s *Service) placeName(ctx context.Context, code string) string {
	a, err := s.Areas.Get(ctx, code)
	if err != nil {
		return code
	}
	return text.Words{"zh": a.Name, "en": a.NameEn}.In(text.Language(ctx))
}

// wrong answers a form that was refused: the page again with the fault beside its
// field, or the fault's own page where it is not about the form.
func (e *edge) wrong(w http.ResponseWriter, r *http.Request, err error, again func(status int, mark func(*web.Form))) {
	f := fault.Of(err)
	if f.Kind == fault.Internal || f.Kind == fault.NotFound {
		e.rd.Fault(w, r, err)
		return
	}
	httpx.Note(r, f)
	again(httpx.Status(f), func(form *web.Form) {
		for i := range form.Fields {
			if v, ok := r.Form[form.Fields[i].Name]; ok {
				form.Fields[i].Value = v[0]
			}
		}
		e.rd.Mark(r, form, err)
	})
}
