package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"linli/internal/desk"
	"linli/internal/procedure"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// site is the rig with its front door. Who asks stands in a header: tests of
// sessions are identity's.
type site struct {
	*rig
	h     http.Handler
	links map[string]identity.Actor
	lang  string
	files int
	desk  *desk.Service
}

func newSite(t testing.TB, doors desk.Doors) *site {
	t.Helper()
	s := &site{rig: newRig(t, dbtest.SQLite(t)), links: map[string]identity.Actor{}, lang: "zh-CN"}
	s.desk = desk.New(s.cases)
	book := must(text.Load(catalog.Files))
	mux := http.NewServeMux()
	pages := web.New(func() *text.Book { return book })
	if doors.Upload == nil {
		doors.Upload = func(_ context.Context, r *http.Request, field string) ([]string, error) {
			var ids []string
			for range r.MultipartForm.File[field] {
				s.files++
				ids = append(ids, fmt.Sprintf("file%d", s.files))
			}
			return ids, nil
		}
	}
	s.desk.Routes(mux, httpx.NewAPI(mux), pages, doors)
	edge := httpx.New(mux, httpx.Options{Book: func() *text.Book { return book }, Page: pages.Fault, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	s.h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := identity.Actor{Kind: identity.Anyone}
		if who, ok := s.who[r.Header.Get("X-Who")]; ok {
			a = who
		} else if link, ok := s.links[r.Header.Get("X-Who")]; ok {
			a = link
		}
		edge.Handler().ServeHTTP(w, r.WithContext(identity.With(r.Context(), a)))
	})
	return s
}

func (s *site) send(who, method, path string, body io.Reader, media string, more ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("X-Who", who)
	r.Header.Set("Accept-Language", s.lang)
	r.Header.Set("Referer", "http://example.com/") // from within the house
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	return w
}

func (s *site) get(who, path string) *httptest.ResponseRecorder {
	return s.send(who, http.MethodGet, path, nil, "")
}

func (s *site) post(who, path string, form url.Values) *httptest.ResponseRecorder {
	return s.send(who, http.MethodPost, path, strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
}

// page gets a page and holds it to what every page must be.
func (s *site) page(who, path string) string {
	s.t.Helper()
	w := s.get(who, path)
	if w.Code != http.StatusOK {
		s.t.Fatalf("%s by %s: %d\n%s", path, who, w.Code, plain(w.Body.String()))
	}
	s.sane(path, w.Body.String())
	return w.Body.String()
}

var (
	inlined   = regexp.MustCompile(`<script(?:[^>]*)>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)
	idPattern = regexp.MustCompile(`\sid="([^"]+)"`)
	forWhom   = regexp.MustCompile(`\sfor="([^"]+)"`)
	rawKey    = regexp.MustCompile(`\b(casework|web|identity)\.[a-z_]+\.?[a-z_]*\b`)
	unfilled  = regexp.MustCompile(`\{[a-z]+\}`)
)

func (s *site) sane(path, page string) {
	s.t.Helper()
	if m := inlined.FindString(page); m != "" {
		s.t.Errorf("%s: inline script or style: %q", path, m)
	}
	have := map[string]bool{}
	for _, m := range idPattern.FindAllStringSubmatch(page, -1) {
		if have[m[1]] {
			s.t.Errorf("%s: id %q stands twice", path, m[1])
		}
		have[m[1]] = true
	}
	for _, m := range forWhom.FindAllStringSubmatch(page, -1) {
		if !have[m[1]] {
			s.t.Errorf("%s: label for %q leads nowhere", path, m[1])
		}
	}
	if n := strings.Count(page, "<h1"); n != 1 {
		s.t.Errorf("%s: %d h1", path, n)
	}
	words := plain(page)
	if m := rawKey.FindString(words); m != "" {
		s.t.Errorf("%s: a text key shows: %s", path, m)
	}
	if m := unfilled.FindString(words); m != "" {
		s.t.Errorf("%s: a placeholder shows: %s", path, m)
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

func plain(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// form finds the form of an act on a page and gives its hidden inputs.
func (s *site) form(page, act string) url.Values {
	s.t.Helper()
	for _, part := range strings.Split(page, "<form")[1:] {
		part, _, _ = strings.Cut(part, "</form>")
		out := url.Values{}
		for _, m := range hidden.FindAllStringSubmatch(part, -1) {
			if !strings.Contains(m[1], ".") {
				out.Add(m[1], html.UnescapeString(m[2]))
			}
		}
		if out.Get("_act") == act {
			return out
		}
	}
	s.t.Fatalf("no form for %s on the page: %s", act, plain(page))
	return nil
}

// act does an act by its form on the case page and follows to where it leads.
func (s *site) act(who, path, act string, fields ...string) string {
	s.t.Helper()
	form := s.form(s.page(who, path), act)
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	w := s.post(who, path+"/acts", form)
	if w.Code != http.StatusSeeOther {
		s.t.Fatalf("%s by %s: %d\n%s", act, who, w.Code, plain(w.Body.String()))
	}
	return s.page(who, w.Header().Get("Location"))
}

func (s *site) openForm(who, path string, fields ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	page := s.page(who, path)
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		if strings.HasPrefix(m[1], "_") {
			form.Set(m[1], m[2])
		}
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return s.post(who, path, form)
}

var linkPattern = regexp.MustCompile(`/q/([A-Za-z0-9]{26})`)

// holder makes the actor of the link on a receipt page.
func (s *site) holder(name, page string) {
	s.t.Helper()
	m := linkPattern.FindStringSubmatch(page)
	if m == nil {
		s.t.Fatal("no link on the receipt: " + plain(page))
	}
	s.links[name] = s.link(casework.Receipt{Token: m[1]})
}

var applied = []string{"subject", "临时困难", "name", "张三", "idnumber", "999901190001010028", "account", "6200 0000 0000 0001", "home", "999901001201",
	"household", "3", "amount", "1200.50", "reason", "家中失火"}

func TestAllowanceOverForms(t *testing.T) {
	for _, lang := range []string{"zh-CN", "en"} {
		t.Run(lang, func(t *testing.T) {
			s := newSite(t, desk.Doors{})
			s.lang = lang
			if !strings.Contains(s.page("", "/new"), "/new/example-allowance/apply") {
				t.Fatal("the allowance is not offered to residents")
			}
			w := s.openForm("", "/new/example-allowance", applied...)
			if w.Code != http.StatusCreated {
				t.Fatal(w.Code, plain(w.Body.String()))
			}
			s.sane("receipt", w.Body.String())
			s.holder("me", w.Body.String())
			id := s.links["me"].Party.Case
			path := "/cases/" + id
			if page := s.page("me", path); strings.Contains(page, "999901190001010028") || !strings.Contains(page, "***") {
				t.Fatal("the number is not masked")
			}
			s.act("clerk", path, "ask", "opinion", "请补材料")
			s.act("me", path, "complete", "reason", "家中失火，附照片")
			s.act("clerk", path, "first_approve", "opinion", "属实", "granted", "1000")
			if page := s.page("clerk", path); strings.Contains(page, `name="_act" value="second_approve"`) {
				t.Fatal("the clerk may approve twice")
			}
			s.act("head", path, "second_approve")
			page := s.act("clerk", path, "answer", "answer", "同意发放")
			if !strings.Contains(page, "1,200.50") && !strings.Contains(page, "1200.50") {
				t.Fatal("the amount is not shown in yuan: " + plain(page))
			}
			if v := must(s.cases.Get(ctx, s.who["clerk"], id)); v.Case.State != "granted" {
				t.Fatal(v.Case.State)
			}
			mine := s.page("me", path)
			if strings.Contains(mine, "属实") || !strings.Contains(mine, "同意发放") {
				t.Fatal("a party sees the public acts, and only those: " + plain(mine))
			}
			s.verify()
		})
	}
}

func TestVillageNoticeOverForms(t *testing.T) {
	s := newSite(t, desk.Doors{})
	if w := s.get("", "/new/example-village-notice"); w.Code != http.StatusSeeOther {
		t.Fatal("a staff procedure is offered to anybody: ", w.Code)
	}
	body := &bytes.Buffer{}
	form := multipart.NewWriter(body)
	for k, v := range map[string]string{"village": "999901001201", "subject": "三季度收支", "period": "2026-Q3", "contents": "收入…"} {
		s.ok(form.WriteField(k, v))
	}
	must(must(form.CreateFormFile("document", "账.jpg")).Write([]byte("x")))
	s.ok(form.Close())
	w := s.send("clerk", http.MethodPost, "/new/example-village-notice", body, form.FormDataContentType())
	if w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, plain(w.Body.String()))
	}
	path, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	if page := s.page("clerk", path); !strings.Contains(page, "2026 年第 3 季度") || !strings.Contains(plain(page), "1 个文件") {
		t.Fatal(plain(page))
	}
	s.act("clerk", path, "submit", "contents", "收入…")
	for _, body := range []string{"overseer", "director", "secretary"} {
		s.act(body, path, "opine", "verdict", "agree")
	}
	s.act("director", path, "choose_day", "meeting_day", "2026-12-12")
	s.clk.Set(clock.Date(2026, 11, 30).Start().Add(9 * time.Hour))
	if w := s.get("", "/notices"); !strings.Contains(w.Body.String(), "现在没有正在公开的事项") {
		t.Fatal("a notice before it was posted")
	}
	s.act("clerk2", path, "invite", "_happened", "2026-11-28T10:00")
	page := s.act("clerk2", path, "post", "_happened", "2026-11-28T10:30")
	if !strings.Contains(page, "补录") {
		t.Fatal("nothing says that it was entered later")
	}
	s.act("clerk", path, "correct", "contents", "收入 100 元", "reason", "漏一笔")
	number := must(s.cases.Get(ctx, s.who["clerk"], strings.TrimPrefix(path, "/cases/"))).Case.Number
	if !strings.Contains(s.page("", "/notices?area=999901"), "三季度收支") {
		t.Fatal("the notice is not listed")
	}
	notice := s.page("", "/notices/"+number)
	for _, want := range []string{"收入 100 元", "收入…", "旧版", "2026年12月13日"} {
		if !strings.Contains(plain(notice), want) {
			t.Errorf("the notice lacks %q: %s", want, plain(notice))
		}
	}
	if strings.Contains(notice, "漏一笔") {
		t.Error("a field that was not published is public")
	}
	s.clk.Set(clock.Date(2026, 12, 14).Start())
	s.act("clerk", path, "take_down")
	s.verify()
}

// fixed gives a good value for any field.
func fixed(f *procedure.Field) any {
	switch f.Type {
	case "number":
		return max(f.Min, 1)
	case "money":
		return 100
	case "yes":
		return true
	case "choice":
		return f.Options[0].Value
	case "choices":
		return []string{f.Options[0].Value}
	case "day":
		return "2026-12-30"
	case "quarter":
		return "2026Q3"
	case "phone":
		return "13800000000"
	case "idnumber":
		return "999901190001010028"
	case "account":
		return "6200000000000001"
	case "place":
		return map[string]any{"words": "<b>路口</b>", "lon": 118.2, "lat": 34.3, "datum": "WGS-84", "area": "999901001201"}
	case "area":
		return "999901001201"
	case "case":
		return "999901"
	case "unit":
		return "bureau"
	case "units":
		return []string{"street"}
	case "class":
		return "1101"
	case "length":
		return "5 workdays"
	case "photos", "files":
		return []string{"a1", "b2"}
	case "recording":
		return []string{"a1"}
	}
	hostile := `<script>alert(1)</script>"'&`
	if f.Max > 0 && f.Max < len(hostile) {
		return hostile[:f.Max]
	}
	return hostile
}

// roomHolds are procedures whose cases nobody holds without the room that says who
// does; their later states are drawn by that room's own tests.
var roomHolds = []string{"accounts-objection", "accounts-question", "disclosure-question"}

// addressed gives a case that is about another one to a unit of the rig.
func addressed(_ context.Context, m *casework.Moment) error {
	for _, field := range []string{"issuer", "linked_by"} {
		if m.Procedure.Field(field) != nil {
			m.Set(field, "street")
		}
	}
	m.HoldBy(identity.Unit{ID: "bureau"}, "")
	m.PlaceAt("999901001")
	return nil
}

// TestEveryStateOfEveryProcedureDraws walks each procedure through every state
// it can reach by anybody, and draws the page of each state for staff and in
// both languages, with hostile text in every field.
func TestEveryStateOfEveryProcedureDraws(t *testing.T) {
	s := newSite(t, desk.Doors{})
	s.everyKind()
	for _, name := range []string{"coordination.supervise", "coordination.note", "coordination.foreseen", "coordination.proposal"} {
		s.cases.RegisterEffect(name, addressed) // whose room says by another case who holds this one
	}
	for _, p := range must(s.cases.Procedures(ctx)) {
		if len(p.Openings()) == 0 || len(p.Openings()[0].Who) == 0 {
			continue // opened by others; drawn with them
		}
		seen := map[string]bool{}
		var walk func(trail []string)
		reach := func(trail []string) (string, *casework.View) {
			var id string
			for _, name := range trail {
				a := p.Act(name)
				values := map[string]any{}
				for _, f := range a.Fill {
					values[f.Field] = fixed(p.Field(f.Field))
				}
				if a.Opinion != nil {
					values["verdict"] = "agree"
				}
				done := false
				var last error
				for n, who := range append(s.tryers(id), s.tryers(id)...) {
					for _, f := range a.Fill { // the second time no box is ticked
						if p.Field(f.Field).Type == "yes" && n >= len(s.tryers(id)) {
							values[f.Field] = false
						}
					}
					var err error
					var got casework.Receipt
					if a.Opening() {
						got, err = s.cases.Open(ctx, who, casework.Opening{Procedure: p.Name, Act: name, Values: values})
					} else {
						got, err = s.cases.Do(ctx, who, casework.Asking{Case: id, Act: name, Values: values})
					}
					if err == nil {
						if id = got.Case; got.Token != "" {
							s.links[id] = s.link(got)
						}
						done = true
						break
					}
					if f := fault.Of(err); f != nil && f.Kind != fault.Forbidden && f.Kind != fault.NotFound {
						last = err
					}
				}
				if !done {
					t.Logf("%s %v: %v", p.Name, trail, last)
					return "", nil
				}
			}
			return id, must(s.cases.Get(ctx, identity.SystemActor(), id))
		}
		walk = func(trail []string) {
			id, v := reach(trail)
			if v == nil || seen[v.Case.State] && len(trail) > 1 {
				return
			}
			seen[v.Case.State] = true
			s.drawn(id)
			for _, c := range v.Children {
				s.drawn(c.ID)
			}
			if len(trail) > 7 {
				return
			}
			for _, a := range p.Acts {
				for _, from := range a.From {
					if from == v.Case.State && len(a.Who) > 0 && (a.To == "" && a.Opinion == nil || !seen[a.To]) {
						walk(append(trail[:len(trail):len(trail)], a.Name))
					}
				}
			}
		}
		walk([]string{p.Openings()[0].Name})
		if len(seen) == 0 {
			t.Errorf("%s: no case was opened", p.Name)
		}
		if len(seen) < min(3, len(p.States)) && !slices.Contains(roomHolds, p.Name) && !slices.ContainsFunc(p.Acts, func(a *procedure.Act) bool { return len(a.Decides) > 0 }) { // without its room a rule of law has no facts
			t.Errorf("%s: only %v were reached", p.Name, seen)
		}
	}
}

// everyKind gives each kind of post that nobody of the rig holds a person in the
// street and one in the village, and has the street command the bureau.
func (s *site) everyKind() {
	system := identity.SystemActor()
	bureau := must(s.ids.Unit(ctx, "bureau"))
	bureau.Commander = "street"
	s.ok(s.ids.ChangeUnit(ctx, system, bureau))
	for id := range s.who {
		s.who[id] = must(s.ids.Actor(ctx, id))
	}
	for _, kind := range must(identity.Kinds(catalog.Files)) {
		for _, at := range [][2]string{{"street", "999901001"}, {"village", "999901001201"}} {
			id := kind.ID + "-" + at[0]
			_, _, err := s.ids.AddPerson(ctx, system, identity.PersonDraft{ID: id, Name: id, Login: id + "-login", Hash: "x"})
			s.ok(err)
			must(s.ids.AddPost(ctx, system, identity.Post{Person: id, Unit: at[0], Kind: kind.ID, Area: at[1]}))
			s.who[id] = must(s.ids.Actor(ctx, id))
		}
	}
}

// tryers are who might do an act of the case: everybody of the rig.
func (s *site) tryers(id string) []identity.Actor {
	var out []identity.Actor
	if link, ok := s.links[id]; ok {
		out = append(out, link)
	}
	out = append(out, identity.Actor{Kind: identity.Anyone})
	for _, name := range slices.Sorted(maps.Keys(s.who)) { // in one order, so that a run can be repeated
		out = append(out, s.who[name])
	}
	return out
}

// drawn draws a case for everybody who may see it, in both languages.
func (s *site) drawn(id string) {
	s.t.Helper()
	for _, lang := range []string{"zh-CN", "en"} {
		s.lang = lang
		n := 0
		for _, who := range []string{"clerk", "head", "dispatcher", "handler", "boss", "chief", "leader-village", "township-affairs-street", id} {
			w := s.get(who, "/cases/"+id)
			if w.Code == http.StatusNotFound || w.Code == http.StatusSeeOther {
				continue
			}
			if w.Code != http.StatusOK {
				s.t.Fatalf("%s for %s: %d %s", id, who, w.Code, plain(w.Body.String()))
			}
			n++
			page := w.Body.String()
			s.sane(id+" for "+who, page)
			if strings.Contains(page, "<script>alert") || strings.Contains(page, "<b>路口") {
				s.t.Errorf("%s: text is not escaped", id)
			}
		}
		for _, who := range slices.Sorted(maps.Keys(s.who)) { // who did it sees it
			if n == 0 && s.get(who, "/cases/"+id).Code == http.StatusOK {
				n++
			}
		}
		if n == 0 {
			s.t.Errorf("nobody sees %s, a case of %s", id, must(s.cases.Get(ctx, identity.SystemActor(), id)).Procedure.Name)
		}
	}
	s.lang = "zh-CN"
}

func TestStalePageTellsWhatChangedAndKeepsWhatWasTyped(t *testing.T) {
	s := newSite(t, desk.Doors{})
	s.holder("me", s.openForm("", "/new/example-allowance", applied...).Body.String())
	path := "/cases/" + s.links["me"].Party.Case
	mine, theirs := s.form(s.page("clerk", path), "first_approve"), s.form(s.page("clerk2", path), "first_approve")
	mine.Set("opinion", "我写的<意见>")
	mine.Set("granted", "900")
	theirs.Set("opinion", "先到")
	theirs.Set("granted", "800")
	if w := s.post("clerk2", path+"/acts", theirs); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	w := s.post("clerk", path+"/acts", mine)
	words := plain(w.Body.String())
	if w.Code != http.StatusConflict || !strings.Contains(words, "我写的<意见>") || !strings.Contains(words, "您打开页面以后发生了") || !strings.Contains(words, "待复审") {
		t.Fatal(w.Code, words)
	}
	s.sane("stale", w.Body.String())
	// A page whose form is still there keeps the text in it.
	a, b := s.form(s.page("head", path), "send_back"), s.form(s.page("head", path), "send_back")
	a.Set("opinion", "退")
	b.Set("opinion", "再<退>")
	s.post("head", path+"/acts", a)
	s.act("clerk", path, "first_approve", "opinion", "改", "granted", "700")
	w = s.post("head", path+"/acts", b)
	if w.Code != http.StatusConflict || !strings.Contains(html.UnescapeString(w.Body.String()), "再<退></textarea>") {
		t.Fatal(w.Code, w.Body.String())
	}
	// Sent again with the version it now carries it goes through.
	again := s.form(w.Body.String(), "send_back")
	again.Set("opinion", "再退")
	if w := s.post("head", path+"/acts", again); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, plain(w.Body.String()))
	}
}

func TestRefusedFormKeepsWhatWasTyped(t *testing.T) {
	s := newSite(t, desk.Doors{})
	bad := append([]string{}, applied...)
	bad[5] = "999901190001010029"
	w := s.openForm("", "/new/example-allowance", bad...)
	page := w.Body.String()
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "家中失火") || !strings.Contains(page, "校验码") {
		t.Fatal(w.Code, plain(page))
	}
	s.sane("refused", page)
	w = s.post("", "/new/example-allowance", url.Values{"_key": {"nonsense"}})
	if w.Code != http.StatusUnprocessableEntity {
		t.Fatal(w.Code)
	}
}

func TestAnotherUnitsCaseIsNotThere(t *testing.T) {
	s := newSite(t, desk.Doors{})
	s.holder("me", s.openForm("", "/new/example-allowance", applied...).Body.String())
	id := s.links["me"].Party.Case
	for _, path := range []string{"/cases/" + id, "/api/v1/cases/" + id} {
		if w := s.get("stranger", path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := s.post("stranger", "/cases/"+id+"/acts", url.Values{"_act": {"refuse"}}); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	if w := s.post("stranger", "/cases/"+id+"/reveal", url.Values{"_field": {"account"}, "_purpose": {"想看看而已"}}); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	if w := s.get("", "/cases/"+id); w.Code != http.StatusSeeOther {
		t.Error("nobody is led to sign in: ", w.Code)
	}
	if w := s.get("", "/api/v1/cases"); w.Code != http.StatusUnauthorized {
		t.Error(w.Code)
	}
}

func TestRevealAsksForAPurposeAndShowsOnce(t *testing.T) {
	s := newSite(t, desk.Doors{})
	s.holder("me", s.openForm("", "/new/example-allowance", applied...).Body.String())
	path := "/cases/" + s.links["me"].Party.Case + "/reveal"
	w := s.post("clerk", path, url.Values{"_field": {"account"}, "_purpose": {"付"}})
	if w.Code != http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "6200000000000001") {
		t.Fatal(w.Code)
	}
	s.sane("purpose", w.Body.String())
	w = s.post("clerk", path, url.Values{"_field": {"account"}, "_purpose": {"核对发放账号"}})
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "6200000000000001") || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatal(w.Code, plain(w.Body.String()))
	}
	if w := s.post("me", path, url.Values{"_field": {"account"}, "_purpose": {"核对发放账号"}}); w.Code != http.StatusForbidden {
		t.Fatal(w.Code)
	}
}

func TestAnnulAndEraseOverForms(t *testing.T) {
	s := newSite(t, desk.Doors{})
	s.holder("me", s.openForm("", "/new/example-allowance", applied...).Body.String())
	path := "/cases/" + s.links["me"].Party.Case
	s.act("clerk", path, "first_approve", "opinion", "属实", "granted", "1000")
	page := s.act("head", path, "_annul", "_reason", "填错<金额>")
	if !strings.Contains(page, "已撤销") || !strings.Contains(plain(page), "填错<金额>") {
		t.Fatal(plain(page))
	}
	page = s.act("head", path, "_erase", "_fields", "reason", "_fields", "phone", "_reason", "申请人要求")
	if strings.Contains(page, "家中失火") || !strings.Contains(plain(page), "内容已删除") {
		t.Fatal(plain(page))
	}
	s.verify()
}

func TestInboxBoxesFiltersAndPages(t *testing.T) {
	s := newSite(t, desk.Doors{})
	for i := range 52 {
		_ = i
		s.open(identity.Actor{Kind: identity.Anyone}, "example-allowance", "", application())
	}
	page := s.page("clerk", "/cases")
	if !strings.Contains(page, `aria-current="page">本单位 <span class="count">52</span>`) || strings.Count(page, "待初审") < 50 || !strings.Contains(page, "after=") {
		t.Fatal(plain(page))
	}
	next := html.UnescapeString(regexp.MustCompile(`href="([^"]*after=[^"]*)"`).FindStringSubmatch(page)[1])
	if n := strings.Count(s.page("clerk", next), `<th scope="row">`); n != 2 {
		t.Fatalf("%d lines on the second page", n)
	}
	if page := s.page("clerk", "/cases?box=all&q=%E4%B8%B4%E6%97%B6&procedure=example-allowance&state=applied"); strings.Count(page, `<th scope="row">`) != 50 {
		t.Fatal(plain(page))
	}
	if page := s.page("clerk", "/cases?box=all&q=%E6%B2%A1%E6%9C%89"); !strings.Contains(page, "没有符合这些条件的办件") {
		t.Fatal(plain(page))
	}
	s.clk.Set(tuesday.Add(60 * 24 * time.Hour))
	if page := s.page("clerk", "/cases?box=overdue"); !strings.Contains(page, "超期") || strings.Count(page, `<th scope="row">`) != 50 {
		t.Fatal(plain(page))
	}
	s.lang = "en"
	s.page("head", "/cases?box=all")
	if w := s.get("clerk", "/cases?kind=nonsense"); w.Code != http.StatusUnprocessableEntity {
		t.Fatal(w.Code)
	}
	if w := s.get("clerk", "/cases?after=1"); w.Code != http.StatusUnprocessableEntity {
		t.Fatal(w.Code)
	}
}

func (s *site) api(who, method, path string, body any, more ...string) (int, map[string]any) {
	s.t.Helper()
	var raw io.Reader
	if b, ok := body.(string); ok {
		raw = strings.NewReader(b)
	} else if body != nil {
		raw = bytes.NewReader(must(json.Marshal(body)))
	}
	w := s.send(who, method, "/api/v1"+path, raw, "application/json", more...)
	out := map[string]any{}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil && !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		s.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Code, out
}

func TestAPI(t *testing.T) {
	s := newSite(t, desk.Doors{})
	key := "0123456789abcdef0123456789abcdef"
	body := map[string]any{"procedure": "example-allowance", "values": application()}
	code, got := s.api("", "POST", "/cases", body, "Idempotency-Key", key)
	if code != 201 || got["token"] == nil || got["leaf"] == "" || got["state"] != "applied" {
		t.Fatal(code, got)
	}
	code, same := s.api("", "POST", "/cases", body, "Idempotency-Key", key)
	if code != 201 || same["case"] != got["case"] || same["token"] != got["token"] {
		t.Fatal("the same key gave another answer", code, same)
	}
	body["values"].(map[string]any)["household"] = 4
	if code, p := s.api("", "POST", "/cases", body, "Idempotency-Key", key); code != 409 || p["key"] != "db.key_used_for_other_body" {
		t.Fatal(code, p)
	}
	if code, p := s.api("", "POST", "/cases", `{"procedure":"example-allowance","extra":1}`); code != 422 {
		t.Fatal(code, p)
	}
	if code, p := s.api("", "POST", "/cases", map[string]any{"procedure": "example-allowance", "values": map[string]any{"nonsense": 1}}); code != 422 || p["key"] != "casework.unknown_field" {
		t.Fatal(code, p)
	}
	path := "/cases/" + got["case"].(string)
	code, v := s.api("clerk", "GET", path, nil)
	if code != 200 || v["values"].(map[string]any)["idnumber"].(map[string]any)["sealed"] != true || v["state"] != "applied" || len(v["timeline"].([]any)) != 1 {
		t.Fatal(code, v)
	}
	act := map[string]any{"act": "first_approve", "version": v["version"], "values": map[string]any{"opinion": "属实", "granted": 100000}}
	if code, r := s.api("clerk", "POST", path+"/acts", act, "Idempotency-Key", key); code != 200 || r["state"] != "first" {
		t.Fatal(code, r)
	}
	if code, p := s.api("clerk2", "POST", path+"/acts", act); code != 409 || p["kind"] != "stale" {
		t.Fatal(code, p)
	}
	if code, p := s.api("clerk", "POST", path+"/acts", map[string]any{"act": "second_approve"}); code != 403 && p["kind"] != "forbidden" {
		t.Fatal(code, p)
	}
	if code, r := s.api("clerk", "POST", path+"/reveal", map[string]any{"field": "account", "purpose": "核对发放账号"}); code != 200 || r["value"] != "6200000000000001" {
		t.Fatal(code, r)
	}
	if code, l := s.api("clerk", "GET", "/cases?box=all&procedure=example-allowance", nil); code != 200 || len(l["items"].([]any)) != 1 {
		t.Fatal(code, l)
	}
	if code, l := s.api("", "GET", "/procedures", nil); code != 200 || strings.Contains(fmt.Sprint(l), "co-task") {
		t.Fatal(code, l)
	}
	if code, p := s.api("", "GET", "/procedures/example-allowance", nil); code != 200 || len(p["acts"].([]any)) < 5 {
		t.Fatal(code, p)
	}
	if code, _ := s.api("", "GET", "/procedures/arbitration", nil); code != 404 {
		t.Fatal(code)
	}
}

func TestSuggestionsStandFirstWithTheirReason(t *testing.T) {
	s := newSite(t, desk.Doors{})
	s.desk.OnSuggest("service-request/dispatch", func(_ context.Context, v *casework.View) ([]desk.Suggestion, error) {
		return []desk.Suggestion{{Field: "lead", Value: "bureau", Reason: "职责事项 3.2 <路灯>"}, {Field: "limit", Value: "5 workdays"}}, nil
	})
	got := s.open(s.who["dispatcher"], "service-request", "report", map[string]any{"words": "路灯不亮", "place": map[string]any{"area": "999901001201"}})
	page := s.page("dispatcher", "/cases/"+got.Case)
	if !strings.Contains(page, `<option value="bureau" selected>bureau</option>`) || !strings.Contains(page, "职责事项 3.2 &lt;路灯&gt;") ||
		!strings.Contains(page, `<option value="5 workdays" selected>5 个工作日</option>`) {
		t.Fatal(page)
	}
}

// A form that was refused gives its files back as tickets of its own. What
// somebody else uploaded, or another form holds, is attached by no id and by no
// ticket.
func TestAttachmentsOfAnotherAreRefused(t *testing.T) {
	s := newSite(t, desk.Doors{})
	hidden := regexp.MustCompile(`name="document" value="([^"]+)"`)
	keyed := regexp.MustCompile(`name="_key" value="([^"]+)"`)
	send := func(who, key string, files int, fields map[string]string, tickets ...string) *httptest.ResponseRecorder {
		body := &bytes.Buffer{}
		form := multipart.NewWriter(body)
		for k, v := range fields {
			s.ok(form.WriteField(k, v))
		}
		s.ok(form.WriteField("_key", key))
		for _, ticket := range tickets {
			s.ok(form.WriteField("document", ticket))
		}
		for range files {
			must(must(form.CreateFormFile("document", "账.jpg")).Write([]byte("x")))
		}
		s.ok(form.Close())
		return s.send(who, http.MethodPost, "/new/example-village-notice", body, form.FormDataContentType())
	}
	whole := map[string]string{"village": "999901001201", "subject": "三季度收支", "period": "2026-Q3", "contents": "收入…"}
	first := keyed.FindStringSubmatch(s.page("clerk", "/new/example-village-notice"))[1]
	w := send("clerk", first, 1, map[string]string{"village": "999901001201"})
	got := hidden.FindStringSubmatch(w.Body.String())
	if w.Code == http.StatusSeeOther || got == nil {
		t.Fatal("a form without its subject gives no ticket back: ", w.Code, plain(w.Body.String()))
	}
	ticket := got[1]
	id, _, _ := strings.Cut(ticket, ".")
	second := keyed.FindStringSubmatch(s.page("clerk", "/new/example-village-notice"))[1]
	for name, one := range map[string]struct{ who, key, ticket string }{
		"an id":              {"clerk", first, id},
		"a forged ticket":    {"clerk", first, id + ".00000000000000000000"},
		"of another form":    {"clerk", second, ticket},
		"of another person":  {"clerk2", first, ticket},
		"of a file not sent": {"clerk", first, "file9" + strings.TrimPrefix(ticket, id)},
	} {
		w := send(one.who, one.key, 0, whole, one.ticket)
		if w.Code == http.StatusSeeOther || !strings.Contains(plain(w.Body.String()), "文件与这份表单不符") {
			t.Errorf("%s is taken: %d %s", name, w.Code, plain(w.Body.String()))
		}
		if strings.Contains(w.Body.String(), one.ticket) {
			t.Errorf("%s stands in the form again", name)
		}
	}
	if w := send("clerk", first, 0, whole, ticket); w.Code != http.StatusSeeOther {
		t.Errorf("the form's own ticket is refused: %d %s", w.Code, plain(w.Body.String()))
	}
}
