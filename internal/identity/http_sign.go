package identity

import (
	"net/http"
	"net/url"
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
	needed, err := e.FirstRunNeeded(r.Context())
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
	t := tryOf(r)
	t.Login, t.Password = posted(r, "login"), posted(r, "password")
	out, err := e.SignInFrom(r.Context(), t)
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) {
			e.drawSignIn(w, r, httpx.Status(fault.Of(err)), posted(r, "next"), mark)
		})
		return
	}
	next := inside(posted(r, "next"), "")
	if out.Step != "" {
		http.SetCookie(w, otherCookie(r, stepCookie, out.Step, "/sign-in", int(stepLife/time.Second)))
		http.Redirect(w, r, "/sign-in/code?next="+url.QueryEscape(next), http.StatusSeeOther)
		return
	}
	e.signedIn(w, r, out, next)
}

// signedIn gives the browser its session and leads on.
func (e *edge) signedIn(w http.ResponseWriter, r *http.Request, out Signed, next string) {
	if old, err := r.Cookie(Cookie); err == nil { // the browser's session before this one
		if err := e.SignOut(r.Context(), old.Value); err != nil {
			e.rd.Fault(w, r, err)
			return
		}
	}
	http.SetCookie(w, SessionCookie(r, out.Token, int(SessionLife/time.Second)))
	http.SetCookie(w, otherCookie(r, deviceCookie, out.Device, "/", int((deviceDays*day)/time.Second)))
	to := inside(next, e.Home)
	switch {
	case out.Actor.MustChange:
		to = "/me"
	case out.Asked:
		to = "/me/factor"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (e *edge) getCode(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie(stepCookie); err != nil {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return
	}
	e.drawCode(w, r, http.StatusOK, r.URL.Query().Get("next"), func(*web.Form) {})
}

func (e *edge) drawCode(w http.ResponseWriter, r *http.Request, status int, next string, mark func(*web.Form)) {
	form := named(&web.Form{
		ID: "code-form", Action: "/sign-in/code", Submit: e.say(r, "sign_in.do"), Hidden: []web.Option{{Label: "next", Value: inside(next, "")}},
		Fields: []web.Field{{Name: "code", Type: "text", Label: e.say(r, "code"), Help: e.say(r, "code_help"), Required: true, Max: 20, Autocomplete: "one-time-code"}},
		Cancel: web.NavItem{Href: "/sign-in", Text: e.say(r, "code_again")},
	})
	mark(form)
	e.show(w, r, status, view{Title: e.say(r, "code_title"), Lead: e.say(r, "code_lead"), Parts: []part{{Form: form}}})
}

func (e *edge) postCode(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	step := ""
	if c, err := r.Cookie(stepCookie); err == nil {
		step = c.Value
	}
	out, err := e.Code(r.Context(), step, posted(r, "code"), tryOf(r))
	if fault.Of(err) != nil && fault.Of(err).Key == "identity.step_over" {
		http.SetCookie(w, otherCookie(r, stepCookie, "", "/sign-in", -1))
		e.wrong(w, r, err, func(mark func(*web.Form)) { e.drawSignIn(w, r, http.StatusForbidden, posted(r, "next"), mark) })
		return
	}
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) {
			e.drawCode(w, r, httpx.Status(fault.Of(err)), posted(r, "next"), func(f *web.Form) { mark(f); f.Fields[0].Value = nil })
		})
		return
	}
	http.SetCookie(w, otherCookie(r, stepCookie, "", "/sign-in", -1))
	e.signedIn(w, r, out, posted(r, "next"))
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

// SamePassword compares a new password with its repetition.
func SamePassword(password, again string) error {
	if password != again {
		return fault.New(fault.Invalid, "identity.password_twice").At("again")
	}
	return nil
}
