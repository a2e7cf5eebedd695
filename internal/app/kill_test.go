package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db/dbtest"
	"linli/internal/procedure"
)

// The kill test runs the real program as a process of its own, loads it, and
// kills it at random moments: what was acknowledged must be there exactly once,
// what was not may be asked again under its key, and the log must verify.

// kills is how often the server is killed: 20 times here and in CI, more by
// `make test-kill`.
func kills(t *testing.T, most int) int {
	if s := os.Getenv("LINLI_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("LINLI_KILLS: %v", err)
		}
		return n
	}
	return most
}

func TestKillSQLite(t *testing.T) { killing(t, "", kills(t, 20)) }

func TestKillPostgres(t *testing.T) { killing(t, dbtest.Postgres(t), kills(t, 20)/4) }

// victim is a server that is killed again and again.
type victim struct {
	t              *testing.T
	binary, folder string
	database       string
	address        string
	process        *exec.Cmd
	cookies        map[string]string
	mu             sync.Mutex
	cases, waiting map[string]*life // by marker
	retried        int
}

// life is how far one request came, as its client knows it.
type life struct {
	marker, id string
	acts       []string // acknowledged
	next       int
	key        string // of the asking that has no answer yet
}

var killSteps = []struct {
	who, act string
	values   map[string]any
}{
	{"intake1", "report", nil},
	{"dispatch1", "dispatch", map[string]any{"lead": "lighting", "limit": "5 workdays", "item": "B01"}},
	{"h-lighting", "accept", nil},
	{"h-lighting", "contact", map[string]any{"contact": "已电话联系"}},
}

func killing(t *testing.T, database string, rounds int) {
	v := &victim{t: t, folder: t.TempDir(), database: database, cases: map[string]*life{}, waiting: map[string]*life{}}
	v.binary = filepath.Join(v.folder, "linli-under-test")
	if out, err := exec.Command("go", "build", "-o", v.binary, "linli/cmd/linli").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	v.data()
	for round := range rounds {
		v.start()
		if round == 0 {
			v.signIn()
		}
		v.retry()
		v.load(time.Duration(100+rand.IntN(400)) * time.Millisecond)
	}
	v.start()
	v.retry()
	v.stop()
	v.judge()
}

// data prepares the folder with the fictitious county.
func (v *victim) data() {
	ctx := context.Background()
	h, err := app.Open(ctx, app.Config{Folder: filepath.Join(v.folder, "data"), URL: v.database, Clock: &clock.Wall{}})
	if err != nil {
		v.t.Fatal(err)
	}
	hash, err := h.People.HashPassword(ctx, app.DemoPassword, "demo")
	if err != nil {
		v.t.Fatal(err)
	}
	if err := h.LoadCounty(ctx, clock.Date(2026, 1, 1), hash); err != nil {
		v.t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		v.t.Fatal(err)
	}
}

var openAt = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func (v *victim) start() {
	args := []string{"--lang", "en", "serve", "--data", filepath.Join(v.folder, "data"), "--listen", "127.0.0.1:0"}
	if v.database != "" {
		args = append(args, "--database", v.database)
	}
	v.process = exec.Command(v.binary, args...)
	var said bytes.Buffer
	v.process.Stderr = &said
	out, err := v.process.StdoutPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	if err := v.process.Start(); err != nil {
		v.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if v.address = openAt.FindString(lines.Text()); v.address != "" {
			go io.Copy(io.Discard, out)
			return
		}
	}
	_ = v.process.Wait()
	v.t.Fatalf("the server did not come up: %s", said.String())
}

func (v *victim) signIn() {
	v.cookies = map[string]string{}
	for _, s := range killSteps {
		if v.cookies[s.who] != "" {
			continue
		}
		body, _ := json.Marshal(map[string]string{"login": s.who, "password": app.DemoPassword})
		resp, err := http.Post(v.address+"/api/v1/sessions", "application/json", bytes.NewReader(body))
		if err != nil {
			v.t.Fatal(err)
		}
		for _, c := range resp.Cookies() {
			if c.Name == identity.Cookie {
				v.cookies[s.who] = c.Value
			}
		}
		resp.Body.Close()
		if v.cookies[s.who] == "" {
			v.t.Fatalf("sign in as %s: %s", s.who, resp.Status)
		}
	}
}

// ask carries out the next step of a life under its key.
func (v *victim) ask(client *http.Client, l *life) error {
	s := killSteps[l.next]
	path, body := "/api/v1/cases", map[string]any{"act": s.act, "values": s.values}
	if l.next == 0 {
		body["procedure"] = "service-request"
		body["values"] = map[string]any{"words": "路灯不亮 " + l.marker, "class": "street-light", "channel": "phone", "place": map[string]any{"area": "999901001001"}}
	} else {
		path += "/" + l.id + "/acts"
	}
	raw, _ := json.Marshal(body)
	req, err := http.NewRequest(http.MethodPost, v.address+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", l.key)
	req.Header.Set("Cookie", identity.Cookie+"="+v.cookies[s.who])
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode == http.StatusServiceUnavailable {
		return fmt.Errorf("busy")
	}
	var receipt struct{ Case, Act string }
	if resp.StatusCode >= 300 || json.Unmarshal(answer, &receipt) != nil || receipt.Act == "" {
		v.t.Errorf("%s: %s %s", s.act, resp.Status, answer)
		return fmt.Errorf("refused")
	}
	l.id, l.key = receipt.Case, ""
	l.acts = append(l.acts, receipt.Act)
	l.next++
	return nil
}

func newKey() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) }

// load works until the server is killed in the middle.
func (v *victim) load(length time.Duration) {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				l := &life{marker: newKey()}
				for l.next < len(killSteps) {
					l.key = newKey()
					if err := v.ask(client, l); err != nil {
						v.mu.Lock()
						v.waiting[l.marker] = l
						v.mu.Unlock()
						return
					}
				}
				v.mu.Lock()
				v.cases[l.marker] = l
				v.mu.Unlock()
			}
		})
	}
	time.Sleep(length)
	if err := v.process.Process.Kill(); err != nil {
		v.t.Error(err)
	}
	wg.Wait()
	_ = v.process.Wait()
}

// retry asks again what had no answer, under the same key: whether or not it
// was done before the kill, it is done once.
func (v *victim) retry() {
	client := &http.Client{Timeout: 30 * time.Second}
	for marker, l := range v.waiting {
		for l.next < len(killSteps) {
			if l.key == "" {
				l.key = newKey()
			}
			if err := v.ask(client, l); err != nil {
				v.t.Fatalf("asked again: %v", err)
			}
			v.retried++
		}
		v.cases[marker] = l
		delete(v.waiting, marker)
	}
}

// stop ends the server in the usual way.
func (v *victim) stop() {
	if err := v.process.Process.Signal(os.Interrupt); err != nil {
		v.t.Error(err)
	}
	if err := v.process.Wait(); err != nil {
		v.t.Errorf("the server ended with %v", err)
	}
}

// judge opens what is left and counts.
func (v *victim) judge() {
	ctx := context.Background()
	h, err := app.Open(ctx, app.Config{Folder: filepath.Join(v.folder, "data"), URL: v.database, Clock: &clock.Wall{}})
	if err != nil {
		v.t.Fatal(err)
	}
	defer h.Close()
	for {
		n, err := h.Ledger.Sequence(ctx)
		if err != nil {
			v.t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	system := identity.SystemActor()
	total, err := h.Cases.Count(ctx, system, casework.Filter{Procedure: "service-request"}, 1_000_000)
	if err != nil {
		v.t.Fatal(err)
	}
	if total != len(v.cases) {
		v.t.Errorf("%d requests stand, %d were acknowledged", total, len(v.cases))
	}
	for _, l := range v.cases {
		view, err := h.Cases.Get(ctx, system, l.id)
		if err != nil {
			v.t.Errorf("an acknowledged case is gone: %v", err)
			continue
		}
		v.compare(view, l)
	}
	found, err := h.Verify(ctx, "")
	if err != nil {
		v.t.Fatal(err)
	}
	for _, f := range found.Findings {
		v.t.Errorf("verify: %s %v", f.Key, f.Args)
	}
	v.t.Logf("%d cases, %d acts; %d askings were repeated after a kill", len(v.cases), found.Acts, v.retried)
	if len(v.cases) == 0 {
		v.t.Error("nothing was done before the kills")
	}
}

func (v *victim) compare(view *casework.View, l *life) {
	if len(view.Timeline) != len(l.acts) {
		v.t.Errorf("case %s has %d acts, %d were acknowledged", view.Case.Number, len(view.Timeline), len(l.acts))
		return
	}
	for i, e := range view.Timeline {
		if e.ID != l.acts[i] || e.Leaf == "" {
			v.t.Errorf("case %s: act %d is %s (leaf %q), acknowledged was %s", view.Case.Number, i, e.ID, e.Leaf, l.acts[i])
		}
	}
	clocks := view.Case.Clocks()
	if clocks["handle"].Status != procedure.Running || clocks["return"].Status != procedure.Ended || clocks["intake"].Status != procedure.Ended {
		v.t.Errorf("case %s: clocks %+v", view.Case.Number, clocks)
	}
}
