package duty

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"go.uber.org/goleak"

	"linli/catalog"
	"linli/internal/area"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/ledger"
	"linli/web"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

type fixed []identity.Unit

func (f fixed) Units(context.Context) ([]identity.Unit, error) { return f, nil }

type finder struct{}

func (finder) Find(_ context.Context, words, _ string, _ int) ([]area.Found, error) {
	switch words {
	case "示例村":
		return []area.Found{{Code: place, Name: "示例村", Within: []string{"示例街道"}}}, nil
	case "幸福":
		return []area.Found{{Code: place, Name: "幸福村"}, {Code: "999901001002", Name: "幸福社区"}, {Code: "9999", Name: "幸福市"}}, nil
	}
	return nil, nil
}

// room starts the room on a fresh database with the shipped catalogue in force.
func room(t *testing.T, d *db.DB) (*Service, *edition.Service) {
	t.Helper()
	ctx := context.Background()
	clk := clock.NewHand(today.Start())
	for _, err := range []error{ledger.Migrate(ctx, d), edition.Migrate(ctx, d)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := ledger.OpenKey(t.TempDir(), "linli.test/log", true)
	if err != nil {
		t.Fatal(err)
	}
	editions := edition.New(d, clk, ledger.New(d, clk, key, ledger.Options{}))
	editions.OnCheck(Check)
	if err := editions.Start(ctx, catalog.Files); err != nil {
		t.Fatal(err)
	}
	s := New(editions, fixed(county()), clk, book(t))
	s.Places = finder{}
	return s, editions
}

func book(t testing.TB) func() *text.Book {
	b, err := text.Load(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	return func() *text.Book { return b }
}

// administrator keeps the whole county; clerk one street.
func administrator() identity.Actor {
	return identity.Actor{Kind: identity.Staff, Person: "ann", Posts: []identity.Post{{Kind: "administrator", Unit: "county", UnitPath: "/county/"}}}
}

func clerk() identity.Actor {
	return identity.Actor{Kind: identity.Staff, Person: "bob", Posts: []identity.Post{{Kind: "administrator", Unit: "street1", UnitPath: "/county/street1/"}, {Kind: "handler", Unit: "county", UnitPath: "/county/"}}}
}

func TestPublishAList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, editions := room(t, d)
		anyone := context.Background()
		ctx := identity.With(anyone, administrator())

		before, err := s.Suggest(anyone, "street-light", place, today)
		if err != nil || before.Item.ID != "B01" || before.Lead.ID != "lights" {
			t.Fatalf("%+v %v", before.Item, err)
		}
		cat, number, err := s.Catalogue(anyone)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := cat.Lists[0].YAML()
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []identity.Actor{{Kind: identity.Anyone}, clerk()} {
			if _, err := s.Draft(identity.With(anyone, who), "x.yaml", raw, List{}); fault.Of(err).Key != "duty.rights" {
				t.Errorf("%s drafts: %v", who.Person, err)
			}
			if _, err := s.Publish(identity.With(anyone, who), number, raw, "x"); fault.Of(err).Key != "duty.rights" {
				t.Errorf("%s publishes: %v", who.Person, err)
			}
		}
		if draft, err := s.Draft(ctx, "x.yaml", raw, List{}); err != nil || draft.Ready() || !draft.Difference.Empty() {
			t.Errorf("the same list: %+v %v", draft.Difference, err)
		}
		if _, err := s.Draft(ctx, "x.docx", raw, List{}); fault.Of(err).Key != "duty.format" {
			t.Errorf("another form: %v", err)
		}
		raw = bytes.Replace(raw, []byte("limit: 24 hour"), []byte("limit: 2 hour"), 1)
		draft, err := s.Draft(ctx, "x.yaml", raw, List{})
		if err != nil || !draft.Ready() || len(draft.Difference.Changed) != 1 {
			t.Fatalf("%+v %v", draft, err)
		}
		changed := draft.Difference.Changed[0].New.ID
		got, err := s.Publish(ctx, draft.Edition, draft.YAML, "县府办〔2026〕1号")
		if err != nil || got.Number != number+1 || got.By != "ann" {
			t.Fatalf("%+v %v", got, err)
		}
		now, err := s.Item(anyone, changed, place, today)
		if err != nil || now.Item.Limit != (Limit{2, "hour"}) {
			t.Errorf("in force: %+v %v", now.Item.Limit, err)
		}
		old, err := s.At(anyone, number)
		if err != nil {
			t.Fatal(err)
		}
		if m, _ := old.byItem(changed, place, today); m.item.Limit != (Limit{24, "hour"}) {
			t.Errorf("the edition before: %+v", m.item.Limit)
		}
		if _, err := s.Publish(ctx, number, raw, "late"); !fault.Is(err, fault.Stale) {
			t.Errorf("on an old edition: %v", err)
		}
		bad := bytes.Replace(raw, []byte("street-lighting"), []byte("lamps"), 1)
		if _, err := s.Publish(ctx, editions.Current(), bad, "bad"); fault.Of(err).Key != "duty.problems" {
			t.Errorf("a bad list: %v", err)
		}
		if _, err := editions.Publish(ctx, map[string][]byte{"duty/example.yaml": bad}, "ann", "past the room"); len(edition.ProblemsOf(err)) != 1 {
			t.Errorf("past the room: %v", err)
		}
		second := bytes.Replace(bytes.Replace(raw, []byte("id: example"), []byte("id: second"), 1), []byte("2026-01-01"), []byte("2026-11-24"), 1)
		if draft, err := s.Draft(ctx, "x.yaml", second, List{}); err != nil || len(draft.Remarks) != 1 || draft.Remarks[0].Key != "duty.remark.overlap" {
			t.Errorf("two lists for one area: %+v %v", draft.Remarks, err)
		}
	})
}

func TestAnswers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := room(t, d)
		ctx := context.Background()
		all, err := s.Responsible(ctx, "neighbour-dispute", place, today)
		if err != nil || len(all) < 2 || all[0].Item.ID != "C01" || all[1].Item.ID != "J05" {
			t.Errorf("%v", err)
		}
		if all, err := s.Responsible(ctx, "noise", "110000", today); err != nil || all != nil {
			t.Errorf("nobody: %v %v", all, err)
		}
		if err := s.MayLead(ctx, "illegal-building", place, unit("village1"), today); fault.Of(err).Key != "duty.forbidden_community" || fault.Of(err).Norm == "" {
			t.Errorf("%v", err)
		}
		if level, err := s.Level(ctx, unit("station1")); err != nil || level != LevelCounty {
			t.Errorf("%s %v", level, err)
		}
		if _, err := s.Class(ctx, "nothing"); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
		if _, err := s.Item(ctx, "Z99", place, today); !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
		if ms, err := s.Match(ctx, "路灯不亮", 3); err != nil || ms[0].Class.ID != "street-light" {
			t.Errorf("%v %v", ms, err)
		}
	})
}

type site struct {
	http.Handler
	as identity.Actor
}

func openSite(t *testing.T) *site {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	s, _ := room(t, d)
	mux := http.NewServeMux()
	pages := web.New(book(t))
	s.Routes(mux, httpx.NewAPI(mux), pages)
	edge := httpx.New(mux, httpx.Options{Book: book(t), Page: pages.Fault, Log: slog.New(slog.DiscardHandler)}).Handler()
	h := &site{}
	h.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		edge.ServeHTTP(w, r.WithContext(identity.With(r.Context(), h.as)))
	})
	return h
}

func (h *site) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func (h *site) post(path string, fields map[string]string, file string, data []byte) *httptest.ResponseRecorder {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, value := range fields {
		_ = m.WriteField(name, value)
	}
	if file != "" {
		part, _ := m.CreateFormFile("file", file)
		_, _ = part.Write(data)
	}
	m.Close()
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func holds(t *testing.T, w *httptest.ResponseRecorder, status int, all ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d: %s", w.Code, status, w.Body.String())
	}
	for _, want := range all {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q is not in the answer", want)
		}
	}
}

func TestPublicPage(t *testing.T) {
	h := openSite(t)
	holds(t, h.get("/duty"), 200, "谁来管", "路灯维护", "虚构的示例清单", "不得由村（居）民委员会作为责任主体")
	holds(t, h.get("/duty?q="+url.QueryEscape("谁管噪音")), 200, "噪声扰民", "公安（县（区）级）", "24 小时", "未注明依据（示例）")
	holds(t, h.get("/duty?area="+place+"&q="+url.QueryEscape("路灯不亮")), 200, "示例lights", "辖区（999901）离此地最近")
	holds(t, h.get("/duty?q="+url.QueryEscape("路灯不亮")+"&area="+url.QueryEscape("示例村")), 200, "示例lights", "示例街道示例村")
	two := h.get("/duty?q=x&area=" + url.QueryEscape("幸福"))
	holds(t, two, 200, "幸福村", "幸福社区", "没有找到")
	if strings.Contains(two.Body.String(), "幸福市") {
		t.Error("a whole city is offered as a place")
	}
	holds(t, h.get("/duty?q="+url.QueryEscape("闻到煤气味")), 200, "119")
	holds(t, h.get("/duty?class=neighbour-dispute&area="+place), 200, "示例village1", "清单里还有这些事项", "人民调解法")
	holds(t, h.get("/duty?kind=taken_back"), 200, "安全生产检查和处罚")
	if strings.Contains(h.get("/duty?kind=taken_back").Body.String(), "路灯维护") {
		t.Error("another kind is shown")
	}
	holds(t, h.get("/duty?lang=en&q=street+light"), 200, "Street light out or broken", "Street lighting (county)", "basis not given (example)")
	holds(t, h.get("/duty?q="+url.QueryEscape(`"><script>alert(1)</script>`)), 200, "&lt;script&gt;")
	sheets := regexp.MustCompile(`(?s)<style.*?</style>`)
	if body := sheets.ReplaceAllString(h.get("/duty?lang=en").Body.String(), ""); strings.Contains(body, "{") {
		t.Errorf("a hole in the words: %s", body[strings.Index(body, "{"):][:80])
	}
	holds(t, h.get("/duty/example.csv"), 200, "id,kind,title_zh", "路灯维护")
	holds(t, h.get("/duty/none.csv"), 404)
	holds(t, h.get("/duty/example"), 404)
}

func TestAPI(t *testing.T) {
	h := openSite(t)
	var classes struct {
		Edition   int64
		Classes   []ClassView
		Emergency []string
	}
	w := h.get("/api/v1/classes?limit=3&q=" + url.QueryEscape("路灯不亮"))
	if err := json.Unmarshal(w.Body.Bytes(), &classes); err != nil || len(classes.Classes) == 0 || classes.Classes[0].ID != "street-light" || classes.Edition != 1 {
		t.Errorf("%s %v", w.Body, err)
	}
	w = h.get("/api/v1/classes")
	if err := json.Unmarshal(w.Body.Bytes(), &classes); err != nil || len(classes.Classes) < 70 {
		t.Errorf("%d %v", len(classes.Classes), err)
	}
	var got struct {
		Suggestion *FoundView
		Reason     SaidView
	}
	w = h.get("/api/v1/duty/suggest?class=street-light&area=" + place)
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Suggestion.Lead.ID != "lights" || *got.Suggestion.Limit != (LimitView{24, "hour"}) || !got.Suggestion.Example ||
		!strings.Contains(got.Reason.En, "Example lights") || !strings.Contains(got.Reason.Zh, "示例lights") {
		t.Errorf("%s %v", w.Body, err)
	}
	holds(t, h.get("/api/v1/duty/suggest?class=nothing&area="+place), 404, "duty.class")
	holds(t, h.get("/api/v1/duty/suggest?class=noise&area=1"), 422)
	holds(t, h.get("/api/v1/duty/suggest?class=noise&area=x"), 422)
	holds(t, h.get("/api/v1/duty/suggest?class=noise"), 422)
	holds(t, h.get("/api/v1/classes?q="+strings.Repeat("x", 501)), 422)
}

func TestStaffPages(t *testing.T) {
	h := openSite(t)
	if w := h.get("/admin/duty"); w.Code != http.StatusSeeOther {
		t.Errorf("without account: %d", w.Code)
	}
	h.as = clerk()
	holds(t, h.get("/admin/duty"), 403)
	holds(t, h.post("/admin/duty/check", nil, "x.yaml", []byte("id: x")), 403)
	h.as = administrator()
	holds(t, h.get("/admin/duty"), 200, "example", "title_zh", "事项名称")
	holds(t, h.post("/admin/duty/check", nil, "", nil), 422, "请选择文件")
	holds(t, h.post("/admin/duty/check", map[string]string{"from": "soon", "text": "x"}, "", nil), 422, "soon")
	table := h.get("/duty/example.csv").Body.Bytes()
	head := map[string]string{"id": "example", "name": "示例县职责事项清单（示例）", "area": "999901", "version": "2026-2", "from": "2026-11-24"}
	holds(t, h.post("/admin/duty/check", head, "list.csv", bytes.Replace(table, []byte("street-lighting"), []byte("lamps"), 1)), 422, "有 1 处需要修改", "没有“lamps”这种单位职能")
	w := h.post("/admin/duty/check", head, "list.csv", bytes.Replace(table, []byte("24 hour"), []byte("2 hour"), 1))
	holds(t, w, 200, "可以发布", "修改 1 项", "办理时限", "发布原因")
	list := between(w.Body.String(), `name="list" value="`, `"`)
	form := map[string]string{"list": list, "base": between(w.Body.String(), `name="base" value="`, `"`), "reason": "县府办〔2026〕1号"}
	w = h.post("/admin/duty/publish", form, "", nil)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/admin/duty?published=2" {
		t.Fatalf("%d %s %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	holds(t, h.get("/admin/duty?published=2"), 200, "已发布为第 2 版", "2026-2")
	holds(t, h.post("/admin/duty/publish", form, "", nil), 409)
	holds(t, h.post("/admin/duty/publish", map[string]string{"list": "x"}, "", nil), 422)
	holds(t, h.post("/admin/duty/check", map[string]string{"text": list}, "", nil), 200, "完全相同")
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&", "&lt;", "<", "&gt;", ">", "&#43;", "+").Replace(s)
}

// A workbook is read row by row like a CSV, and what was merged holds for every
// row that it covers.
func TestWorkbook(t *testing.T) {
	s, _ := room(t, dbtest.SQLite(t))
	ctx := identity.With(context.Background(), administrator())
	cat, _, err := s.Catalogue(ctx)
	if err != nil {
		t.Fatal(err)
	}
	f := excelize.NewFile()
	for ref, v := range map[string]any{"A1": "编号", "B1": "事项类别", "C1": "事项名称", "D1": "诉求类别", "E1": "牵头单位", "F1": "时限",
		"A2": "X1", "B2": "部门事项", "C2": "路灯维护", "D2": "street-light", "E2": "street-lighting", "F2": "24小时",
		"A3": "X2", "B3": "部门事项", "C3": "路灯巡查", "D3": "street-light",
		"A4": "X3", "B4": "没有这一类", "C4": "坏行", "D4": "street-light", "E4": "street-lighting"} {
		if err := f.SetCellValue("Sheet1", ref, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.MergeCell("Sheet1", "E2", "E3"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	d, err := s.Draft(ctx, "清单.xlsx", out.Bytes(), List{ID: cat.Lists[0].ID})
	if err != nil || len(d.List.Items) != 2 || d.List.Items[1].Lead.Function != "street-lighting" || d.List.Items[0].Limit != (Limit{24, "hour"}) {
		t.Fatalf("%+v %v", d.List.Items, err)
	}
	if len(d.Remarks) != 1 || d.Remarks[0].Line != 4 || d.List.Area != cat.Lists[0].Area {
		t.Errorf("%+v", d.Remarks)
	}
	if _, err := s.Draft(ctx, "x.xlsx", []byte("PK\x03\x04 nothing"), List{ID: "x"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a broken workbook: %v", err)
	}
}

// One item is changed, added or taken off, checked like any list, and the
// difference says what was and what is.
func TestEditItem(t *testing.T) {
	s, _ := room(t, dbtest.SQLite(t))
	ctx := identity.With(context.Background(), administrator())
	cat, _, err := s.Catalogue(ctx)
	if err != nil {
		t.Fatal(err)
	}
	list := cat.Lists[0]
	item := list.item("B01")
	sent := cat.cells(item)
	if d, err := s.EditItem(ctx, list.ID, "B01", sent); err != nil || d.Ready() {
		t.Errorf("nothing was changed: %+v %v", d.Difference, err)
	}
	sent["limit"] = "2 hour"
	d, err := s.EditItem(ctx, list.ID, "B01", sent)
	if err != nil || !d.Ready() || len(d.Difference.Changed) != 1 || len(d.List.Items) != len(list.Items) || d.List.Example != list.Example {
		t.Fatalf("%+v %v", d.Difference, err)
	}
	if _, err := s.Publish(ctx, d.Edition, d.YAML, "缩短时限"); err != nil {
		t.Fatal(err)
	}
	sent["lead"] = "nobody-does-this"
	if d, err := s.EditItem(ctx, list.ID, "B01", sent); err != nil || len(d.Remarks) != 1 {
		t.Errorf("an unknown line of work: %+v %v", d.Remarks, err)
	}
	if d, err := s.EditItem(ctx, list.ID, "B01", nil); err != nil || len(d.Difference.Removed) != 1 {
		t.Errorf("taken off: %+v %v", d.Difference, err)
	}
	if _, err := s.EditItem(ctx, "nothing", "B01", sent); !fault.Is(err, fault.NotFound) {
		t.Errorf("another list: %v", err)
	}
	if _, err := s.EditItem(identity.With(ctx, clerk()), list.ID, "B01", sent); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by a clerk: %v", err)
	}
}
