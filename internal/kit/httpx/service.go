package httpx

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Check is one thing that must hold before the server takes work.
type Check struct {
	Name string
	Hold func(context.Context) error
}

// Options of a Server. Zero values are usable.
type Options struct {
	// Book gives the words in force, for problems and the language of a request.
	Book func() *text.Book
	// Log takes the access lines and faults; default slog.Default().
	Log *slog.Logger
	// Page draws a fault for people (web.Renderer.Fault); default plain text.
	Page func(w http.ResponseWriter, r *http.Request, err error)
	// Ready lists what /readyz asks.
	Ready []Check
	// Within stands between the edge and the mux, for what must be known of every
	// request before a room sees it (who asks); default nothing.
	Within func(next http.Handler) http.Handler
	// InFlight bounds the requests being worked on; default 512.
	InFlight int
	// Trusted are the proxies whose X-Forwarded-For is believed; default none.
	Trusted []netip.Prefix
	// MetricsToken opens /metrics to others than this machine; default closed.
	MetricsToken string
	// Pictures is another house from which pages may show pictures (the tiles
	// below a map), as https://host; default none.
	Pictures string
}

// Server serves one mux by the rules of the package.
type Server struct {
	mux      *http.ServeMux
	o        Options
	protect  *http.CrossOriginProtection
	figures  *metrics.Set
	quiet    quietLog
	policy   string
	inner    http.Handler
	inFlight atomic.Int64
	leaving  atomic.Bool
	gone     chan struct{} // closed when the server begins to leave
}

// New builds a server around mux and adds GET /healthz, /readyz and /metrics.
func New(mux *http.ServeMux, o Options) *Server {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.InFlight <= 0 {
		o.InFlight = 512
	}
	s := &Server{mux: mux, o: o, protect: http.NewCrossOriginProtection(), figures: metrics.NewSet(), policy: Policy, gone: make(chan struct{})}
	if o.Pictures != "" {
		s.policy = strings.Replace(Policy, "img-src 'self'", "img-src 'self' "+o.Pictures, 1)
	}
	s.quiet.log = o.Log
	s.inner = http.HandlerFunc(s.route)
	if o.Within != nil {
		s.inner = o.Within(s.inner)
	}
	s.figures.NewGauge("linli_http_in_flight", func() float64 { return float64(s.inFlight.Load()) })
	mux.HandleFunc("GET /healthz", s.getHealth)
	mux.HandleFunc("GET /readyz", s.getReady)
	mux.HandleFunc("GET /metrics", s.getMetrics)
	return s
}

// Handler is the whole of the edge around the mux.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// Serve answers on l until ctx ends, then finishes what has begun (at most 20 s).
// With conf it speaks TLS.
func (s *Server) Serve(ctx context.Context, l net.Listener, conf *tls.Config) error {
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       smallBodyTime,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		TLSConfig:         conf,
		ErrorLog:          slog.NewLogLogger(dropAddresses{s.o.Log.Handler()}, slog.LevelDebug),
	}
	done := make(chan error, 1)
	go func() {
		if conf != nil {
			done <- server.ServeTLS(l, "", "")
		} else {
			done <- server.Serve(l)
		}
	}()
	defer s.quiet.flush()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	if s.leaving.CompareAndSwap(false, true) {
		close(s.gone)
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		_ = server.Close() // the time is up; what still runs is cut off
		return fmt.Errorf("shut down: %w", err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// dropAddresses keeps the standard library's messages, which hold addresses of
// those who ask, out of the log; that there was one is said.
type dropAddresses struct{ slog.Handler }

// Handle says only that a connection failed.
func (d dropAddresses) Handle(ctx context.Context, r slog.Record) error {
	return d.Handler.Handle(ctx, slog.NewRecord(r.Time, r.Level, "connection failed", 0))
}

const (
	smallBodyTime = 30 * time.Second
	largeBodyTime = 10 * time.Minute
)

// record is what is known about one request while it is served.
type record struct {
	id      string
	server  *Server
	client  string
	pattern string
	fault   *fault.Fault
	body    *limited
	writer  *writer
	hidden  bool // a quiet route
	held    bool // counts as in flight
}

type recordKey struct{}

func recordOf(ctx context.Context) *record {
	rec, _ := ctx.Value(recordKey{}).(*record)
	return rec
}

// RequestID of the request that ctx belongs to; "" outside a Server. It is random
// and tells no time.
func RequestID(ctx context.Context) string {
	if rec := recordOf(ctx); rec != nil {
		return rec.id
	}
	return ""
}

// Address of who asks, for limits: the peer, or what a trusted proxy says, without
// port; of an IPv6 address its /64. "local" for a socket in the file system.
func Address(r *http.Request) string {
	if rec := recordOf(r.Context()); rec != nil {
		return rec.client
	}
	return client(r, nil)
}

// Note keeps the fault for the request's log line, and lets a page say when to
// come back where the fault is that it was too much; Fail does it by itself.
func Note(r *http.Request, f *fault.Fault) {
	NoteIn(r.Context(), f)
	if rec, wait := recordOf(r.Context()), RetryAfter(f); wait > 0 && rec != nil && !rec.writer.sent {
		rec.writer.Header().Set("Retry-After", strconv.Itoa(wait))
	}
}

// NoteIn keeps the fault where only the context is at hand.
func NoteIn(ctx context.Context, f *fault.Fault) {
	if rec := recordOf(ctx); rec != nil && (rec.fault == nil || rec.fault.Kind != fault.Internal) {
		rec.fault = f
	}
}

func newID() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return base32.StdEncoding.EncodeToString(b[:])
}

// serve is the outermost wrapper: record, figures, log line.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	out := newWriter(w, r)
	rec := &record{id: newID(), server: s, client: client(r, s.o.Trusted), writer: out}
	ctx := context.WithValue(r.Context(), recordKey{}, rec)
	ctx = text.With(ctx, s.language(r))
	r = r.WithContext(ctx)
	rec.body = &limited{from: r.Body, limit: BodyLimit, said: r.ContentLength, w: out}
	if r.Body != nil {
		r.Body = rec.body
	}
	s.inFlight.Add(1)
	rec.held = true
	defer func() {
		rec.release()
		stop := recover()
		out.finish(stop == nil)
		s.account(r, rec, start)
		if stop != nil {
			panic(stop) // only http.ErrAbortHandler comes this far
		}
	}()
	s.guard(out, r, rec)
}

// release gives the request's place back once.
func (rec *record) release() {
	if rec.held {
		rec.held = false
		rec.server.inFlight.Add(-1)
	}
}

// Stream is called by a handler that answers for a long time (events): it no
// longer counts as in flight and its time to write has no end.
func Stream(w http.ResponseWriter, r *http.Request) {
	if rec := recordOf(r.Context()); rec != nil {
		rec.release()
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // not every writer has deadlines
}

// Leaving is closed when the server begins to shut down: an answer that never
// ends by itself (events) ends then, so that nobody waits for it. Outside a
// Server it is nil, which never closes.
func Leaving(ctx context.Context) <-chan struct{} {
	if rec := recordOf(ctx); rec != nil {
		return rec.server.gone
	}
	return nil
}

// guard holds what must be true before a room sees the request.
func (s *Server) guard(w *writer, r *http.Request, rec *record) {
	defer s.recovered(w, r)
	s.secure(w.Header(), r)
	switch {
	case !readable(r.URL):
		Fail(w, r, fault.New(fault.Invalid, "httpx.address"))
	case s.inFlight.Load() > int64(s.o.InFlight) && !vital(r.URL.Path):
		Fail(w, r, fault.New(fault.Busy, "httpx.full"))
	case s.protect.Check(r) != nil:
		Fail(w, r, fault.New(fault.Forbidden, "httpx.cross_origin"))
	default:
		s.inner.ServeHTTP(w, r)
	}
}

// vital addresses are answered also when the house is full.
func vital(path string) bool { return path == "/healthz" || path == "/readyz" || path == "/metrics" }

func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	_, pattern := s.mux.Handler(r)
	if pattern == "" {
		s.unknown(w, r)
		return
	}
	recordOf(r.Context()).pattern = pattern
	s.mux.ServeHTTP(w, r)
}

// unknown answers where no route fits: the mux says whether it was the method.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	probe := &probe{header: http.Header{}}
	s.mux.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		Fail(w, r, fault.New(fault.Invalid, "httpx.method"))
		return
	}
	Fail(w, r, fault.New(fault.NotFound, "httpx.page"))
}

type probe struct {
	header http.Header
	status int
}

// Header of the answer that is thrown away.
func (p *probe) Header() http.Header { return p.header }

// Write throws away.
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader keeps the status.
func (p *probe) WriteHeader(status int) { p.status = status }

// recovered turns a panic into an internal fault. Where the answer has begun to
// leave, the connection is cut, so that nobody takes half a page for a whole.
func (s *Server) recovered(w *writer, r *http.Request) {
	stop := recover()
	if stop == nil {
		return
	}
	if stop == http.ErrAbortHandler { //nolint:errorlint // the standard library compares so
		panic(stop)
	}
	rec := recordOf(r.Context())
	s.o.Log.LogAttrs(context.Background(), slog.LevelError, "panic",
		slog.String("id", rec.id), slog.String("what", fmt.Sprint(stop)), slog.String("stack", string(debug.Stack())))
	if !w.reset() {
		panic(http.ErrAbortHandler)
	}
	s.secure(w.Header(), r)
	Fail(w, r, fault.New(fault.Internal, "internal"))
}

func (s *Server) language(r *http.Request) string {
	have := text.Languages()
	if s.o.Book != nil {
		have = s.o.Book().Languages()
	}
	for _, wish := range []string{r.URL.Query().Get("lang"), cookie(r, LanguageCookie)} {
		for _, lang := range have {
			if wish == lang {
				return lang
			}
		}
	}
	return text.Match(have, r.Header.Get("Accept-Language"))
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
