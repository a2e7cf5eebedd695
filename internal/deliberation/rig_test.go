package deliberation_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/area"
	"linli/internal/ballot"
	"linli/internal/casework"
	"linli/internal/casework/caseworktest"
	"linli/internal/deliberation"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/internal/ledger"
	"linli/web"
)

var ctx = context.Background()

const village, community = "999901100201", "999901001001"

// rig is a town with a village and a street with a community, and all who take
// part in a decision there.
type rig struct {
	t       testing.TB
	d       *db.DB
	clk     *clock.Hand
	log     *ledger.Service
	eds     *edition.Service
	ids     *identity.Service
	cases   *casework.Service
	delib   *deliberation.Service
	ballot  *ballot.Service
	book    *text.Book
	handler http.Handler
	who     map[string]identity.Actor
	asks    identity.Actor // who the next pages are asked by
	cookies []*http.Cookie
}

var tuesday = clock.Date(2026, 11, 24).Start().Add(9 * time.Hour)

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

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, d: d, clk: clock.NewHand(tuesday), who: map[string]identity.Actor{}, asks: identity.Actor{Kind: identity.Anyone}}
	folder := t.TempDir()
	keys := must(seal.Open(folder, true))
	for _, migrate := range []func(context.Context, *db.DB) error{ledger.Migrate, edition.Migrate, identity.Migrate, casework.Migrate, ballot.Migrate, deliberation.Migrate, deliberation.Migrate} {
		r.ok(migrate(ctx, d))
	}
	quiet := slog.New(slog.DiscardHandler)
	r.log = ledger.New(d, r.clk, must(ledger.OpenKey(folder, "test", true)), ledger.Options{})
	r.eds = edition.New(d, r.clk, r.log)
	r.ids = identity.New(d, r.clk, keys, r.log, edition.Compile(r.eds, identity.LoadRights))
	r.cases = casework.New(casework.Parts{DB: d, Clock: r.clk, Keys: keys, Ledger: r.log, Editions: r.eds, People: r.ids, Log: quiet})
	caseworktest.Pass(r.cases)
	r.book = must(text.Load(catalog.Files))
	words := func() *text.Book { return r.book }
	areas := must(area.New(ctx, d, r.clk, area.Fixed{Lists: must(area.ReadLists(catalog.Files))}))
	r.ballot = ballot.New(ballot.Parts{DB: d, Clock: r.clk, Keys: keys, Areas: areas, People: r.ids, Law: law.New(r.eds), Cases: r.cases, Words: edition.Compile(r.eds, ballot.LoadDictionary), Book: words})
	r.ballot.Offer(r.cases)
	r.delib = deliberation.New(deliberation.Parts{DB: d, Clock: r.clk, Keys: keys, Areas: areas, People: r.ids, Cases: r.cases, Book: words,
		Address: "https://linli.example", Privacy: edition.Compile(r.eds, deliberation.LoadPrivacy)})
	r.delib.Offer(r.cases)
	r.ok(r.eds.Start(ctx, catalog.Files))
	r.people()
	mux := http.NewServeMux()
	pages := web.New(words)
	r.ok(pages.Check())
	r.delib.Routes(mux, pages)
	pages.Routes(mux)
	within := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			next.ServeHTTP(w, q.WithContext(identity.With(q.Context(), r.asks)))
		})
	}
	r.handler = httpx.New(mux, httpx.Options{Book: words, Log: quiet, Page: pages.Fault, Within: within}).Handler()
	return r
}

func (r *rig) people() {
	system := identity.SystemActor()
	for _, u := range []identity.Unit{
		{ID: "county", Name: "云溪县人民政府", Kind: "government", Area: "999901"},
		{ID: "town", Parent: "county", Name: "石桥镇人民政府", Kind: "street", Area: "999901100"},
		{ID: "office", Parent: "town", Name: "石桥镇农经站", Kind: "office", Area: "999901100"},
		{ID: "village", Parent: "town", Name: "石桥村村委会", Kind: "village", Area: village},
		{ID: "other", Parent: "town", Name: "荷塘村村委会", Kind: "village", Area: "999901100202"},
		{ID: "street", Parent: "county", Name: "清河街道办事处", Kind: "street", Area: "999901001"},
		{ID: "community", Parent: "street", Name: "清河社区居委会", Kind: "community", Area: community},
	} {
		_, err := r.ids.AddUnit(ctx, system, u)
		r.ok(err)
	}
	people := [][3]string{
		{"guide", "township-affairs", "town"}, {"guide2", "township-affairs", "street"}, {"office", "township-affairs", "office"}, {"leader", "leader", "town"}, {"auditor", "auditor", "county"},
		{"clerk", "clerk", "village"}, {"clerk2", "clerk", "village"}, {"director", "committee-head", "village"}, {"secretary", "party-secretary", "village"}, {"overseer", "supervision-head", "village"},
		{"neighbour", "clerk", "other"},
		{"rclerk", "clerk", "community"}, {"rdirector", "committee-head", "community"}, {"rsecretary", "party-secretary", "community"},
		{"rclerk2", "clerk", "community"}, {"roverseer", "supervision-head", "community"},
	}
	for _, p := range people {
		_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: p[0], Name: p[0], Login: p[0] + "-login", Hash: "x"})
		r.ok(err)
		_, err = r.ids.AddPost(ctx, system, identity.Post{Person: p[0], Unit: p[2], Kind: p[1], Area: map[string]string{"auditor": "999901", "leader": "999901100"}[p[0]]})
		r.ok(err)
	}
	for _, p := range people {
		r.who[p[0]] = must(r.ids.Actor(ctx, p[0]))
	}
}

func (r *rig) open(who, procedure, act string, values map[string]any) casework.Receipt {
	r.t.Helper()
	got, err := r.cases.Open(ctx, r.who[who], casework.Opening{Procedure: procedure, Act: act, Values: values})
	if err != nil {
		r.t.Fatalf("%s by %s: %v", act, who, err)
	}
	return got
}

func (r *rig) try(who, id, act string, values map[string]any) error {
	return r.tryOn(who, id, act, values, 0)
}

// tryOn tries an act that is said to have happened at an instant.
func (r *rig) tryOn(who, id, act string, values map[string]any, happened clock.Instant) error {
	_, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act, Values: values, Happened: happened})
	return err
}

func (r *rig) do(who, id, act string, values map[string]any) {
	r.t.Helper()
	if err := r.try(who, id, act, values); err != nil {
		r.t.Fatalf("%s by %s: %v (%s)", act, who, err, r.said(err))
	}
}

// said is a refusal in words, with its article.
func (r *rig) said(err error) string {
	f := fault.Of(err)
	if f == nil {
		return ""
	}
	return httpx.Words(r.book, text.Chinese, f) + " [" + f.Norm + "]"
}

// refused does an act that must be refused with a key, under an article that holds
// these words.
func (r *rig) refused(who, id, act string, values map[string]any, key, norm string) {
	r.t.Helper()
	f := fault.Of(r.try(who, id, act, values))
	if f == nil || f.Key != key || !strings.Contains(f.Norm, norm) {
		r.t.Fatalf("%s by %s: want %s under %q, got %v (%s)", act, who, key, norm, f, r.said(f))
	}
}

func (r *rig) get(id string) *casework.Case {
	r.t.Helper()
	c, _, err := r.cases.Seen(ctx, identity.SystemActor(), id)
	r.ok(err)
	return c
}

// state is where a case stands.
func (r *rig) state(id, want string) {
	r.t.Helper()
	if got := r.get(id).State; got != want {
		r.t.Fatalf("the case stands in %s, not %s", got, want)
	}
}

// days lets days pass, clocks included.
func (r *rig) days(n int) {
	r.t.Helper()
	r.clk.Advance(time.Duration(n) * 24 * time.Hour)
	for i := 0; i < 50; i++ {
		done, err := r.cases.Scan(ctx)
		r.ok(err)
		if done == 0 {
			return
		}
	}
	r.t.Fatal("the clocks never rest")
}

// ask asks for a page as whoever asks now; a form is posted.
func (r *rig) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	r.t.Helper()
	q := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	q.Header.Set("Accept-Language", "zh-CN")
	q.Header.Set("Accept", "text/html")
	for _, c := range r.cookies {
		if c.Path == "/" || strings.HasPrefix(path, c.Path) {
			q.AddCookie(c)
		}
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, q)
	r.cookies = append(r.cookies, w.Result().Cookies()...)
	return w
}

// reads asks for a page that must hold words.
func (r *rig) reads(path string, words ...string) string {
	r.t.Helper()
	w := r.ask(http.MethodGet, path, nil)
	if w.Code != http.StatusOK {
		r.t.Fatalf("%s: %d %.300s", path, w.Code, w.Body)
	}
	for _, s := range words {
		if !strings.Contains(w.Body.String(), s) {
			r.t.Errorf("%s does not say %q: %s", path, s, w.Body)
		}
	}
	return w.Body.String()
}

// verify holds everything against the log.
func (r *rig) verify() {
	r.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = r.log.Sequence(ctx)
		r.ok(err)
	}
	found := 0
	add := func(f ledger.Finding) { found++; r.t.Errorf("verify found %v", f) }
	v := r.cases.Verify(ctx, add)
	report, err := r.log.Verify(ctx, "", v.Leaf)
	r.ok(err)
	r.ok(v.Replay())
	for _, f := range report.Findings {
		add(f)
	}
	if v.Cases == 0 {
		r.t.Fatal("nothing was replayed")
	}
	rows, err := r.delib.Verify(ctx)
	if r.ok(err); len(rows) > 0 {
		r.t.Errorf("verify found rows %v", rows)
	}
}
