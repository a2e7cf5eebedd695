package httpx

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Policy is the Content-Security-Policy of every answer: nothing but our own
// files, no inline script or style, no frames. A handler whose page needs more
// (a map worker, a style sheet by its hash) sets its own header.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; " +
	"font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secure sets the headers that every answer carries. The referrer policy is
// same-origin, not no-referrer: with no-referrer a browser sends "Origin: null"
// on our own forms, and on plain HTTP, where it sends no Sec-Fetch-Site either,
// the protection against cross-origin writes would refuse every form. Other
// sites get no referrer with both.
func (s *Server) secure(h http.Header, r *http.Request) {
	h.Set("Content-Security-Policy", s.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self), payment=(), usb=()")
	if s.encrypted(r) {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// encrypted says whether the request reached the house encrypted: itself, or by a
// proxy that is believed.
func (s *Server) encrypted(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	a, ok := address(r.RemoteAddr)
	return ok && within(a, s.o.Trusted) && r.Header.Get("X-Forwarded-Proto") == "https"
}

// Large lets a route take a body up to limit bytes and gives slow phones ten
// minutes to send it.
func Large(limit int64, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		allow(w, r, limit)
		h(w, r)
	}
}

func allow(w http.ResponseWriter, r *http.Request, limit int64) {
	if rec := recordOf(r.Context()); rec != nil {
		rec.body.limit = limit
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(largeBodyTime)) // not every writer has deadlines
}

// Quiet marks a route whose use must leave no trace of who and when: report and
// follow pages.
func Quiet(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if rec := recordOf(r.Context()); rec != nil {
			rec.hidden = true
		}
		h(w, r)
	}
}

// limited is a body that refuses to give more than its limit, which a handler may
// lift before it reads.
type limited struct {
	from  io.ReadCloser
	limit int64
	said  int64 // Content-Length, -1 when unknown
	read  int64
	w     http.ResponseWriter
}

// Read gives *http.MaxBytesError beyond the limit, at once when the length was said.
func (l *limited) Read(p []byte) (int, error) {
	if l.read > l.limit || l.said > l.limit {
		l.w.Header().Set("Connection", "close")
		return 0, &http.MaxBytesError{Limit: l.limit}
	}
	if room := l.limit - l.read + 1; int64(len(p)) > room {
		p = p[:room]
	}
	n, err := l.from.Read(p)
	l.read += int64(n)
	if over := l.read - l.limit; over > 0 {
		l.w.Header().Set("Connection", "close")
		return n - int(over), &http.MaxBytesError{Limit: l.limit}
	}
	return n, err
}

// Close the body below.
func (l *limited) Close() error { return l.from.Close() }

// Fail answers with the fault in err: problem+json below /api/ and for programs
// that ask for JSON, a readable page for people. Where the answer has begun to
// leave it is only noted.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	f := edge(r.Context(), err)
	NoteIn(r.Context(), f)
	rec := recordOf(r.Context())
	if rec != nil && rec.writer.sent {
		return
	}
	if s := RetryAfter(f); s > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(s))
	}
	if rec != nil && rec.server.o.Page != nil && !wantsProblem(r) {
		rec.server.o.Page(w, r, f)
		return
	}
	writeProblem(w, problem(r.Context(), f))
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	h := w.Header()
	h.Del("Content-Length")
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(p) // all fields can be written; a reader who went away needs no answer
}

// problem describes f for programs, in the language of ctx.
func problem(ctx context.Context, f *fault.Fault) *Problem {
	p := &Problem{
		Type: "urn:linli:fault:" + f.Key, Title: string(f.Kind), Status: Status(f), Detail: f.Key,
		Kind: string(f.Kind), Key: f.Key, Field: f.Field, Norm: f.Norm, Args: f.Args, retry: RetryAfter(f),
	}
	if f.Kind == fault.Internal {
		p.Args = nil
	}
	rec := recordOf(ctx)
	if rec == nil {
		return p
	}
	p.Instance = "urn:linli:request:" + rec.id
	if rec.server.o.Book != nil {
		b, lang := rec.server.o.Book(), text.Language(ctx)
		p.Title = b.Say(lang, "httpx.kind."+string(f.Kind), nil)
		p.Detail = Words(b, lang, f)
	}
	return p
}

// getHealth says that the process answers.
func (s *Server) getHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, "ok\n")
}

// getReady says whether the server should get work: every check holds and it is
// not about to stop. It names what does not hold, not why.
func (s *Server) getReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	var not []string
	if s.leaving.Load() {
		not = append(not, "stopping")
	}
	for _, c := range s.o.Ready {
		if err := c.Hold(ctx); err != nil {
			not = append(not, c.Name)
			s.o.Log.Warn("not ready", "check", c.Name, "cause", err.Error())
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if len(not) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "not ready: "+strings.Join(not, ", ")+"\n")
		return
	}
	_, _ = io.WriteString(w, "ready\n")
}

// getMetrics gives the figures of this server and of the process in Prometheus'
// text form: to this machine, or to who has the token.
func (s *Server) getMetrics(w http.ResponseWriter, r *http.Request) {
	given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	right := s.o.MetricsToken != "" && subtle.ConstantTimeCompare([]byte(given), []byte(s.o.MetricsToken)) == 1
	if !right && !own(r) {
		Fail(w, r, fault.New(fault.NotFound, "httpx.page"))
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	s.figures.WritePrometheus(w)
	metrics.WritePrometheus(w, true)
}

// own says whether a program on this machine asks, and not a proxy for somebody.
func own(r *http.Request) bool {
	if r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
		return false
	}
	a, ok := address(r.RemoteAddr)
	return !ok || a.IsLoopback()
}
