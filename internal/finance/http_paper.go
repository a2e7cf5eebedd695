package finance

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"linli/internal/kit/httpx"
	"linli/internal/kit/paper"
	"linli/internal/kit/sheet"
	"linli/web"
)

// mostPrinted bounds the lines of one printed file; what is longer is printed by
// months or categories.
const mostPrinted = 5000

// getLinesText gives the text whose SHA-256 is the book's fingerprint.
func (e *edge) getLinesText(w http.ResponseWriter, r *http.Request) {
	b, err := e.public(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	var out bytes.Buffer
	p := newPrinter(&out, b.Village, b.Period)
	err = e.each(r.Context(), e.DB.Reader(), b.ID, Filter{}, func(l Line) error {
		p.line(l)
		return nil
	})
	if err == nil {
		err = p.end(b.Sums)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="lines-`+b.Village+"-"+string(b.Period)+`.txt"`)
	_, _ = w.Write(out.Bytes()) // a reader who went away needs no answer
}

// getWorkbook gives a posted book as a workbook, with the mark of the edition and
// the fingerprint above it.
func (e *edge) getWorkbook(w http.ResponseWriter, r *http.Request) {
	b, err := e.public(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	book, err := e.workbook(r, b)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	giveBook(w, r, "accounts-"+b.Village+"-"+string(b.Period), book)
}

func (e *edge) workbook(r *http.Request, b reading) (sheet.Book, error) {
	cat, err := e.catalogue(r.Context())
	if err != nil {
		return sheet.Book{}, err
	}
	title, err := e.bookName(r, b.Book)
	if err != nil {
		return sheet.Book{}, err
	}
	notes := []string{title, e.say(r, "paper.mark", "version", b.Version, "day", b.Posted.Day(), "edition", e.Editions.Current()), e.say(r, "paper.fingerprint", "fingerprint", b.Digest),
		e.say(r, "paper.proof", "address", e.base(r)+"/proof/"+b.PostAct)}
	columns := []sheet.Column{{Head: e.say(r, "line.n"), Kind: sheet.Number, Width: 8}, {Head: e.say(r, "day"), Kind: sheet.Day}, {Head: e.say(r, "voucher"), Width: 14}, {Head: e.say(r, "summary"), Width: 44},
		{Head: e.say(r, "account"), Width: 14}, {Head: e.say(r, "category"), Width: 18}, {Head: e.say(r, "income"), Kind: sheet.Money}, {Head: e.say(r, "expenditure"), Kind: sheet.Money},
		{Head: e.say(r, "balance"), Kind: sheet.Money}, {Head: e.say(r, "post"), Width: 12}}
	var sums [][]any
	for _, a := range b.Sums.Accounts {
		sums = append(sums, []any{titleOf(r, cat.Accounts, a.ID), a.Opening, a.In, a.Out, a.Closing})
	}
	return sheet.Book{Title: title, Created: e.Clock.Now(), Sheets: []sheet.Sheet{
		{Name: e.say(r, "paper.lines"), Notes: notes, Columns: columns, Rows: e.rows(r.Context(), r, cat, b)},
		{Name: e.say(r, "paper.accounts"), Columns: []sheet.Column{{Head: e.say(r, "account")}, {Head: e.say(r, "opening"), Kind: sheet.Money}, {Head: e.say(r, "income"), Kind: sheet.Money},
			{Head: e.say(r, "expenditure"), Kind: sheet.Money}, {Head: e.say(r, "closing"), Kind: sheet.Money}}, Rows: sheet.List(sums)}}}, nil
}

// rows streams the lines of a book as rows of a workbook.
func (e *edge) rows(ctx context.Context, r *http.Request, cat *Catalogue, b reading) func(yield func([]any, error) bool) {
	return func(yield func([]any, error) bool) {
		for after := 0; ; {
			list, err := e.linesOf(ctx, e.DB.Reader(), b.ID, Filter{After: after, Limit: 1000})
			if err != nil {
				yield(nil, err)
				return
			}
			for _, l := range list {
				if !yield([]any{l.N, l.Day, l.Voucher, l.Summary, titleOf(r, cat.Accounts, l.Account), titleOf(r, cat.Categories, l.Category), nothing(l.Income), nothing(l.Expenditure), l.Balance, l.Post}, nil) {
					return
				}
				after = l.N
			}
			if len(list) < 1000 {
				return
			}
		}
	}
}

func nothing(fen int64) any {
	if fen == 0 {
		return nil
	}
	return fen
}

// getPrint sets a posted book for the board.
func (e *edge) getPrint(w http.ResponseWriter, r *http.Request) {
	b, err := e.public(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	var out bytes.Buffer
	doc, err := e.paper(r, b)
	if err == nil {
		err = doc.Write(&out)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="accounts-`+b.Village+"-"+string(b.Period)+`.pdf"`)
	_, _ = w.Write(out.Bytes()) // a reader who went away needs no answer
}

func (e *edge) paper(r *http.Request, b reading) (*paper.Doc, error) {
	cat, err := e.catalogue(r.Context())
	if err != nil {
		return nil, err
	}
	title, err := e.bookName(r, b.Book)
	if err != nil {
		return nil, err
	}
	size := paper.A4
	if r.URL.Query().Get("paper") == string(paper.A3) {
		size = paper.A3
	}
	doc := paper.New(paper.Options{Size: size, Landscape: true, Title: title, Author: e.rd.Say(r, "web.name"), Lang: lang(r), At: e.Clock.Now().Time(),
		Foot: e.say(r, "paper.mark", "version", b.Version, "day", b.Posted.Day(), "edition", e.Editions.Current())})
	doc.Corner(e.base(r)+b.at, 26)
	doc.Text(title, paper.Look{Points: 18, Bold: true})
	doc.Text(e.say(r, "paper.scan"), paper.Look{Points: 10, Grey: true})
	doc.Space(3)
	sums := paper.Table{Columns: []paper.Column{{Head: e.say(r, "account"), Share: 2}, {Head: e.say(r, "opening"), Share: 1, Right: true}, {Head: e.say(r, "income"), Share: 1, Right: true},
		{Head: e.say(r, "expenditure"), Share: 1, Right: true}, {Head: e.say(r, "closing"), Share: 1, Right: true}}}
	for _, a := range b.Sums.Accounts {
		sums.Rows = append(sums.Rows, []string{titleOf(r, cat.Accounts, a.ID), web.Money(a.Opening), web.Money(a.In), web.Money(a.Out), web.Money(a.Closing)})
	}
	doc.Table(sums)
	doc.Space(3)
	list, err := e.linesOf(r.Context(), e.DB.Reader(), b.ID, Filter{Limit: mostPrinted})
	if err != nil {
		return nil, err
	}
	lines := paper.Table{Columns: []paper.Column{{Head: e.say(r, "line.n"), Share: .5, Right: true}, {Head: e.say(r, "day"), Share: 1}, {Head: e.say(r, "voucher"), Share: .9}, {Head: e.say(r, "summary"), Share: 3.6},
		{Head: e.say(r, "category"), Share: 1.5}, {Head: e.say(r, "account"), Share: 1.1}, {Head: e.say(r, "income"), Share: 1, Right: true}, {Head: e.say(r, "expenditure"), Share: 1, Right: true},
		{Head: e.say(r, "balance"), Share: 1.1, Right: true}}}
	for _, l := range list {
		lines.Rows = append(lines.Rows, []string{strconv.Itoa(l.N), l.Day.String(), l.Voucher, l.Summary, titleOf(r, cat.Categories, l.Category), titleOf(r, cat.Accounts, l.Account), blank(l.Income), blank(l.Expenditure), web.Money(l.Balance)})
	}
	doc.Table(lines)
	if len(list) < b.Lines {
		doc.Text(e.say(r, "paper.more", "n", b.Lines-len(list)), paper.Look{})
	}
	doc.Space(3)
	doc.Text(e.say(r, "paper.fingerprint", "fingerprint", b.Digest), paper.Look{Points: 8.5, Grey: true})
	doc.Text(e.say(r, "paper.proof", "address", e.base(r)+"/proof/"+b.PostAct), paper.Look{Points: 8.5, Grey: true})
	return doc, nil
}
