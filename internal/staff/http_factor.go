package staff

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"rsc.io/qr"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// issuer is the name under which an authenticator app lists the account.
const issuer = "Linli"

func (e *edge) getFactor(w http.ResponseWriter, r *http.Request) {
	e.drawFactor(w, r, http.StatusOK, nil, func(*web.Form) {})
}

// drawFactor leads through setting the second factor up, and keeps it afterwards.
// codes are recovery codes to show this once.
func (e *edge) drawFactor(w http.ResponseWriter, r *http.Request, status int, codes []string, mark func(*web.Form)) {
	a := identity.From(r.Context())
	f, err := e.People.FactorOf(r.Context(), a)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	v := view{Title: e.say(r, "factor.title"), Lead: e.say(r, "factor.lead"), Tabs: e.myTabs(r)}
	switch {
	case a.MustFactor && !f.Set:
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Text: e.say(r, "factor.must")})
	case f.Due != 0 && !f.Set:
		v.Notices = append(v.Notices, web.Notice{Tone: web.Warning, Text: e.say(r, "factor.due", "until", f.Due), Links: []web.NavItem{{Href: "/", Text: e.say(r, "factor.later")}}})
	}
	if len(codes) > 0 {
		v.Notices = append(v.Notices, web.Notice{Tone: web.Good, Text: e.say(r, "factor.done")})
		v.Parts = append(v.Parts, part{ID: "codes", Title: e.say(r, "factor.codes"), Text: e.say(r, "factor.codes_text"), Codes: codes})
	}
	switch {
	case f.Set:
		v.Parts = append(v.Parts, e.factorKept(r, f, mark))
	case f.Begun:
		p, err := e.factorScan(r, a, mark)
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		v.Parts = append(v.Parts, p...)
	default:
		v.Parts = append(v.Parts, part{Text: e.say(r, "factor.begin_text"), Facts: []web.Fact{{Name: e.say(r, "state"), Value: e.say(r, "factor.off")}},
			Form: &web.Form{ID: "begin", Action: "/me/factor/begin", Submit: e.say(r, "factor.begin")}})
	}
	w.Header().Set("Cache-Control", "no-store")
	e.show(w, r, status, v)
}

func (e *edge) codeField(r *http.Request) web.Field {
	return web.Field{Name: "code", Type: "text", Label: e.word(r, "code"), Help: e.word(r, "code_help"), Required: true, Max: 20, Autocomplete: "one-time-code"}
}

// factorKept is what can be done with a factor that is in use.
func (e *edge) factorKept(r *http.Request, f identity.Factor, mark func(*web.Form)) part {
	renew := named(&web.Form{ID: "renew", Action: "/me/factor/recovery", Submit: e.say(r, "factor.renew"), Fields: []web.Field{e.codeField(r)}})
	remove := named(&web.Form{ID: "remove", Action: "/me/factor/remove", Submit: e.say(r, "factor.remove"), Danger: true, Fields: []web.Field{e.codeField(r)}})
	for _, form := range []*web.Form{renew, remove} {
		if r.Method == http.MethodPost && form.Action == r.URL.Path {
			mark(form)
		}
	}
	p := part{Facts: []web.Fact{{Name: e.say(r, "state"), Value: e.say(r, "factor.on")}, {Name: e.say(r, "factor.left"), Value: f.Left}},
		Confirms: []web.Confirm{{Summary: e.say(r, "factor.renew"), Text: e.say(r, "factor.renew_text"), Form: *renew}}}
	if !f.Required {
		p.Confirms = append(p.Confirms, web.Confirm{Summary: e.say(r, "factor.remove"), Danger: true, Form: *remove})
	}
	return p
}

// factorScan shows the secret that waits for its first code, and asks for it.
func (e *edge) factorScan(r *http.Request, a identity.Actor, mark func(*web.Form)) ([]part, error) {
	secret, address, err := e.People.FactorSecret(r.Context(), a, issuer)
	if err != nil {
		return nil, err
	}
	picture, err := qrPicture(address)
	if err != nil {
		return nil, err
	}
	form := named(&web.Form{ID: "confirm", Action: "/me/factor/confirm", Submit: e.say(r, "factor.confirm"), Fields: []web.Field{e.codeField(r)}})
	form.Fields[0].Help = e.say(r, "factor.confirm_text")
	if r.Method == http.MethodPost && form.Action == r.URL.Path {
		mark(form)
	}
	var groups []string
	for i := 0; i < len(secret); i += 4 {
		groups = append(groups, secret[i:min(i+4, len(secret))])
	}
	return []part{
		{Title: e.say(r, "factor.scan"), Text: e.say(r, "factor.scan_text"), Map: &web.Map{SVG: picture, Words: e.say(r, "factor.picture")},
			Facts: []web.Fact{{Name: e.say(r, "factor.secret"), Value: strings.Join(groups, " ")}}},
		{Form: form},
		{Confirms: []web.Confirm{{Summary: e.say(r, "factor.again"), Form: web.Form{ID: "begin", Action: "/me/factor/begin", Submit: e.say(r, "factor.again")}}}},
	}, nil
}

// quiet is the white border of a QR code, in modules.
const quiet = 4

// qrPicture draws a QR code as SVG: one path of black modules on white.
func qrPicture(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", err
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	n := code.Size + 2*quiet
	return template.HTML(fmt.Sprintf(`<svg class="qr" viewBox="0 0 %d %d" width="240" height="240" aria-hidden="true" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="%s"/></svg>`, n, n, n, n, path.String())), nil
}

func (e *edge) postFactorBegin(w http.ResponseWriter, r *http.Request) {
	if err := e.People.BeginFactor(r.Context(), identity.From(r.Context())); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	http.Redirect(w, r, "/me/factor", http.StatusSeeOther)
}

// factorVerb does one verb that takes a code and may give recovery codes.
func (e *edge) factorVerb(w http.ResponseWriter, r *http.Request, do func(a identity.Actor, code string) ([]string, error)) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	a := identity.From(r.Context())
	codes, err := do(a, posted(r, "code"))
	if f := fault.Of(err); err != nil && f.Field != "code" {
		e.rd.Fault(w, r, err)
		return
	}
	if err != nil {
		e.wrong(w, r, err, func(mark func(*web.Form)) {
			e.drawFactor(w, r, httpx.Status(fault.Of(err)), nil, func(f *web.Form) { mark(f); f.Fields[0].Value = nil })
		})
		return
	}
	if len(codes) == 0 {
		http.Redirect(w, r, "/me/factor", http.StatusSeeOther)
		return
	}
	a.MustFactor = false
	e.drawFactor(w, r.WithContext(identity.With(r.Context(), a)), http.StatusOK, codes, func(*web.Form) {})
}

func (e *edge) postFactorConfirm(w http.ResponseWriter, r *http.Request) {
	e.factorVerb(w, r, func(a identity.Actor, code string) ([]string, error) {
		return e.People.ConfirmFactor(r.Context(), a, code)
	})
}

func (e *edge) postFactorRecovery(w http.ResponseWriter, r *http.Request) {
	e.factorVerb(w, r, func(a identity.Actor, code string) ([]string, error) {
		return e.People.RenewRecovery(r.Context(), a, code)
	})
}

func (e *edge) postFactorRemove(w http.ResponseWriter, r *http.Request) {
	e.factorVerb(w, r, func(a identity.Actor, code string) ([]string, error) {
		return nil, e.People.RemoveFactor(r.Context(), a, code)
	})
}

func (e *edge) postFactorReset(w http.ResponseWriter, r *http.Request) {
	done := e.personVerb(w, r, func(id string) error {
		return e.People.ResetFactor(r.Context(), identity.From(r.Context()), id, posted(r, "reason"))
	})
	if done {
		http.Redirect(w, r, "/admin/people/"+r.PathValue("id"), http.StatusSeeOther)
	}
}
