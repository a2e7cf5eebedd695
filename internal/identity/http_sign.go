package identity

import (
	"net/http"
	"strconv"
	"time"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

func itoa(n int) string { return strconv.Itoa(n) }

func (e *edge) signInForm(r *http.Request, next string) *web.Form {
	return named(&web.Form{
		ID: "sign-in", Action: "/sign-in", Submit: e.say(r, "sign_in.do"),
		Hidden: []web.Option{{Label: "next", Value: inside(next, "")}},
		Fields: []web.Field{
			{Name: "login", Type: "text", Label: e.say(r, "login"), Required: true, Max: 64, Autocomplete: "username"},
			{Name: "password", Type: "password", Label: e.say(r, "password"), Required: true},
		},
	})
}

func (e *edge) getSignIn(w http.ResponseWriter, r *http.Request) {
	needed, err := e.firstRunNeeded(r.Context())
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	if needed {
		http.Redirect(w, r, "/first-run", http.StatusSeeOther)
		return
	}
	e.drawSignIn(w, r, http.StatusOK, r.URL.Query().Get("next"), func(*web.Form) {})
}

func (e *edge) drawSignIn(w http.ResponseWriter, r *http.Request, status int, next string, mark func(*web.Form)) {
	form := e.signInForm(r, next)
	mark(form)
	e.show(w, r, status, view{Title: e.say(r, "sign_in.title"), Lead: e.say(r, "sign_in.lead"), Parts: []part{{Form: form}}})
}

func (e *edge) postSignIn(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	token, a, err := e.SignIn(r.Context(), posted(r, "login"), posted(r, "password"), httpx.Address(r))
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) {
			e.drawSignIn(w, r, httpx.Status(fault.Of(err)), posted(r, "next"), mark)
		})
		return
	}
	if old, err := r.Cookie(Cookie); err == nil { // the browser's session before this one
		if err := e.SignOut(r.Context(), old.Value); err != nil {
			e.rd.Fault(w, r, err)
			return
		}
	}
	http.SetCookie(w, SessionCookie(r, token, int(SessionLife/time.Second)))
	to := inside(posted(r, "next"), e.Home)
	if a.MustChange {
		to = "/me"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (e *edge) postSignOut(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(Cookie); err == nil {
		if err := e.SignOut(r.Context(), c.Value); err != nil {
			e.rd.Fault(w, r, err)
			return
		}
	}
	http.SetCookie(w, SessionCookie(r, "", -1))
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

func (e *edge) firstRunForm(r *http.Request) *web.Form {
	return named(&web.Form{
		ID: "first-run", Action: "/first-run", Submit: e.say(r, "first_run.do"),
		Fields: []web.Field{
			{Name: "code", Type: "text", Label: e.say(r, "first_run.code"), Help: e.say(r, "first_run.code_help"), Required: true, Max: 40},
			{Name: "unit", Type: "text", Label: e.say(r, "first_run.unit"), Help: e.say(r, "first_run.unit_help"), Required: true, Max: LongestName},
			{Name: "area", Type: "text", Label: e.say(r, "area_code"), Help: e.say(r, "first_run.area_help"), Max: 15},
			{Name: "name", Type: "text", Label: e.say(r, "name"), Required: true, Max: LongestName, Autocomplete: "name"},
			{Name: "login", Type: "text", Label: e.say(r, "login"), Required: true, Max: 64, Autocomplete: "username"},
			{Name: "password", Type: "password", Label: e.say(r, "password"), Help: e.say(r, "password_help", "min", ShortestPassword), Required: true, Autocomplete: "new-password"},
			{Name: "again", Type: "password", Label: e.say(r, "password_again"), Required: true, Autocomplete: "new-password"},
		},
	})
}

func (e *edge) drawFirstRun(w http.ResponseWriter, r *http.Request, status int, mark func(*web.Form)) {
	form := e.firstRunForm(r)
	mark(form)
	e.show(w, r, status, view{Title: e.say(r, "first_run.title"), Lead: e.say(r, "first_run.lead"), Parts: []part{{Form: form}}})
}

func (e *edge) getFirstRun(w http.ResponseWriter, r *http.Request) {
	needed, err := e.firstRunNeeded(r.Context())
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
	f := Founder{
		Code: posted(r, "code"), Name: posted(r, "name"), Login: posted(r, "login"), Password: posted(r, "password"),
		Unit: posted(r, "unit"), Area: posted(r, "area"),
	}
	err := SamePassword(f.Password, posted(r, "again"))
	if err == nil {
		_, err = e.Found(r.Context(), f, httpx.Address(r))
	}
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawFirstRun(w, r, httpx.Status(fault.Of(err)), mark) })
		return
	}
	token, _, err := e.SignIn(r.Context(), f.Login, f.Password, httpx.Address(r))
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	http.SetCookie(w, SessionCookie(r, token, int(SessionLife/time.Second)))
	http.Redirect(w, r, "/setup", http.StatusSeeOther)
}

// SamePassword compares a new password with its repetition.
func SamePassword(password, again string) error {
	if password != again {
		return fault.New(fault.Invalid, "identity.password_twice").At("again")
	}
	return nil
}
