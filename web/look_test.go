package web_test

import (
	"math"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"linli/internal/kit/text"
	"linli/web"
)

var (
	block = regexp.MustCompile(`(?s)(:root[^{]*)\{([^}]*)\}`)
	token = regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})\s*;`)
)

// tokens reads the colours of one block of a style sheet.
func tokens(t *testing.T, file, selector string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("static/" + file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, b := range block.FindAllStringSubmatch(string(raw), -1) {
		if strings.TrimSpace(b[1]) != selector || len(out) > 0 {
			continue
		}
		for _, m := range token.FindAllStringSubmatch(b[2], -1) {
			out[m[1]] = m[2]
		}
	}
	if len(out) < 4 {
		t.Fatalf("%s %s: only %d colours were read", file, selector, len(out))
	}
	return out
}

// luminance by WCAG 2.1.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	hex := strings.TrimPrefix(colour, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("%q is no colour", colour)
	}
	part := func(shift uint) float64 {
		c := float64(n>>shift&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Words have a contrast of 4.5 to 1 at least and edges, marks and focus 3 to 1,
// in the light, in the dark, and in elder mode 7 to 1 for the words of the text.
func TestContrast(t *testing.T) {
	light := tokens(t, "style.css", ":root")
	with := func(more ...map[string]string) map[string]string {
		out := map[string]string{}
		for _, m := range append([]map[string]string{light}, more...) {
			for k, v := range m {
				out[k] = v
			}
		}
		return out
	}
	elder, dark := tokens(t, "style.css", ":root.elder"), tokens(t, "dark.css", ":root")
	themes := map[string]map[string]string{
		"light": light, "dark": with(dark), "elder": with(elder), "elder dark": with(elder, dark, tokens(t, "dark.css", ":root.elder")),
	}
	words := []string{ // front on ground
		"ink paper", "ink sheet", "soft paper", "soft sheet", "brand paper", "brand sheet", "brand brand-wash", "ink brand-wash", "soft brand-wash",
		"on-brand brand", "sheet bad", "sheet good", "bad sheet", "bad paper", "good sheet", "warning sheet", "warning paper", "info info-wash", "good good-wash", "warning warning-wash", "bad bad-wash",
		"ink info-wash", "ink good-wash", "ink warning-wash", "ink bad-wash", "paper soft",
	}
	edges := []string{
		"edge paper", "edge sheet", "brand paper", "focus paper", "focus sheet", "seal paper", "seal sheet", "info info-wash", "good good-wash", "warning warning-wash", "bad bad-wash",
		"c1 sheet", "c2 sheet", "c3 sheet", "c4 sheet",
	}
	for name, theme := range themes {
		for least, pairs := range map[float64][]string{4.5: words, 3: edges} {
			for _, pair := range pairs {
				front, ground, _ := strings.Cut(pair, " ")
				want := least
				if strings.HasPrefix(name, "elder") && (front == "ink" || front == "soft") && (ground == "paper" || ground == "sheet") {
					want = 7
				}
				if got := contrast(t, theme[front], theme[ground]); got < want {
					t.Errorf("%s: %s on %s has %.2f, must have %.1f", name, front, ground, got, want)
				}
			}
		}
		// the header is the same in all: white on the deep brand
		if got := contrast(t, "#fff", theme["brand-deep"]); got < 7 {
			t.Errorf("%s: the header has %.2f", name, got)
		}
	}
}

// Both style sheets name only tokens that exist.
func TestTokensExist(t *testing.T) {
	known := map[string]bool{}
	var sheets []string
	for _, name := range []string{"style.css", "office.css", "dark.css"} {
		raw, err := web.Files.ReadFile("static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sheets = append(sheets, string(raw))
		for _, m := range regexp.MustCompile(`(--[a-z0-9-]+):`).FindAllStringSubmatch(string(raw), -1) {
			known[m[1]] = true
		}
		if strings.Count(string(raw), "{") != strings.Count(string(raw), "}") {
			t.Errorf("%s: braces do not match", name)
		}
	}
	for _, sheet := range sheets {
		for _, m := range regexp.MustCompile(`var\((--[a-z0-9-]+)`).FindAllStringSubmatch(sheet, -1) {
			if !known[m[1]] {
				t.Errorf("%s is no token", m[1])
			}
		}
	}
}

func TestDisplayIsChosenByPost(t *testing.T) {
	h, rd, b := house(t, nil)
	rd.Office = func(r *http.Request) bool { return r.Header.Get("X-Office") != "" }
	chosen := func(form url.Values) string {
		t.Helper()
		form.Set("back", "/design")
		w := post(h, "/display", form)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/design" {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		var cookies []string
		for _, c := range w.Result().Cookies() {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
				t.Errorf("%v", c)
			}
			if c.MaxAge > 0 {
				cookies = append(cookies, c.Name+"="+c.Value)
			}
		}
		return strings.Join(cookies, "; ")
	}
	if c := chosen(url.Values{"size": {"normal"}, "look": {"auto"}, "keys": {"on"}}); c != "" {
		t.Errorf("what is usual needs no cookie: %s", c)
	}
	if c := chosen(url.Values{"size": {"huge"}, "look": {"<b>"}}); c != "" {
		t.Errorf("unknown choices are kept: %s", c)
	}
	elder := chosen(url.Values{"size": {"elder"}})
	for _, lang := range text.Languages() {
		page := get(h, "/design?lang="+lang, "Cookie", elder).Body.String()
		sane(t, page)
		for _, must := range []string{`class="elder"`, "/static/aloud.", "data-aloud-read", b.Say(lang, "web.size.leave_elder", nil)} {
			if !strings.Contains(page, must) {
				t.Errorf("%s: elder mode lacks %s", lang, must)
			}
		}
		page = get(h, "/design?lang="+lang).Body.String()
		if strings.Contains(page, "data-aloud") || strings.Contains(page, "/static/aloud.") || !strings.Contains(page, b.Say(lang, "web.size.elder", nil)) || !strings.Contains(page, `media="screen and (prefers-color-scheme: dark)"`) {
			t.Errorf("%s: the usual page is not as usual", lang)
		}
		sane(t, get(h, "/display?lang="+lang+"&back=/design", "X-Office", "1").Body.String())
	}
	if page := get(h, "/design", "Cookie", chosen(url.Values{"look": {"light"}})).Body.String(); strings.Contains(page, "/static/dark.") || strings.Contains(page, "<style media") || !strings.Contains(page, `content="light"`) {
		t.Error("light is not kept light")
	}
	if page := get(h, "/design", "Cookie", chosen(url.Values{"look": {"dark"}})).Body.String(); !strings.Contains(page, `media="screen"`) || !strings.Contains(page, `content="dark"`) {
		t.Error("dark is not kept dark")
	}
	// Single keys are the office's, and can be switched off.
	if page := get(h, "/design").Body.String(); strings.Contains(page, "/static/keys.") {
		t.Error("single keys for the public")
	}
	office := get(h, "/design", "X-Office", "1").Body.String()
	sane(t, office)
	if !strings.Contains(office, "/static/keys.") || !strings.Contains(office, `id="keysheet"`) || !strings.Contains(office, "/static/office.") {
		t.Error("the office has no keys")
	}
	if page := get(h, "/design", "X-Office", "1", "Cookie", chosen(url.Values{"keys": {"off"}})).Body.String(); strings.Contains(page, "/static/keys.") || strings.Contains(page, "keysheet") {
		t.Error("keys that were switched off are there")
	}
	if n, which := b.Missing(); n > 0 {
		t.Errorf("missing words: %v", which)
	}
}

// Every component is shown by the living page, and the page shows each in both
// languages without a missing word (TestDesignInBothLanguages).
func TestTheLivingPageShowsAll(t *testing.T) {
	h, _, _ := house(t, nil)
	page := get(h, "/design").Body.String()
	for name, must := range map[string]string{
		"button": `class="button"`, "confirm": `class="confirm"`, "tag": `class="tag `, "clock": `class="clock breached`, "notice": `class="notice warning"`, "tabs": `class="tabs"`, "case-list": `class="cases"`,
		"table": `class="table"`, "pager": `class="pager"`, "empty": `class="empty"`, "facts": `class="facts"`, "timeline": `class="timeline"`, "steps": `class="steps"`, "map": `class="map"`,
		"form": `class="form"`, "bars": `class="chart bars"`, "stacked": `class="chart stacked"`, "line": `class="chart line"`, "area": `class="chart area"`, "spark": `class="spark"`, "figure": `class="figure `,
		"toolbar": `class="toolbar"`, "photos": `class="photos"`, "tiles": `class="tiles"`,
	} {
		if !strings.Contains(page, must) {
			t.Errorf("%s is not shown", name)
		}
	}
}
