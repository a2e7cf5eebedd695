package staff

import (
	"net/http"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

func (e *edge) firstRunForm(r *http.Request) *web.Form {
	return named(&web.Form{
		ID: "first-run", Action: "/first-run", Submit: e.word(r, "first_run.do"),
		Fields: []web.Field{
			{Name: "code", Type: "text", Label: e.word(r, "first_run.code"), Help: e.word(r, "first_run.code_help"), Required: true, Max: 40},
			{Name: "unit", Type: "text", Label: e.word(r, "first_run.unit"), Help: e.word(r, "first_run.unit_help"), Required: true, Max: identity.LongestName},
			{Name: "area", Type: "text", Label: e.word(r, "area_code"), Help: e.word(r, "first_run.area_help"), Max: 15},
			{Name: "name", Type: "text", Label: e.word(r, "name"), Required: true, Max: identity.LongestName, Autocomplete: "name"},
			{Name: "login", Type: "text", Label: e.word(r, "login"), Required: true, Max: 64, Autocomplete: "username"},
			{Name: "password", Type: "password", Label: e.word(r, "password"), Help: e.word(r, "password_help", "min", identity.ShortestPassword), Required: true, Autocomplete: "new-password"},
			{Name: "again", Type: "password", Label: e.word(r, "password_again"), Required: true, Autocomplete: "new-password"},
		},
	})
}

func (e *edge) drawFirstRun(w http.ResponseWriter, r *http.Request, status int, mark func(*web.Form)) {
	form := e.firstRunForm(r)
	mark(form)
	e.show(w, r, status, view{Title: e.word(r, "first_run.title"), Lead: e.word(r, "first_run.lead"), Parts: []part{{Form: form}}})
}

func (e *edge) getFirstRun(w http.ResponseWriter, r *http.Request) {
	needed, err := e.People.FirstRunNeeded(r.Context())
	if err == nil && !needed {
		err = fault.New(fault.Conflict, "identity.first_run_over")
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	e.drawFirstRun(w, r, http.StatusOK, func(*web.Form) {})
}

func (e *edge) postFirstRun(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	f := identity.Founder{
		Code: posted(r, "code"), Name: posted(r, "name"), Login: posted(r, "login"), Password: posted(r, "password"),
		Unit: posted(r, "unit"), Area: posted(r, "area"),
	}
	err := identity.SamePassword(f.Password, posted(r, "again"))
	if err == nil {
		_, err = e.People.Found(r.Context(), f, httpx.Address(r))
	}
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawFirstRun(w, r, httpx.Status(fault.Of(err)), mark) })
		return
	}
	token, _, err := e.People.SignIn(r.Context(), f.Login, f.Password, httpx.Address(r))
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	http.SetCookie(w, identity.SessionCookie(r, token, int(identity.SessionLife/time.Second)))
	http.Redirect(w, r, "/setup", http.StatusSeeOther)
}
