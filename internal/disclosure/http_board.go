package disclosure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"linli/internal/area"
	"linli/internal/kit/clock"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/internal/procedure"
	"linli/web"
)

// page is a drawn board as it is sent to everybody.
type page struct {
	body   []byte
	tag    string
	policy string // which style sheets the page may carry within itself
}

// boardPage is a board as the template draws it.
type boardPage struct {
	Title, Code, Level string
	Columns            []columnView
	Past               []pastView
	Empty              web.Empty
	Persons            bool // lists of persons stand on it: it is not indexed
	Print              string
	Paper              string
	Today              clock.Day
	Owes               string // for staff of the village
}

type columnView struct {
	Name    string
	Entries []entryView
}

type pastView struct{ Href, Title, Period string }

type entryView struct {
	ID, Title, Period, Number string
	Norm, Unsure              string
	Posted                    clock.Instant
	Until                     string
	Now                       versionView
	Older                     []versionView
	Persons                   bool
	Questions                 []Answer
	Ask, Notice, QR, Proof    string
	Own                       string // page of the room that published it, such as the books line by line
	Mask                      string // for who may strike
}

type versionView struct {
	Title  string
	Posted clock.Instant
	Late   clock.Instant
	Texts  []saidView
	Files  []fileView
	Masks  []maskView
	Proof  string
}

type saidView struct {
	Label, Text string
	Plain       bool // the contents themselves, without a label
}

type fileView struct {
	Src, Words string
	Picture    bool
}

type maskView struct {
	At     clock.Instant
	Reason string
}

func (e *edge) getBoard(w http.ResponseWriter, r *http.Request) {
	plain := !who(r).Known() && len(r.Cookies()) == 0 && r.URL.RawQuery == ""
	b, err := e.Board(r.Context(), r.PathValue("area"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	key := fmt.Sprint(b.Area.Code, " ", lang(r), " ", e.rd.FromOutside(r))
	if plain {
		if p, ok := e.drawn(key, b); ok {
			p.send(w, r, b)
			return
		}
	}
	v := e.board(r, b)
	if !plain {
		e.robots(w, b)
		e.rd.Page(w, r, http.StatusOK, "disclosure/board", v)
		return
	}
	const policy = "Content-Security-Policy"
	hold := &taken{header: http.Header{policy: w.Header()[policy]}}
	e.rd.Page(hold, r, http.StatusOK, "disclosure/board", v)
	sum := sha256.Sum256(hold.body.Bytes())
	p := page{hold.body.Bytes(), `"` + hex.EncodeToString(sum[:12]) + `"`, hold.header.Get(policy)}
	if hold.status == http.StatusOK {
		e.keep(key, b, p)
	}
	p.send(w, r, b)
}

// drawn gives the page that was drawn of exactly this board.
func (s *Service) drawn(key string, b *Board) (page, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.pages[key]
	return p, ok && s.boards[b.Area.Code].board == b
}

func (s *Service) keep(key string, b *Board, p page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.boards[b.Area.Code].board == b {
		s.pages[key] = p
	}
}

// send gives a page that a browser may keep and asks for again: what was struck is
// gone at the next look.
func (p page) send(w http.ResponseWriter, r *http.Request, b *Board) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", p.tag)
	h.Set("Content-Security-Policy", p.policy)
	h.Add("Vary", "Cookie, Accept-Language, Referer")
	if b.lists() {
		h.Set("X-Robots-Tag", "noindex, noarchive")
	}
	if strings.TrimPrefix(r.Header.Get("If-None-Match"), "W/") == p.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(p.body) // a reader who went away needs no answer
}

func (e *edge) robots(w http.ResponseWriter, b *Board) {
	if b.lists() {
		w.Header().Set("X-Robots-Tag", "noindex, noarchive")
	}
}

// lists says whether lists of persons stand on the board.
func (b *Board) lists() bool {
	for _, c := range b.Columns {
		for _, e := range c {
			if e.Persons {
				return true
			}
		}
	}
	return false
}

// taken takes a page before it is sent.
type taken struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header of the answer.
func (h *taken) Header() http.Header { return h.header }

// WriteHeader keeps the status.
func (h *taken) WriteHeader(status int) { h.status = status }

// Write keeps the body.
func (h *taken) Write(p []byte) (int, error) { return h.body.Write(p) }

// columnsOf are the words of the columns: a community's affairs are called
// otherwise than a village's.
func (e *edge) columnName(r *http.Request, column, code string) string {
	if column == Affairs && procedure.LevelName(code) == "community" {
		return e.say(r, "column.affairs_community")
	}
	return e.say(r, "column."+column)
}

func (e *edge) board(r *http.Request, b *Board) *boardPage {
	code := b.Area.Code
	v := &boardPage{Title: nameOf(r, b.Area), Code: code, Level: procedure.LevelName(code), Persons: b.lists(), Print: "/board/" + code + "/print", Today: e.Clock.Now().Day(),
		Empty: web.Empty{Title: e.say(r, "board.empty"), Text: e.say(r, "board.empty.text")}}
	a := who(r)
	staff := a.Known() && len(a.Posts) > 0
	if staff {
		v.Owes = "/due/" + code
	}
	for _, column := range Columns {
		c := columnView{Name: e.columnName(r, column, code)}
		for _, one := range b.Columns[column] {
			c.Entries = append(c.Entries, e.entryView(r, one, staff))
		}
		v.Columns = append(v.Columns, c)
	}
	for _, one := range b.Past {
		v.Past = append(v.Past, pastView{"/notices/" + one.Number, e.title(r, one), e.period(r, one.Period)})
	}
	return v
}

// ownPages are the public pages of what other procedures publish, before area and
// period.
var ownPages = map[string]string{"village-accounts": "/books/"}

func nameOf(r *http.Request, a area.Area) string {
	return in(r, map[string]string{"zh": a.Name, "en": a.NameEn})
}

// title is what a publication is called: as the office called it, in English the
// catalogue's words where the office kept them.
func (e *edge) title(r *http.Request, one *Entry) string {
	switch {
	case one.Known && (one.Title == "" || one.Title == one.Item.Words["zh"]):
		return one.Item.Words.In(lang(r))
	case one.Title == "":
		return in(r, one.Procedure)
	}
	return one.Title
}

func (e *edge) entryView(r *http.Request, one *Entry, staff bool) entryView {
	v := entryView{ID: one.Case, Title: e.title(r, one), Period: e.period(r, one.Period), Number: one.Number, Persons: one.Persons,
		Norm: one.Item.Norm, Questions: one.Questions, Ask: "/ask/" + one.Case, Notice: "/notices/" + one.Number, QR: "/board/qr/" + one.Case + "/p.png"}
	if one.Item.Verified == "M" {
		v.Unsure = e.say(r, "unverified")
	}
	if one.Until > 0 {
		key := "stands"
		if e.Clock.Now().Day() > one.Until {
			key = "stood"
		}
		v.Until = e.say(r, key, "day", one.Until)
	}
	for i, old := range one.Versions {
		view := e.versionView(r, one, old, len(one.Versions)-i)
		if i == 0 {
			v.Now, v.Posted, v.Proof = view, old.Posted, view.Proof
		} else {
			v.Older = append(v.Older, view)
		}
	}
	if at := ownPages[one.Item.Procedure]; at != "" {
		v.Own = at + one.Area + "/" + one.Period
	}
	if staff {
		v.Mask = "/mask/" + one.Case
	}
	return v
}

func (e *edge) versionView(r *http.Request, one *Entry, old Version, n int) versionView {
	v := versionView{Title: e.say(r, "version", "n", n, "act", text.Words(old.Words)), Posted: old.Posted, Proof: "/proof/" + old.Act}
	if old.Posted.Day() != old.Recorded.Day() {
		v.Late = old.Recorded
	}
	for _, t := range old.Texts {
		said := saidView{Label: in(r, t.Label), Plain: t.Field == "contents"}
		if said.Text = e.written(r, t); said.Text != "" {
			v.Texts = append(v.Texts, said)
		}
	}
	for i, f := range old.Files {
		v.Files = append(v.Files, fileView{Src: "/board/file/" + one.Case + "/" + f.ID, Words: e.say(r, "file", "n", i+1, "title", one.Title), Picture: f.Picture})
	}
	for _, m := range old.Masks {
		v.Masks = append(v.Masks, maskView(m))
	}
	return v
}

// written writes a published value: money in yuan, what the law said by its
// sentence.
func (e *edge) written(r *http.Request, t Said) string {
	switch x := t.Value.(type) {
	case law.Decision:
		return x.Sentence().In(lang(r))
	case int64:
		if t.Type == "money" {
			return e.say(r, "money", "yuan", fmt.Sprintf("%d.%02d", x/100, max(x%100, -(x%100))))
		}
	}
	return e.rd.Show(r, t.Value)
}

// getPrint is the board for the wall, on A3 or A4, with a code beside each entry
// that leads to its versions and their proof.
func (e *edge) getPrint(w http.ResponseWriter, r *http.Request) {
	b, err := e.Board(r.Context(), r.PathValue("area"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	v := e.board(r, b)
	if v.Paper = "a3"; r.URL.Query().Get("paper") == "a4" {
		v.Paper = "a4"
	}
	w.Header().Set("X-Robots-Tag", "noindex, noarchive")
	e.rd.Page(w, r, http.StatusOK, "disclosure/print", v)
}

// finderPage finds a village's board.
type finderPage struct {
	Form   web.Form
	Typed  string
	Found  []wayView
	Above  []wayView
	Below  []wayView
	Title  string
	Empty  web.Empty
	Search bool
}

type wayView struct{ Href, Text, Note string }

const mostFound = 30

func (e *edge) getFinder(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	v := finderPage{Title: e.say(r, "finder"), Empty: web.Empty{Title: e.say(r, "finder.none")}}
	typed, err := text.Clean(q.Get("q"), 40)
	if err != nil {
		typed = ""
	}
	v.Typed, v.Search = typed, typed != ""
	v.Form = web.Form{Action: "/board", Method: "get", ID: "find", Submit: e.say(r, "finder.go"), Fields: []web.Field{{Name: "q", Label: e.say(r, "finder.q"), Type: "text", Value: typed, Max: 40}}}
	ctx := r.Context()
	if v.Search {
		found, err := e.Areas.Find(ctx, typed, "", mostFound)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		for _, f := range found {
			if f.Kind == area.FoundArea && area.LevelOf(f.Code) == area.Community {
				v.Found = append(v.Found, e.way(ctx, r, f.Code))
			}
		}
	} else if err := e.browse(ctx, r, &v, q.Get("under")); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "disclosure/finder", v)
}

// way leads to the board of a village, or to what lies under a larger area.
func (e *edge) way(ctx context.Context, r *http.Request, code string) wayView {
	v := wayView{Href: "/board?under=" + code, Text: code}
	if area.LevelOf(code) == area.Community {
		v.Href = "/board/" + code
		if up, err := e.Areas.Get(ctx, area.Parent(code)); err == nil {
			v.Note = nameOf(r, up)
		}
	}
	if a, err := e.Areas.Get(ctx, code); err == nil {
		v.Text = nameOf(r, a)
	}
	return v
}

// browse goes down from the largest area that has more than one below it.
func (e *edge) browse(ctx context.Context, r *http.Request, v *finderPage, under string) error {
	if area.LevelOf(under) >= area.Community || area.LevelOf(under) == area.NoLevel {
		under = ""
	}
	list, err := e.Areas.Children(ctx, under)
	if err != nil {
		return err
	}
	for len(list) == 1 && area.LevelOf(list[0].Code) < area.Street {
		if list, err = e.Areas.Children(ctx, list[0].Code); err != nil {
			return err
		}
	}
	for _, a := range list {
		v.Below = append(v.Below, e.way(ctx, r, a.Code))
	}
	if under != "" {
		v.Above = append(v.Above, wayView{Href: "/board?under=" + area.Parent(under), Text: e.say(r, "finder.up")})
		if a, err := e.Areas.Get(ctx, under); err == nil {
			v.Title = nameOf(r, a)
		}
	}
	return nil
}

// askPage asks about a publication, without account.
type askPage struct {
	Title, About, Back string
	Form               web.Form
}

func (e *edge) getAsk(w http.ResponseWriter, r *http.Request) {
	n, err := e.Cases.Notice(r.Context(), r.PathValue("case"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p, err := e.Cases.Procedure(r.Context(), Questions)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	field := func(name string, required bool) web.Field {
		f := p.Field(name)
		out := web.Field{Name: name, Label: in(r, f.Label), Help: in(r, f.Help), Type: f.Type, Required: required, Max: int64(f.Max), Purpose: in(r, f.Purpose), Sealed: f.Sealed}
		for _, o := range f.Options {
			out.Options = append(out.Options, web.Option{Value: o.Value, Label: in(r, o.Label)})
		}
		return out
	}
	kind := field("kind", false)
	kind.Value = "question"
	v := askPage{Title: e.say(r, "ask"), About: n.Subject, Back: "/board/" + community(n.Area)}
	v.Form = web.Form{Action: "/new/" + Questions + "/" + actAsk, ID: "ask", Submit: e.say(r, "ask.send"), Fields: []web.Field{kind, field("words", true), field("phone", false)},
		Hidden: []web.Option{{Label: fieldAbout, Value: n.Number}, {Label: "_key", Value: seal.Token()}}}
	e.rd.Page(w, r, http.StatusOK, "disclosure/ask", v)
}
