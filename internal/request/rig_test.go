package request_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
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
	"linli/internal/request"
	"linli/web"
)

var ctx = context.Background()

// rig is a small county with two streets, three communities and six grids.
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
	handler http.Handler
	who     map[string]identity.Actor
	asks    identity.Actor // who the next pages are asked by
}

// tuesday is a working day at nine in China.
var tuesday = clock.Date(2026, 11, 24).Start().Add(9 * time.Hour)

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, d: d, clk: clock.NewHand(tuesday), who: map[string]identity.Actor{}, asks: identity.Actor{Kind: identity.Anyone}}
	folder := t.TempDir()
	keys := must(seal.Open(folder, true))
	for _, migrate := range []func(context.Context, *db.DB) error{ledger.Migrate, edition.Migrate, identity.Migrate, casework.Migrate, request.Migrate} {
		r.ok(migrate(ctx, d))
	}
	r.log = ledger.New(d, r.clk, must(ledger.OpenKey(folder, "test", true)), ledger.Options{})
	r.eds = edition.New(d, r.clk, r.log)
	r.ids = identity.New(d, r.clk, keys, r.log, edition.Compile(r.eds, identity.LoadRights))
	logger := slog.New(slog.DiscardHandler)
	r.cases = casework.New(casework.Parts{DB: d, Clock: r.clk, Keys: keys, Ledger: r.log, Editions: r.eds, People: r.ids, Log: logger})
	caseworktest.Pass(r.cases)
	r.areas = must(area.New(ctx, d, r.clk, area.Fixed{Lists: must(area.ReadLists(catalog.Files))}))
	book := must(text.Load(catalog.Files))
	lists := duty.New(r.eds, r.ids, r.clk, func() *text.Book { return book })
	r.req = request.New(request.Parts{DB: d, Clock: r.clk, Keys: keys, Blobs: must(blob.Open(d, folder)), Ledger: r.log, Editions: r.eds, Areas: r.areas,
		People: r.ids, Duty: lists, Cases: r.cases, Book: func() *text.Book { return book }})
	r.req.Offer(r.cases)
	r.ok(r.eds.Start(ctx, catalog.Files))
	r.places()
	r.people()
	r.serve(book, logger)
	return r
}

func (r *rig) serve(book *text.Book, logger *slog.Logger) {
	mux := http.NewServeMux()
	pages := web.New(func() *text.Book { return book })
	r.ok(pages.Check())
	r.req.Routes(mux, httpx.NewAPI(mux), pages)
	pages.Routes(mux)
	r.areas.Routes(mux, httpx.NewAPI(http.NewServeMux()), pages)
	within := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			next.ServeHTTP(w, q.WithContext(identity.With(q.Context(), r.asks)))
		})
	}
	r.handler = httpx.New(mux, httpx.Options{Book: func() *text.Book { return book }, Log: logger, Page: pages.Fault, Within: within}).Handler()
}

// places: two communities of one street side by side, a third of another street
// beside them; every grid is 0.01 by 0.01 degrees.
func (r *rig) places() {
	divisions := "code,name\n99,省\n9999,市\n999901,云溪县\n999901001,清河街道\n999901002,东山街道\n999901001001,清河社区居委会\n999901001002,柳园社区居委会\n999901002001,东山社区居委会\n"
	r.ok(report(r.areas.ImportDivisions(ctx, area.Divisions{Files: []area.File{{Name: "a.csv", Data: []byte(divisions)}}, On: clock.Date(2026, 1, 1), By: "test"})))
	var features []string
	for i, community := range []string{"999901001001", "999901001001", "999901001002", "999901001002", "999901002001", "999901002001"} {
		w := 118.20 + 0.01*float64(i)
		features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"name":"第%d网格","community":%q,"code":"%s%03d","phone":"12345"},"geometry":{"type":"Polygon","coordinates":[[[%.2f,34.30],[%.2f,34.30],[%.2f,34.31],[%.2f,34.31],[%.2f,34.30]]]}}`,
			i+1, community, community, i%2+1, w, w+0.01, w+0.01, w, w))
	}
	drawn := `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
	r.ok(report(r.areas.ImportGrids(ctx, area.Grids{File: area.File{Name: "g", Data: []byte(drawn)}, Datum: geo.WGS84, From: clock.Date(2026, 1, 1), By: "test"})))
	r.ok(report(r.areas.ImportPlaces(ctx, area.Places{File: area.File{Name: "p", Data: []byte("name,lon,lat\n人民公园,118.2055,34.3058\n清河菜市场,118.2152,34.3042\n")}, Datum: geo.WGS84, By: "test"})))
}

func report(r area.Report, err error) error {
	if err == nil && len(r.Broken) > 0 {
		return r.Broken[0].Fault
	}
	return err
}

func (r *rig) people() {
	system := identity.SystemActor()
	for _, u := range []identity.Unit{
		{ID: "county", Name: "云溪县人民政府", Kind: "government", Area: "999901"},
		{ID: "center", Parent: "county", Name: "县社会治理中心", Kind: "department", Function: "government-service", Area: "999901"},
		{ID: "lighting", Parent: "county", Name: "县路灯管理所", Kind: "department", Function: "street-lighting", Area: "999901"},
		{ID: "water", Parent: "county", Name: "县自来水公司", Kind: "organisation", Function: "water", Area: "999901"},
		{ID: "qinghe", Parent: "county", Name: "清河街道办事处", Kind: "street", Area: "999901001"},
		{ID: "qinghe-um", Parent: "qinghe", Name: "清河街道综合执法队", Kind: "office", Function: "urban-management", Area: "999901001"},
		{ID: "c-qinghe", Parent: "qinghe", Name: "清河社区居委会", Kind: "community", Area: "999901001001"},
		{ID: "c-liuyuan", Parent: "qinghe", Name: "柳园社区居委会", Kind: "community", Area: "999901001002"},
	} {
		must(r.ids.AddUnit(ctx, system, u))
	}
	people := [][4]string{
		{"dispatcher", "dispatcher", "center", ""}, {"intake", "intake", "center", ""}, {"verifier", "verifier", "center", ""}, {"caller", "caller", "center", ""},
		{"leader", "leader", "county", "999901"}, {"admin", "administrator", "county", "999901"},
		{"lamp", "handler", "lighting", ""}, {"pipe", "handler", "water", ""}, {"um", "handler", "qinghe-um", ""},
		{"street", "handler", "qinghe", ""}, {"streethead", "head", "qinghe", "999901001"}, {"clerk", "clerk", "c-qinghe", ""}, {"clerk2", "clerk", "c-liuyuan", ""},
		{"grid", "grid-worker", "c-qinghe", ""},
	}
	for _, p := range people {
		_, _, err := r.ids.AddPerson(ctx, system, identity.PersonDraft{ID: p[0], Name: p[0], Login: p[0] + "-login", Hash: "x"})
		r.ok(err)
		must(r.ids.AddPost(ctx, system, identity.Post{Person: p[0], Unit: p[2], Kind: p[1], Area: p[3]}))
	}
	for _, p := range people {
		r.who[p[0]] = must(r.ids.Actor(ctx, p[0]))
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

// send reports by the API of the room, without a page.
func (r *rig) send(in request.Report) casework.Receipt {
	r.t.Helper()
	if in.Key == "" {
		in.Key = seal.Token()
	}
	receipt, err := r.req.Send(ctx, identity.Actor{Kind: identity.Anyone}, in)
	r.ok(err)
	return receipt
}

func (r *rig) link(receipt casework.Receipt) identity.Actor {
	r.t.Helper()
	p, err := r.cases.PartyByToken(ctx, seal.HashToken(receipt.Token))
	r.ok(err)
	return identity.Actor{Kind: identity.Link, Party: p}
}

func (r *rig) do(who, id, act string, values map[string]any) casework.Receipt {
	r.t.Helper()
	receipt, err := r.cases.Do(ctx, r.who[who], casework.Asking{Case: id, Act: act, Values: values})
	if err != nil {
		r.t.Fatalf("%s by %s: %v", act, who, err)
	}
	return receipt
}

func (r *rig) refused(who identity.Actor, id, act string, values map[string]any, key string) {
	r.t.Helper()
	_, err := r.cases.Do(ctx, who, casework.Asking{Case: id, Act: act, Values: values})
	if f := fault.Of(err); f == nil || f.Key != key {
		r.t.Fatalf("%s: want %s, got %v", act, key, err)
	}
}

func (r *rig) of(id string) *casework.Case {
	r.t.Helper()
	v, err := r.cases.Get(ctx, identity.SystemActor(), id)
	r.ok(err)
	return v.Case
}

func (r *rig) sees(who, id string) bool {
	r.t.Helper()
	_, err := r.cases.Get(ctx, r.who[who], id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		r.t.Fatal(err)
	}
	return err == nil
}

// verify holds everything against the log.
func (r *rig) verify() {
	r.t.Helper()
	for {
		if n, err := r.log.Sequence(ctx); err != nil {
			r.t.Fatal(err)
		} else if n == 0 {
			break
		}
	}
	var found []ledger.Finding
	v := r.cases.Verify(ctx, func(f ledger.Finding) { found = append(found, f) })
	whole, err := r.log.Verify(ctx, "", v.Leaf)
	r.ok(err)
	r.ok(v.Replay())
	if found = append(found, whole.Findings...); len(found) > 0 {
		r.t.Errorf("verify found %d: %+v", len(found), found[0])
	}
}

// answer is what a page gave.
type answer struct {
	*httptest.ResponseRecorder
	body string
}

func (r *rig) ask(q *http.Request) answer {
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, q)
	raw, _ := io.ReadAll(w.Body)
	return answer{w, string(raw)}
}

func (r *rig) get(path string, cookies ...*http.Cookie) answer {
	q := httptest.NewRequest(http.MethodGet, path, nil)
	for _, c := range cookies {
		q.AddCookie(c)
	}
	return r.ask(q)
}

// post sends a form as a browser does; files are the photos.
func (r *rig) post(path string, form url.Values, files [][]byte, cookies ...*http.Cookie) answer {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range form {
		for _, v := range values {
			r.ok(w.WriteField(name, v))
		}
	}
	for i, f := range files {
		part := must(w.CreateFormFile("photos", fmt.Sprintf("IMG_%d.jpg", i)))
		must(part.Write(f))
	}
	r.ok(w.Close())
	q := httptest.NewRequest(http.MethodPost, path, &body)
	q.Header.Set("Content-Type", w.FormDataContentType())
	for _, c := range cookies {
		q.AddCookie(c)
	}
	return r.ask(q)
}

func (r *rig) api(method, path string, body any, headers ...string) (answer, map[string]any) {
	raw := must(json.Marshal(body))
	q := httptest.NewRequest(method, path, bytes.NewReader(raw))
	q.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	a := r.ask(q)
	var out map[string]any
	_ = json.Unmarshal([]byte(a.body), &out)
	return a, out
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// form gathers the hidden inputs of a page.
func (a answer) form() url.Values {
	out := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(a.body, -1) {
		if m[1] != "back" {
			out.Add(m[1], strings.NewReplacer("&#43;", "+", "&amp;", "&").Replace(m[2]))
		}
	}
	return out
}

func (a answer) has(t testing.TB, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("%d: the page lacks %q", a.Code, w)
		}
	}
}

// picture is a JPEG of one colour.
func picture(shade uint8) []byte {
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range m.Pix {
		m.Pix[i] = shade
	}
	m.Set(1, 1, color.Black)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		panic(err)
	}
	return out.Bytes()
}

var linkOf = regexp.MustCompile(`href="(http://[^"]+)?(/q/[a-z0-9]{26})"`)

// visit opens a receipt's link and gives the cookie of the visit.
func (r *rig) visit(token string) (string, *http.Cookie) {
	r.t.Helper()
	a := r.get("/q/" + token)
	if a.Code != http.StatusSeeOther || len(a.Result().Cookies()) != 1 {
		r.t.Fatalf("link: %d %s", a.Code, a.body)
	}
	return a.Header().Get("Location"), a.Result().Cookies()[0]
}
