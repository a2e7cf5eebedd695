package app

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"linli/catalog"
	"linli/internal/identity"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/text"
)

// Every entry of the navigation has words in both languages and leads to a page;
// the public has at most five in the row itself.
func TestNavigationLeadsSomewhere(t *testing.T) {
	words, err := text.Load(fs.FS(catalog.Files))
	if err != nil {
		t.Fatal(err)
	}
	h, err := Open(t.Context(), Config{Folder: t.TempDir(), DB: dbtest.SQLite(t), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	site, err := NewSite(h, SiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	top := 0
	for _, e := range navigation {
		if e.Group == navTop && e.Sees(identity.Actor{}) {
			top++
		}
		for _, lang := range text.Languages() {
			if !words.Has(lang, e.Key) || e.Group != navTop && !words.Has(lang, "app.nav.group."+string(e.Group)) {
				t.Errorf("%s has no words in %s", e.Path, lang)
			}
		}
		w := httptest.NewRecorder()
		site.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, e.Path, nil))
		if w.Code == http.StatusNotFound || w.Code == http.StatusMethodNotAllowed || w.Code >= 500 {
			t.Errorf("%s answers %d", e.Path, w.Code)
		}
	}
	if top == 0 || top > 5 {
		t.Errorf("%d entries stand in the public's row, at most five", top)
	}
}

func TestHereFindsTheEntryAbove(t *testing.T) {
	entries := []navEntry{{Path: "/cases"}, {Path: "/admin/duty"}, {Path: "/duty"}, {Path: "/cases/saved?mine=1"}}
	for path, want := range map[string]int{"/cases": 0, "/cases/abc": 0, "/cases/saved": 3, "/admin/duty/check": 1, "/duty": 2, "/casesx": -1, "/": -1} {
		if got := here(entries, path); got != want {
			t.Errorf("%s lies in %d, want %d", path, got, want)
		}
	}
}
