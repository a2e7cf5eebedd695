package publicity

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

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

// Routes puts the room's pages on the mux: the public list, the page of one
// request, feed and subscription, the pages of release, and feedback on the
// platform. None of them needs script.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /requests":                    e.getRequests,
		"GET /requests/{ref}":              e.getRequest,
		"GET /requests/{ref}/photo/{n}":    e.getReleased,
		"GET /requests/feed":               e.getFeed,
		"GET /requests/subscribe":          e.getSubscribe,
		"POST /requests/subscribe":         e.postSubscribe,
		"POST /requests/subscribe/code":    e.postCode,
		"GET /subscription/{token}":        e.getSubscription,
		"POST /subscription/{token}":       e.postConfirm,
		"POST /subscription/{token}/leave": e.postUnsubscribe,
		"GET /feedback":                    e.getFeedback,
		"GET /feedback/platform":           e.getPlatform,
		"POST /feedback/platform":          e.postPlatform,
	} {
		mux.HandleFunc(pattern, httpx.Quiet(h))
	}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /publicity/review":                          e.getQueue,
		"GET /publicity/review/{ref}":                    e.getReview,
		"POST /publicity/review/{ref}":                   e.postReview,
		"POST /publicity/review/{ref}/release":           e.postRelease,
		"POST /publicity/review/{ref}/unrelease":         e.postUnrelease,
		"POST /publicity/review/{ref}/leave":             e.postLeave,
		"GET /publicity/review/{ref}/photo/{id}":         e.getMask,
		"POST /publicity/review/{ref}/photo/{id}":        e.postMask,
		"GET /publicity/review/{ref}/photo/{id}/picture": e.getPicture,
	} {
		mux.HandleFunc(pattern, identity.SignedIn(h))
	}
}

// say gives words of this room in the page's language.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "publicity."+key, args...)
}

func lang(r *http.Request) string                       { return text.Language(r.Context()) }
func in(r *http.Request, w text.Words) string           { return w.In(lang(r)) }
func who(r *http.Request) identity.Actor                { return identity.From(r.Context()) }
func wordsOf(w map[string]string) text.Words            { return text.Words(w) }
func (e *edge) class(r *http.Request, id string) string { return e.className(r.Context(), id, lang(r)) }

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

// guarded are the headers of every public page of this room: search engines keep
// out, since what was taken back here must not live on there.
func guarded(w http.ResponseWriter) {
	w.Header().Set("X-Robots-Tag", "noindex, noarchive")
}

// page sends a public page which a browser may keep but asks for again: what was
// taken back is gone at the next look, and what has not changed costs no sending.
func (e *edge) page(w http.ResponseWriter, r *http.Request, name string, data any) {
	guarded(w)
	if who(r).Known() {
		e.rd.Page(w, r, http.StatusOK, name, data)
		return
	}
	hold := &held{header: w.Header()}
	w.Header().Set("Cache-Control", "private, no-cache")
	e.rd.Page(hold, r, http.StatusOK, name, data)
	sum := sha256.Sum256(hold.body.Bytes())
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	if hold.status == http.StatusOK {
		w.Header().Set("ETag", tag)
		if asked := r.Header.Get("If-None-Match"); asked != "" && strings.TrimPrefix(asked, "W/") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(hold.status)
	_, _ = w.Write(hold.body.Bytes()) // a reader who went away needs no answer
}

// held takes a page before it is sent.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header of the answer.
func (h *held) Header() http.Header { return h.header }

// WriteHeader keeps the status.
func (h *held) WriteHeader(status int) { h.status = status }

// Write keeps the body.
func (h *held) Write(p []byte) (int, error) { return h.body.Write(p) }

// form reads a posted form.
func form(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return httpx.BodyFault(err)
	}
	return nil
}

// formKey reads the idempotency key of a posted form. Fault: Invalid.
func formKey(r *http.Request) (string, error) { return httpx.ParseKey(r.PostForm.Get("key")) }

// again draws a form once more where something has to be mended; everything else
// is a fault's own page.
func again(err error) bool {
	f := fault.Of(err)
	return f.Kind != fault.Internal && f.Kind != fault.NotFound
}
