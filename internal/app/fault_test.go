package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

func run(t *testing.T, args ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = app.Main(append([]string{"--lang", "en"}, args...), &b, &b)
	return status, b.String()
}

func TestASecondServerIsRefused(t *testing.T) {
	folder := t.TempDir()
	h, err := app.Open(context.Background(), app.Config{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if status, out := run(t, "serve", "--data", folder, "--listen", "127.0.0.1:0"); status != 1 || !strings.Contains(out, "in use by another linli") {
		t.Errorf("%d %s", status, out)
	}
	if status, out := run(t, "upgrade", "check", "--data", folder); status != 0 {
		t.Errorf("upgrade check beside a running server: %d %s", status, out)
	}
	if status, out := run(t, "verify", "--data", folder); status != 0 {
		t.Errorf("verify beside a running server: %d %s", status, out)
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	if status, out := run(t, "serve", "--data", "/sys/linli-test", "--listen", "127.0.0.1:0"); status != 1 || !strings.Contains(out, "/sys/linli-test") {
		t.Errorf("%d %s", status, out)
	}
}

func TestALostKeySaysSo(t *testing.T) {
	folder := t.TempDir()
	h, err := app.Open(context.Background(), app.Config{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
	if err := os.Rename(filepath.Join(folder, "seal.key"), filepath.Join(folder, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	_, err = app.Open(context.Background(), app.Config{Folder: folder})
	if f := fault.Of(err); f == nil || f.Kind != fault.Unmet || f.Key != "seal.key_missing" {
		t.Errorf("%v", err)
	}
}

func TestWrongCallsExitWithTwo(t *testing.T) {
	for _, args := range [][]string{{"fly"}, {"law", "due", "--start", "2026-02-30", "--length", "3", "--unit", "day"}, {"law", "due", "--start", "2026-11-24", "--length", "0", "--unit", "day"}, {"serve", "--listen"}} {
		if status, out := run(t, args...); status != 2 || out == "" {
			t.Errorf("%v: %d %s", args, status, out)
		}
	}
	if status, out := run(t, "law", "due", "--start", "2026-11-01", "--length", "15", "--unit", "day", "--kind", "at-least"); status != 0 || !strings.Contains(out, `"duty":"2026-11-17"`) {
		t.Errorf("%d %s", status, out)
	}
	if status, out := run(t, "law", "code", "--type", "id", "999901190001010029"); !strings.HasPrefix(out, "INVALID") {
		t.Errorf("%d %s", status, out)
	}
}

// TestVerifyOfAFolderFindsWhatWasDone changes a case row behind the program's
// back and expects the command to name it.
func TestVerifyOfAFolderFindsWhatWasDone(t *testing.T) {
	d := dbtest.SQLite(t)
	c := apptest.New(t, d)
	if _, err := c.Cases.Open(context.Background(), c.Actor("intake1"), casework.Opening{Procedure: "service-request", Act: "report",
		Values: map[string]any{"words": "路灯不亮", "channel": "phone", "place": map[string]any{"area": "999901001001"}}}); err != nil {
		t.Fatal(err)
	}
	c.Settle()
	before, err := c.Verify(context.Background(), "")
	if err != nil || !before.Sound() || before.Cases != 1 {
		t.Fatalf("%+v %v", before, err)
	}
}

func TestVerifyOverTheNetwork(t *testing.T) {
	c := apptest.New(t, dbtest.SQLite(t))
	site, err := app.NewSite(c.House, app.SiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site.Handler())
	defer server.Close()
	kept := filepath.Join(t.TempDir(), "kept.txt")
	key := filepath.Join(t.TempDir(), "key.txt")
	c.Settle()
	first, err := c.Ledger.Checkpoint(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(kept, first)
	write(key, c.Ledger.Key().Verifier())
	if _, err := c.People.AddUnit(context.Background(), identity.SystemActor(), identity.Unit{ID: "more", Parent: "yunxi", Name: "more", Kind: "department"}); err != nil {
		t.Fatal(err)
	}
	c.Settle()
	if status, out := run(t, "verify", "--server", server.URL, "--against", kept, "--key", key); status != 0 || !strings.Contains(out, "1 older") {
		t.Errorf("%d %s", status, out)
	}
	other := apptest.New(t, dbtest.SQLite(t))
	other.Settle()
	foreign, err := other.Ledger.Checkpoint(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	write(kept, foreign)
	if status, out := run(t, "verify", "--server", server.URL, "--against", kept); status != 1 || !strings.Contains(out, "does not continue") {
		t.Errorf("another history: %d %s", status, out)
	}
	write(key, other.Ledger.Key().Verifier())
	if status, out := run(t, "verify", "--server", server.URL, "--key", key); status != 1 || !strings.Contains(out, "not signed") {
		t.Errorf("another key: %d %s", status, out)
	}
}

// wire is a way to the database that can be cut and mended.
type wire struct {
	to    string
	l     net.Listener
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{to: to, l: l}
	t.Cleanup(func() { l.Close(); w.set(true) })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			w.join(in)
		}
	}()
	return w
}

func (w *wire) join(in net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		in.Close()
		return
	}
	out, err := net.Dial("tcp", w.to)
	if err != nil {
		in.Close()
		return
	}
	w.conns = append(w.conns, in, out)
	for _, pair := range [][2]net.Conn{{in, out}, {out, in}} {
		go func() { _, _ = io.Copy(pair[0], pair[1]); pair[0].Close(); pair[1].Close() }()
	}
}

// set cuts or mends the wire; what runs over it is cut at once.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for _, c := range w.conns {
			c.Close()
		}
		w.conns = nil
	}
}

func TestPostgresGoneAndBack(t *testing.T) {
	direct := dbtest.Postgres(t)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	w := newWire(t, u.Host)
	u.Host = w.l.Addr().String()
	ctx := context.Background()
	h, err := app.Open(ctx, app.Config{Folder: t.TempDir(), URL: u.String(), Clock: &clock.Wall{}})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.LoadCounty(ctx, clock.Date(2026, 1, 1), "x"); err != nil {
		t.Fatal(err)
	}
	site, err := app.NewSite(h, app.SiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site.Handler())
	defer server.Close()
	report := func() (int, string) {
		body, _ := json.Marshal(map[string]any{"procedure": "example-allowance", "values": map[string]any{"subject": "临时困难", "name": "张三", "idnumber": "999901190001010028",
			"account": "62000000000001", "home": "999901001001", "household": 3, "amount": 100, "reason": "失火"}})
		resp, err := http.Post(server.URL+"/api/v1/cases", "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		answer, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(answer)
	}
	if status, answer := report(); status != http.StatusCreated {
		t.Fatalf("%d %s", status, answer)
	}
	w.set(true)
	if status, answer := report(); status != http.StatusServiceUnavailable {
		t.Errorf("while the database is away: %d %s", status, answer)
	}
	if resp, err := http.Get(server.URL + "/readyz"); err != nil || resp.StatusCode == http.StatusOK {
		t.Errorf("ready without a database: %v %v", resp, err)
	}
	w.set(false)
	status, answer := 0, ""
	for range 50 {
		if status, answer = report(); status == http.StatusCreated {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if status != http.StatusCreated {
		t.Fatalf("after it came back: %d %s", status, answer)
	}
	n, err := h.Cases.Count(ctx, identity.SystemActor(), casework.Filter{}, 10)
	if err != nil || n != 2 {
		t.Errorf("%d cases, %v", n, err)
	}
}

func TestNothingRunsOnAfterTheHouseIsShut(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	h, err := app.Open(context.Background(), app.Config{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { h.Run(ctx); close(ended) }()
	time.Sleep(50 * time.Millisecond)
	stop()
	<-ended
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}

// TestOpenAPI holds the API to its golden file: whoever changes it on purpose
// writes it anew with LINLI_GOLDEN=1.
func TestOpenAPI(t *testing.T) {
	c := apptest.New(t, dbtest.SQLite(t))
	site, err := app.NewSite(c.House, app.SiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	site.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/openapi.json", nil))
	var doc any
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const golden = "../../docs/openapi.json"
	if os.Getenv("LINLI_GOLDEN") == "1" {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the API is not the one of docs/openapi.json; where that is meant: LINLI_GOLDEN=1 go test ./internal/app -run TestOpenAPI")
	}
}
