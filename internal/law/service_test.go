package law_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"linli/catalog"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/internal/ledger"
	"linli/web"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

func room(t *testing.T, d *db.DB) (*law.Service, *edition.Service) {
	t.Helper()
	ctx := context.Background()
	clk := clock.NewHand(day("2026-11-24").Start())
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
	editions.OnCheck(law.Check)
	if err := editions.Start(ctx, catalog.Files); err != nil {
		t.Fatal(err)
	}
	return law.New(editions), editions
}

func administrator(path string) identity.Actor {
	return identity.Actor{Kind: identity.Staff, Person: "ann", Posts: []identity.Post{{Kind: "administrator", UnitPath: path}}}
}

const nextYear = `date,kind,name
2027-01-01,off,元旦
2027-01-02,off,元旦
2027-01-03,off,元旦
2027-02-05,off,春节
2027-02-06,off,春节
2027-02-07,off,春节
2027-02-08,off,春节
2027-02-09,off,春节
2027-02-20,work,春节
`

func TestLoadYear(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, editions := room(t, d)
		anyone := context.Background()
		for _, a := range []identity.Actor{{}, administrator("/county/street/"), {Kind: identity.Staff, Person: "bob", Posts: []identity.Post{{Kind: "leader", UnitPath: "/county/"}}}} {
			if _, err := s.LoadYear(identity.With(anyone, a), "2027.csv", []byte(nextYear), "x"); fault.Of(err).Key != "law.calendar_rights" {
				t.Errorf("%+v loads: %v", a, err)
			}
		}
		ctx := identity.With(anyone, administrator("/county/"))
		c := law.Clock{Start: at("2026-12-30 10:00"), Length: 2, Unit: law.Workday}
		cal, _, err := s.Calendars(anyone)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := law.DueAt(cal, c); err != nil || !m.Provisional || m.DutyDay != day("2027-01-01") {
			t.Errorf("before: %+v %v", m, err)
		}
		got, err := s.LoadYear(ctx, "2027.csv", []byte(nextYear), "国办发明电〔2026〕示例号")
		if err != nil || got.Year != 2027 || got.Free != 8 || got.Work != 1 || got.Replaced || got.Edition.Number != 2 || got.Edition.By != "ann" {
			t.Fatalf("%+v %v", got, err)
		}
		if cal, _, err = s.Calendars(anyone); err != nil {
			t.Fatal(err)
		}
		if m, err := law.DueAt(cal, c); err != nil || m.Provisional || m.DutyDay != day("2027-01-04") {
			t.Errorf("after: %+v %v", m, err)
		}
		if old, err := s.At(anyone, 1); err != nil || len(old.Years()) != 23 {
			t.Errorf("the edition before: %v", err)
		}
		if got, err := s.LoadYear(ctx, "holidays.csv", []byte(nextYear), "again"); err != nil || !got.Unchanged {
			t.Errorf("twice, by another name: %+v %v", got, err)
		}
		changed := strings.Replace(nextYear, "2027-02-09,off", "2027-02-10,off", 1)
		if got, err := s.LoadYear(identity.With(anyone, identity.SystemActor()), "2027.csv", []byte(changed), "corrected"); err != nil || !got.Replaced || got.Edition.By != edition.System {
			t.Errorf("corrected: %+v %v", got, err)
		}
		for name, key := range map[string]string{"2027.doc": "law.calendar_format", "2026.csv": "law.calendar_outside", "2027.yaml": "law.calendar_unreadable"} {
			if _, err := s.LoadYear(ctx, name, []byte(nextYear), "x"); fault.Of(err).Key != key {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := s.LoadYear(ctx, "2027.csv", []byte(nextYear), " "); fault.Of(err).Key != "edition.no_reason" {
			t.Errorf("without a reason: %v", err)
		}
		bad := map[string][]byte{"calendar/2028.yaml": []byte("year: 2028\noff:\n  - {from: 2028-01-01, to: 2028-13-01}\n")}
		_, err = editions.Publish(ctx, bad, "ann", "past the room")
		if p := edition.ProblemsOf(err); len(p) != 1 || p[0].File != "calendar/2028.yaml" || p[0].Line != 3 || !strings.Contains(p[0].Text, "2028-13-01") {
			t.Errorf("past the room: %v %v", p, err)
		}
	})
}

func TestCheckPassesTheShippedCatalogue(t *testing.T) {
	if p := law.Check(catalog.Files); len(p) > 0 {
		t.Error(p)
	}
}

func TestPagesAndAPI(t *testing.T) {
	d, err := db.Open(context.Background(), db.Options{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	s, _ := room(t, d)
	b, err := text.Load(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	book := func() *text.Book { return b }
	mux, pages := http.NewServeMux(), web.New(book)
	s.Routes(mux, httpx.NewAPI(mux), pages)
	edge := httpx.New(mux, httpx.Options{Book: book, Page: pages.Fault, Log: slog.New(slog.DiscardHandler)}).Handler()
	as := identity.Actor{}
	do := func(r *http.Request) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		edge.ServeHTTP(w, r.WithContext(identity.With(r.Context(), as)))
		return w
	}
	get := func(path string) *httptest.ResponseRecorder {
		return do(httptest.NewRequest(http.MethodGet, path, nil))
	}
	holds := func(w *httptest.ResponseRecorder, status int, all ...string) {
		t.Helper()
		if w.Code != status {
			t.Errorf("status %d, want %d: %s", w.Code, status, w.Body)
		}
		for _, want := range all {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%q is not in the answer", want)
			}
		}
	}
	var due struct {
		Duty, Acceptance string
		Provisional      bool
	}
	w := get("/api/v1/law/due?start=2026-09-21&length=20&unit=workday&pause=2026-09-28..2026-10-01&pause=2026-10-02..2026-10-14")
	if err := json.Unmarshal(w.Body.Bytes(), &due); err != nil || due.Duty != "2026-11-06" {
		t.Errorf("%s %v", w.Body, err)
	}
	holds(get("/api/v1/law/due?start=2026-02-30&length=20&unit=workday"), 422)
	holds(get("/api/v1/law/due?start=2026-02-28&length=20&unit=hour"), 422)
	holds(get("/api/v1/law/due?start=2026-02-28&length=2000&unit=month"), 422, "law.length")
	holds(get("/api/v1/law/due?start=2026-02-28&length=2&unit=day&pause=x"), 422, "law.pause")
	holds(get("/api/v1/calendars/2026"), 200, "2026-02-15", "Spring Festival")
	holds(get("/api/v1/calendars/2027"), 404, "law.no_calendar")
	holds(get("/calendars"), 200, "2026年2月15日（星期日）至2026年2月23日（星期一）", "春节")
	holds(get("/calendars?year=2020"), 200, "2020年1月24日")
	holds(get("/calendars?lang=en"), 200, "Spring Festival", "Sun 15 February 2026")

	load := func(file, data string) *httptest.ResponseRecorder {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		_ = m.WriteField("reason", "示例通知")
		if file != "" {
			part, _ := m.CreateFormFile("calendar", file)
			_, _ = part.Write([]byte(data))
		}
		m.Close()
		r := httptest.NewRequest(http.MethodPost, "/admin/calendars", &body)
		r.Header.Set("Content-Type", m.FormDataContentType())
		return do(r)
	}
	if w := load("2027.csv", nextYear); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in") {
		t.Errorf("without account: %d %s", w.Code, w.Header().Get("Location"))
	}
	as = administrator("/county/street/")
	holds(load("2027.csv", nextYear), 403)
	as = administrator("/county/")
	holds(load("", ""), 422, "YAML、JSON")
	holds(load("2027.csv", "date,kind\n2027-01-01,off\n"), 422, "放假通知可能还没有发布")
	w = load("2027.csv", nextYear)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/calendars?year=2027&loaded=2027" {
		t.Fatalf("%d %s %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	holds(get(w.Header().Get("Location")), 200, "2027 年的放假安排已生效", "2027年2月20日")
}
