package command

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
)

// told is the body of an event: which of the cases that this person may see
// changed, and whether there is more. It carries no word of any case.
type told struct {
	Seq   int64    `json:"seq"`
	Cases []string `json:"cases,omitempty"`
	More  bool     `json:"more,omitempty"`
}

// getEvents keeps a stream open on which the page hears that something changed.
func (e *edge) getEvents(w http.ResponseWriter, r *http.Request) { e.events(w, r, e.still) }

func (e *edge) events(w http.ResponseWriter, r *http.Request, still func(r *http.Request) (identity.Actor, bool)) {
	q, err := e.read(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p := &page{who: identity.From(r.Context()), scope: q.scope, ring: make(chan struct{}, 1)}
	if q.scope.Unit != "" {
		if p.units, err = e.unitsWithin(r.Context(), q.scope.Path); err != nil {
			httpx.Fail(w, r, err)
			return
		}
	}
	e.stream(w, r, p, !q.wall, still)
}

// stream tells a page until its session, the server or the browser ends. still
// says who the page is for now, and whether it may go on.
func (e *edge) stream(w http.ResponseWriter, r *http.Request, p *page, named bool, still func(r *http.Request) (identity.Actor, bool)) {
	if !e.hub.open(p) {
		httpx.Fail(w, r, fault.New(fault.Busy, "command.streams", "retry_after", 30))
		return
	}
	defer e.hub.close(p)
	httpx.Stream(w, r)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy that gathers would hold events back
	if r.Method == http.MethodHead { // nothing would ever follow
		return
	}
	out := &mouth{w: w, control: http.NewResponseController(w)}
	out.say("retry: 3000\n\n")
	if last, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil && last < e.hub.at() {
		out.event(news{seq: e.hub.at(), more: true}, named) // what was missed cannot be named
	} else {
		out.say(fmt.Sprintf("id: %d\nevent: open\ndata: {}\n\n", e.hub.at()))
	}
	beat, check := time.NewTicker(e.beat), time.NewTicker(e.Service.check)
	defer beat.Stop()
	defer check.Stop()
	for out.err == nil {
		select {
		case <-r.Context().Done():
			return
		case <-httpx.Leaving(r.Context()):
			out.say(": leaving\n\n")
			return
		case <-p.ring:
			if n, some := e.hub.take(p); some {
				out.event(n, named)
				if !rest(r, e.apart) { // at most so many a second; what comes meanwhile is gathered
					return
				}
			}
		case <-beat.C:
			out.say(": beat\n\n")
		case <-check.C:
			who, ok := still(r)
			if !ok {
				out.say("event: ended\ndata: {}\n\n")
				return
			}
			e.hub.again(p, who)
		}
	}
}

// rest waits; false where the stream ends meanwhile.
func rest(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	case <-httpx.Leaving(r.Context()):
		return false
	}
}

// still looks by cookie or token whether the session stands and what posts the
// person has now.
func (e *edge) still(r *http.Request) (identity.Actor, bool) {
	was, now := identity.From(r.Context()), identity.Actor{}
	e.people.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { now = identity.From(q.Context()) })).ServeHTTP(nowhere{http.Header{}}, r)
	return now, now.Known() && now.Person == was.Person && len(now.Posts) > 0
}

// nowhere takes an answer that nobody reads.
type nowhere struct{ h http.Header }

// Header of an answer that nobody reads.
func (n nowhere) Header() http.Header { return n.h }

// Write throws away.
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader throws away.
func (n nowhere) WriteHeader(int) {}

// mouth writes to a stream, each piece within a deadline, and remembers that it
// broke.
type mouth struct {
	w       http.ResponseWriter
	control *http.ResponseController
	err     error
}

func (m *mouth) say(text string) {
	if m.err != nil {
		return
	}
	_ = m.control.SetWriteDeadline(time.Now().Add(writeDeadline)) // not every writer has deadlines
	if _, m.err = io.WriteString(m.w, text); m.err == nil {
		m.err = m.control.Flush()
	}
}

func (m *mouth) event(n news, named bool) {
	body := told{Seq: n.seq, Cases: n.cases, More: n.more}
	if !named {
		body.Cases, body.More = nil, true
	}
	raw, err := json.Marshal(body)
	if err != nil { // numbers and ids always are JSON
		m.err = err
		return
	}
	m.say(fmt.Sprintf("id: %d\nevent: change\ndata: %s\n\n", n.seq, raw))
}
