package finance

import (
	"fmt"
	"net/http"

	"linli/internal/kit/clock"
	"linli/web"
)

// reportTable draws what a check found: errors or notes; nil where there is none.
func (e *edge) reportTable(r *http.Request, cat *Catalogue, b Book, errors bool) *web.Table {
	key, n := "report.notes", b.Report.Notes
	if errors {
		key, n = "report.errors", b.Report.Errors
	}
	if n == 0 {
		return nil
	}
	t := &web.Table{Caption: e.say(r, key, "n", n), Columns: []web.Column{{Text: e.say(r, "report.where")}, {Text: e.say(r, "report.what")}}}
	for _, x := range b.Report.Entries {
		if x.Error != errors {
			continue
		}
		what := e.entryWords(r, cat, x)
		if x.Norm != "" {
			what += e.say(r, "report.by", "norm", x.Norm)
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: e.where(r, cat, x)}, {Text: what}})
		if len(t.Rows) == mostShown {
			break
		}
	}
	return t
}

// mostShown bounds the lines of a report on a page; the workbook holds more.
const mostShown = 200

// where says at which cell something was found.
func (e *edge) where(r *http.Request, cat *Catalogue, x Entry) string {
	switch {
	case x.Row == 0 && x.Args["account"] != nil:
		return e.say(r, "report.at_account", "account", titleOf(r, cat.Accounts, x.Args["account"].(string)))
	case x.Row == 0:
		return x.Sheet
	case x.Sheet == "":
		return e.say(r, "report.at_row", "row", x.Row, "column", x.Column)
	}
	return e.say(r, "report.at", "table", x.Sheet, "row", x.Row, "column", x.Column)
}

// entryWords say what was found, accounts and days as people say them.
func (e *edge) entryWords(r *http.Request, cat *Catalogue, x Entry) string {
	args := []any{}
	for name, v := range x.Args {
		switch name {
		case "account":
			if id, ok := v.(string); ok {
				v = titleOf(r, cat.Accounts, id)
			}
		case "day", "first", "last":
			if day, err := clock.ParseDay(fmt.Sprint(v)); err == nil {
				v = day
			}
		}
		args = append(args, name, v)
	}
	return e.say(r, "found."+x.Key, args...)
}

// sumsTable draws the accounts of a book.
func (e *edge) sumsTable(r *http.Request, cat *Catalogue, b Book) *web.Table {
	t := &web.Table{Caption: e.say(r, "sums.accounts"), Columns: []web.Column{{Text: e.say(r, "account")}, {Text: e.say(r, "opening"), Number: true}, {Text: e.say(r, "income"), Number: true},
		{Text: e.say(r, "expenditure"), Number: true}, {Text: e.say(r, "closing"), Number: true}}}
	for _, a := range b.Sums.Accounts {
		t.Rows = append(t.Rows, []web.Cell{{Text: titleOf(r, cat.Accounts, a.ID)}, {Text: web.Money(a.Opening)}, {Text: web.Money(a.In)}, {Text: web.Money(a.Out)}, {Text: web.Money(a.Closing)}})
	}
	if len(b.Sums.Accounts) > 1 {
		t.Rows = append(t.Rows, []web.Cell{{Text: e.say(r, "sums.all")}, {Text: web.Money(total(b, func(x Sum) int64 { return x.Opening }))}, {Text: web.Money(b.Sums.In)},
			{Text: web.Money(b.Sums.Out)}, {Text: web.Money(total(b, func(x Sum) int64 { return x.Closing }))}})
	}
	return t
}

// categoriesTable draws what the money came from and went to; each leads to its lines.
func (e *edge) categoriesTable(r *http.Request, cat *Catalogue, b Book, at string) *web.Table {
	t := &web.Table{Caption: e.say(r, "sums.categories"), Columns: []web.Column{{Text: e.say(r, "category")}, {Text: e.say(r, "lines"), Number: true}, {Text: e.say(r, "income"), Number: true},
		{Text: e.say(r, "expenditure"), Number: true}}}
	for _, c := range b.Sums.Categories {
		t.Rows = append(t.Rows, []web.Cell{{Text: titleOf(r, cat.Categories, c.ID), Href: at + "?category=" + c.ID + "#lines"}, {Text: c.N}, {Text: blank(c.In)}, {Text: blank(c.Out)}})
	}
	return t
}

// blank is an amount, and nothing where there is none.
func blank(fen int64) string {
	if fen == 0 {
		return ""
	}
	return web.Money(fen)
}
