package finance

import (
	"bytes"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"rsc.io/qr"

	"linli/internal/casework"
	"linli/internal/kit/blob"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/web"
)

// Bounds of what one address may ask or object within an hour; one address may be
// a whole village hall.
const (
	mostAsked   = 30
	askedWithin = time.Hour
)

// linePage is one line with its pictures, questions and the form to ask.
type linePage struct {
	Title    string
	Facts    []web.Fact
	Pictures []web.Photo
	Waiting  int // pictures at which nobody has looked yet
	Asked    []askedView
	Ask      *web.Form
	Add      *web.Form
	Look     []lookView
	Links    []web.NavItem
	Receipt  *receiptView
}

// lookView is a picture that a second person looks at.
type lookView struct {
	Photo   web.Photo
	Verdict web.Tag
	Form    *web.Form
}

// receiptView is what who asked gets: it is shown once.
type receiptView struct {
	Notice web.Notice
	Facts  []web.Fact
	Link   string
	QR     template.HTML
	Proof  string
}

func (e *edge) getLine(w http.ResponseWriter, r *http.Request) { e.drawLine(w, r, e.public, nil, nil) }
func (e *edge) getHeldLine(w http.ResponseWriter, r *http.Request) {
	e.drawLine(w, r, e.held, nil, nil)
}

func (e *edge) drawLine(w http.ResponseWriter, r *http.Request, find func(*http.Request) (reading, error), got *receiptView, wrong error) {
	b, l, err := e.lineAt(r, find)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	p, err := e.linePage(r, b, l)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	status := http.StatusOK
	if got != nil {
		p.Receipt, p.Ask, status = got, nil, http.StatusCreated
	}
	if wrong != nil {
		form := p.Ask
		if p.Add != nil {
			form = p.Add
		}
		if form == nil {
			httpx.Fail(w, r, wrong)
			return
		}
		status = e.mark(r, form, wrong)
	}
	e.rd.Page(w, r, status, "finance/line", p)
}

func (e *edge) lineAt(r *http.Request, find func(*http.Request) (reading, error)) (reading, Line, error) {
	b, err := find(r)
	if err != nil {
		return b, Line{}, err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 {
		return b, Line{}, noLine(n)
	}
	l, err := e.lineOf(r.Context(), e.DB.Reader(), b.ID, n)
	return b, l, err
}

func (e *edge) linePage(r *http.Request, b reading, l Line) (*linePage, error) {
	cat, err := e.catalogue(r.Context())
	if err != nil {
		return nil, err
	}
	book, err := e.bookName(r, b.Book)
	if err != nil {
		return nil, err
	}
	p := &linePage{Title: e.say(r, "line.title", "n", l.N, "summary", l.Summary), Links: []web.NavItem{{Href: b.at + version(b), Text: book}}}
	amount, name := l.Income, "income"
	if l.Expenditure > 0 {
		amount, name = l.Expenditure, "expenditure"
	}
	p.Facts = []web.Fact{{Name: e.say(r, "day"), Value: l.Day}, {Name: e.say(r, name), Value: e.say(r, "yuan", "amount", web.Money(amount))}, {Name: e.say(r, "category"), Value: titleOf(r, cat.Categories, l.Category)},
		{Name: e.say(r, "account"), Value: titleOf(r, cat.Accounts, l.Account)}, {Name: e.say(r, "balance"), Value: e.say(r, "yuan", "amount", web.Money(l.Balance))}, {Name: e.say(r, "voucher"), Value: l.Voucher}}
	if l.Post != "" {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "post"), Value: l.Post})
	}
	list, err := e.askedOf(r.Context(), b.ID, l.N)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		v, err := e.askedView(r, a)
		if err != nil {
			return nil, err
		}
		p.Asked = append(p.Asked, v)
	}
	if err := e.pictures(r, b, l, p); err != nil {
		return nil, err
	}
	if !b.staff && len(b.versions) > 0 && b.ID == b.versions[0].ID {
		form := e.askForm(r, "ask", b.at+"/lines/"+strconv.Itoa(l.N)+"/ask", "question")
		p.Ask = &form
	}
	return p, nil
}

// askForm asks for a question, or for the grounds of an objection.
func (e *edge) askForm(r *http.Request, id, action, field string) web.Form {
	return web.Form{ID: id, Action: action, Key: seal.Token(), Submit: e.say(r, id+".submit"), Fields: []web.Field{
		{Name: field, Type: "lines", Required: true, Max: map[string]int64{"question": 500, "grounds": 1000}[field], Label: e.say(r, field), Help: e.say(r, field+".help"), Value: r.PostForm.Get(field)},
		{Name: "phone", Type: "phone", Label: e.say(r, "phone"), Purpose: e.say(r, "phone.purpose"), Sealed: true, Value: r.PostForm.Get("phone")}}}
}

// pictures adds the pictures of a line: those that are public, and for who may see
// the case all of them with what may be done.
func (e *edge) pictures(r *http.Request, b reading, l Line, p *linePage) error {
	list, err := e.vouchers(r.Context(), e.DB.Reader(), b.ID, l.N)
	if err != nil {
		return err
	}
	for i, v := range list {
		words := e.say(r, "picture", "n", i+1, "voucher", l.Voucher)
		if !b.staff {
			if v.Verdict == Public {
				src := address(b.Book) + "/lines/" + strconv.Itoa(l.N) + "/voucher/" + v.Blob + version(b)
				p.Pictures = append(p.Pictures, web.Photo{Src: src, Full: src, Words: words})
			}
			continue
		}
		src := "/accounts/books/" + b.ID + "/voucher/" + v.Blob
		look := lookView{Photo: web.Photo{Src: src, Full: src, Words: words}, Verdict: web.Tag{Text: e.say(r, "verdict."+v.Verdict), Tone: verdictTone(v.Verdict)}}
		if e.mayDo(r, b, actLook) {
			form := web.Form{ID: "look" + strconv.Itoa(i), Action: "/accounts/books/" + b.ID + "/lines/" + strconv.Itoa(l.N) + "/look", Key: seal.Token(), Submit: e.say(r, "look.submit"),
				Hidden: []web.Option{{Label: "picture", Value: v.Blob}}, Fields: []web.Field{{Name: "verdict", Type: "choice", Required: true, Label: e.say(r, "look"), Help: e.say(r, "look.help"), Value: v.Verdict,
					Options: []web.Option{{Value: Public, Label: e.say(r, "verdict."+Public)}, {Value: Kept, Label: e.say(r, "verdict."+Kept)}}}}}
			look.Form = &form
		}
		p.Look = append(p.Look, look)
	}
	if b.staff && b.Standing && e.mayDo(r, b, actAttach) {
		p.Add = &web.Form{ID: "add", Action: "/accounts/books/" + b.ID + "/lines/" + strconv.Itoa(l.N) + "/add", Key: seal.Token(), Submit: e.say(r, "add.submit"),
			Fields: []web.Field{{Name: "photos", Type: "photos", Required: true, Max: 9, Label: e.say(r, "add"), Help: e.say(r, "add.help")}}}
	}
	return nil
}

func verdictTone(v string) web.Tone {
	return map[string]web.Tone{Unseen: web.Warning, Public: web.Good, Kept: web.Quiet}[v]
}

// mayDo says whether the actor may do an act of the book's case now.
func (e *edge) mayDo(r *http.Request, b reading, act string) bool {
	v, err := e.Cases.Get(r.Context(), actor(r), b.Case)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(v.May, func(m casework.Possible) bool { return m.Act.Name == act && m.Why == nil })
}

// postAsk takes a question about a line from anybody.
func (e *edge) postAsk(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, httpx.BodyLimit)
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	b, l, err := e.lineAt(r, e.public)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	got, err := e.opened(r, casework.Opening{Procedure: Question, Act: "ask", Key: r.PostForm.Get("key"),
		Values: map[string]any{"book": b.ID, "line": l.N, "question": r.PostForm.Get("question"), "phone": r.PostForm.Get("phone")}})
	if err != nil && !shown(err) {
		httpx.Fail(w, r, err)
		return
	}
	e.drawLine(w, r, e.public, got, err)
}

// postObject takes an objection to a whole book, or to one of its lines.
func (e *edge) postObject(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, httpx.BodyLimit)
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	b, err := e.public(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	got, err := e.opened(r, casework.Opening{Procedure: Objection, Act: "object", Key: r.PostForm.Get("key"),
		Values: map[string]any{"book": b.ID, "grounds": r.PostForm.Get("grounds"), "phone": r.PostForm.Get("phone")}})
	switch {
	case err == nil:
		title, err := e.bookName(r, b.Book)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		e.rd.Page(w, r, http.StatusCreated, "finance/line", &linePage{Title: title, Receipt: got, Links: []web.NavItem{{Href: b.at, Text: title}}})
	case !shown(err):
		httpx.Fail(w, r, err)
	default:
		e.drawBook(w, r, e.public, err)
	}
}

// opened opens a case for somebody at the door and gives what they take away.
func (e *edge) opened(r *http.Request, o casework.Opening) (*receiptView, error) {
	ctx, a := r.Context(), actor(r)
	if !a.Known() {
		if err := e.People.Take(ctx, "finance.ask", httpx.Address(r), mostAsked, askedWithin); err != nil {
			return nil, err
		}
	}
	receipt, err := e.Cases.Open(ctx, a, o)
	if err != nil {
		return nil, err
	}
	p, err := e.Cases.Procedure(ctx, o.Procedure)
	if err != nil {
		return nil, err
	}
	v := &receiptView{Notice: web.Notice{Tone: web.Good, Title: e.say(r, "receipt.title", "number", receipt.Number), Text: e.say(r, "receipt.text")}, Proof: "/proof/" + receipt.Act,
		Facts: []web.Fact{{Name: e.say(r, "receipt.number"), Value: receipt.Number}, {Name: e.say(r, "receipt.what"), Value: p.Title.In(lang(r))}, {Name: e.say(r, "receipt.recorded"), Value: receipt.Recorded}}}
	if receipt.Token != "" {
		v.Link = e.base(r) + "/q/" + receipt.Token
		v.QR = code(v.Link, e.say(r, "receipt.qr"))
	}
	return v, nil
}

// code draws a QR code as an inline picture.
func code(s, words string) template.HTML {
	c, err := qr.Encode(s, qr.M)
	if err != nil {
		return "" // too long for a code; the link stands beside it
	}
	var path bytes.Buffer
	for y := range c.Size {
		for x := range c.Size {
			if c.Black(x, y) {
				path.WriteString("M" + strconv.Itoa(x+4) + " " + strconv.Itoa(y+4) + "h1v1h-1z")
			}
		}
	}
	side := strconv.Itoa(c.Size + 8)
	return template.HTML(`<svg class="qr" viewBox="0 0 ` + side + ` ` + side + `" width="196" height="196" role="img" aria-label="` + //nolint:gosec // numbers and escaped words
		template.HTMLEscapeString(words) + `"><path fill="#fff" d="M0 0h` + side + `v` + side + `H0z"/><path fill="#000" d="` + path.String() + `"/></svg>`)
}

// postLook takes a second person's word on a picture.
func (e *edge) postLook(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, httpx.BodyLimit)
	if err := r.ParseForm(); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	b, l, err := e.lineAt(r, e.held)
	if err == nil {
		_, err = e.Cases.Do(r.Context(), actor(r), casework.Asking{Case: b.Case, Act: actLook, Key: r.PostForm.Get("key"),
			Values: map[string]any{"picture": r.PostForm.Get("picture"), "verdict": r.PostForm.Get("verdict")}})
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, b.at+"/lines/"+strconv.Itoa(l.N), http.StatusSeeOther)
}

// postAdd attaches pictures to a line. They are drawn anew: nothing but the
// picture is kept of them.
func (e *edge) postAdd(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(8 << 20); err != nil {
		httpx.Fail(w, r, httpx.BodyFault(err))
		return
	}
	b, l, err := e.lineAt(r, e.held)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if !e.mayDo(r, b, actAttach) {
		httpx.Fail(w, r, fault.New(fault.Forbidden, "finance.not_keeper"))
		return
	}
	ids, err := e.drawn(r)
	if err == nil {
		_, err = e.Cases.Do(r.Context(), actor(r), casework.Asking{Case: b.Case, Act: actAttach, Key: r.PostForm.Get("key"), Values: map[string]any{"line": l.N, "photos": ids}})
	}
	if err != nil {
		for _, id := range ids {
			_ = e.Blobs.Delete(r.Context(), id) // what no act names is no loss
		}
		e.drawLine(w, r, e.held, nil, err)
		return
	}
	http.Redirect(w, r, b.at+"/lines/"+strconv.Itoa(l.N), http.StatusSeeOther)
}

// drawn keeps the pictures of a form.
func (e *edge) drawn(r *http.Request) (ids []string, err error) {
	files := r.MultipartForm.File["photos"]
	if len(files) > 9 {
		return nil, fault.New(fault.Invalid, "finance.pictures_many").At("photos")
	}
	for _, f := range files {
		if f.Size == 0 {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return ids, err
		}
		data, err := io.ReadAll(io.LimitReader(in, blob.MaxSize+1))
		_ = in.Close() // it was only read
		if err != nil {
			return ids, httpx.BodyFault(err)
		}
		jpeg, err := blob.Photo(data, blob.Pixels)
		if err != nil {
			return ids, fault.Of(err).At("photos")
		}
		kept, err := e.Blobs.Put(r.Context(), jpeg, "image/jpeg")
		if err != nil {
			return ids, err
		}
		ids = append(ids, kept.ID)
	}
	return ids, nil
}

// getVoucher gives everybody a picture that was looked at and let out.
func (e *edge) getVoucher(w http.ResponseWriter, r *http.Request) {
	b, l, err := e.lineAt(r, e.public)
	e.giveVoucher(w, r, b, l.N, err)
}

// getHeldVoucher gives who may see the case any picture of it.
func (e *edge) getHeldVoucher(w http.ResponseWriter, r *http.Request) {
	b, err := e.held(r)
	e.giveVoucher(w, r, b, 0, err)
}

func (e *edge) giveVoucher(w http.ResponseWriter, r *http.Request, b reading, line int, err error) {
	var list []Voucher
	if err == nil {
		list, err = e.vouchers(r.Context(), e.DB.Reader(), b.ID, line)
	}
	at := slices.IndexFunc(list, func(v Voucher) bool { return v.Blob == r.PathValue("blob") && (b.staff || v.Verdict == Public) })
	if err == nil && at < 0 {
		err = fault.New(fault.NotFound, "finance.no_picture")
	}
	var data []byte
	var kept blob.Blob
	if err == nil {
		data, kept, err = e.Blobs.Get(r.Context(), list[at].Blob)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	blob.Send(w, r, kept, data, "voucher.jpg")
}
