package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/seal"
)

// asker is somebody who knocks at the doors.
type asker struct {
	name string
	http *http.Client
	from string
}

// besieged is the fictitious county in the middle of a day's work, with orders
// in several states.
func besieged(t *testing.T, d *db.DB) *town {
	t.Helper()
	w := county(t, d)
	matter := order{words: "人行道的砖坏了", class: "road-damage", area: "999901002001", lead: "works", other: "transport", helper: "traffic", phone: "13900001111"}
	matter.item, matter.otherItem = w.itemOf(matter.class, matter.area, matter.lead), w.anyItemOf(matter.area, matter.other)
	for i, steps := range [][]step{
		opened(),
		script(opened(), sent("0 09:00"), taken("0 09:00", "0 09:00")),
		script(opened(), sentTo("0 09:00", fill{"lead": "{lead}", "item": "{item}", "helpers": []any{"{helper}"}}), one("0 09:00", handler, "accept", nil, "handling"),
			one("0 09:00", handler, "ask_more", fill{"question": "在哪里"}, "waiting")),
		script(opened(), sent("0 09:00"), taken("0 09:00", "0 09:00"), answered("0 09:00"), checked("0 09:00")),
		script(opened(), sent("0 09:00"), one("0 09:00", handler, "dispute", fill{"reason": "请裁定"}, "disputed")),
	} {
		o := matter
		o.name = fmt.Sprintf("order %d", i+1)
		w.orders = append(w.orders, &o)
		for _, s := range steps {
			w.step(&o, s)
		}
	}
	w.sequence()
	return w
}

// askers are one of each: a stranger, a resident with a link, and staff.
func (w *town) askers() []asker {
	o := w.orders[3]
	out := []asker{{"a stranger", browser(), "192.0.2.1"}, {"a resident", o.browser, o.from}}
	for _, login := range []string{"h-works", "dispatch1", "admin", "auditor1"} {
		s := w.as(login)
		out = append(out, asker{login, s.http, s.from})
	}
	return out
}

// ask makes one request; it fails the test on any answer of 500 and above.
func (w *town) ask(a asker, method, path, kind string, body []byte, head ...string) (int, http.Header, []byte) {
	w.t.Helper()
	return w.send(a.http, a.from, method, path, kind, body, head...)
}

// Bodies that are no JSON, of no schema or of no type are refused at every door
// of the API, in the form that programs read, whoever sends them.
func TestHostileBodies(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := besieged(t, d)
		before := tables(t, d)
		tried := 0
		for _, a := range w.askers() {
			for _, door := range w.doors() {
				if door.op == nil || door.op.RequestBody == nil || strings.HasPrefix(door.op.OperationID, "upload-") {
					continue
				}
				path := door.at(w.orders[1].number)
				for name, body := range broken {
					what := fmt.Sprintf("%s to %s by %s", name, door, a.name)
					status, head, said := w.ask(a, door.method, path, "application/json", body, "Idempotency-Key", seal.Token())
					if tried++; status < 400 {
						t.Errorf("%s: %d %.200s", what, status, said)
						continue
					}
					problem(t, what, head, said)
				}
				for _, kind := range []string{"", "text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded; charset=\xff"} {
					status, _, said := w.ask(a, door.method, path, kind, w.example(door.op, "x"), "Idempotency-Key", "short")
					if status < 400 {
						t.Errorf("%q to %s by %s: %d %.200s", kind, door, a.name, status, said)
					}
				}
			}
		}
		if tried < 500 {
			t.Errorf("only %d bodies were tried", tried)
		}
		same(t, before, tables(t, d), "identity_limit", "identity_session", "identity_device", "identity_factor", "identity_step")
	})
}

// A body over the limit is cut off with 413, also where it does not say how long
// it is.
func TestHugeBodies(t *testing.T) {
	w := besieged(t, dbtest.SQLite(t))
	huge := append([]byte(`{"words":"`), bytes.Repeat([]byte("a"), 2<<20)...)
	admin := w.as("admin")
	for _, door := range w.doors() {
		if door.method == "GET" || door.method == "DELETE" {
			continue
		}
		for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
			r, err := http.NewRequest(door.method, w.url+door.at(w.orders[1].number), struct{ *bytes.Reader }{bytes.NewReader(huge)})
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Idempotency-Key", seal.Token())
			r.ContentLength = -1
			answer, err := admin.http.Do(r)
			if err != nil {
				continue // the house hung up while it was still being shouted at
			}
			answer.Body.Close()
			if answer.StatusCode < 400 && answer.StatusCode != http.StatusSeeOther || answer.StatusCode >= 500 {
				t.Errorf("2 MiB of %s to %s: %d", kind, door, answer.StatusCode)
			}
			if door.op != nil && !strings.HasPrefix(door.op.OperationID, "upload-") && kind == "application/json" && answer.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("2 MiB to %s: %d, want 413", door, answer.StatusCode)
			}
		}
	}
}

// What somebody types is never carried out: not by the database, not by a page.
func TestInjections(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := besieged(t, d)
		names := slices.Sorted(maps.Keys(tables(t, d)))
		for _, text := range injections {
			w.injectAPI(text)
			w.injectReport(text)
		}
		for i, a := range w.askers() {
			w.injectForms(a, injections[i%2]) // the HTML or the SQL; the rest went through the API
		}
		if after := slices.Sorted(maps.Keys(tables(t, d))); !slices.Equal(names, after) {
			t.Errorf("tables are gone: %v, were %v", after, names)
		}
		w.sequence()
		shown := 0
		for _, a := range w.askers() {
			for _, page := range w.pages(a) {
				status, head, said := w.ask(a, "GET", page, "", nil)
				if status == http.StatusOK && strings.HasPrefix(head.Get("Content-Type"), "text/html") {
					if bytes.Contains(said, []byte(mark)) || bytes.Contains(said, []byte("<img src=x")) {
						t.Errorf("%s for %s carries out what was typed", page, a.name)
					}
					if bytes.Contains(said, []byte(html.EscapeString(mark))) {
						shown++
					}
				}
			}
		}
		if shown == 0 {
			t.Error("no page shows what was typed: nothing was tried")
		}
		w.judgeProof()
	})
}

// injectAPI puts the text into every text of every body and query of the API.
func (w *town) injectAPI(text string) {
	w.t.Helper()
	for _, a := range w.askers() {
		for _, door := range w.doors() {
			switch {
			case door.op == nil || strings.HasSuffix(door.path, "/sessions") && door.method == "DELETE":
			case door.method == "GET":
				q := url.Values{}
				for _, p := range door.op.Parameters {
					if p.In == "query" {
						q.Set(p.Name, text)
					}
				}
				w.ask(a, "GET", door.at(text)+"?"+q.Encode(), "", nil)
			default:
				w.ask(a, door.method, door.at(text), "application/json", w.example(door.op, text), "Idempotency-Key", seal.Token())
				w.ask(a, door.method, door.at(w.orders[1].number), "application/json", w.example(door.op, text), "Idempotency-Key", seal.Token())
			}
		}
	}
}

// injectReport makes the text the words of a report, which are taken as they are.
func (w *town) injectReport(text string) {
	w.t.Helper()
	body, _ := json.Marshal(map[string]any{"words": text, "details": text, "class": "road-damage", "place": map[string]any{"words": text, "area": "999901002001"}})
	n := len(w.orders)
	o := &order{name: text, words: text, browser: browser(), from: fmt.Sprintf("203.0.113.%d", 100+n)}
	status, _, said := w.send(o.browser, o.from, "POST", "/api/v1/requests", "application/json", body, "Idempotency-Key", seal.Token())
	var receipt struct{ Number, Link string }
	if status != http.StatusCreated || json.Unmarshal(said, &receipt) != nil {
		w.t.Fatalf("%q: %d %s", text, status, said)
	}
	o.number, o.link = receipt.Number, "/q/"+receipt.Link[strings.LastIndex(receipt.Link, "/")+1:]
	w.orders = append(w.orders, o)
	w.visit(o, text)
	if got := w.look(o.number).Case.Values.Text("words"); got != text {
		w.t.Errorf("%q was kept as %q", text, got)
	}
}

// injectForms types the text into every field of every form on every page.
func (w *town) injectForms(a asker, text string) {
	w.t.Helper()
	var all []formText
	seen := map[string]bool{}
	for _, page := range w.pages(a) {
		_, _, said := w.ask(a, "GET", page, "", nil)
		for _, f := range forms(said) {
			if key := f.action + strings.Join(f.fields, " "); !seen[key] {
				seen[key] = true
				all = append(all, f)
			}
		}
	}
	for _, f := range all {
		values := f.filled(text)
		switch {
		case len(f.fields) == 0 || f.action == "": // a button alone
		case f.method == "get":
			w.ask(a, "GET", f.action+"?"+values.Encode(), "", nil)
		default:
			w.ask(a, "POST", f.action, "application/x-www-form-urlencoded", []byte(values.Encode()))
			w.spoilForm(a, f)
		}
	}
}

// spoilForm posts a form as no browser would.
func (w *town) spoilForm(a asker, f formText) {
	w.t.Helper()
	for name, bad := range map[string]string{"invalid UTF-8": "%ff%fe", "controls": "a%00b%07%1b", "long": strings.Repeat("%E5%AD%97", 20_000), "semicolons": ";;;&&&==="} {
		var body []string
		for _, field := range f.fields {
			body = append(body, url.QueryEscape(field)+"="+bad)
		}
		status, _, said := w.ask(a, "POST", f.action, "application/x-www-form-urlencoded", []byte(strings.Join(body, "&")))
		if bytes.ContainsRune(said, 0) || !utf8.Valid(said) {
			w.t.Errorf("%s of %s by %s come back as they are (%d)", name, f.action, a.name, status)
		}
	}
	w.ask(a, "POST", f.action, "application/json", []byte(`{"a":1}`))
	w.ask(a, "POST", f.action, "multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"words\"\r\n\r\ntrunc"))
	w.ask(a, "POST", f.action, "multipart/form-data", []byte("no boundary"))
}

// pages are the addresses of all pages that a person of that kind may look at,
// with everything that there is to look at.
func (w *town) pages(a asker) []string {
	w.t.Helper()
	known := map[string][]string{
		"/cases/{id}": {}, "/follow/{number}": {}, "/notices/{number}": {"N-1"},
		"/admin/units/{id}": {"works", "qinghe", "c-qinghe"}, "/admin/people/{id}": {"h-works", "admin"},
		"/new/{procedure}":       {"service-request", "grid-event", "example-allowance", "example-village-notice"},
		"/new/{procedure}/{act}": {"service-request report", "grid-event report"},
		"/grid/{code}":           {"999901001001001"}, "/grid-qr/{file}": {"999901001001001.png", "999901001001001.svg"},
		"/duty/{file}": {"example.csv", "example.yaml"},
	}
	for _, o := range w.orders {
		known["/cases/{id}"] = append(known["/cases/{id}"], o.number)
		known["/follow/{number}"] = append(known["/follow/{number}"], o.number)
	}
	var out []string
	for _, door := range w.doors() {
		if door.method != "GET" || door.op != nil || door.path == "/metrics" || strings.HasPrefix(door.path, "/task") {
			continue
		}
		if !strings.Contains(door.path, "{") {
			out = append(out, door.path)
			continue
		}
		for _, values := range known[door.path] {
			path := door.path
			for _, v := range strings.Fields(values) {
				at := pathValue.FindStringIndex(path)
				path = path[:at[0]] + v + path[at[1]:]
			}
			out = append(out, path)
		}
	}
	return append(out, "/grid?q=%E6%9F%B3%E5%9B%AD", "/map.svg?w=300&h=200", "/search?q=%E8%B7%AF", "/requests?class=road-damage", "/cases?box=all", "/read-log?case="+w.orders[1].number)
}

// A GET changes nothing: every page and every address of the API, for everybody.
func TestGetChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := besieged(t, d)
		askers := w.askers()
		looked := 0
		before := tables(t, d)
		for _, a := range askers {
			pages := w.pages(a)
			for _, door := range w.doors() {
				if door.method != "GET" {
					continue
				}
				if door.op != nil {
					q := url.Values{}
					for _, p := range door.op.Parameters {
						if p.In == "query" && p.Required {
							q.Set(p.Name, "road-damage")
						}
					}
					pages = append(pages, door.at(w.orders[1].number)+"?"+q.Encode())
				}
			}
			for _, o := range w.orders {
				pages = append(pages, o.link, o.link+"/qr.png")
			}
			for _, page := range pages {
				w.ask(a, "GET", page, "", nil)
				w.ask(a, "HEAD", page, "", nil)
				looked += 2
			}
		}
		after := tables(t, d)
		same(t, before, after)
		t.Logf("%d looks at %d tables", looked, len(after))
	})
}

func same(t *testing.T, before, after map[string]string, but ...string) {
	t.Helper()
	for name, was := range before {
		if is := after[name]; is != was && !slices.Contains(but, name) {
			t.Errorf("table %s: %s, was %s", name, is, was)
		}
	}
}

// Addresses that nobody has: long, crooked, of another alphabet, with commands.
func TestHostileAddresses(t *testing.T) {
	w := besieged(t, dbtest.SQLite(t))
	values := append([]string{"x", "0", "-1", "..", "%", "%ff", "%00", "a/b", "＜script＞", strings.Repeat("9", 3000), "9223372036854775808", "NaN", "{}", "*", "~", "' or 1=1"}, injections...)
	for _, a := range w.askers()[1:4] {
		for _, door := range w.doors() {
			for _, v := range values {
				path := door.at(v)
				if strings.HasPrefix(v, "%") {
					path = pathValue.ReplaceAllLiteralString(door.path, v)
				}
				if !strings.Contains(door.path, "{") {
					path += "?lang=" + url.QueryEscape(v) + "&next=" + url.QueryEscape(v) + "&q=" + url.QueryEscape(v) + "&after=" + url.QueryEscape(v)
				}
				if _, err := url.Parse(w.url + path); err != nil || door.method != "GET" && !strings.Contains(door.path, "{") {
					continue
				}
				status, _, said := w.ask(a, door.method, path, "application/json", []byte(`{}`))
				if bytes.Contains(said, []byte(mark)) && status < 400 {
					t.Errorf("%s %s gives back what it was asked by", door.method, path)
				}
			}
		}
	}
}

// Coordinates that are none, or without their datum, are refused at the field.
func TestImpossibleCoordinates(t *testing.T) {
	w := besieged(t, dbtest.SQLite(t))
	a := asker{"a stranger", browser(), "192.0.2.9"}
	for name, place := range map[string]string{
		"not a number":   `{"lon": NaN, "lat": 34.3, "datum": "WGS-84"}`,
		"infinite":       `{"lon": 1e309, "lat": 34.3, "datum": "WGS-84"}`,
		"north of north": `{"lon": 118.2, "lat": 91, "datum": "WGS-84"}`,
		"south of south": `{"lon": 118.2, "lat": -90.000001, "datum": "WGS-84"}`,
		"round again":    `{"lon": 478.2, "lat": 34.3, "datum": "WGS-84"}`,
		"as text":        `{"lon": "118.2", "lat": "34.3", "datum": "WGS-84"}`,
		"half":           `{"lon": 118.2, "datum": "WGS-84"}`,
		"no datum":       `{"lon": 118.2, "lat": 34.3}`,
		"empty datum":    `{"lon": 118.2, "lat": 34.3, "datum": ""}`,
		"strange datum":  `{"lon": 118.2, "lat": 34.3, "datum": "Beijing-54"}`,
		"less than sure": `{"lon": 118.2, "lat": 34.3, "datum": "WGS-84", "meters": -1}`,
		"sure of all":    `{"lon": 118.2, "lat": 34.3, "datum": "WGS-84", "meters": 1e300}`,
		"another county": `{"area": "440310001001"}`,
		"no such area":   `{"area": "999901009009"}`,
		"area as words":  `{"area": "'; DROP TABLE area_area"}`,
	} {
		body := []byte(`{"words": "路坏了", "class": "road-damage", "place": ` + place + `}`)
		status, head, said := w.ask(a, "POST", "/api/v1/requests", "application/json", body, "Idempotency-Key", seal.Token())
		if status != http.StatusUnprocessableEntity && status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, status, said)
			continue
		}
		if key, field := problem(t, name, head, said); field == "" && key != "httpx.schema" {
			t.Errorf("%s: refused by %s without its field", name, key)
		}
	}
	for _, q := range []string{"lon=NaN&lat=34&datum=WGS-84", "lon=Inf&lat=34&datum=WGS-84", "lon=1e309&lat=34&datum=WGS-84", "lon=118&lat=91&datum=WGS-84", "lon=118&lat=34", "lon=118&lat=34&datum=x", "lon=&lat=&datum="} {
		for _, path := range []string{"/api/v1/locate?", "/api/v1/requests/nearby?class=road-damage&", "/grid?"} {
			if status, _, said := w.ask(a, "GET", path+q, "", nil); status < 400 {
				t.Errorf("%s%s: %d %.200s", path, q, status, said)
			}
		}
	}
	for _, q := range []string{"w=99999999&h=99999999", "w=-1&h=0", "w=NaN", "bbox=NaN,NaN,NaN,NaN", "lon=1e309&lat=0&mpp=1e-300", "mark=x", "mpp=0"} {
		for _, path := range []string{"/map.svg?", "/map.png?"} {
			begun := time.Now()
			_, _, said := w.ask(a, "GET", path+q, "", nil)
			if took := time.Since(begun); took > 5*time.Second || len(said) > 8<<20 {
				t.Errorf("%s%s: %d bytes in %v", path, q, len(said), took)
			}
		}
	}
}

// Pictures that are none, or bombs, are refused at every door that takes photos;
// nothing of them is kept.
func TestHostilePictures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := besieged(t, d)
		handler := w.as("h-works")
		a := asker{"a stranger", browser(), "192.0.2.10"}
		before := tables(t, d)
		for name, data := range pictures() {
			kind, body := multipartOf("photo", "photo.jpg", data, nil)
			status, head, said := w.ask(a, "POST", "/api/v1/photos", kind, body, "Idempotency-Key", seal.Token())
			if status < 400 {
				t.Errorf("%s was taken as a photo: %d %s", name, status, said)
			} else {
				problem(t, name, head, said)
			}
			kind, body = multipartOf("photos", "photo.jpg", data, url.Values{"key": {seal.Token()}, "words": {"路坏了"}, "do": {"check"}})
			if status, _, said := w.ask(a, "POST", "/report", kind, body); status < 400 && len(data) > 0 {
				t.Errorf("%s was taken by the report page: %d %.200s", name, status, said)
			}
			if len(data) == 0 {
				continue // what a browser sends for no picture
			}
			kind, body = multipartOf("photos", "photo.jpg", data, url.Values{"_act": {"answer"}, "answer": {"好了"}, "_key": {seal.Token()}})
			if status, _, said := w.send(handler.http, handler.from, "POST", "/cases/"+w.orders[1].number+"/acts", kind, body); status < 400 {
				t.Errorf("%s was taken by the case page: %d %.200s", name, status, said)
			}
		}
		kind, body := multipartOf("photo", "photo.jpg", picture(), nil)
		for name, bad := range map[string][]string{
			"no key": {kind, ""}, "short key": {kind, "abc"}, "no multipart": {"image/jpeg", seal.Token()}, "other part": {"", seal.Token()},
		} {
			k, b := bad[0], body
			if k == "" {
				k, b = multipartOf("file", "photo.jpg", picture(), nil)
			}
			if status, _, said := w.ask(a, "POST", "/api/v1/photos", k, b, "Idempotency-Key", bad[1]); status < 400 {
				t.Errorf("%s: %d %s", name, status, said)
			}
		}
		same(t, before, tables(t, d), "identity_limit")
		if status, _, said := w.ask(a, "POST", "/api/v1/photos", kind, body, "Idempotency-Key", seal.Token()); status != http.StatusCreated {
			t.Errorf("a real photo: %d %s", status, said)
		}
	})
}

// Sessions and links that are forged, over, or somebody else's open nothing.
func TestForgedSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := besieged(t, d)
		site, _ := url.Parse(w.url)
		page, api := "/cases/"+w.orders[1].number, "/api/v1/cases/"+w.orders[1].number
		shut := func(what string, head ...string) {
			t.Helper()
			a := asker{what, browser(), "192.0.2.20"}
			if status, _, said := w.ask(a, "GET", api, "", nil, head...); status != http.StatusNotFound && status != http.StatusUnauthorized && status != http.StatusForbidden {
				t.Errorf("%s reads a case: %d %.200s", what, status, said)
			}
			if status, _, said := w.ask(a, "GET", page, "", nil, head...); status == http.StatusOK {
				t.Errorf("%s looks at a case: %.200s", what, said)
			}
			if status, _, said := w.ask(a, "POST", api+"/acts", "application/json", []byte(`{"act":"contact","values":{"contact":"x"}}`), head...); status < 400 {
				t.Errorf("%s acts: %d %.200s", what, status, said)
			}
		}
		shut("nobody")
		for _, token := range []string{"", "x", seal.Token(), strings.Repeat("A", 64), strings.Repeat("A", 8000), "' OR 1=1 --", "%00", seal.HashToken("x")} {
			shut("a forged session", "Cookie", identity.Cookie+"="+token)
			shut("a forged link", "Cookie", "linli_link="+token)
			shut("a forged visit", "Cookie", "linli_visit="+token)
			shut("a forged token", "Authorization", "Bearer "+token)
			shut("a forged API token", "Authorization", "Bearer linli_"+token)
		}
		works := w.as("h-works")
		stolen := works.http.Jar.Cookies(site)[0].String()
		if status, _, said := w.ask(asker{"", browser(), "192.0.2.21"}, "GET", api, "", nil, "Cookie", stolen); status != http.StatusOK {
			t.Fatalf("a living session: %d %s", status, said)
		}
		if status, _, said := w.ask(asker{"", browser(), "192.0.2.21"}, "POST", "/sign-out", "", nil, "Cookie", stolen, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
			t.Errorf("another site signs somebody out: %d %s", status, said)
		}
		w.send(works.http, works.from, "POST", "/sign-out", "", nil)
		shut("a session that was signed out, replayed", "Cookie", stolen)

		idle := w.as("dispatch1").http.Jar.Cookies(site)[0].String()
		w.hand.Advance(identity.SessionIdle + time.Minute)
		shut("a session that nobody used", "Cookie", idle)

		o, other := w.orders[1], w.orders[2]
		mine := o.browser.Jar.Cookies(&url.URL{Scheme: site.Scheme, Host: site.Host, Path: "/follow/" + o.number})
		if len(mine) == 0 {
			t.Fatal("a link leaves no cookie")
		}
		for _, path := range []string{"/follow/" + other.number, "/follow/" + other.number + "/act/withdraw"} {
			method := "GET"
			if strings.Contains(path, "/act/") {
				method = "POST"
			}
			status, _, said := w.ask(asker{"", browser(), "192.0.2.22"}, method, path, "application/x-www-form-urlencoded", []byte("key="+seal.Token()), "Cookie", mine[0].String())
			if status != http.StatusNotFound {
				t.Errorf("the link of one order opens another: %s %d %.200s", path, status, said)
			}
		}
		value := []byte(mine[0].Value)
		value[len(value)/2] ^= 1
		if status, _, _ := w.ask(asker{"", browser(), "192.0.2.23"}, "GET", "/follow/"+o.number, "", nil, "Cookie", mine[0].Name+"="+string(value)); status != http.StatusNotFound {
			t.Errorf("a changed visit opens the order: %d", status)
		}
	})
}

// A case of another unit is not there: by its number, its id, its children, its
// acts and its sealed values.
func TestAnotherUnitsCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := besieged(t, d)
		stranger := w.as("h-market")
		a := asker{"h-market", stranger.http, stranger.from}
		c := w.look(w.orders[2].number)
		ids := []string{c.Case.ID, c.Case.Number}
		for _, child := range c.Children {
			ids = append(ids, child.ID, child.Number)
		}
		if len(ids) < 4 {
			t.Fatal("the order has no child")
		}
		never := fmt.Sprintf("%d", time.Now().Year()) + "0101-00000000"
		for _, id := range append(ids, never) {
			for _, try := range []struct{ method, path, body string }{
				{"GET", "/api/v1/cases/" + id, ""},
				{"POST", "/api/v1/cases/" + id + "/acts", `{"act":"answer","values":{"answer":"x"}}`},
				{"POST", "/api/v1/cases/" + id + "/acts", `{"act":"_erase","reason":"x","fields":["words"]}`},
				{"POST", "/api/v1/cases/" + id + "/reveal", `{"field":"phone","purpose":"neugier"}`},
				{"GET", "/cases/" + id, ""},
				{"POST", "/cases/" + id + "/acts", ""},
				{"POST", "/cases/" + id + "/reveal", ""},
				{"GET", "/follow/" + id, ""},
			} {
				if status, _, said := w.ask(a, try.method, try.path, "application/json", []byte(try.body), "Idempotency-Key", seal.Token()); status != http.StatusNotFound {
					t.Errorf("%s %s: %d %.200s, want 404 as for what is not there", try.method, try.path, status, said)
				}
			}
		}
		for _, q := range []string{"", "?box=all", "?unit=works", "?q=" + c.Case.Number, "?area=999901002001"} {
			if _, _, said := w.ask(a, "GET", "/api/v1/cases"+q, "", nil); bytes.Contains(said, []byte(c.Case.Number)) {
				t.Errorf("the list %s tells of it", q)
			}
			if _, _, said := w.ask(a, "GET", "/cases"+q, "", nil); bytes.Contains(said, []byte(c.Case.ID)) || q == "" && bytes.Contains(said, []byte(c.Case.Number)) {
				t.Errorf("the page %s tells of it", q)
			}
		}
	})
}

// Numbers and links cannot be guessed: tries are few, by address and by number.
func TestGuessing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := besieged(t, d)
		o := w.orders[1]
		until429 := func(what string, most int, try func(i int) (int, http.Header)) {
			t.Helper()
			for i := range most + 1 {
				status, head := try(i)
				switch {
				case status == http.StatusTooManyRequests && len(head.Values("Retry-After")) == 1:
					if i == 0 {
						t.Errorf("%s: refused at once", what)
					}
					return
				case status == http.StatusTooManyRequests:
					t.Fatalf("%s: 429 with Retry-After %q", what, head.Values("Retry-After"))
				case status < 400:
					t.Fatalf("%s: guess %d opens: %d", what, i, status)
				}
			}
			t.Errorf("%s: %d guesses are not enough to be sent away", what, most)
		}
		query := func(a asker, number, last string) (int, http.Header) {
			status, head, _ := w.ask(a, "POST", "/query", "application/x-www-form-urlencoded", []byte(url.Values{"number": {number}, "last4": {last}}.Encode()))
			return status, head
		}
		one := asker{"", browser(), "192.0.2.30"}
		until429("numbers from one address", 30, func(i int) (int, http.Header) { return query(one, fmt.Sprintf("261124-%08d", i), "1111") })
		until429("one number from many addresses", 10, func(i int) (int, http.Header) {
			return query(asker{"", browser(), fmt.Sprintf("192.0.2.%d", 40+i)}, o.number, fmt.Sprintf("%04d", i))
		})
		two := asker{"", browser(), "192.0.2.60"}
		until429("links", 40, func(int) (int, http.Header) {
			status, head, _ := w.ask(two, "GET", "/q/"+seal.Token(), "", nil)
			return status, head
		})
		three := asker{"", browser(), "192.0.2.61"}
		until429("passwords", 20, func(i int) (int, http.Header) {
			body, _ := json.Marshal(map[string]string{"login": "admin", "password": fmt.Sprintf("guess-number-%d", i)})
			status, head, _ := w.ask(three, "POST", "/api/v1/sessions", "application/json", body)
			return status, head
		})
		w.hand.Advance(25 * time.Hour)
		if status, _ := query(asker{"", browser(), "192.0.2.70"}, o.number, "1111"); status != http.StatusSeeOther {
			t.Errorf("who knows number and telephone is let in on the next day: %d", status)
		}
	})
}

// A key used again with the same body gives the same answer; with another body it
// is a conflict.
func TestSameKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := besieged(t, d)
		works := w.as("h-works")
		stranger := asker{"a stranger", browser(), "192.0.2.80"}
		staff := asker{"h-works", works.http, works.from}
		for _, try := range []struct {
			who          asker
			path         string
			body, change string
		}{
			{stranger, "/api/v1/requests", `{"words":"路坏了","class":"road-damage","place":{"area":"999901002001"}}`, "路没坏"},
			{stranger, "/api/v1/cases", `{"procedure":"service-request","act":"report","values":{"words":"路坏了","class":"road-damage"}}`, "路没坏"},
			{staff, "/api/v1/cases/" + w.orders[1].number + "/acts", `{"act":"contact","values":{"contact":"路坏了"}}`, "路没坏"},
		} {
			key := seal.Token()
			status, _, first := w.ask(try.who, "POST", try.path, "application/json", []byte(try.body), "Idempotency-Key", key)
			if status >= 300 {
				t.Errorf("%s: %d %s", try.path, status, first)
				continue
			}
			before := tables(t, d)
			again, _, second := w.ask(try.who, "POST", try.path, "application/json", []byte(try.body), "Idempotency-Key", key)
			if again != status || !bytes.Equal(first, second) {
				t.Errorf("%s again: %d %s, was %s", try.path, again, second, first)
			}
			other := strings.ReplaceAll(try.body, "路坏了", try.change)
			if status, head, said := w.ask(try.who, "POST", try.path, "application/json", []byte(other), "Idempotency-Key", key); status != http.StatusConflict {
				t.Errorf("%s with another body: %d %s", try.path, status, said)
			} else {
				problem(t, try.path, head, said)
			}
			same(t, before, tables(t, d), "identity_limit")
		}
	})
}
