package publicity_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/duty"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/blob"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/ledger"
	"linli/internal/merging"
	"linli/internal/publicity"
	"linli/internal/request"
	"linli/web"
)

var ctx = context.Background()

// rig is a small county with two communities, and everything a request needs.
type rig struct {
	t       testing.TB
	d       *db.DB
	clk     *clock.Hand
	log     *ledger.Service
	eds     *edition.Service
	ids     *identity.Service
	areas   *area.Service
	cases   *casework.Service
	req     *request.Service
	pub     *publicity.Service
	blobs   *blob.Store
	handler http.Handler
	who     map[string]identity.Actor
	asks    identity.Actor // who the next pages are asked by
	sent    *outbox
}

// outbox keeps what would be sent.
type outbox struct {
	mu   sync.Mutex
	list []publicity.Message
	fail error
}

func (o *outbox) Send(_ context.Context, m publicity.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return o.fail
	}
	o.list = append(o.list, m)
	return nil
}

func (o *outbox) take() []publicity.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := o.list
	o.list = nil
	return out
}

var tuesday = clock.Date(2026, 11, 24).Start().Add(9 * time.Hour)

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, d: d, clk: clock.NewHand(tuesday), who: map[string]identity.Actor{}, asks: identity.Actor{Kind: identity.Anyone}, sent: &outbox{}}
	folder := t.TempDir()
	keys := must(seal.Open(folder, true))
	for _, migrate := range []func(context.Context, *db.DB) error{ledger.Migrate, edition.Migrate, identity.Migrate, casework.Migrate, request.Migrate, merging.Migrate, publicity.Migrate, publicity.Migrate} {
		r.ok(migrate(ctx, d))
	}
	logger := slog.New(slog.DiscardHandler)
	r.log = ledger.New(d, r.clk, must(ledger.OpenKey(folder, "test", true)), ledger.Options{})
	r.eds = edition.New(d, r.clk, r.log)
	r.ids = identity.New(d, r.clk, keys, r.log, edition.Compile(r.eds, identity.LoadRights))
	r.cases = casework.New(casework.Parts{DB: d, Clock: r.clk, Keys: keys, Ledger: r.log, Editions: r.eds, People: r.ids, Log: logger})
	caseworktest.Pass(r.cases)
	r.areas = must(area.New(ctx, d, r.clk, area.Fixed{Lists: must(area.ReadLists(catalog.Files))}))
	book := must(text.Load(catalog.Files))
	words := func() *text.Book { return book }
	lists := duty.New(r.eds, r.ids, r.clk, words)
	r.blobs = must(blob.Open(d, folder))
	r.req = request.New(request.Parts{DB: d, Clock: r.clk, Keys: keys, Blobs: r.blobs, Ledger: r.log, Editions: r.eds, Areas: r.areas, People: r.ids, Duty: lists, Cases: r.cases, Book: words})
	r.req.Offer(r.cases)
	merge := merging.New(merging.Parts{DB: d, Clock: r.clk, Keys: keys, Areas: r.areas, People: r.ids, Duty: lists, Cases: r.cases, Book: words})
	merge.Offer(r.cases)
	r.pub = publicity.New(publicity.Parts{DB: d, Clock: r.clk, Keys: keys, Blobs: r.blobs, Ledger: r.log, Editions: r.eds, Areas: r.areas, People: r.ids, Duty: lists,
		Cases: r.cases, Book: words, Log: logger, Outbox: r.sent, Address: "https://linli.example"})
	r.pub.Offer(r.cases)
	r.cases.OnErase(func(ctx context.Context, ids []string) {
		for _, id := range ids {
			r.ok(r.blobs.Delete(ctx, id))
		}
	})
	r.ok(r.eds.Start(ctx, catalog.Files))
	r.places()
	r.people()
	mux := http.NewServeMux()
	pages := web.New(words)
	r.ok(pages.Check())
	api := httpx.NewAPI(mux)
	r.pub.Routes(mux, pages)
	r.req.Routes(mux, api, pages)
	merge.Routes(mux, pages)
	pages.Routes(mux)
	within := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			next.ServeHTTP(w, q.WithContext(identity.With(q.Context(), r.asks)))
		})
	}
	r.handler = httpx.New(mux, httpx.Options{Book: words, Log: logger, Page: pages.Fault, Within: within}).Handler()
	return r
}

func (r *rig) places() {
	divisions := "code,name\n99,省\n9999,市\n999901,云溪县\n999901001,清河街道\n999901001001,清河社区居委会\n999901001002,柳园社区居委会\n"
	must(r.areas.ImportDivisions(ctx, area.Divisions{Files: []area.File{{Name: "a.csv", Data: []byte(divisions)}}, On: clock.Date(2026, 1, 1), By: "test"}))
	var features []string
	for i, community := range []string{"999901001001", "999901001002"} {
		w := 118.20 + 0.01*float64(i)
		features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"name":"第%d网格","community":%q,"code":"%s001","phone":"12345"},"geometry":{"type":"Polygon","coordinates":[[[%.2f,34.30],[%.2f,34.30],[%.2f,34.31],[%.2f,34.31],[%.2f,34.30]]]}}`,
			i+1, community, community, w, w+0.01, w+0.01, w, w))
	}
	drawn := `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
	must(r.areas.ImportGrids(ctx, area.Grids{File: area.File{Name: "g", Data: []byte(drawn)}, Datum: geo.WGS84, From: clock.Date(2026, 1, 1), By: "test"}))
}

func (r *rig) people() {
	system := identity.SystemActor()
	for _, u := range []identity.Unit{
		{ID: "county", Name: "云溪县人民政府", Kind: "government", Area: "999901"},
		{ID: "center", Parent: "county", Name: "县社会治理中心", Kind: "department", Function: "government-service", Area: "999901"},
		{ID: "lighting", Parent: "county", Name: "县路灯管理所", Kind: "department", Function: "street-lighting", Area: "999901"},
		{ID: "qinghe", Parent: "county", Name: "清河街道办事处", Kind: "street", Area: "999901001"},
		{ID: "qinghe-um", Parent: "qinghe", Name: "清河街道综合执法队", Kind: "office", Function: "urban-management", Area: "999901001"},
	} {
		must(r.ids.AddUnit(ctx, system, u))
	}
	for _, p := range [][4]string{{"dispatcher", "dispatcher", "center", ""}, {"intake", "intake", "center", ""}, {"publisher", "publisher", "center", ""}, {"verifier", "verifier", "center", ""},
		{"caller", "caller", "center", ""}, {"leader", "leader", "county", "999901"}, {"admin", "administrator", "county", "999901"}, {"head", "head", "county", "999901"},
		{"lamp", "handler", "lighting", ""}, {"street", "dispatcher", "qinghe", "999901001"}} {
		_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: p[0], Name: p[0] + "-name", Login: p[0] + "-login", Hash: "x"})
		r.ok(err)
		must(r.ids.AddPost(ctx, system, identity.Post{Person: p[0], Unit: p[2], Kind: p[1], Area: p[3]}))
		r.who[p[0]] = identity.Actor{}
	}
	for id := range r.who {
		r.who[id] = must(r.ids.Actor(ctx, id))
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// report opens a request in a community by somebody without account.
func (r *rig) report(values map[string]any) casework.Receipt {
	r.t.Helper()
	if values["place"] == nil {
		values["place"] = map[string]any{"words": "人民路12号门口", "lon": 118.2071, "lat": 34.3032, "datum": "WGS-84"}
	}
	return must(r.cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "service-request", Act: "report", Values: values}))
}

func (r *rig) do(who, id, act string, values map[string]any) casework.Receipt {
	r.t.Helper()
	receipt, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act, Values: values})
	if err != nil {
		r.t.Fatalf("%s by %s: %v", act, who, err)
	}
	return receipt
}

func (r *rig) link(receipt casework.Receipt) identity.Actor {
	r.t.Helper()
	return identity.Actor{Kind: identity.Link, Party: must(r.cases.PartyByToken(ctx, seal.HashToken(receipt.Token)))}
}

// settle leads a request to its rated end.
func (r *rig) settle(receipt casework.Receipt, answer string) {
	r.t.Helper()
	id := receipt.Case
	r.do("dispatcher", id, "dispatch", map[string]any{"lead": "lighting", "limit": "5 workdays"})
	r.do("lamp", id, "accept", nil)
	r.do("lamp", id, "contact", map[string]any{"contact": "已联系"})
	r.do("lamp", id, "answer", map[string]any{"answer": answer})
	r.do("verifier", id, "check_done", map[string]any{"finding": "已看"})
	_, err := r.cases.Do(ctx, r.link(receipt), casework.Asking{Case: id, Act: "rate", Values: map[string]any{"solved": "yes", "satisfied": "satisfied"}})
	r.ok(err)
}

// follow brings the public lines up to everything that was done.
func (r *rig) follow() {
	r.t.Helper()
	for n := 1; n > 0; {
		n = must(r.log.Sequence(ctx))
	}
	for n := 1; n > 0; {
		n = must(r.pub.Follow(ctx))
	}
}

func (r *rig) verify() {
	r.t.Helper()
	r.follow()
	var found []ledger.Finding
	v := r.cases.Verify(ctx, func(f ledger.Finding) { found = append(found, f) })
	whole, err := r.log.Verify(ctx, "", v.Leaf)
	r.ok(err)
	r.ok(v.Replay())
	if found = append(found, whole.Findings...); len(found) > 0 {
		r.t.Fatalf("verify: %+v", found)
	}
}

type answer struct {
	*httptest.ResponseRecorder
	body string
}

func (a answer) has(t testing.TB, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("status %d: the page lacks %q", a.Code, w)
		}
	}
}

func (a answer) lacks(t testing.TB, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.body, w) {
			t.Errorf("the page shows %q", w)
		}
	}
}

func (r *rig) ask(method, path string, form url.Values, cookies ...*http.Cookie) answer {
	r.t.Helper()
	var q *http.Request
	if form != nil {
		q = httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		q = httptest.NewRequest(method, path, nil)
	}
	q.Header.Set("Accept", "text/html")
	for _, c := range cookies {
		q.AddCookie(c)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, q)
	return answer{w, w.Body.String()}
}

func (r *rig) get(path string, cookies ...*http.Cookie) answer {
	return r.ask(http.MethodGet, path, nil, cookies...)
}

func (r *rig) post(path string, form url.Values, cookies ...*http.Cookie) answer {
	if form == nil {
		form = url.Values{}
	}
	return r.ask(http.MethodPost, path, form, cookies...)
}

// as has the next pages asked by somebody of the office, or by nobody.
func (r *rig) as(name string) *rig {
	r.asks = identity.Actor{Kind: identity.Anyone}
	if name != "" {
		r.asks = r.who[name]
	}
	return r
}

func (r *rig) refused(err error, key string) {
	r.t.Helper()
	if f := fault.Of(err); f == nil || f.Key != key {
		r.t.Fatalf("want %s, got %v", key, err)
	}
}

// release releases a case as its first proposal stands, after changes to the draft.
func (r *rig) release(who, id string, change func(v *publicity.Review)) casework.Receipt {
	r.t.Helper()
	v := must(r.pub.Review(ctx, r.who[who], id))
	if change != nil {
		change(v)
		r.ok(r.pub.Save(ctx, r.who[who], v))
	}
	receipt, err := r.pub.Release(ctx, r.who[who], id, publicity.Asked{Key: seal.Token()})
	if err != nil {
		r.t.Fatalf("release: %v", err)
	}
	return receipt
}
