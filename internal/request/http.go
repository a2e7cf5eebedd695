package request

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"rsc.io/qr"

	"linli/internal/identity"
	"linli/internal/kit/blob"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// edge draws this room's pages and answers its API.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's doors on mux and api: the report page and the pages on
// which it is followed, public lists, the doors of staff and grid workers, and
// the API. None of them needs script.
func (s *Service) Routes(mux *http.ServeMux, api huma.API, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /report":                     e.getReport(modePublic),
		"POST /report":                    httpx.Large(httpx.LargeBody, e.postReport(modePublic)),
		"GET /report/photo/{file}":        e.getDraftPhoto,
		"GET /q/{token}":                  e.getLink,
		"GET /q/{token}/qr.png":           e.getLinkQR,
		"GET /query":                      e.getQuery,
		"POST /query":                     e.postQuery,
		"GET /follow/{number}":            e.getFollow,
		"POST /follow/{number}/leave":     e.postLeave,
		"POST /follow/{number}/messages":  e.postMessages,
		"POST /follow/{number}/account":   e.postAccount,
		"POST /follow/{number}/act/{act}": httpx.Large(httpx.LargeBody, e.postFollow),
		"GET /follow/{number}/photo/{id}": e.getFollowPhoto,
		"GET /follow/{number}/proof/{id}": e.getFollowProof,
		"GET /photo/{id}":                 e.getPhoto,
		"POST /api/v1/photos":             httpx.Large(httpx.LargeBody, e.postUpload(photoKind)),
		"POST /api/v1/recordings":         httpx.Large(httpx.LargeBody, e.postUpload(voiceKind)),
		"GET /report-worker.js":           e.getWorker,
	} {
		mux.HandleFunc(pattern, httpx.Quiet(h))
	}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /staff/requests/new":  e.getReport(modeStaff),
		"POST /staff/requests/new": httpx.Large(httpx.LargeBody, e.postReport(modeStaff)),
		"GET /staff/grid/new":      e.getReport(modeGrid),
		"POST /staff/grid/new":     httpx.Large(httpx.LargeBody, e.postReport(modeGrid)),
	} {
		mux.HandleFunc(pattern, identity.SignedIn(h))
	}
	e.api(api)
}

// say gives words of this room in the page's language.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "request."+key, args...)
}

func in(r *http.Request, w text.Words) string { return w.In(text.Language(r.Context())) }

// base is the address under which people reach this house.
func (e *edge) base(r *http.Request) string {
	if e.Address != "" {
		return e.Address
	}
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// has says whether the actor holds a post of one of the kinds.
func has(a identity.Actor, kinds ...string) bool { return slices.ContainsFunc(kinds, a.Has) }

// actor is who asks: somebody with an account, the holder of a link, or anyone.
func actor(r *http.Request) identity.Actor { return identity.From(r.Context()) }

func (e *edge) getPhoto(w http.ResponseWriter, r *http.Request) {
	a := actor(r)
	b, data, err := e.photo(r.Context(), a, r.URL.Query().Get("case"), r.PathValue("id"))
	e.sendPhoto(w, r, b, data, err)
}

func (e *edge) sendPhoto(w http.ResponseWriter, r *http.Request, b blob.Blob, data []byte, err error) {
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	name := "photo.jpg"
	if strings.HasPrefix(b.Media, "audio/") {
		name = soundName(b.Media)
	}
	blob.Send(w, r, b, data, name)
}

// getWorker serves the script that keeps the report page's shell on a phone. It
// has to lie at the root, and browsers must ask for it anew.
func (e *edge) getWorker(w http.ResponseWriter, _ *http.Request) {
	data, err := web.Files.ReadFile("static/report-worker.js")
	if err != nil {
		panic(err) // it is built into the program
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(data) // a reader who went away needs no answer
}

// getDraftPhoto shows a photo of a form that was not sent yet to who has the
// form: its name is signed.
func (e *edge) getDraftPhoto(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	if len(file) < 26 || file != e.draftPhoto(file[:26]) {
		httpx.Fail(w, r, fault.New(fault.NotFound, "request.no_photo"))
		return
	}
	data, b, err := e.Blobs.Get(r.Context(), file[:26])
	e.sendPhoto(w, r, b, data, err)
}

// draftPhoto is the name under which a form shows a photo it holds.
func (s *Service) draftPhoto(id string) string {
	return id + "." + s.Keys.Keyed("request draft", id)[:20]
}

// getLinkQR draws the code of a link, for the receipt and for paper. It looks
// nothing up: any code can be drawn.
func (e *edge) getLinkQR(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	if len(token) > 64 {
		httpx.Fail(w, r, fault.New(fault.NotFound, "request.link_wrong"))
		return
	}
	code, err := qr.Encode(e.base(r)+"/q/"+token, qr.M)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	code.Scale = 5
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(code.PNG()) // a reader who went away needs no answer
}
