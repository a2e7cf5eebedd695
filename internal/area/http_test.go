package area

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"linli/catalog"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// door serves the room as the house does.
func door(t testing.TB, s *Service) func(path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	book, err := text.Load(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	api := httpx.NewAPI(mux)
	pages := web.New(func() *text.Book { return book })
	s.Routes(mux, api, pages)
	h := httpx.New(mux, httpx.Options{Book: func() *text.Book { return book }, Log: slog.New(slog.DiscardHandler)}).Handler()
	return func(path string, headers ...string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, path, nil)
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
}

func TestAPI(t *testing.T) {
	get := door(t, drawn(t))
	for _, v := range []struct {
		path   string
		status int
		has    string
	}{
		{"/api/v1/areas/" + east, 200, `"name":"东园社区"`},
		{"/api/v1/areas/" + east, 200, `"level":"community"`},
		{"/api/v1/areas/" + east + "001", 200, `"phone":"0518-12345678"`},
		{"/api/v1/areas/" + street, 200, `"below":[{"code":"320703001001"`},
		{"/api/v1/areas/320703001099", 404, "area.unknown"},
		{"/api/v1/areas/12345", 422, "area.code_shape"},
		{"/api/v1/areas/abc", 422, ""},
		{"/api/v1/areas?q=" + url.QueryEscape("东园"), 200, `"name":"东园小学"`},
		{"/api/v1/areas?q=" + url.QueryEscape("东园") + "&under=" + west, 200, `"found":[]`},
		{"/api/v1/areas?under=" + street, 200, east},
		{"/api/v1/areas", 200, "连云区"},
		{"/api/v1/areas?limit=0&q=x", 422, ""},
		{"/api/v1/areas?q=%FF", 422, ""},
		{"/api/v1/locate?lon=119.2025&lat=34.7025&datum=WGS-84", 200, `"status":"inside","grid":"` + east + `001"`},
		{"/api/v1/locate?lon=119.2025&lat=34.7025&datum=WGS-84&uncertainty=400", 200, `"status":"several","point"`},
		{"/api/v1/locate?lon=119.205&lat=34.7025&datum=CGCS2000", 200, `"status":"border"`},
		{"/api/v1/locate?lon=119.2025&lat=34.7025", 422, "geo.datum_missing"},
		{"/api/v1/locate?lon=119.2025&lat=34.7025&datum=GPS", 422, "geo.datum_unknown"},
		{"/api/v1/locate?lon=119.2025&datum=WGS-84", 422, ""},
		{"/api/v1/locate?lon=NaN&lat=34&datum=WGS-84", 422, ""},
		{"/api/v1/locate?lon=119&lat=1e400&datum=WGS-84", 422, ""},
		{"/api/v1/locate?lon=34&lat=119&datum=WGS-84", 422, "geo.out_of_range"},
		{"/api/v1/locate?lon=119&lat=34&datum=WGS-84&uncertainty=-1", 422, ""},
		{"/api/v1/locate?lon=119&lat=34&datum=WGS-84&uncertainty=NaN", 422, ""},
		{"/api/v1/locate?lon=119&lat=34&datum=WGS-84&uncertainty=999999", 422, "area.uncertainty"},
		{"/api/v1/grids.geojson?datum=GCJ-02", 200, `"FeatureCollection"`},
		{"/api/v1/grids.geojson", 422, "geo.datum_missing"},
	} {
		w := get(v.path)
		if w.Code != v.status || !strings.Contains(w.Body.String(), v.has) {
			t.Errorf("%s: %d %s, want %d with %s", v.path, w.Code, w.Body, v.status, v.has)
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s is no JSON", v.path)
		}
	}
	// one point in every datum is the same place
	for _, d := range geo.Datums() {
		p, err := geo.From(pt(119.2025, 34.7025), d)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(p)
		var at struct{ Lon, Lat json.Number }
		json.Unmarshal(b, &at)
		w := get("/api/v1/locate?lon=" + at.Lon.String() + "&lat=" + at.Lat.String() + "&datum=" + string(d))
		if !strings.Contains(w.Body.String(), `"point":{"lon":119.2025,"lat":34.7025}`) {
			t.Errorf("%s: %s", d, w.Body)
		}
	}
}

func TestMapsOverHTTP(t *testing.T) {
	s := drawn(t)
	get := door(t, s)
	view := s.FitView(context.Background(), "", 320, 240)
	address := MapAddress("svg", PictureRequest{View: view, Names: true, Highlight: []string{east + "001"},
		Marks: []Mark{{Point: pt(119.2025, 34.7031), Label: "我,在这里"}}})
	w := get(address)
	if w.Code != 200 || w.Header().Get("Content-Type") != "image/svg+xml" || !strings.Contains(w.Body.String(), "我,在这里") ||
		!strings.Contains(w.Body.String(), "网格示意图") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if again := get(address, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("asked again: %d", again.Code)
	}
	if en := get(address, "Accept-Language", "en"); !strings.Contains(en.Body.String(), "Sketch map") {
		t.Errorf("in English: %s", en.Body)
	}
	w = get("/map.png?under=" + east)
	if img, err := png.Decode(bytes.NewReader(w.Body.Bytes())); err != nil || img.Bounds().Dx() != 640 {
		t.Errorf("%d %v", w.Code, err)
	}
	for _, bad := range []string{"?c=1", "?c=119,34&mpp=0&w=100&h=100", "?w=9999999&h=2", "?w=x&h=y", "?mark=1", "?mark=999,999",
		"?c=119,34&mpp=1&w=100&h=100&mark=119,34," + strings.Repeat("x", 100)} {
		for _, kind := range []string{"/map.svg", "/map.png"} {
			if w := get(kind + bad); w.Code != 422 {
				t.Errorf("%s%s: %d", kind, bad, w.Code)
			}
		}
	}
}

func TestGridQR(t *testing.T) {
	s := drawn(t)
	get := door(t, s)
	w := get("/grid-qr/" + east + "001.png")
	if _, err := png.Decode(bytes.NewReader(w.Body.Bytes())); w.Code != 200 || err != nil {
		t.Errorf("%d %v", w.Code, err)
	}
	s.SetPublicAddress("https://linli.example/")
	other := get("/grid-qr/" + east + "001.png")
	if bytes.Equal(other.Body.Bytes(), w.Body.Bytes()) {
		t.Error("the public address is not in the code")
	}
	for path, status := range map[string]int{"/grid-qr/" + east + "999.png": 404, "/grid-qr/" + east + "001": 404, "/grid-qr/x.png": 422, "/grid-qr/" + east + ".png": 422} {
		if w := get(path); w.Code != status {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
