package web

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"linli/internal/kit/text"
)

// Pages share one name space: what one page names does not reach another, and what
// is wrong in one spoils only that one.
func TestPagesKeepTheirNames(t *testing.T) {
	files := fstest.MapFS{
		"layout.html":          {Data: []byte(`{{define "layout"}}[{{block "title" .}}none{{end}}|{{block "main" .}}{{end}}]{{end}}`)},
		"component/parts.html": {Data: []byte(`{{define "part"}}shared{{end}}`)},
		"room/one.html":        {Data: []byte(`{{define "main"}}{{template "part"}} {{if .Data}}{{else}}{{range list 1 2}}{{template "own" .}}{{end}}{{end}}{{end}}{{define "own"}}one{{.}}{{end}}`)},
		"room/two.html":        {Data: []byte(`{{define "title"}}two{{end}}{{define "main"}}{{with "x"}}{{template "own"}}{{end}} {{template "part"}}{{end}}{{define "own"}}two{{end}}{{define "part"}}mine{{end}}`)},
		"room/wall.html":       {Data: []byte(`{{define "layout"}}wall {{template "main"}}{{end}}{{define "main"}}its own{{end}}`)},
		"room/torn.html":       {Data: []byte(`{{define "main"}}{{if}}{{end}}`)},
		"room/lost.html":       {Data: []byte(`{{define "main"}}{{template "nowhere"}}{{end}}`)},
		"static/style.css":     {Data: []byte(`a{}`)},
	}
	rd := newRenderer(func() *text.Book { return &text.Book{} }, readMaterial(files))
	for page, want := range map[string]string{"room/one": "[none|shared one1one2]", "room/two": "[two|two mine]", "room/wall": "wall its own"} {
		var out strings.Builder
		if err := rd.set(text.Chinese).pages.ExecuteTemplate(&out, inPage(page, "layout"), view{}); err != nil || out.String() != want {
			t.Errorf("%s: %q, want %q: %v", page, out.String(), want, err)
		}
	}
	err := rd.Check()
	if err == nil || !strings.Contains(err.Error(), "torn.html") || !strings.Contains(err.Error(), "room/lost") || strings.Contains(err.Error(), "room/one") {
		t.Errorf("what is wrong is not named: %v", err)
	}
	if err := rd.set(text.English).opened.ExecuteTemplate(io.Discard, inPage("room/two", "layout"), view{}); err != nil {
		t.Error(errors.Join(errors.New("a page that is wrong spoils others"), err))
	}
}
