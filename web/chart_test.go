package web_test

import (
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/web"
)

func drawn(t testing.TB, c web.Chart) string {
	t.Helper()
	h, _, _ := house(t, func(mux *http.ServeMux, rd *web.Renderer) {
		mux.HandleFunc("GET /chart", func(w http.ResponseWriter, r *http.Request) { rd.Part(w, r, 200, "design/design", "chart", c) })
	})
	w := get(h, "/chart")
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestBarsCarryTheirNumbersInWords(t *testing.T) {
	page := drawn(t, web.Chart{ID: "c", Kind: web.Bars, Title: "in time", Head: "unit", Unit: "%", Most: 100, Labels: []string{"a", "b"}, Links: []string{"/cases?unit=a"}, Target: &web.Target{Name: "aim", Value: 95},
		Series: []web.Series{{Name: "now", Points: []web.Point{{Value: 50, Said: "50% (1/2)"}, {None: true}}}, {Name: "before", Points: []web.Point{{Value: 120}, {Value: -3}}}}})
	for _, must := range []string{`width="50%"`, "50% (1/2)", "没有数据", "120%", `fill="url(#c-p2)"`, `id="c-p2"`, `x1="95%"`, `href="/cases?unit=a"`, "aim 95%", "now </span>", `<th scope="row">b</th>`} {
		if !strings.Contains(page, must) {
			t.Errorf("the chart lacks %s", must)
		}
	}
	if strings.Contains(page, "-3") || strings.Contains(page, "style=") {
		t.Error(page)
	}
	for _, m := range regexp.MustCompile(`width="([0-9.]+)%"`).FindAllStringSubmatch(page, -1) {
		if m[1] == "120" {
			t.Error("a bar leaves its ground")
		}
	}
}

func TestLinesBreakWhereThereIsNoData(t *testing.T) {
	page := drawn(t, web.Chart{ID: "c", Kind: web.Area, Title: "by month", Head: "month", Labels: []string{"1", "2", "3", "4"},
		Series: []web.Series{{Name: "n", Points: []web.Point{{Value: 5}, {Value: 10}, {None: true}, {Value: 0}}}}})
	for _, must := range []string{`d="M0 50L33.33 0M100 100"`, `role="img"`, `aria-labelledby="c-t c-d"`, `<title id="c-t">by month</title>`, "<details", "没有数据", `<td class="n" data-name="n">10</td>`} {
		if !strings.Contains(page, must) {
			t.Errorf("the chart lacks %s:\n%s", must, page)
		}
	}
}

func TestChartOfNothing(t *testing.T) {
	if page := drawn(t, web.Chart{ID: "c", Kind: web.Bars, Empty: web.Empty{Title: "nothing yet"}}); !strings.Contains(page, "nothing yet") || strings.Contains(page, "<figure") {
		t.Error(page)
	}
	one := drawn(t, web.Chart{ID: "c", Kind: web.Line, Title: "one", Labels: []string{"x"}, Series: []web.Series{{Name: "n", Points: []web.Point{{Value: 0}}}}})
	if !strings.Contains(one, `x="50%"`) || strings.Contains(one, "NaN") {
		t.Error(one)
	}
	short := drawn(t, web.Chart{ID: "c", Kind: web.Stacked, Title: "short", Labels: []string{"x", "y"}, Series: []web.Series{{Name: "n"}}})
	if !strings.Contains(short, "没有数据") {
		t.Error(short)
	}
}

// Whatever the numbers and words are, nothing leaves its place and nothing is
// taken for markup.
func TestChartsOfAnything(t *testing.T) {
	rd, _ := renderer(t)
	h := http.NewServeMux()
	var c web.Chart
	h.HandleFunc("GET /chart", func(w http.ResponseWriter, r *http.Request) { rd.Part(w, r, 200, "design/design", "chart", c) })
	place := regexp.MustCompile(`[\s"](?:x|y|x1|x2|y1|y2|width)="(-?[0-9.]+)%"`)
	words := rapid.SampledFrom([]string{"路灯", `"><script>alert(1)</script>`, "", "' onload=x", "</title></svg>", "{{.}}", strings.Repeat("长", 300)})
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 14).Draw(rt, "labels")
		c = web.Chart{ID: "c", Kind: rapid.SampledFrom([]web.ChartKind{web.Bars, web.Stacked, web.Line, web.Area}).Draw(rt, "kind"),
			Title: words.Draw(rt, "title"), Unit: words.Draw(rt, "unit"), Most: rapid.SampledFrom([]float64{0, 100, -1}).Draw(rt, "most")}
		for range n {
			c.Labels = append(c.Labels, words.Draw(rt, "label"))
		}
		if rapid.Bool().Draw(rt, "aims") {
			c.Target = &web.Target{Name: words.Draw(rt, "target"), Value: rapid.Float64().Draw(rt, "aim")}
		}
		for range rapid.IntRange(1, 4).Draw(rt, "series") {
			s := web.Series{Name: words.Draw(rt, "name")}
			for range rapid.IntRange(0, n+2).Draw(rt, "points") {
				v := rapid.OneOf(rapid.Float64(), rapid.Float64Range(0, 500), rapid.SampledFrom([]float64{0, math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64})).Draw(rt, "value")
				s.Points = append(s.Points, web.Point{Value: v, None: rapid.Bool().Draw(rt, "none")})
			}
			c.Series = append(c.Series, s)
		}
		page := get(h, "/chart").Body.String()
		if strings.Contains(page, "<script") || strings.Contains(page, "NaN") || strings.Contains(page, "Inf") || !strings.Contains(page, "<figure") {
			rt.Fatal(page)
		}
		if strings.Count(page, "<svg") != strings.Count(page, "</svg>") {
			rt.Fatal("a picture is not closed")
		}
		for _, m := range place.FindAllStringSubmatch(page, -1) {
			if at, err := strconv.ParseFloat(m[1], 64); err != nil || at < 0 || at > 100 {
				rt.Fatalf("at %s%%", m[1])
			}
		}
	})
}
