package finance

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// linesOnPage is how many lines a page of a book shows.
const linesOnPage = 100

// longestWords bounds what is searched for.
const longestWords = 60

// booksPage is the list of villages, or of one village's periods.
type booksPage struct {
	Title, Lead string
	Table       web.Table
	Links       []web.NavItem
}

func (e *edge) getBooks(w http.ResponseWriter, r *http.Request) {
	list, err := e.Posted(r.Context(), "")
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p := booksPage{Title: e.say(r, "books.title"), Lead: e.say(r, "books.lead"), Table: web.Table{Caption: e.say(r, "books.villages"),
		Columns: []web.Column{{Text: e.say(r, "village")}, {Text: e.say(r, "books.newest")}, {Text: e.say(r, "books.count"), Number: true}}, Empty: e.none(r)}}
	for i := 0; i < len(list); {
		j := i
		for j < len(list) && list[j].Village == list[i].Village {
			j++
		}
		name, err := e.place(r, list[i].Village)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: name, Href: "/books/" + list[i].Village}, {Text: list[i].Period.Words(e.sayer(r)), Href: address(list[i])}, {Text: j - i}})
		i = j
	}
	p.Links = e.keeperLinks(r)
	e.rd.Page(w, r, http.StatusOK, "finance/books", p)
}

func (e *edge) none(r *http.Request) web.Empty {
	return web.Empty{Title: e.say(r, "books.none"), Text: e.say(r, "books.none.text")}
}

// keeperLinks lead who keeps books to where they are brought.
func (e *edge) keeperLinks(r *http.Request) []web.NavItem {
	if !Keeps(actor(r)) {
		return nil
	}
	return []web.NavItem{{Href: "/accounts/new", Text: e.say(r, "new.title")}}
}

// address is where everybody reads a posted book.
func address(b Book) string { return "/books/" + b.Village + "/" + string(b.Period) }

func (e *edge) getVillage(w http.ResponseWriter, r *http.Request) {
	list, err := e.Posted(r.Context(), r.PathValue("village"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if len(list) == 0 {
		httpx.Fail(w, r, noBook())
		return
	}
	name, err := e.place(r, list[0].Village)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p := booksPage{Title: e.say(r, "books.of", "village", name), Lead: e.say(r, "books.lead"), Links: append(e.keeperLinks(r), web.NavItem{Href: "/books", Text: e.say(r, "books.title")}),
		Table: web.Table{Caption: e.say(r, "books.periods"), Columns: []web.Column{{Text: e.say(r, "period")}, {Text: e.say(r, "income"), Number: true}, {Text: e.say(r, "expenditure"), Number: true},
			{Text: e.say(r, "closing"), Number: true}, {Text: e.say(r, "books.posted")}, {Text: e.say(r, "books.state")}}}}
	for _, b := range list {
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: b.Period.Words(e.sayer(r)), Href: address(b)}, {Text: web.Money(b.Sums.In)}, {Text: web.Money(b.Sums.Out)},
			{Text: web.Money(total(b, func(x Sum) int64 { return x.Closing }))}, {Text: b.Posted.Day()}, {Tag: e.stateTag(r, b)}})
	}
	e.rd.Page(w, r, http.StatusOK, "finance/books", p)
}

// stateTag says whether a book stands or has stood.
func (e *edge) stateTag(r *http.Request, b Book) *web.Tag {
	switch {
	case b.Posted == 0:
		return &web.Tag{Text: e.say(r, "state.unposted"), Tone: web.Warning}
	case b.Ended > 0:
		return &web.Tag{Text: e.say(r, "state.ended"), Tone: web.Quiet}
	}
	return &web.Tag{Text: e.say(r, "state.posted"), Tone: web.Good}
}

// bookPage is one book as everybody reads it, or as who may see its case does.
type bookPage struct {
	Title       string
	State       *web.Tag
	Notices     []web.Notice
	Facts       []web.Fact
	Sums        *web.Table
	Categories  *web.Table
	Filter      web.Form
	Lines       []lineView
	LinesTitle  string
	Pager       web.Pager
	Empty       web.Empty
	Links       []web.NavItem
	Versions    []web.NavItem
	Object      *web.Confirm
	Asked       []askedView
	Fingerprint string
	Proof       string
	Text        string
}

// lineView is one line on a page.
type lineView struct {
	Line
	Href                         string
	AccountName, CategoryName    string
	InText, OutText, BalanceText string
	Asked, Pictures              int
}

// askedView is a question or objection beside a line.
type askedView struct {
	Title, Words, Answer string
	State                web.Tag
	Asked, Answered      clock.Instant
}

// reading is which book a page is of, and for whom.
type reading struct {
	Book
	at       string // address of the book's page
	versions []Book
	staff    bool // not as everybody sees it
}

// public finds the book of an address that everybody may read.
func (e *edge) public(r *http.Request) (reading, error) {
	p, err := ParsePeriod(r.PathValue("period"))
	if err != nil {
		return reading{}, noBook()
	}
	list, err := e.versions(r.Context(), r.PathValue("village"), p)
	if err != nil {
		return reading{}, err
	}
	out := reading{Book: list[0], at: address(list[0]), versions: list}
	if v := r.URL.Query().Get("version"); v != "" {
		for _, b := range list {
			if strconv.Itoa(b.Version) == v {
				out.Book = b
				return out, nil
			}
		}
		return out, noBook()
	}
	return out, nil
}

// held finds the book of an address for who may see its case.
func (e *edge) held(r *http.Request) (reading, error) {
	b, _, err := e.Seen(r.Context(), actor(r), r.PathValue("id"))
	return reading{Book: b, at: "/accounts/books/" + b.ID, staff: true}, err
}

func (e *edge) getBook(w http.ResponseWriter, r *http.Request) { e.drawBook(w, r, e.public, nil) }
func (e *edge) getHeld(w http.ResponseWriter, r *http.Request) { e.drawBook(w, r, e.held, nil) }

func (e *edge) drawBook(w http.ResponseWriter, r *http.Request, find func(*http.Request) (reading, error), wrong error) {
	b, err := find(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p, err := e.bookPage(r, b)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	status := http.StatusOK
	if wrong != nil && p.Object != nil {
		p.Object.Open = true
		status = e.mark(r, &p.Object.Form, wrong)
	}
	e.rd.Page(w, r, status, "finance/book", p)
}

// readFilter reads which lines a page is asked for.
func readFilter(q url.Values) (Filter, error) {
	f := Filter{Account: q.Get("account"), Category: q.Get("category"), Vouchers: q.Get("vouchers") == "yes", Limit: linesOnPage + 1}
	var err error
	if f.Words, err = text.Clean(q.Get("q"), longestWords); err != nil {
		return f, fault.Of(err).At("q")
	}
	if after := q.Get("after"); after != "" {
		if f.After, err = strconv.Atoi(after); err != nil || f.After < 0 {
			return f, fault.New(fault.Invalid, "finance.after").At("after")
		}
	}
	return f, nil
}

func (e *edge) bookPage(r *http.Request, b reading) (*bookPage, error) {
	ctx := r.Context()
	cat, err := e.catalogue(ctx)
	if err != nil {
		return nil, err
	}
	p := &bookPage{State: e.stateTag(r, b.Book), Fingerprint: b.Digest, Text: b.at + "/lines.txt" + version(b), Empty: web.Empty{Title: e.say(r, "lines.none")}}
	if p.Title, err = e.bookName(r, b.Book); err != nil {
		return nil, err
	}
	e.head(r, b, p)
	f, err := readFilter(r.URL.Query())
	if err != nil {
		return nil, err
	}
	if f.After == 0 {
		p.Sums, p.Categories = e.sumsTable(r, cat, b.Book), e.categoriesTable(r, cat, b.Book, b.at)
	}
	p.Filter = e.filterForm(r, cat, b, f)
	lines, err := e.page(ctx, b.Book, f)
	if err != nil {
		return nil, err
	}
	if len(lines) > linesOnPage {
		lines = lines[:linesOnPage]
		q := r.URL.Query()
		q.Set("after", strconv.Itoa(lines[linesOnPage-1].N))
		p.Pager.Next = b.at + "?" + q.Encode() + "#lines"
	}
	if f.After > 0 {
		q := r.URL.Query()
		q.Del("after")
		p.Pager.First = b.at + "?" + q.Encode()
	}
	p.LinesTitle = e.say(r, "lines.title", "n", b.Lines)
	if p.Lines, err = e.lineViews(r, cat, b, lines); err != nil {
		return nil, err
	}
	if b.staff {
		return p, nil
	}
	return p, e.objections(r, b, p)
}

// version keeps an older version in an address; the newest needs none.
func version(b reading) string {
	if len(b.versions) > 0 && b.versions[0].ID != b.ID {
		return "?version=" + strconv.Itoa(b.Version)
	}
	return ""
}

// head tells what stands above the lines: since when, until when, which version.
func (e *edge) head(r *http.Request, b reading, p *bookPage) {
	if b.staff {
		p.Links = append(p.Links, web.NavItem{Href: "/cases/" + b.Case, Text: e.say(r, "book.case")})
	}
	if b.Posted == 0 {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Warning, Text: e.say(r, "book.unposted")})
		return
	}
	p.Proof = "/proof/" + b.PostAct
	p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "books.posted"), Value: b.Posted.Day()})
	if last, norm := e.stands(r.Context(), b.Book); last > 0 {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "book.until"), Value: last, Norm: norm})
	}
	if len(b.versions) > 1 {
		newest := b.versions[0]
		if b.ID != newest.ID {
			p.Notices = append(p.Notices, web.Notice{Tone: web.Warning, Title: e.say(r, "book.old", "n", b.Version), Text: e.say(r, "book.old.text"), Links: []web.NavItem{{Href: b.at, Text: e.say(r, "book.newest")}}})
		} else {
			p.Notices = append(p.Notices, web.Notice{Tone: web.Info, Title: e.say(r, "book.corrected", "n", b.Version, "day", b.Posted.Day()), Text: e.correction(r.Context(), b.Book)})
		}
		for _, v := range b.versions {
			p.Versions = append(p.Versions, web.NavItem{Href: b.at + "?version=" + strconv.Itoa(v.Version), Text: e.say(r, "book.version", "n", v.Version, "day", v.Posted.Day()), Current: v.ID == b.ID})
		}
	}
	to := func(page, paper string) string {
		q := url.Values{}
		if v := version(b); v != "" {
			q.Set("version", strconv.Itoa(b.Version))
		}
		if paper != "" {
			q.Set("paper", paper)
		}
		return strings.TrimSuffix(b.at+"/"+page+"?"+q.Encode(), "?")
	}
	p.Links = append(p.Links, web.NavItem{Href: to("workbook", ""), Text: e.say(r, "book.workbook")}, web.NavItem{Href: to("print", "A4"), Text: e.say(r, "book.print", "paper", "A4")},
		web.NavItem{Href: to("print", "A3"), Text: e.say(r, "book.print", "paper", "A3")}, web.NavItem{Href: "/books/" + b.Village, Text: e.say(r, "book.others")})
}

func (e *edge) filterForm(r *http.Request, cat *Catalogue, b reading, f Filter) web.Form {
	form := web.Form{ID: "filter", Action: b.at, Method: "get", Still: true, Submit: e.say(r, "filter.submit"), Fields: []web.Field{
		{Name: "category", Type: "area", Label: e.say(r, "category"), Value: f.Category},
		{Name: "account", Type: "area", Label: e.say(r, "account"), Value: f.Account},
		{Name: "q", Type: "text", Label: e.say(r, "filter.words"), Value: f.Words, Max: longestWords},
		{Name: "vouchers", Type: "yes", Label: e.say(r, "filter.vouchers"), Value: f.Vouchers}}}
	for _, c := range b.Sums.Categories {
		form.Fields[0].Options = append(form.Fields[0].Options, web.Option{Value: c.ID, Label: titleOf(r, cat.Categories, c.ID)})
	}
	for _, a := range b.Sums.Accounts {
		form.Fields[1].Options = append(form.Fields[1].Options, web.Option{Value: a.ID, Label: titleOf(r, cat.Accounts, a.ID)})
	}
	if v := r.URL.Query().Get("version"); v != "" {
		form.Hidden = append(form.Hidden, web.Option{Label: "version", Value: v})
	}
	return form
}

func (e *edge) lineViews(r *http.Request, cat *Catalogue, b reading, lines []Line) ([]lineView, error) {
	asked, err := e.askedLines(r.Context(), b.ID)
	if err != nil {
		return nil, err
	}
	pictures, err := e.pictured(r.Context(), b.ID, b.staff)
	if err != nil {
		return nil, err
	}
	out := make([]lineView, 0, len(lines))
	for _, l := range lines {
		out = append(out, lineView{Line: l, Href: b.at + "/lines/" + strconv.Itoa(l.N) + version(b), AccountName: titleOf(r, cat.Accounts, l.Account), CategoryName: titleOf(r, cat.Categories, l.Category),
			InText: blank(l.Income), OutText: blank(l.Expenditure), BalanceText: web.Money(l.Balance), Asked: asked[l.N], Pictures: pictures[l.N]})
	}
	return out, nil
}

// objections adds what was objected to the book as a whole, and the form for it.
func (e *edge) objections(r *http.Request, b reading, p *bookPage) error {
	list, err := e.askedOf(r.Context(), b.ID, 0)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.Kind == Objection {
			v, err := e.askedView(r, a)
			if err != nil {
				return err
			}
			p.Asked = append(p.Asked, v)
		}
	}
	if len(b.versions) > 0 && b.ID == b.versions[0].ID && r.URL.Query().Get("after") == "" {
		p.Object = &web.Confirm{Summary: e.say(r, "object.summary"), Text: e.say(r, "object.text"), Form: e.askForm(r, "object", b.at+"/object", "grounds")}
	}
	return nil
}

// askedView draws a question as far as it is public.
func (e *edge) askedView(r *http.Request, a Asked) (askedView, error) {
	p, err := e.Cases.Procedure(r.Context(), a.Kind)
	if err != nil {
		return askedView{}, err
	}
	v := askedView{Title: e.say(r, "asked."+a.Kind), Asked: a.Asked, Answered: a.Answered, Words: a.Words, Answer: a.Answer, State: web.Tag{Text: a.State, Tone: web.Info}}
	if s := p.State(a.State); s != nil {
		v.State.Text = s.Words.In(lang(r))
	}
	if a.Answered > 0 {
		v.State.Tone = web.Good
	}
	if a.Answered > 0 && !a.Shown {
		v.Answer = e.say(r, "asked.kept")
	}
	return v, nil
}
