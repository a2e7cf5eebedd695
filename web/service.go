package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
)

// Files are the templates and static files as built into the program.
//
//go:embed *.html */*.html static
var Files embed.FS

// Renderer draws pages. Its exported fields are set by the roof before the first
// request and not changed afterwards.
type Renderer struct {
	// Nav gives the entries of the header for who is signed in; nil: none.
	Nav func(r *http.Request) []NavItem
	// Office says whether somebody of the office asks: such pages carry what lists,
	// charts and the keys need. nil: nobody.
	Office func(r *http.Request) bool
	// Banner is a notice above every page of somebody who must act on it; nil: none.
	Banner func(r *http.Request) *Notice
	// Demo puts the banner on every page that says this is a fictitious county.
	Demo bool
	// Place names the county or district in the header; nil: the house's own line.
	Place func(lang string) string
	// Filing is the number of the national app filing, shown in the footer.
	Filing string
	// Feedback and AboutProof are addresses in the footer; "" hides the link.
	Feedback, AboutProof string

	book func() *text.Book
	*material

	mu   sync.Mutex
	sets map[string]*set // by language
}

// set holds all pages in one language.
type set struct {
	pages, opened *template.Template // the second for who comes from outside
}

// view is what the layout sees.
type view struct {
	Lang, Path string
	Languages  []string
	Shown      Display
	Demo       bool
	Office     bool
	Keys       bool // single keys do something
	Nav        []NavItem
	Banner     *Notice
	Place      string
	Filing     string
	Feedback   string
	AboutProof string
	Data       any
}

// material is what the files hold, whatever the words and the language.
type material struct {
	assets assets
	sheets map[string]sheet
	trees  trees
	check  func() error
}

// builtIn is read once and serves every renderer of the process.
var builtIn = sync.OnceValue(func() *material { return readMaterial(Files) })

func readMaterial(files fs.FS) *material {
	m := &material{assets: loadAssets(files)}
	m.sheets = m.assets.sheets()
	rd := &Renderer{material: m, book: func() *text.Book { return &text.Book{} }}
	m.trees = readTrees(files, rd.funcs(text.Chinese))
	m.check = sync.OnceValue(func() error { return m.trees.checked(rd.funcs(text.Chinese)) })
	return m
}

// New makes the pages of the embedded templates. book gives the words in force and
// is asked anew for every text. A template that cannot be parsed spoils only its
// own page; Check names it.
func New(book func() *text.Book) *Renderer { return newRenderer(book, builtIn()) }

func newRenderer(book func() *text.Book, m *material) *Renderer {
	rd := &Renderer{material: m, book: book, sets: map[string]*set{}, Feedback: "/feedback", AboutProof: "/about/proof"}
	for _, lang := range text.Languages() {
		rd.set(lang)
	}
	return rd
}

// Check names every template that cannot be used, for the start of the program
// and for tests.
func (rd *Renderer) Check() error { return rd.check() }

func (rd *Renderer) set(lang string) *set {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	s := rd.sets[lang]
	if s == nil {
		s = rd.bind(lang)
		rd.sets[lang] = s
	}
	return s
}

// bind makes the pages of a language. It cannot fail: nothing has run yet, and
// each tree was parsed already.
func (rd *Renderer) bind(lang string) *set {
	funcs := rd.funcs(lang)
	pages := template.Must(rd.trees.bound(funcs))
	funcs["sheet"], funcs["later"] = rd.inlined, rd.later
	return &set{pages: pages, opened: template.Must(rd.trees.bound(funcs))}
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Page draws web/<name>.html with data in the request's language. The page is
// drawn whole before the first byte goes out: one that fails becomes the page of
// an internal fault. It is not to be stored by caches unless the handler said
// otherwise in Cache-Control.
func (rd *Renderer) Page(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer buffers.Put(buf)
	if err := rd.draw(buf, r, "layout", name, data); err != nil {
		httpx.Note(r, fault.New(fault.Internal, "internal").Because(err))
		if name == "fault/fault" {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		rd.Fault(w, r, fault.New(fault.Internal, "internal").Because(err))
		return
	}
	if rd.FromOutside(r) {
		rd.allow(w.Header())
	}
	rd.send(w, r, status, buf)
}

// Part draws one named template of a page without the layout, for a script that
// replaces a piece of the page in place.
func (rd *Renderer) Part(w http.ResponseWriter, r *http.Request, status int, name, part string, data any) {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer buffers.Put(buf)
	if err := rd.draw(buf, r, part, name, data); err != nil {
		rd.Fault(w, r, fault.New(fault.Internal, "internal").Because(err))
		return
	}
	rd.send(w, r, status, buf)
}

func (rd *Renderer) send(w http.ResponseWriter, r *http.Request, status int, buf *bytes.Buffer) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", text.Language(r.Context()))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	page := buf.Bytes()
	if !utf8.Valid(page) { // what was typed stands in the form again; the page is UTF-8 all the same
		page = bytes.ToValidUTF8(page, []byte("\uFFFD"))
	}
	_, _ = w.Write(page) // a reader who went away needs no answer
}

func (rd *Renderer) draw(buf *bytes.Buffer, r *http.Request, start, name string, data any) error {
	lang := text.Language(r.Context())
	own := rd.trees.pages[name]
	if own == nil {
		if err := rd.trees.bad[name]; err != nil {
			return err
		}
		return fmt.Errorf("there is no page %q: %w", name, rd.trees.bad["layout"])
	}
	s := rd.set(lang)
	if start != "layout" {
		if own[start] != nil {
			start = inPage(name, start)
		}
		return s.pages.ExecuteTemplate(buf, start, data)
	}
	page := s.pages
	if rd.FromOutside(r) {
		page = s.opened
	}
	v := view{
		Lang: lang, Path: r.URL.Path, Languages: rd.book().Languages(), Shown: displayed(r), Demo: rd.Demo,
		Filing: rd.Filing, Feedback: rd.feedback(r), AboutProof: rd.AboutProof, Data: data,
	}
	v.Office = rd.Office != nil && rd.Office(r)
	v.Keys = v.Office && !v.Shown.KeysOff
	if rd.Nav != nil {
		v.Nav = rd.Nav(r)
	}
	if rd.Banner != nil {
		v.Banner = rd.Banner(r)
	}
	if rd.Place != nil {
		v.Place = rd.Place(lang)
	}
	return page.ExecuteTemplate(buf, inPage(name, start), v)
}

// feedback is the address of the feedback page, with the kind of page it is about.
func (rd *Renderer) feedback(r *http.Request) string {
	if rd.Feedback == "" || strings.HasPrefix(r.URL.Path, rd.Feedback) {
		return rd.Feedback
	}
	return rd.Feedback + "?from=" + Whence(r.URL.Path)
}

// Say gives words in the request's language; args alternate name and value.
func (rd *Renderer) Say(r *http.Request, key string, args ...any) string {
	m, err := dict(args...)
	if err != nil {
		return key
	}
	return rd.book().Say(text.Language(r.Context()), key, m)
}

// Show writes a value as the pages do, for what is no page.
func (rd *Renderer) Show(r *http.Request, v any) string {
	if j, ok := v.(Judged); ok {
		return j.Outcome + "\n" + j.Sentence
	}
	switch s := rd.show(text.Language(r.Context()), v).(type) {
	case string:
		return s
	case template.HTML:
		return string(s)
	default:
		return fmt.Sprint(s)
	}
}

// Explain says what a fault means, in the request's language: for the Error of a
// Field or the Problem of a Form.
func (rd *Renderer) Explain(r *http.Request, err error) string {
	return httpx.Words(rd.book(), text.Language(r.Context()), fault.Of(err))
}

// Mark puts a fault onto the field it names, else onto the form as a whole.
func (rd *Renderer) Mark(r *http.Request, form *Form, err error) {
	f := fault.Of(err)
	for i := range form.Fields {
		if f.Field != "" && form.Fields[i].Name == f.Field {
			form.Fields[i].Error = rd.Explain(r, f)
			return
		}
	}
	form.Problem = rd.Explain(r, f)
}
