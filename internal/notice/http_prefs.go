package notice

import (
	"fmt"
	"net/http"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// prefPage is /notice/preferences.
type prefPage struct {
	Notices  []web.Notice
	Contacts *web.Table
	Offer    *web.Form
	Confirm  *web.Form
	Removes  []web.Confirm
	How      *web.Form
}

func (e *edge) getPreferences(w http.ResponseWriter, r *http.Request) {
	var notices []web.Notice
	switch done := r.URL.Query().Get("done"); done {
	case "saved", "sent", "confirmed", "removed":
		notices = append(notices, web.Notice{Tone: web.Good, Text: e.word(r, "prefs.done."+done)})
	}
	e.drawPreferences(w, r, http.StatusOK, notices, func(*web.Form) {})
}

// drawPreferences draws the page; mark is applied to the form that was sent.
func (e *edge) drawPreferences(w http.ResponseWriter, r *http.Request, status int, notices []web.Notice, mark func(*web.Form)) {
	a := identity.From(r.Context())
	pref, err := e.Preference(r.Context(), a.Person)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	contacts, err := e.Contacts(r.Context(), a.Person)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	policy, err := e.Policy(r.Context())
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	p := prefPage{Notices: notices, How: e.howForm(r, pref, policy)}
	if e.has(SMS) || e.has(Mail) {
		p.Offer = e.offerForm(r)
	} else {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Info, Text: e.word(r, "prefs.no_sender")})
	}
	p.Contacts = &web.Table{Caption: e.word(r, "prefs.contacts"), Columns: []web.Column{{Text: e.word(r, "channel")}, {Text: e.word(r, "prefs.where")}, {Text: e.word(r, "status")}},
		Empty: web.Empty{Text: e.word(r, "prefs.contacts.none")}}
	removes := map[string]bool{}
	for _, c := range contacts {
		state := web.Tag{Text: e.word(r, "prefs.verified"), Tone: web.Good}
		if !c.Verified {
			state = web.Tag{Text: e.word(r, "prefs.unverified"), Tone: web.Warning}
			p.Confirm = e.confirmForm(r, c.Channel)
		}
		p.Contacts.Rows = append(p.Contacts.Rows, []web.Cell{{Text: e.word(r, "channel."+c.Channel)}, {Text: c.Masked}, {Tag: &state}})
		if !removes[c.Channel] {
			removes[c.Channel] = true
			words := e.word(r, "prefs.remove", "channel", e.word(r, "channel."+c.Channel))
			p.Removes = append(p.Removes, web.Confirm{Summary: words, Danger: true, Form: web.Form{ID: "remove-" + c.Channel, Action: "/notice/contact/remove", Submit: words, Danger: true,
				Hidden: []web.Option{{Label: "channel", Value: c.Channel}}}})
		}
	}
	for _, f := range []*web.Form{p.Offer, p.Confirm, p.How} {
		if f != nil && r.Method == http.MethodPost && f.Action == r.URL.Path {
			mark(f)
		}
	}
	e.rd.Page(w, r, status, "notice/preferences", p)
}

func (e *edge) offerForm(r *http.Request) *web.Form {
	f := &web.Form{ID: "offer", Action: "/notice/contact", Submit: e.word(r, "prefs.send_code"), Fields: []web.Field{
		{Name: "channel", Type: "choice", Label: e.word(r, "channel"), Required: true},
		{Name: "to", Type: "text", Label: e.word(r, "prefs.to"), Required: true, Max: 120, Sealed: true, Purpose: e.word(r, "prefs.to.purpose"), Autocomplete: "off"}}}
	for _, c := range []string{SMS, Mail} {
		if e.has(c) {
			f.Fields[0].Options = append(f.Fields[0].Options, web.Option{Value: c, Label: e.word(r, "channel."+c), Selected: len(f.Fields[0].Options) == 0})
		}
	}
	return f
}

func (e *edge) confirmForm(r *http.Request, channel string) *web.Form {
	return &web.Form{ID: "confirm", Action: "/notice/contact/confirm", Submit: e.word(r, "prefs.confirm"), Hidden: []web.Option{{Label: "channel", Value: channel}},
		Fields: []web.Field{{Name: "code", Type: "text", Label: e.word(r, "prefs.code"), Help: e.word(r, "prefs.code.help"), Required: true, Max: 6, Autocomplete: "one-time-code"}}}
}

func (e *edge) howForm(r *http.Request, pref Preference, policy Policy) *web.Form {
	f := &web.Form{ID: "how", Action: "/notice/preferences", Submit: e.word(r, "prefs.save")}
	for _, u := range []int{Urgent, ToDo, ForInfo} {
		field := web.Field{Name: urgencies[u], Type: "choice", Label: e.word(r, "urgency."+urgencies[u]), Help: e.word(r, "urgency."+urgencies[u]+".help"), Required: true, Value: pref.mode(u)}
		for _, m := range []string{AtOnce, Digest, InHouse} {
			if u != Urgent || m != Digest {
				field.Options = append(field.Options, web.Option{Value: m, Label: e.word(r, "mode."+m)})
			}
		}
		f.Fields = append(f.Fields, field)
	}
	channel := web.Field{Name: "channel", Type: "choice", Label: e.word(r, "prefs.channel"), Value: pref.Channel, Options: []web.Option{{Value: "any", Label: e.word(r, "prefs.channel.any"), Selected: pref.Channel == ""}}, Required: true}
	if pref.Channel == "" {
		channel.Value = "any"
	}
	for _, c := range Channels() {
		if e.has(c) {
			channel.Options = append(channel.Options, web.Option{Value: c, Label: e.word(r, "channel."+c)})
		}
	}
	quiet := e.word(r, "prefs.quiet.help", "from", clockText(policy.Quiet.From), "to", clockText(policy.Quiet.To))
	if policy.Quiet.From == policy.Quiet.To {
		quiet = e.word(r, "prefs.quiet.none")
	}
	f.Fields = append(f.Fields, channel,
		web.Field{Name: "digest", Type: "text", Label: e.word(r, "prefs.digest"), Help: e.word(r, "prefs.time.help", "standard", clockText(policy.Digest)), Value: ownTime(pref.Digest, pref.Digest > 0), Max: 5},
		web.Field{Name: "from", Type: "text", Label: e.word(r, "prefs.from"), Help: quiet, Value: ownTime(pref.From, pref.From != pref.To), Max: 5},
		web.Field{Name: "to", Type: "text", Label: e.word(r, "prefs.until"), Value: ownTime(pref.To, pref.From != pref.To), Max: 5})
	return f
}

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func ownTime(minute int, given bool) string {
	if !given {
		return ""
	}
	return clockText(minute)
}

// timeField reads a time of day; "" is 0.
func timeField(r *http.Request, name string) (int, error) {
	s := strings.TrimSpace(strings.ReplaceAll(text.Fold(r.PostFormValue(name)), "：", ":"))
	if s == "" {
		return 0, nil
	}
	if len(s) == 4 { // 9:00
		s = "0" + s
	}
	m, err := Minute(s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "notice.time").At(name)
	}
	return m, nil
}

func (e *edge) postPreferences(w http.ResponseWriter, r *http.Request) {
	err := e.savePreference(r)
	e.answer(w, r, err, "saved")
}

func (e *edge) savePreference(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return httpx.BodyFault(err)
	}
	p := Preference{Modes: map[string]string{}, Channel: r.PostFormValue("channel"), Lang: text.Language(r.Context())}
	if p.Channel == "any" {
		p.Channel = ""
	}
	for _, u := range urgencies {
		p.Modes[u] = r.PostFormValue(u)
	}
	for name, to := range map[string]*int{"digest": &p.Digest, "from": &p.From, "to": &p.To} {
		var err error
		if *to, err = timeField(r, name); err != nil {
			return err
		}
	}
	return e.SetPreference(r.Context(), identity.From(r.Context()), p)
}

// answer leads back to the page, or draws it with what was wrong.
func (e *edge) answer(w http.ResponseWriter, r *http.Request, err error, done string) {
	if err == nil {
		http.Redirect(w, r, "/notice/preferences?done="+done, http.StatusSeeOther)
		return
	}
	f := fault.Of(err)
	if f.Kind == fault.Internal || f.Kind == fault.NotFound || f.Kind == fault.Forbidden {
		e.rd.Fault(w, r, err)
		return
	}
	httpx.Note(r, f)
	e.drawPreferences(w, r, httpx.Status(f), nil, func(form *web.Form) {
		for i := range form.Fields {
			if v, ok := r.PostForm[form.Fields[i].Name]; ok {
				form.Fields[i].Value = v[0]
			}
		}
		e.rd.Mark(r, form, err)
	})
}

func (e *edge) postContact(w http.ResponseWriter, r *http.Request) {
	err := e.OfferContact(r.Context(), identity.From(r.Context()), r.PostFormValue("channel"), r.PostFormValue("to"))
	e.answer(w, r, err, "sent")
}

func (e *edge) postConfirm(w http.ResponseWriter, r *http.Request) {
	err := e.ConfirmContact(r.Context(), identity.From(r.Context()), r.PostFormValue("channel"), r.PostFormValue("code"))
	e.answer(w, r, err, "confirmed")
}

func (e *edge) postRemove(w http.ResponseWriter, r *http.Request) {
	err := e.ForgetContact(r.Context(), identity.From(r.Context()), r.PostFormValue("channel"))
	e.answer(w, r, err, "removed")
}
