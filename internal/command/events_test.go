package command_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/command"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/ledger"
)

// A page hears of exactly the cases that its posts see, before or after.
func TestPagesHearOnlyOfWhatTheySee(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		id := r.report("路灯不亮", "村口").Case
		r.follow()
		r.ok(r.room.TellOnce(ctx))
		area := command.Scope{Area: "999901"}
		county, street, other := r.room.Listen(r.who["dispatcher"], area), r.room.Listen(r.who["streeter"], area), r.room.Listen(r.who["stranger"], command.Scope{})
		elsewhere := r.room.Listen(r.who["dispatcher"], command.Scope{Area: "999901002"})
		hears := func(what string, e *command.Ear, want bool) {
			t.Helper()
			cases, _, some := e.Hears()
			if some != want || want && !slices.Contains(cases, id) {
				t.Errorf("%s: heard %v of %v, wanted %v", what, some, cases, want)
			}
		}
		r.do("dispatcher", id, "classify", map[string]any{"class": "noise"})
		r.follow()
		r.ok(r.room.TellOnce(ctx))
		hears("county", county, true)
		hears("street", street, true)
		hears("another bureau", other, false)
		hears("another street", elsewhere, false)

		// sealed from the street: it hears once more that something went, and then nothing
		r.ok(r.d.Commit(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE casework_case SET sealed = '/county/street/' WHERE id = $1`, id)
			return err
		}))
		r.do("dispatcher", id, "classify", map[string]any{"class": "water"})
		r.follow()
		r.ok(r.room.TellOnce(ctx))
		hears("county", county, true)
		if cases, more, some := street.Hears(); !some || !more || len(cases) > 0 {
			t.Errorf("the street hears %v %v %v when a case goes out of its sight", cases, more, some)
		}
		r.do("dispatcher", id, "classify", map[string]any{"class": "noise"})
		r.follow()
		r.ok(r.room.TellOnce(ctx))
		hears("county", county, true)
		hears("street", street, false)
		b, err := r.room.Board(ctx, r.who["streeter"], area, command.Filter{})
		r.ok(err)
		if b.Total.Open != 0 {
			t.Errorf("the street counts %d of a case sealed from it", b.Total.Open)
		}
	})
}

// What a page has not been told stays bounded whatever happens.
func TestWhatAPageMustBeToldIsBounded(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.report("第一件", "村口")
	r.follow()
	r.ok(r.room.TellOnce(ctx))
	ear := r.room.Listen(r.who["dispatcher"], command.Scope{})
	for i := range 2 * command.MostNamed {
		r.report(fmt.Sprint("又一件 ", i), "村口")
	}
	r.follow()
	r.ok(r.room.TellOnce(ctx))
	cases, more, some := ear.Hears()
	if !some || !more || len(cases) != command.MostNamed {
		t.Fatal(some, more, len(cases))
	}
}

// house is the whole house with its front door and its jobs running.
type house struct {
	*apptest.County
	site   *app.Site
	server *httptest.Server
	token  string // of dispatch1
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{County: apptest.New(t, dbtest.SQLite(t))}
	var err error
	if h.site, err = app.NewSite(h.House, app.SiteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, h.token, err = h.People.NewToken(ctx, h.Actor("dispatch1"), "test", "", time.Hour); err != nil {
		t.Fatal(err)
	}
	jobs, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); h.Run(jobs) }()
	t.Cleanup(func() { stop(); <-done })
	h.server = httptest.NewServer(h.site.Handler())
	t.Cleanup(h.server.Close)
	return h
}

// event is one event of a stream as it came.
type event struct {
	name, id string
	body     struct {
		Seq   int64
		Cases []string
		More  bool
	}
	at time.Time
}

// stream opens /command/events and hands each event on until it ends.
func (h *house) stream(ctx context.Context, client *http.Client, path string, header http.Header, hear func(event)) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, h.server.URL+path, nil)
	if err != nil {
		return err
	}
	for k, v := range header {
		r.Header[k] = v
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		raw, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%d %s: %.300s", res.StatusCode, res.Header.Get("Content-Type"), raw)
	}
	lines := bufio.NewScanner(res.Body)
	var e event
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			if err := json.Unmarshal([]byte(value), &e.body); err != nil {
				return err
			}
		case "":
			if e.name != "" {
				e.at = time.Now()
				hear(e)
			}
			e = event{}
		}
	}
	return nil
}

func (h *house) open(words string) error {
	_, err := h.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "service-request", Act: "report",
		Values: map[string]any{"words": words, "place": map[string]any{"words": "村口", "area": "999901001001"}, "phone": "19900001234", "channel": "web"}})
	return err
}

// 500 cases arrive while the page is open in 200 browsers: every one hears of
// the last, none is told each case by itself, and what is open is given back.
func TestTwoHundredPagesHearFiveHundredCases(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const pages, cases = 200, 500
	h := newHouse(t)
	h.Command.ManyStreams(pages + 1)
	if err := h.open("头一件"); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: pages, MaxConnsPerHost: 0}}
	streams, stop := context.WithCancel(ctx)
	defer stop()
	var told atomic.Int64
	var seqs [pages]atomic.Int64
	var opened, ended sync.WaitGroup
	before := runtime.NumGoroutine()
	moved := make(chan struct{}, 1)
	for i := range pages {
		opened.Add(1)
		ended.Go(func() {
			ready := sync.OnceFunc(opened.Done)
			defer ready()
			err := h.stream(streams, client, "/command/events?area=999901", http.Header{"Authorization": {"Bearer " + h.token}}, func(e event) {
				ready()
				if e.name == "change" {
					told.Add(1)
					if len(e.body.Cases) > command.MostNamed {
						t.Errorf("an event names %d cases", len(e.body.Cases))
					}
					seqs[i].Store(e.body.Seq)
					select {
					case moved <- struct{}{}:
					default:
					}
				}
			})
			if err != nil && streams.Err() == nil {
				t.Errorf("page %d: %v", i, err)
			}
		})
	}
	opened.Wait()
	if n := h.Command.Streams(); n != pages {
		t.Fatalf("%d pages are open, %d were", n, pages)
	}
	var full, flat runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&full)
	perPage := (runtime.NumGoroutine() - before) / pages // both ends of each are in this process
	if perPage > 8 {
		t.Errorf("%d goroutines a page", perPage)
	}
	start := time.Now()
	var open sync.WaitGroup
	for w := range 8 {
		open.Go(func() {
			for i := w; i < cases; i += 8 {
				if err := h.open(fmt.Sprint("第 ", i, " 件")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	open.Wait()
	arrived := time.Now()
	last := h.last(t)
	for behind(&seqs, last) > 0 {
		select {
		case <-moved:
		case <-time.After(30 * time.Second):
			t.Fatalf("%d pages have not heard of leaf %d", behind(&seqs, last), last)
		}
	}
	heard := time.Since(arrived)
	runtime.GC()
	runtime.ReadMemStats(&flat)
	if n := told.Load(); n >= pages*cases/4 {
		t.Errorf("%d events for %d pages and %d cases: they are not gathered", n, pages, cases)
	}
	t.Logf("%d cases in %v; the last page heard of the last case %v after it was acknowledged; %d events a page; %d goroutines a page; heap %d kB before, %d kB after",
		cases, arrived.Sub(start).Round(time.Millisecond), heard.Round(time.Millisecond), told.Load()/pages, perPage, full.HeapAlloc>>10, flat.HeapAlloc>>10)
	stop()
	ended.Wait()
	client.CloseIdleConnections()
	for h.Command.Streams() > 0 { // the server sees it at its next write or read
		runtime.Gosched()
	}
}

func behind(seqs *[200]atomic.Int64, last int64) (n int) {
	for i := range seqs {
		if seqs[i].Load() < last {
			n++
		}
	}
	return n
}

// last is the number of the newest leaf, once the house has numbered all.
func (h *house) last(t *testing.T) int64 {
	t.Helper()
	heard, back := h.Ledger.Numbered()
	defer back()
	for {
		var waiting, last int64
		if err := h.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM ledger_leaf WHERE number IS NULL`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		if waiting == 0 {
			if err := h.DB.Reader().Row(ctx, `SELECT MAX(number) FROM ledger_leaf WHERE kind = 'act'`).Scan(&last); err != nil {
				t.Fatal(err)
			}
			return last
		}
		select {
		case <-heard:
		case <-time.After(30 * time.Second):
			t.Fatalf("%d leaves wait for a number", waiting)
		}
	}
}

// A stream ends with its session and names no case on the wall screen; what was
// missed meanwhile is told when it comes back.
func TestAStreamEndsWithItsSession(t *testing.T) {
	h := newHouse(t)
	h.Command.Beat(20 * time.Millisecond)
	session, _, err := h.People.SignIn(ctx, "dispatch1", app.DemoPassword, "test")
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Cookie": {identity.Cookie + "=" + session}}
	events := make(chan event, 100)
	end := make(chan error, 1)
	go func() {
		end <- h.stream(ctx, http.DefaultClient, "/command/events?wall=1", header, func(e event) { events <- e })
	}()
	if e := <-events; e.name != "open" {
		t.Fatalf("first came %+v", e)
	}
	if err := h.open("路灯不亮"); err != nil {
		t.Fatal(err)
	}
	first := <-events
	if first.name != "change" || len(first.body.Cases) > 0 || !first.body.More {
		t.Fatalf("the wall screen was told %+v", first)
	}
	if err := h.People.SignOut(ctx, session); err != nil {
		t.Fatal(err)
	}
	for e := range events {
		if e.name == "ended" {
			break
		}
	}
	if err := <-end; err != nil {
		t.Fatal(err)
	}
	if err := h.open("又一件"); err != nil {
		t.Fatal(err)
	}
	h.last(t)
	header = http.Header{"Authorization": {"Bearer " + h.token}, "Last-Event-Id": {first.id}}
	back, stop := context.WithCancel(ctx)
	go func() {
		_ = h.stream(back, http.DefaultClient, "/command/events", header, func(e event) { events <- e })
	}()
	for e := range events {
		if e.name == "change" && e.body.Seq > first.body.Seq {
			break
		}
	}
	stop()
	res, err := http.Get(h.server.URL + "/command/events")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.Request.URL.Path != "/sign-in" && res.StatusCode < 400 {
		t.Errorf("without an account: %d at %s", res.StatusCode, res.Request.URL)
	}
}

// The server does not wait for streams when it shuts down.
func TestShuttingDownEndsStreams(t *testing.T) {
	h := newHouse(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.server.URL = "http://" + l.Addr().String()
	serving, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- h.site.Serve(serving, l, nil) }()
	end := make(chan error, 1)
	open := make(chan struct{})
	go func() {
		end <- h.stream(ctx, &http.Client{Transport: &http.Transport{}}, "/command/events", http.Header{"Authorization": {"Bearer " + h.token}}, func(event) { close(open) })
	}()
	<-open
	stop()
	if err := <-end; err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err) // it would say that streams had to be cut off
	}
}

// get reads a page as somebody.
func (h *house) get(t *testing.T, who, path string, header ...string) (int, string) {
	t.Helper()
	_, token, err := h.People.NewToken(ctx, h.Actor(who), "test "+db.NewID(clock.At(time.Now())), "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodGet, h.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept-Language", "zh-CN")
	r.Header.Set("Accept", "text/html")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

const hostile = `<script>alert(1)</script>"'&路灯`

// The page, what it fetches, the wall screen and the map with hostile titles,
// hostile addresses and people who may see less.
func TestPagesOfTheCommandRoom(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		if err := h.open(hostile); err != nil {
			t.Fatal(err)
		}
	}
	last := h.last(t)
	for {
		cursors, err := h.Ledger.Cursors(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(cursors, func(c ledger.Cursor) bool { return c.Reader == command.Reader && c.Next > last }) {
			break
		}
		runtime.Gosched()
	}
	status, page := h.get(t, "dispatch1", "/command")
	if status != 200 || !strings.Contains(page, "指挥台") || !strings.Contains(page, "&lt;script&gt;") || strings.Contains(page, "<script>alert") {
		t.Fatalf("%d %.2000s", status, page)
	}
	if _, parts := h.get(t, "dispatch1", "/command/list"); strings.Contains(parts, "<html") || strings.Contains(parts, "<script>alert") || !strings.Contains(parts, `data-part="list"`) {
		t.Fatalf("%.2000s", parts)
	}
	for _, path := range []string{"/command?wall=1", "/command/list?wall=1"} {
		if _, wall := h.get(t, "leader1", path); strings.Contains(wall, "alert(1)") || strings.Contains(wall, "/cases/") || !strings.Contains(wall, "wall-numbers") {
			t.Fatalf("the wall screen shows a case: %.2000s", wall)
		}
	}
	if _, none := h.get(t, "h-lighting", "/command?area=999901"); strings.Contains(none, "alert(1)") {
		t.Error("a handler of another unit sees a case that was not given to it")
	}
	for path, want := range map[string]int{
		"/command?area=abc": 422, "/command?area=999901&unit=center": 422, "/command?unit=nobody": 404, "/command?show=all": 422, "/command?state=" + url.QueryEscape("x.y'--"): 422,
		"/command?after=1": 422, "/command?after=" + url.QueryEscape("9.'or 1=1"): 200, "/command?class=" + url.QueryEscape(`"><script>alert(1)`): 200,
		"/command?area=" + strings.Repeat("9", 40): 422, "/command?area=110101": 200, "/command/points?bbox=1,2,3": 422, "/command/points?bbox=0,0,NaN,1&zoom=3": 422,
		"/command/points?bbox=100,20,130,40&zoom=9": 200, "/command/points?bbox=100,20,130,40&zoom=18": 200, "/command/points?bbox=100,20,130,40&zoom=99": 422,
		"/command/picture.svg?area=999901": 200, "/command/picture.png?area=999901": 200, "/command/picture.svg?area=x": 422, "/api/v1/command": 200, "/api/v1/command?area=x": 422,
	} {
		status, body := h.get(t, "dispatch1", path)
		if status != want {
			t.Errorf("%s: %d, wanted %d", path, status, want)
		}
		if strings.Contains(body, "<script>alert") {
			t.Errorf("%s: what was typed stands as markup", path)
		}
	}
	if _, points := h.get(t, "dispatch1", "/command/points?bbox=60,0,150,60&zoom=10"); !strings.Contains(points, `"n":3`) {
		t.Errorf("the map does not show the three: %s", points)
	}
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get(h.server.URL + "/command")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode == http.StatusOK {
		t.Error("the page is open to anybody")
	}
}
