package home_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/kit/db/dbtest"
)

func door(t *testing.T) func(path string) *httptest.ResponseRecorder {
	t.Helper()
	c := apptest.New(t, dbtest.SQLite(t))
	site, err := app.NewSite(c.House, app.SiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h := site.Handler()
	return func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(context.Background(), "GET", path, nil)
		r.Header.Set("Accept-Language", "zh-CN")
		h.ServeHTTP(w, r)
		return w
	}
}

func TestPages(t *testing.T) {
	get := door(t)
	for path, want := range map[string][]string{
		"/grid": {"您住在哪里", "at.words"},
		"/grid?at.words=" + url.QueryEscape("清河菜市场"): {"清河菜市场", "lon=118.205200"},
		"/grid?q=" + url.QueryEscape("石桥村"):          {"/area/999901100201"},
		"/grid?q=" + url.QueryEscape("没有这个地方"):       {"没有找到"},
		"/grid?datum=WGS-84&lon=118.9&lat=35.9":      {"以外"},
		"/grid/999901001001001":                      {"网格员", "12345", "/report?grid=999901001001001", "清河街道", "/area/999901001001", "poster.pdf"},
		"/area/999901001001":                         {"/grid/999901001001001", "清河街道"},
		"/area/999901001":                            {"/area/999901001001", "云溪县"},
	} {
		w := get(path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
		for _, s := range want {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s does not say %s", path, s)
			}
		}
	}
}

func TestWaysOn(t *testing.T) {
	get := door(t)
	for path, to := range map[string]string{
		"/grid?datum=WGS-84&lon=118.2052&lat=34.3258": "/grid/999901001001",
		"/grid?code=999901001001001":                  "/grid/999901001001001",
		"/grid?code=999901001001":                     "/area/999901001001",
	} {
		w := get(path)
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), to) {
			t.Errorf("%s: %d to %s", path, w.Code, w.Header().Get("Location"))
		}
	}
	for path, status := range map[string]int{
		"/grid?lon=118&lat=34":                      422, // which datum?
		"/grid?datum=WGS-84&lon=x&lat=34":           422,
		"/grid?datum=WGS-84&lon=500&lat=34":         422,
		"/grid/999901001001999":                     404,
		"/grid/" + url.PathEscape("<b>"):            422,
		"/area/999901777":                           404,
		"/grid/999901001001999/poster.pdf":          404,
		"/area/999901001001/posters.pdf":            303, // sign in first
		"/grid?at.words=" + strings.Repeat("长", 90): 422,
	} {
		if w := get(path); w.Code != status {
			t.Errorf("%s: %d, want %d", path, w.Code, status)
		}
	}
}

func TestPoster(t *testing.T) {
	get := door(t)
	w := get("/grid/999901001001001/poster.pdf")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/pdf" || !strings.HasPrefix(w.Body.String(), "%PDF-") {
		t.Errorf("%d %s", w.Code, w.Header().Get("Content-Type"))
	}
	if w.Body.String() != get("/grid/999901001001001/poster.pdf").Body.String() {
		t.Error("the same poster twice differs")
	}
}
