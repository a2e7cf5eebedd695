package publicity

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"linli/internal/area"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/internal/procedure"
	"linli/web"
)

// publicLine is one request in the list.
type publicLine struct {
	Href, Title, Class, Place string
	Excerpt                   string
	State                     web.Tag
	Opened                    clock.Day
	Unit                      string
	Voices                    int64
	Facts                     []string
	Photos                    int
}

// listPage is the public list.
type listPage struct {
	Form            web.Form
	Filtered        bool
	Total           int64
	Lines           []publicLine
	Empty           web.Empty
	Pager           web.Pager
	Map             *web.Map
	Counts          []countLine
	Feed, Subscribe string
	Report          string
}

type countLine struct {
	Href, Name string
	N          int64
}

// readFilter reads what a visitor chose. Fault: Invalid at the field.
func (e *edge) readFilter(r *http.Request) (Filter, error) {
	q := r.URL.Query()
	f := Filter{State: q.Get("state"), After: q.Get("after")}
	var err error
	if class := q.Get("class"); class != "" {
		if f.Classes, err = e.classes(r.Context(), []string{class}); err != nil {
			return f, err
		}
	}
	if f.Area = q.Get("area"); f.Area != "" && (len(f.Area) > communityDigits || strings.Trim(f.Area, "0123456789") != "") {
		return f, fault.New(fault.Invalid, "publicity.area").At("area")
	}
	if f.State != "" && !procedure.IDPattern.MatchString(f.State) {
		return f, fault.New(fault.Invalid, "publicity.state").At("state")
	}
	words, err := text.Clean(q.Get("q"), mostWords)
	if err != nil {
		return f, fault.Of(err).At("q")
	}
	f.Words = text.Fold(words)
	if f.After != "" {
		if _, _, ok := cursor(f.After); !ok {
			return f, fault.New(fault.Invalid, "casework.cursor").At("after")
		}
	}
	return f, nil
}

func (e *edge) getRequests(w http.ResponseWriter, r *http.Request) {
	p := &listPage{Report: "/report"}
	f, wrong := e.readFilter(r)
	var err error
	if p.Form, err = e.listForm(r); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if wrong != nil {
		if fault.Of(wrong).Kind == fault.Internal || fault.Of(wrong).Field == "after" {
			httpx.Fail(w, r, wrong)
			return
		}
		guarded(w)
		httpx.Note(r, fault.Of(wrong))
		e.rd.Mark(r, &p.Form, wrong)
		e.rd.Page(w, r, httpx.Status(fault.Of(wrong)), "publicity/list", p)
		return
	}
	l, err := e.list(r.Context(), f)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if err := e.fillList(r, p, l, f); err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.page(w, r, "publicity/list", p)
}

func (e *edge) fillList(r *http.Request, p *listPage, l *listing, f Filter) error {
	q := r.URL.Query()
	p.Total = l.total
	p.Filtered = len(f.Classes) > 0 || f.Area != "" || f.State != "" || f.Words != ""
	for i, one := range l.lines {
		line, err := e.publicLine(r, l, one, l.copies[i])
		if err != nil {
			return err
		}
		p.Lines = append(p.Lines, line)
	}
	p.Empty = web.Empty{Title: e.say(r, "list.none"), Text: e.say(r, "list.none.text"), Links: []web.NavItem{{Href: "/report", Text: e.say(r, "report_now")}}}
	if p.Filtered {
		p.Empty.Links = append(p.Empty.Links, web.NavItem{Href: "/requests", Text: e.say(r, "list.all")})
	}
	if f.After != "" {
		first := url.Values{}
		for k, v := range q {
			if k != "after" {
				first[k] = v
			}
		}
		p.Pager.First = address("/requests", first)
	}
	if l.next != "" {
		next := url.Values{}
		for k, v := range q {
			next[k] = v
		}
		next.Set("after", l.next)
		p.Pager.Next = address("/requests", next)
	}
	at := url.Values{}
	for _, k := range []string{"class", "area"} {
		if q.Get(k) != "" {
			at.Set(k, q.Get(k))
		}
	}
	p.Feed, p.Subscribe = address("/requests/feed", at), address("/requests/subscribe", at)
	return e.mapOf(r, p, l, f)
}

func address(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (e *edge) publicLine(r *http.Request, l *listing, one shownLine, c *Copy) (publicLine, error) {
	p, err := e.Cases.ProcedureAt(r.Context(), Procedure, one.Edition)
	if err != nil {
		return publicLine{}, err
	}
	line := publicLine{Href: "/requests/" + one.Case, Class: e.class(r, one.Class), Title: c.Title, Place: l.names[one.Area], Opened: one.Opened.Day(),
		Unit: in(r, l.units[one.Unit]), Voices: one.Voices, Photos: len(c.Photos)}
	if s := p.State(one.State); s != nil {
		line.State = web.Tag{Text: in(r, wordsOf(s.Words)), Tone: toneOf(one.Kind, one.State)}
	}
	if line.Title == "" {
		line.Title = line.Class
	}
	for _, t := range c.Texts {
		if t.Field == "words" && t.Text != c.Title {
			line.Excerpt = shortened(t.Text, 90)
		}
	}
	line.Facts = e.rates(r, p, one.line)
	return line, nil
}

// rates are what the reporter said of the outcome, as it was given.
func (e *edge) rates(r *http.Request, p *procedure.Procedure, l line) (out []string) {
	for _, f := range [][2]string{{"solved", l.Solved}, {"satisfied", l.Satisfied}} {
		def := p.Field(f[0])
		if def == nil || f[1] == "" {
			continue
		}
		for _, o := range def.Options {
			if o.Value == f[1] {
				out = append(out, in(r, wordsOf(o.Label)))
			}
		}
	}
	return out
}

func shortened(s string, most int) string {
	runes := []rune(strings.Join(strings.Fields(s), " "))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most]) + "\u2026"
}

func toneOf(kind, state string) web.Tone {
	switch {
	case kind == procedure.Done || state == "closed":
		return web.Good
	case kind == procedure.Final:
		return web.Quiet
	case kind == procedure.Waiting:
		return web.Warning
	}
	return web.Info
}

// Size of the map's picture: its letters are read on a phone, where it is narrower.
const mapWidth, mapHeight = 440, 280

// mapOf draws one dot for every community, with how many requests lie there:
// never where in it.
func (e *edge) mapOf(r *http.Request, p *listPage, l *listing, f Filter) error {
	under := f.Area
	if under == "" {
		root, err := e.root(r.Context())
		if fault.Is(err, fault.Unmet) {
			return nil
		}
		if err != nil {
			return err
		}
		under = root.Area
	}
	q := r.URL.Query()
	q.Del("after")
	req := area.PictureRequest{View: e.Areas.FitView(r.Context(), under, mapWidth, mapHeight)}
	for _, c := range l.counts {
		q.Set("area", c.Area)
		p.Counts = append(p.Counts, countLine{Href: address("/requests", q), Name: l.names[c.Area], N: c.N})
		if len(e.Areas.Grids(r.Context(), c.Area)) > 0 {
			req.Marks = append(req.Marks, area.Mark{Point: e.Areas.FitView(r.Context(), c.Area, mapWidth, mapHeight).Center, Label: strconv.FormatInt(c.N, 10)})
		}
	}
	if len(req.Marks) > 0 {
		p.Map = &web.Map{Src: area.MapAddress("svg", req), Width: mapWidth, Height: mapHeight, Words: e.say(r, "list.map", "n", l.total, "areas", len(l.counts))}
	}
	return nil
}

func (e *edge) listForm(r *http.Request) (web.Form, error) {
	q := r.URL.Query()
	class, err := e.classField(r, q.Get("class"))
	if err != nil {
		return web.Form{}, err
	}
	p, err := e.Cases.Procedure(r.Context(), Procedure)
	if err != nil {
		return web.Form{}, err
	}
	state := web.Field{Name: "state", Type: "choice", Label: e.say(r, "state"), Value: q.Get("state")}
	for _, s := range p.States {
		if s.Name != "withdrawn" {
			state.Options = append(state.Options, web.Option{Value: s.Name, Label: in(r, wordsOf(s.Words))})
		}
	}
	place, err := e.placeField(r, q.Get("area"), false)
	if err != nil {
		return web.Form{}, err
	}
	return web.Form{Action: "/requests", Method: "get", ID: "filter", Still: true, Submit: e.say(r, "list.submit"), Fields: []web.Field{class, place, state,
		{Name: "q", Type: "text", Label: e.say(r, "list.words"), Value: q.Get("q"), Max: mostWords}}}, nil
}

func (e *edge) classField(r *http.Request, chosen string) (web.Field, error) {
	class := web.Field{Name: "class", Type: "choice", Label: e.say(r, "class"), Value: chosen}
	cat, _, err := e.Duty.Catalogue(r.Context())
	if err != nil {
		return class, err
	}
	rules, err := e.rules(r.Context())
	if err != nil {
		return class, err
	}
	for _, k := range cat.Classes.All() {
		if k.Parent == "" || k.AboutUnit || contains(rules.Never, k.ID) {
			continue
		}
		up := cat.Classes.Up(k.ID)
		group, _ := cat.Classes.Class(up[len(up)-1])
		class.Options = append(class.Options, web.Option{Value: k.ID, Label: in(r, k.Title), Group: in(r, group.Title)})
	}
	return class, nil
}

func (e *edge) placeField(r *http.Request, chosen string, communities bool) (web.Field, error) {
	f := web.Field{Name: "area", Type: "area", Label: e.say(r, "community"), Value: chosen}
	list, err := e.places(r.Context())
	for _, p := range list {
		if !communities || len(p.code) >= communityDigits {
			f.Options = append(f.Options, web.Option{Value: p.code, Label: p.name, Group: p.street})
		}
	}
	return f, err
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// atomFeed is the feed as RFC 4287 has it.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title     string   `xml:"title"`
	ID        string   `xml:"id"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Summary   string   `xml:"summary"`
}

// mostFed is how many requests the feed holds.
const mostFed = 50

// getFeed is the newest public requests for a feed reader: it needs no sender
// and no address of the reader's.
func (e *edge) getFeed(w http.ResponseWriter, r *http.Request) {
	f, err := e.readFilter(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	f.After, f.Limit = "", mostFed
	ctx, base := r.Context(), e.base(r)
	items, err := kept(ctx, e.Service, fmt.Sprintf("feed %+v", f), func() ([]Item, error) { return e.items(ctx, f) })
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	self := address("/requests/feed", r.URL.Query())
	feed := atomFeed{Lang: lang(r), Title: e.say(r, "list.title"), ID: base + self, Author: e.rd.Say(r, "web.name"),
		Links: []atomLink{{"self", base + self}, {"alternate", base + "/requests"}}, Updated: clock.Instant(0).String()}
	for i, it := range items {
		name, err := e.areaName(ctx, it.Area)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		title := e.class(r, it.Class)
		if name != "" {
			title = name + " · " + title
		}
		if it.Title != "" {
			title += " · " + it.Title
		}
		one := atomEntry{Title: title, ID: "urn:linli:request:" + strings.ToLower(it.Case), Published: it.Opened.Day().Start().String(), Updated: it.Changed.Day().Start().String(),
			Link: atomLink{"alternate", base + "/requests/" + it.Case}, Summary: shortened(it.Words, 300)}
		if i == 0 || one.Updated > feed.Updated {
			feed.Updated = one.Updated
		}
		feed.Entries = append(feed.Entries, one)
	}
	raw, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	guarded(w)
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-cache")
	_, _ = w.Write(append([]byte(xml.Header), raw...)) // a reader who went away needs no answer
}
