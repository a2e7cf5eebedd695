package request

import (
	"context"
	"encoding/json"
	"linli/internal/procedure"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/web"
)

// visitCookie keeps a case open for who came by its link. It holds no token: a
// sealed note of case, role and end, good for this case's pages only.
const visitCookie = "linli_visit"

// visit is that note. Weak is one that came by number and phone: it reads and
// adds, but takes nothing back.
type visit struct {
	Number string         `json:"n"`
	Party  identity.Party `json:"p"`
	Until  clock.Instant  `json:"u"`
	Weak   bool           `json:"w,omitempty"`

	account bool // not noted: open by the resident's account
}

var visitContext = []byte("request/visit")

func (e *edge) open(w http.ResponseWriter, r *http.Request, v visit) error {
	v.Until = e.Clock.Now().Add(visitTime)
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	http.SetCookie(w, e.cookie(r, v.Number, e.Keys.Seal(raw, visitContext), int(visitTime.Seconds())))
	http.Redirect(w, r, "/follow/"+v.Number, http.StatusSeeOther)
	return nil
}

// LinkCookie carries the token of a link that a party of another procedure
// opened; the roof makes the party of it, and the case's generic page serves.
const LinkCookie = "linli_link"

// openElsewhere leads a party of another procedure to the case's own page.
func (e *edge) openElsewhere(w http.ResponseWriter, r *http.Request, v *casework.View) {
	http.SetCookie(w, &http.Cookie{Name: LinkCookie, Value: r.PathValue("token"), Path: "/", MaxAge: int(visitTime.Seconds()), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"})
	http.Redirect(w, r, "/cases/"+v.Case.Number, http.StatusSeeOther)
}

func (e *edge) cookie(r *http.Request, number, value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: visitCookie, Value: value, Path: "/follow/" + url.PathEscape(number), MaxAge: seconds, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"}
}

// visitor is who follows the case: by the visit's note, by a link that the house
// knows already, or by the resident's account.
func (e *edge) visitor(r *http.Request) (identity.Actor, visit, bool) {
	number := r.PathValue("number")
	if c, err := r.Cookie(visitCookie); err == nil {
		var v visit
		raw, err := e.Keys.Open(c.Value, visitContext)
		if err == nil && json.Unmarshal(raw, &v) == nil && v.Number == number && v.Until > e.Clock.Now() {
			return identity.Actor{Kind: identity.Link, Party: v.Party}, v, true
		}
	}
	if v, there := e.byAccount(r, number); there {
		return identity.Actor{Kind: identity.Link, Party: v.Party}, v, true
	}
	a := actor(r)
	return a, visit{Number: number}, a.Kind == identity.Link
}

// getLink exchanges a link's token for a visit and a clean address. A wrong one
// is counted by address; every wrong one gets the same answer.
func (e *edge) getLink(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	party, err := e.Cases.PartyByToken(ctx, seal.HashToken(r.PathValue("token")))
	if err == nil {
		var v *casework.View
		a := identity.Actor{Kind: identity.Link, Party: party}
		if v, err = e.Cases.Get(ctx, a, party.Case); err == nil {
			if v.Case.Procedure != Procedure {
				e.openElsewhere(w, r, v)
				return
			}
			if err = e.open(w, r, visit{Number: v.Case.Number, Party: party}); err == nil {
				return
			}
		}
	}
	if fault.Is(err, fault.NotFound) {
		if err = e.take(ctx, limitLink, httpx.Address(r)); err == nil {
			err = fault.New(fault.NotFound, "request.link_wrong")
		}
	}
	httpx.Fail(w, r, err)
}

// followed finds the case for who follows it.
func (e *edge) followed(r *http.Request) (*casework.View, identity.Actor, visit, error) {
	a, v, ok := e.visitor(r)
	if !ok {
		return nil, a, v, fault.New(fault.NotFound, "request.need_link")
	}
	view, err := e.Cases.Get(r.Context(), a, v.Number)
	if fault.Is(err, fault.NotFound) || err == nil && view.Case.Procedure != Procedure {
		return nil, a, v, fault.New(fault.NotFound, "request.need_link")
	}
	return view, a, v, err
}

// followPage is the case as its reporter sees it.
type followPage struct {
	Number, Title string
	State         web.Tag
	Facts         []web.Fact
	Next          string
	Clocks        []web.Clock
	Done          *web.Notice
	Danger        *danger
	Events        []web.Event
	Steps         []web.Step
	Line          string        // telephone on which the handling can be complained about
	Asked         []web.Confirm // what the office waits for from the reporter
	Forms         []web.Confirm
	Rate          *rateForm
	Leave         string
	Messages      *web.Messages
	Account       *accountPart
	Elder         bool // fewer things at once: the rest is folded away
	Refused       bool // an act was, and its form says why
}

// rateForm is the rating in two taps: solved or not, and how satisfied, which
// sends it.
type rateForm struct {
	web.Form
	Solved, Satisfied, Comment web.Field
}

// rating lays the form of the act out for two taps; nil where the procedure asks
// for something else.
func rating(form web.Form) *rateForm {
	out := rateForm{Form: form}
	for _, f := range form.Fields {
		switch f.Name {
		case "solved":
			out.Solved = f
		case "satisfied":
			out.Satisfied = f
		case "comment":
			out.Comment = f
		default:
			return nil
		}
	}
	if out.Solved.Name == "" || out.Satisfied.Name == "" {
		return nil
	}
	for _, f := range []*web.Field{&out.Solved, &out.Satisfied, &out.Comment} {
		f.ID = form.ID + "-" + f.Name
	}
	return &out
}

func (e *edge) getFollow(w http.ResponseWriter, r *http.Request) {
	view, _, v, err := e.followed(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.drawFollow(w, r, http.StatusOK, view, v, nil)
}

// wrongForm is an act that was refused, with what was typed.
type wrongForm struct {
	act   string
	typed posted
	err   error
}

func (e *edge) drawFollow(w http.ResponseWriter, r *http.Request, status int, view *casework.View, v visit, wrong *wrongForm) {
	p, err := e.follow(r, view, v, wrong)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, status, "request/follow", p)
}

func (e *edge) follow(r *http.Request, view *casework.View, v visit, wrong *wrongForm) (followPage, error) {
	c := view.Case
	state := view.Procedure.State(c.State)
	p := followPage{Number: c.Number, Title: c.Title, State: web.Tag{Text: in(r, state.Words), Tone: toneOf(state.Kind, c.State)}, Leave: "/follow/" + c.Number + "/leave", Elder: web.Elder(r), Refused: wrong != nil}
	facts, err := e.facts(r, view)
	if err != nil {
		return p, err
	}
	p.Facts, p.Clocks = facts, e.clocks(r, view)
	p.Next, p.Line = e.nextStep(r, view), e.complaintLine(r, c.Area)
	if p.Steps, err = e.steps(r, view); err != nil {
		return p, err
	}
	if flag, _ := c.Values["emergency"].(bool); flag && (state.Kind == procedure.Open || state.Kind == procedure.Waiting) {
		p.Danger = &danger{Calls: []string{"110", "119", "120", "122"}}
	}
	if done := r.URL.Query().Get("done"); view.Procedure.Act(done) != nil {
		p.Done = &web.Notice{Tone: web.Good, Text: e.say(r, "follow.done")}
	}
	if p.Events, err = e.events(r, view); err != nil {
		return p, err
	}
	if p.Messages, err = e.messages(r, view, v); err != nil {
		return p, err
	}
	if p.Account, err = e.account(r, view, v); err != nil {
		return p, err
	}
	if v.account { // signing out is leaving
		p.Leave = ""
	}
	for _, may := range view.May {
		if may.Why != nil || !offered(may.Act) || v.Weak && takesBack(may.Act.Name) {
			continue
		}
		form := e.actForm(r, view, may.Act, wrong)
		if may.Act.Name == "rate" {
			if p.Rate = rating(form); p.Rate != nil {
				continue
			}
		}
		one := web.Confirm{Summary: in(r, may.Act.Words), Text: e.hint(r, may.Act), Danger: may.Act.Name == "withdraw", Form: form}
		if may.Act.Name == "supply" || may.Act.Name == "supply_first" {
			one.Open = true
			p.Asked = append(p.Asked, one)
			continue
		}
		p.Forms = append(p.Forms, one)
	}
	return p, nil
}

// offered are the acts of a party; what staff do is not drawn here.
func offered(a *procedure.Act) bool {
	return slices.ContainsFunc(a.Who, func(r identity.Relation) bool { return r.Name == identity.RelParty })
}

func takesBack(act string) bool { return act == "withdraw" }

// hint is a line of words for an act, where there is one.
func (e *edge) hint(r *http.Request, a *procedure.Act) string {
	key := "hint." + a.Name
	if said := e.say(r, key); said != "request."+key {
		return said
	}
	return ""
}

func toneOf(kind, state string) web.Tone {
	switch {
	case state == "settled" || state == "closed":
		return web.Good
	case kind == procedure.Final:
		return web.Quiet
	case kind == procedure.Waiting:
		return web.Warning
	}
	return web.Info
}

// actForm draws the form of one act of the reporter's.
func (e *edge) actForm(r *http.Request, view *casework.View, a *procedure.Act, wrong *wrongForm) web.Form {
	form := web.Form{Action: "/follow/" + view.Case.Number + "/act/" + a.Name, ID: "do-" + a.Name, Key: seal.Token(), Submit: in(r, a.Words), Danger: a.Name == "withdraw", Still: true}
	for _, fill := range a.Fill {
		def := view.Procedure.Field(fill.Field)
		field := web.Field{Name: def.Name, ID: "f-" + a.Name + "-" + def.Name, Type: def.Type, Label: in(r, def.Label), Help: in(r, def.Help), Required: !fill.Optional, Max: int64(def.Max)}
		if said := e.say(r, "field."+a.Name+"."+def.Name); !strings.HasPrefix(said, "request.field.") {
			field.Label = said
		}
		for _, o := range def.Options {
			field.Options = append(field.Options, web.Option{Value: o.Value, Label: in(r, o.Label)})
		}
		if def.Type == "photos" {
			field.Help, field.Multiple = e.say(r, "photos.help", "most", mostPhotos), true
		}
		if wrong != nil && wrong.act == a.Name && wrong.typed.Values != nil {
			field.Value = wrong.typed.Get(def.Name)
		}
		form.Fields = append(form.Fields, field)
	}
	if wrong != nil && wrong.act == a.Name {
		form.Still = false
		if key := wrong.typed.Get("key"); len(key) == keyLength {
			form.Key = key
		}
		if _, err := e.photosOf(form.Key, wrong.typed.Values["photo"]); err == nil {
			for _, t := range wrong.typed.Values["photo"] {
				form.Hidden = append(form.Hidden, web.Option{Label: "photo", Value: t})
			}
		}
		if t := wrong.typed.Get("recording_kept"); t != "" {
			form.Hidden = append(form.Hidden, web.Option{Label: "recording_kept", Value: t})
		}
		e.rd.Mark(r, &form, wrong.err)
	}
	return form
}

func (e *edge) postFollow(w http.ResponseWriter, r *http.Request) {
	view, a, v, err := e.followed(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	f, err := readForm(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	name := r.PathValue("act")
	if err := e.doAct(r.Context(), r, view, a, v, name, &f); err != nil {
		e.refused(w, r, view, v, &wrongForm{name, f, err})
		return
	}
	http.Redirect(w, r, "/follow/"+view.Case.Number+"?done="+name, http.StatusSeeOther)
}

// refused draws the page again with the fault at its form, or the fault's own
// page where no such form is on it any more.
func (e *edge) refused(w http.ResponseWriter, r *http.Request, view *casework.View, v visit, wrong *wrongForm) {
	f := fault.Of(wrong.err)
	act := view.Procedure.Act(wrong.act)
	shown := act != nil && slices.ContainsFunc(view.May, func(m casework.Possible) bool { return m.Act == act && m.Why == nil })
	if !shown || f.Kind != fault.Invalid && f.Kind != fault.Unmet && f.Kind != fault.Busy {
		httpx.Fail(w, r, wrong.err)
		return
	}
	httpx.Note(r, f)
	e.drawFollow(w, r, httpx.Status(f), view, v, wrong)
}

func (e *edge) doAct(ctx context.Context, r *http.Request, view *casework.View, a identity.Actor, v visit, name string, f *posted) error {
	act := view.Procedure.Act(name)
	if act == nil || !offered(act) || v.Weak && takesBack(name) {
		return fault.New(fault.NotFound, "procedure.no_act", "act", name)
	}
	if err := e.take(ctx, limitAct, httpx.Address(r)); err != nil {
		return err
	}
	key := f.Get("key")
	if len(key) != keyLength {
		return fault.New(fault.Invalid, "request.form_broken")
	}
	for _, jpeg := range f.jpegs {
		ticket, err := e.keep(ctx, key, jpeg)
		if err != nil {
			return err
		}
		f.Add("photo", ticket)
	}
	photos, err := e.attached(ctx, key, f.Values["photo"])
	if err != nil {
		return err
	}
	if f.voice != nil {
		ticket, err := e.keepAs(ctx, voiceKind, key, f.voice, f.media)
		if err != nil {
			return err
		}
		f.Set("recording_kept", ticket)
	}
	voice, err := e.voiceOf(ctx, key, f.Get("recording_kept"))
	if err != nil {
		f.Del("recording_kept")
		return err
	}
	if f.wrong != nil {
		return f.wrong
	}
	values := map[string]any{}
	for _, fill := range act.Fill {
		switch def := view.Procedure.Field(fill.Field); def.Type {
		case "photos":
			if len(photos) > 0 {
				values[def.Name] = photos
			}
		case "recording":
			if len(voice) > 0 {
				values[def.Name] = voice
			}
		case "place":
			if d := draftOf(*f); len(d.place()) > 0 {
				values[def.Name] = d.place()
			}
		default:
			if s := f.Get(def.Name); strings.TrimSpace(s) != "" {
				values[def.Name] = s
			}
		}
	}
	receipt, err := e.Cases.Do(ctx, a, casework.Asking{Case: view.Case.ID, Act: name, Values: values, Key: key})
	if err != nil {
		return err
	}
	return e.bind(ctx, receipt.Case, append(photos, voice...))
}

func (e *edge) postLeave(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, e.cookie(r, r.PathValue("number"), "", -1))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (e *edge) getFollowPhoto(w http.ResponseWriter, r *http.Request) {
	view, a, _, err := e.followed(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	b, data, err := e.photo(r.Context(), a, view.Case.ID, r.PathValue("id"))
	e.sendPhoto(w, r, b, data, err)
}

// getFollowProof gives the proof of one act as text: what was entered stands in
// the log under a signed checkpoint.
func (e *edge) getFollowProof(w http.ResponseWriter, r *http.Request) {
	view, _, _, err := e.followed(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	id := r.PathValue("id")
	if !slices.ContainsFunc(view.Timeline, func(t casework.Entry) bool { return t.ID == id && t.Public }) {
		httpx.Fail(w, r, fault.New(fault.NotFound, "procedure.no_act", "act", id))
		return
	}
	proof, err := e.Ledger.Proof(r.Context(), id)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+view.Case.Number+"-"+id+`.tlog-proof"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(proof.Text())) // a reader who went away needs no answer
}
