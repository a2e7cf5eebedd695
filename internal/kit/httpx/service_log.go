package httpx

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"linli/internal/kit/fault"
)

// account writes figures and the log line of a finished request.
func (s *Server) account(r *http.Request, rec *record, start time.Time) {
	status, took := rec.writer.status, time.Since(start)
	if status == 0 {
		status = http.StatusOK
	}
	route := rec.pattern
	if route == "" {
		route = "none"
	}
	s.figures.GetOrCreateCounter(`linli_http_requests_total{route=` + strconv.Quote(route) + `,status="` + strconv.Itoa(status) + `"}`).Inc()
	s.figures.GetOrCreateHistogram(`linli_http_request_seconds{route=` + strconv.Quote(route) + `}`).Update(took.Seconds())
	if vital(r.URL.Path) {
		return
	}
	if rec.hidden {
		s.quiet.add(start, status)
		if status >= http.StatusInternalServerError && rec.fault != nil {
			s.quiet.failed(start, rec)
		}
		return
	}
	attrs := []slog.Attr{
		slog.String("id", rec.id), slog.String("method", method(r.Method)), slog.String("route", route),
		slog.Int("status", status), slog.Float64("ms", float64(took.Microseconds())/1000),
	}
	level := slog.LevelInfo
	if f := rec.fault; f != nil {
		attrs = append(attrs, slog.String("fault", string(f.Kind)), slog.String("key", f.Key))
		if f.Kind == fault.Internal {
			level = slog.LevelError
			attrs = append(attrs, cause(f))
		}
	}
	s.o.Log.LogAttrs(context.Background(), level, "request", attrs...)
}

// method keeps made-up methods, which may hold anything, out of the log.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

func cause(f *fault.Fault) slog.Attr {
	if f.Cause == nil {
		return slog.String("cause", "")
	}
	return slog.String("cause", f.Cause.Error())
}

// quietLog counts requests of quiet routes by hour and status, so that no line
// tells when one person reported.
type quietLog struct {
	mu    sync.Mutex
	log   *slog.Logger
	hour  time.Time
	count map[int]int
}

func (q *quietLog) add(at time.Time, status int) {
	hour := at.Truncate(time.Hour)
	q.mu.Lock()
	defer q.mu.Unlock()
	if !hour.Equal(q.hour) {
		q.write()
		q.hour, q.count = hour, map[int]int{}
	}
	q.count[status]++
}

// failed says that a quiet request failed by our own doing, with its id so that
// a person who quotes it can be helped, and no finer time than the hour.
func (q *quietLog) failed(at time.Time, rec *record) {
	r := slog.NewRecord(at.Truncate(time.Hour), slog.LevelError, "quiet request failed", 0)
	r.AddAttrs(slog.String("id", rec.id), slog.String("key", rec.fault.Key), cause(rec.fault))
	_ = q.log.Handler().Handle(context.Background(), r) // a log that fails has nobody to tell
}

// write needs q.mu held.
func (q *quietLog) write() {
	for status, n := range q.count {
		r := slog.NewRecord(q.hour, slog.LevelInfo, "quiet requests of this hour", 0)
		r.AddAttrs(slog.Int("status", status), slog.Int("count", n))
		_ = q.log.Handler().Handle(context.Background(), r)
	}
}

func (q *quietLog) flush() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.write()
	q.count, q.hour = nil, time.Time{}
}
