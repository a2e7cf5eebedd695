package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing/fstest"
	"time"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
)

// socketName is the local socket through which commands reach a running server.
// Only the owner of the data folder may open it.
const socketName = "linli.sock"

// mostTask bounds what one task may carry: the national table is 5 MB.
const mostTask = 512 << 20

// serveSocket takes tasks from the local socket until ctx ends.
func (h *House) serveSocket(ctx context.Context) error {
	path := filepath.Join(h.Config.Folder, socketName)
	// The folder's lock is ours: a socket that is left over belongs to nobody.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /task", h.postTask)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// postTask performs one task and streams what it says, a line of JSON each.
func (h *House) postTask(w http.ResponseWriter, r *http.Request) {
	var t task
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostTask)).Decode(&t); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := json.NewEncoder(w)
	flush := http.NewResponseController(w)
	say := func(e event) {
		// A command that went away does not stop what it began.
		if err := out.Encode(e); err == nil {
			_ = flush.Flush()
		}
	}
	say(h.run(context.WithoutCancel(r.Context()), t, say))
}

// run performs a task and gives its last event.
func (h *House) run(ctx context.Context, t task, say func(event)) event {
	err := h.perform(ctx, t, say)
	if err == nil {
		return event{Done: true}
	}
	f := fault.Of(err)
	if f.Kind == fault.Internal {
		h.Log.Error("task failed", "verb", t.Verb, "error", err)
	}
	words := httpx.Words(h.Words(), t.Lang, f)
	if f.Field != "" {
		words = f.Field + ": " + words
	}
	return event{Fault: words, Done: true}
}

// send gives a task to the server that runs on the data folder, or opens the
// house itself where none does.
func (c *console) send(ctx context.Context, p place, t task) error {
	t.Lang = c.lang
	path := filepath.Join(p.Data, socketName)
	conn, err := net.DialTimeout("unix", path, 2*time.Second)
	if err == nil {
		conn.Close()
		return c.sendTo(ctx, path, t)
	}
	h, err := Open(ctx, Config{Folder: p.Data, URL: p.Database, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer h.Close()
	last := h.run(ctx, t, func(e event) { c.show(e) })
	for err == nil { // leaves of what was done get their numbers before the house is shut
		var n int
		if n, err = h.Ledger.Sequence(ctx); n == 0 {
			break
		}
	}
	return errors.Join(c.show(last), err)
}

func (c *console) sendTo(ctx context.Context, path string, t task) error {
	raw, err := json.Marshal(t)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://linli/task", bytes.NewReader(raw))
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the running server: %w", err)
	}
	defer resp.Body.Close()
	in := json.NewDecoder(resp.Body)
	for {
		var e event
		if err := in.Decode(&e); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("the running server stopped in the middle: %w", err)
		}
		if err := c.show(e); err != nil || e.Done {
			return err
		}
	}
}

// show prints one event; a fault ends the command.
func (c *console) show(e event) error {
	switch {
	case e.Fault != "":
		fmt.Fprintln(c.err, "linli:", e.Fault)
		return errFound
	case e.Refused != "":
		fmt.Fprintln(c.err, e.Refused)
	case e.Line != "":
		fmt.Fprintln(c.out, e.Line)
	case e.Progress != "":
		fmt.Fprintln(c.err, e.Progress)
	}
	return nil
}

// read takes files from the command line into a task.
func (t task) read(paths ...string) (task, error) {
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return t, err
		}
		t.Files = append(t.Files, taskFile{filepath.Base(path), raw})
	}
	return t, nil
}

func (c *console) load(ctx context.Context, p place, verb string, options map[string]string, paths ...string) error {
	t, err := task{Verb: verb, Options: options}.read(paths...)
	if err != nil {
		return err
	}
	return c.send(ctx, p, t)
}

// Run loads divisions.
func (cmd importAreas) Run(ctx context.Context, c *console) error {
	return c.load(ctx, cmd.place, "areas", map[string]string{"on": cmd.On, "whole": yesNo(cmd.Whole), "under": cmd.Under}, cmd.Files...)
}

// Run loads grids.
func (cmd importGrids) Run(ctx context.Context, c *console) error {
	return c.load(ctx, cmd.place, "grids", map[string]string{"datum": cmd.Datum, "from": cmd.From, "whole": yesNo(cmd.Whole)}, cmd.File)
}

// Run loads place names.
func (cmd importPlaces) Run(ctx context.Context, c *console) error {
	return c.load(ctx, cmd.place, "places", map[string]string{"datum": cmd.Datum}, cmd.File)
}

// Run loads roads.
func (cmd importRoads) Run(ctx context.Context, c *console) error {
	return c.load(ctx, cmd.place, "roads", map[string]string{"datum": cmd.Datum, "whole": yesNo(cmd.Whole)}, cmd.File)
}

// Run loads units.
func (cmd importUnits) Run(ctx context.Context, c *console) error {
	return c.load(ctx, cmd.place, "units", nil, cmd.File)
}

// Run loads orders of an earlier system.
func (cmd importRequests) Run(ctx context.Context, c *console) error {
	return c.load(ctx, cmd.place, "requests", nil, cmd.Map, cmd.File)
}

// Run checks and publishes a duty list.
func (cmd importDuty) Run(ctx context.Context, c *console) error {
	return c.load(ctx, cmd.place, "duty", map[string]string{"id": cmd.ID, "area": cmd.Area, "from": cmd.From, "reason": cmd.Reason}, cmd.File)
}

// Run loads the calendar of a year.
func (cmd importCalendar) Run(ctx context.Context, c *console) error {
	return c.load(ctx, cmd.place, "calendar", map[string]string{"reason": cmd.Reason}, cmd.File)
}

// oneFile is a folder with one file in it.
func oneFile(name string, raw []byte) fs.FS { return fstest.MapFS{name: {Data: raw}} }
