package app_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/seal"
)

// The story of the house, told over HTTP by people with real sessions and by
// residents with their links: TestOrders with a hundred real orders (see
// orders_pingshan_test.go), TestCountyOrders with a few of the fictitious
// county, by the same scripts (orders_script_test.go).

// order is one matter and what the duty list of its county says about it.
type order struct {
	name                string // for messages
	words, class        string
	area                string
	lead, other, helper string // units, see fill
	item, otherItem     string // their items
	phone               string // "" = the resident left none

	way way

	number   string
	link     string       // of the receipt
	from     string       // the resident's address
	browser  *http.Client // the resident's, with the cookie that the link leaves
	children map[string]string
	ruled    string // the unit that arbitration found
}

// town is a house on loopback with its orders and all who act in it.
type town struct {
	*app.House
	t      *testing.T
	hand   *clock.Hand
	site   *app.Site
	url    string
	orders []*order
	desk   map[string]string // logins of those who act for the whole county
	chief  func(unit string) string
	clerk  func(unit string) string
	staff  map[string]*session
}

// session is somebody of the office at a browser.
type session struct {
	http *http.Client
	from string // address
	used clock.Instant
	born clock.Instant
}

// begin opens the doors of a house.
func begin(t *testing.T, h *app.House, hand *clock.Hand) *town {
	t.Helper()
	site, err := app.NewSite(h, app.SiteOptions{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site.Handler())
	t.Cleanup(server.Close)
	return &town{House: h, t: t, hand: hand, site: site, url: server.URL, staff: map[string]*session{}}
}

func browser() *http.Client {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// send makes one request from an address, as a proxy in front of the house tells it.
func (w *town) send(c *http.Client, from, method, path, kind string, body []byte, head ...string) (int, http.Header, []byte) {
	w.t.Helper()
	r, err := http.NewRequest(method, w.url+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("X-Forwarded-For", from)
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	answer, err := c.Do(r)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") { // it never ends: its beginning does
		said := make([]byte, 4096)
		n, err := answer.Body.Read(said)
		if err != nil && err != io.EOF {
			w.t.Fatalf("%s %s: %v", method, path, err)
		}
		return answer.StatusCode, answer.Header, said[:n]
	}
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	if answer.StatusCode >= 500 {
		w.t.Fatalf("%s %s %s: %d %s", method, path, body, answer.StatusCode, said)
	}
	return answer.StatusCode, answer.Header, said
}

// as is the session of a person, signed in again where the old one has ended.
func (w *town) as(login string) *session {
	w.t.Helper()
	s := w.staff[login]
	now := w.hand.Now()
	if s != nil && now < s.used.Add(identity.SessionIdle-time.Minute) && now < s.born.Add(identity.SessionLife-time.Minute) {
		s.used = now
		return s
	}
	if s == nil {
		n := len(w.staff)
		s = &session{http: browser(), from: fmt.Sprintf("198.51.%d.%d", 100+n/250, 1+n%250)}
		w.staff[login] = s
	}
	s.used, s.born = now, now
	body, _ := json.Marshal(map[string]string{"login": login, "password": app.DemoPassword})
	if status, _, said := w.send(s.http, s.from, "POST", "/api/v1/sessions", "application/json", body); status != http.StatusCreated {
		w.t.Fatalf("%s cannot sign in: %d %s", login, status, said)
	}
	return s
}

// play goes through all scripts side by side, by the clock.
func (w *town) play(days int) {
	type due struct {
		at    clock.Instant
		order *order
		step  step
	}
	var all []due
	start := w.hand.Now().Day()
	for _, o := range w.orders {
		for _, s := range o.way.steps {
			var day, hour, minute int
			if _, err := fmt.Sscanf(s.at, "%d %d:%d", &day, &hour, &minute); err != nil {
				w.t.Fatalf("%s: %q: %v", o.way.name, s.at, err)
			}
			at := (start + clock.Day(day)).Start().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
			all = append(all, due{at, o, s})
		}
	}
	slices.SortStableFunc(all, func(a, b due) int { return cmp.Compare(a.at, b.at) })
	for i, d := range all {
		w.until(d.at)
		w.step(d.order, d.step)
		if i+1 == len(all) || all[i+1].at != d.at {
			w.sequence()
		}
	}
	w.until((start + clock.Day(days)).Start())
	w.sequence()
}

// until lets time pass, looking at the clocks every hour.
func (w *town) until(at clock.Instant) {
	w.t.Helper()
	for now := w.hand.Now(); now < at; now = w.hand.Now() {
		w.hand.Set(min(at, now.Add(time.Hour)))
		if _, err := w.Cases.Scan(ctx); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *town) sequence() {
	w.t.Helper()
	for {
		n, err := w.Ledger.Sequence(ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// step carries out one line of an order's script and looks at what came of it.
func (w *town) step(o *order, s step) {
	w.t.Helper()
	what := fmt.Sprintf("%s (%s) at %s: %s %s", o.name, o.way.name, s.at, s.by, s.act)
	switch {
	case s.by == nobody:
	case s.by == resident && s.act == "report":
		w.report(o, what)
	case s.by == resident:
		w.asResident(o, s, what)
	default:
		w.asStaff(o, s, what)
	}
	if s.state == "" {
		return
	}
	if c := w.look(o.number).Case; c.State != s.state {
		w.t.Fatalf("%s: is %s, want %s", what, c.State, s.state)
	}
}

func (w *town) look(id string) *casework.View {
	w.t.Helper()
	v, err := w.Cases.Get(ctx, identity.SystemActor(), id)
	if err != nil {
		w.t.Fatalf("%s: %v", id, err)
	}
	return v
}

// report is sent through the API; the link of the receipt opens the order.
func (w *town) report(o *order, what string) {
	w.t.Helper()
	o.browser, o.children = browser(), map[string]string{}
	o.from = fmt.Sprintf("203.0.113.%d", 1+slices.Index(w.orders, o)%250)
	body := map[string]any{"words": o.words, "class": o.class, "place": map[string]any{"area": o.area}}
	if o.phone != "" {
		body["phone"] = o.phone
	}
	raw, _ := json.Marshal(body)
	status, _, said := w.send(o.browser, o.from, "POST", "/api/v1/requests", "application/json", raw, "Idempotency-Key", seal.Token())
	var receipt struct{ Number, Link, Leaf string }
	if status != http.StatusCreated || json.Unmarshal(said, &receipt) != nil || len(receipt.Leaf) != 64 {
		w.t.Fatalf("%s: %d %s", what, status, said)
	}
	link, err := url.Parse(receipt.Link)
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
	o.number, o.link = receipt.Number, link.Path
	w.visit(o, what)
}

// visit opens the link, as a resident does who comes back, and reads the page.
func (w *town) visit(o *order, what string) {
	w.t.Helper()
	page := "/follow/" + o.number
	if status, head, said := w.send(o.browser, o.from, "GET", o.link, "", nil); status != http.StatusSeeOther || head.Get("Location") != page {
		w.t.Fatalf("%s: the link gives %d %s", what, status, said)
	}
	if status, _, said := w.send(o.browser, o.from, "GET", page, "", nil); status != http.StatusOK || !strings.Contains(string(said), o.number) {
		w.t.Fatalf("%s: the page gives %d %s", what, status, said)
	}
}

// asResident posts a form of the page on which the resident follows the order.
func (w *town) asResident(o *order, s step, what string) {
	w.t.Helper()
	w.visit(o, what)
	form := url.Values{"key": {seal.Token()}}
	for name, v := range s.fill {
		form.Set(name, v.(string))
	}
	status, _, said := w.send(o.browser, o.from, "POST", "/follow/"+o.number+"/act/"+s.act, "application/x-www-form-urlencoded", []byte(form.Encode()))
	if status != http.StatusSeeOther {
		w.t.Fatalf("%s: %d %s", what, status, said)
	}
}

// asStaff carries out an act through the API.
func (w *town) asStaff(o *order, s step, what string) {
	w.t.Helper()
	target := o.number
	if s.on != "" {
		if target = o.children[s.on]; target == "" {
			w.t.Fatalf("%s: no %s was opened", what, s.on)
		}
	}
	who := w.as(w.who(o, s.by))
	raw, _ := json.Marshal(map[string]any{"act": s.act, "values": o.filled(s.fill)})
	status, _, said := w.send(who.http, who.from, "POST", "/api/v1/cases/"+target+"/acts", "application/json", raw, "Idempotency-Key", seal.Token())
	var answer struct {
		Key      string
		Children []string
	}
	_ = json.Unmarshal(said, &answer) // what is no JSON has neither
	if s.no != "" {
		if status < 400 || answer.Key != s.no {
			w.t.Fatalf("%s: %d %s, want refused by %s", what, status, said, s.no)
		}
		return
	}
	if status != http.StatusOK {
		w.t.Fatalf("%s: %d %s", what, status, said)
	}
	for _, id := range answer.Children {
		o.children[w.look(id).Case.Procedure] = id
	}
	if s.act == "rule" {
		o.ruled = o.filled(s.fill)["lead"].(string)
	}
}

// who gives the login of somebody in a script.
func (w *town) who(o *order, by string) string {
	w.t.Helper()
	if login, ok := w.desk[by]; ok {
		return login
	}
	if by == helping {
		return w.clerk(o.helper)
	}
	unit := w.look(o.number).Case.Unit
	switch by {
	case handler:
		return w.clerk(unit)
	case head:
		return w.chief(unit)
	}
	return w.chief(w.unit(unit).Parent)
}

// filled puts the order's own units and items into an act's values; what the
// order has not is left out.
func (o *order) filled(f fill) map[string]any {
	names := strings.NewReplacer("{lead}", o.lead, "{other}", o.other, "{helper}", o.helper, "{item}", o.item, "{other item}", o.otherItem)
	out := map[string]any{}
	for name, v := range f {
		switch v := v.(type) {
		case string:
			if s := names.Replace(v); s != "" {
				out[name] = s
			}
		case []any:
			var list []any
			for _, x := range v {
				list = append(list, names.Replace(x.(string)))
			}
			out[name] = list
		default:
			out[name] = v
		}
	}
	return out
}

// county is the fictitious county with its doors open.
func county(t *testing.T, d *db.DB) *town {
	t.Helper()
	c := apptest.New(t, d)
	w := begin(t, c.House, c.Hand)
	w.desk = map[string]string{intaker: "intake1", dispatcher: "dispatch1", verifier: "verify1", caller: "caller1"}
	w.clerk = func(unit string) string { return "h-" + unit }
	w.chief = func(unit string) string {
		if login, ok := map[string]string{"yunxi": "leader1", "qinghe": "head1", "dongshan": "head2", "shiqiao": "head3"}[unit]; ok {
			return login
		}
		return "b-" + unit
	}
	return w
}

// TestCountyOrders sends one order of the fictitious county by every way.
func TestCountyOrders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := county(t, d)
		matters := []order{
			{words: "人行道的砖坏了", class: "road-damage", area: "999901002001", lead: "works", other: "transport", helper: "traffic"},
			{words: "楼下摆摊占了路", class: "street-vendor", area: "999901001001", lead: "qinghe-um", other: "market", helper: "traffic", phone: "13900001111"},
			{words: "买的东西坏了不给退", class: "consumer", area: "999901100201", lead: "market", other: "works", helper: "shiqiao-um"},
			{words: "物业不管事", class: "property-service", area: "999901002002", lead: "property", other: "housing", helper: "c-xuefu", phone: "13900002222"},
		}
		for i := range ways {
			o := matters[i%len(matters)]
			o.name, o.way = fmt.Sprintf("order %d", i+1), ways[i]
			o.item, o.otherItem = w.itemOf(o.class, o.area, o.lead), w.anyItemOf(o.area, o.other)
			w.orders = append(w.orders, &o)
		}
		w.play(40)
		w.judge(1)
	})
}
