package merging

import (
	"encoding/json"
	"net/http"
	"net/url"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/web"
)

// deviceCookie is a random word by which a device's voice is counted once. It is
// set when somebody adds a voice, never before, and stored nowhere in clear.
const deviceCookie = "linli_device"

// voiceCookie keeps the page of a voice open: a sealed note of the case.
const voiceCookie = "linli_voice"

var voiceContext = []byte("merging/voice")

type voiceNote struct {
	Case  string        `json:"c"`
	Until clock.Instant `json:"u"`
}

// keyLength is how long a word of seal.Token is.
const keyLength = 26

func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// device is the word of the asker's device. Without one the form's own key
// serves, so that a form sent twice counts once.
func (e *edge) device(w http.ResponseWriter, r *http.Request, key string) string {
	if c, err := r.Cookie(deviceCookie); err == nil && len(c.Value) == keyLength {
		return c.Value
	}
	if len(key) != keyLength {
		key = seal.Token()
	}
	http.SetCookie(w, &http.Cookie{Name: deviceCookie, Value: key, Path: "/requests/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure(r)})
	return key
}

// postVoice takes "I have it too" from anyone. The form is that of the public
// page of a request or the whole report form, of which only key and phone are
// looked at.
func (e *edge) postVoice(w http.ResponseWriter, r *http.Request) {
	key, phone, err := spoken(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	number, ctx := r.PathValue("number"), r.Context()
	var done Voiced
	if err = e.allowed(ctx, httpx.Address(r), number); err == nil {
		done, err = e.Voice(ctx, number, e.device(w, r, key), phone)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	page, err := e.stands(r, done.Case)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	said := "voice.added"
	if done.Again {
		said = "voice.again"
	}
	page.Notice = &web.Notice{Tone: web.Good, Text: e.say(r, said)}
	if phone != "" {
		page.Hints = append(page.Hints, e.say(r, "voice.phone"))
	}
	page.Hints = append(page.Hints, e.say(r, "voice.link"))
	page.Links = append([]web.NavItem{{Href: "/v/" + done.Token, Text: e.say(r, "voice.follow")}}, page.Links...)
	e.rd.Page(w, r, http.StatusOK, "merging/voice", page)
}

// getLink exchanges the link of a voice for a page with a clean address.
func (e *edge) getLink(w http.ResponseWriter, r *http.Request) {
	id, err := e.caseOfVoice(r.Context(), seal.HashToken(r.PathValue("token")))
	var raw []byte
	if err == nil {
		raw, err = json.Marshal(voiceNote{id, e.Clock.Now().Add(visitTime)})
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: voiceCookie, Value: e.Keys.Seal(raw, voiceContext), Path: "/voice/" + url.PathEscape(id), MaxAge: int(visitTime.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure(r)})
	http.Redirect(w, r, "/voice/"+id, http.StatusSeeOther)
}

func (e *edge) getVoice(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("case")
	var note voiceNote
	c, err := r.Cookie(voiceCookie)
	if err == nil {
		var raw []byte
		if raw, err = e.Keys.Open(c.Value, voiceContext); err == nil {
			err = json.Unmarshal(raw, &note)
		}
	}
	if err != nil || note.Case != id || note.Until < e.Clock.Now() {
		httpx.Fail(w, r, fault.New(fault.NotFound, "merging.need_link"))
		return
	}
	page, err := e.stands(r, id)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "merging/voice", page)
}

// voicePage is what somebody sees who added a voice.
type voicePage struct {
	Title, Lead string
	Notice      *web.Notice
	Facts       []web.Fact
	Hints       []string
	Links       []web.NavItem
}

// stands tells somebody who has the same matter how it stands: what public
// lists tell, who handles it and by when, and nothing that its reporter wrote.
func (e *edge) stands(r *http.Request, id string) (voicePage, error) {
	ctx := r.Context()
	page := voicePage{Title: e.say(r, "voice.title"), Lead: e.say(r, "voice.lead")}
	c, p, err := e.Cases.Seen(ctx, identity.SystemActor(), id)
	if err == nil && c.Following() { // it was merged since
		c, p, err = e.Cases.Seen(ctx, identity.SystemActor(), c.Leader)
	}
	if err != nil {
		return page, err
	}
	if c.Sealed != "" { // named a complaint since
		return page, fault.New(fault.NotFound, "merging.voice_none")
	}
	if class, err := e.Duty.Class(ctx, c.Class); err == nil {
		page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "class"), Value: in(r, class.Title)})
	}
	name, err := e.nameOf(ctx, community(c.Area))
	if err != nil {
		return page, err
	}
	if name != "" {
		page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "community"), Value: name})
	}
	page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "state"), Value: in(r, p.State(c.State).Words)})
	unit, err := e.unitName(ctx, c.Unit, text.Language(ctx))
	if err != nil {
		return page, err
	}
	if unit != "" {
		page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "responsible"), Value: unit})
	}
	if k := c.Clocks()["handle"]; k.Live() && k.Acceptance != 0 {
		page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "voice.by"), Value: e.until(r, k.Acceptance)})
	}
	heard, err := e.Heard(ctx, c.ID)
	if err != nil {
		return page, err
	}
	page.Facts = append(page.Facts, web.Fact{Name: e.say(r, "voice.count"), Value: e.say(r, "voice.people", "n", heard[c.ID].People())})
	page.Links = []web.NavItem{{Href: "/requests?area=" + community(c.Area), Text: e.say(r, "voice.list")}, {Href: "/report", Text: e.say(r, "voice.other")}}
	return page, nil
}
