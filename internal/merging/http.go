package merging

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/procedure"
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
	mux.HandleFunc("POST /requests/{number}/voice", httpx.Quiet(httpx.Large(httpx.LargeBody, e.postVoice)))
	mux.HandleFunc("GET /v/{token}", httpx.Quiet(e.getLink))
	mux.HandleFunc("GET /voice/{case}", httpx.Quiet(e.getVoice))
	mux.HandleFunc("GET /cases/{id}/merge", identity.SignedIn(e.getMerge))
	mux.HandleFunc("POST /cases/merge", identity.SignedIn(e.postMerge))
}

// say gives words of this room in the page's language.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "merging."+key, args...)
}

func in(r *http.Request, w text.Words) string { return w.In(text.Language(r.Context())) }

// has says whether the actor holds a post of one of the kinds.
func has(a identity.Actor, kinds ...string) bool { return slices.ContainsFunc(kinds, a.Has) }

func actor(r *http.Request) identity.Actor { return identity.From(r.Context()) }

// until writes a limit's end: a day's end by that day.
func (e *edge) until(r *http.Request, at clock.Instant) any {
	if at == at.Day().Start() {
		return at.Day() - 1
	}
	return at
}

// toneOf is how a state looks.
func toneOf(kind string) web.Tone {
	switch kind {
	case procedure.Waiting:
		return web.Warning
	case procedure.Done:
		return web.Good
	case procedure.Final:
		return web.Quiet
	}
	return web.Info
}

// mostValue bounds what is read of a field of a voice's form.
const mostValue = 200

// mostForm bounds a form without files.
const mostForm = 256 << 10

// spoken reads the two fields that count in a voice's form. The form may be the
// whole report page with its photos: those are passed over and kept nowhere.
func spoken(r *http.Request) (key, phone string, err error) {
	broken := func(err error) error {
		var big *http.MaxBytesError
		if errors.As(err, &big) {
			return httpx.BodyFault(err)
		}
		return fault.New(fault.Invalid, "merging.form_broken").Because(err)
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		if kind != "application/x-www-form-urlencoded" {
			return "", "", fault.New(fault.Invalid, "merging.form_broken")
		}
		r.Body = http.MaxBytesReader(nil, r.Body, mostForm)
		if err := r.ParseForm(); err != nil {
			return "", "", broken(err)
		}
		return r.PostForm.Get("key"), r.PostForm.Get("phone"), nil
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return "", "", broken(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return key, phone, nil
		}
		if err != nil {
			return "", "", broken(err)
		}
		if name := part.FormName(); part.FileName() == "" && (name == "key" || name == "phone") {
			raw, err := io.ReadAll(io.LimitReader(part, mostValue))
			if err != nil {
				return "", "", broken(err)
			}
			if name == "key" {
				key = string(raw)
			} else {
				phone = string(raw)
			}
		}
	}
}
