package httpx

import (
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// worthZipping is the size from which compression pays.
const worthZipping = 1024

var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// writer counts, compresses what gains from it, and holds back the first KiB, so
// that a panic on the way to it can still become a proper answer.
type writer struct {
	to     http.ResponseWriter
	zips   bool // the asker takes gzip
	status int
	buf    []byte
	sent   bool // the header has left
	zip    *gzip.Writer
}

func newWriter(w http.ResponseWriter, r *http.Request) *writer {
	return &writer{to: w, zips: mayZip(r)}
}

// Header of the answer.
func (w *writer) Header() http.Header { return w.to.Header() }

// WriteHeader keeps the status; the header leaves when the first KiB is full, at
// the end, or at once where the body is not held back.
func (w *writer) WriteHeader(status int) {
	switch {
	case status >= 100 && status < 200 && status != http.StatusSwitchingProtocols:
		w.to.WriteHeader(status)
	case w.status == 0:
		w.status = status
		if !w.held() {
			w.send(false)
		}
	}
}

// held says whether the answer waits for its first KiB.
func (w *writer) held() bool {
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified || w.status == http.StatusSwitchingProtocols {
		return false
	}
	return squeezable(w.Header().Get("Content-Type"))
}

func (w *writer) send(zip bool) {
	w.sent = true
	h := w.Header()
	if squeezable(h.Get("Content-Type")) {
		if !strings.Contains(h.Get("Vary"), "Accept-Encoding") {
			h.Add("Vary", "Accept-Encoding")
		}
		if zip && w.zips && h.Get("Content-Encoding") == "" && h.Get("Content-Range") == "" && w.status != http.StatusPartialContent {
			h.Set("Content-Encoding", "gzip")
			h.Del("Content-Length")
			if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
				h.Set("ETag", "W/"+tag)
			}
			w.zip = zippers.Get().(*gzip.Writer)
			w.zip.Reset(w.to)
		}
	}
	w.to.WriteHeader(w.status)
	if len(w.buf) > 0 {
		_, _ = w.pass(w.buf) // who went away is seen at the next write
		w.buf = nil
	}
}

func (w *writer) pass(p []byte) (int, error) {
	if w.zip != nil {
		return w.zip.Write(p)
	}
	return w.to.Write(p)
}

// Write the body.
func (w *writer) Write(p []byte) (int, error) {
	if w.status == 0 {
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", http.DetectContentType(p))
		}
		w.WriteHeader(http.StatusOK)
	}
	if w.sent {
		return w.pass(p)
	}
	w.buf = append(w.buf, p...)
	if len(w.buf) >= worthZipping {
		w.send(true)
	}
	return len(p), nil
}

// Flush sends what is there.
func (w *writer) Flush() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.sent {
		w.send(true)
	}
	if w.zip != nil {
		_ = w.zip.Flush()
	}
	_ = http.NewResponseController(w.to).Flush() // not every writer can
}

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.to }

// reset forgets an answer that has not left yet; false when it has.
func (w *writer) reset() bool {
	if w.sent {
		return false
	}
	w.status, w.buf = 0, nil
	clear(w.Header())
	return true
}

// finish sends the rest. An answer that was cut off is not given a proper end.
func (w *writer) finish(whole bool) {
	if whole && w.status != 0 && !w.sent {
		w.send(false)
	}
	if w.zip != nil {
		if whole {
			_ = w.zip.Close()
		}
		w.zip.Reset(nil)
		zippers.Put(w.zip)
		w.zip = nil
	}
}
