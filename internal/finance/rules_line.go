package finance

import (
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"linli/internal/kit/sheet"
	"linli/web"
)

// line reads one entry. What can be read counts for the sums also where the rest
// of the row is wrong, so that one slip does not make every balance after it wrong.
func (k *checker) line(p *part, row sheet.Row) error {
	l := Line{Sheet: p.m.Sheet, Row: row.Number}
	before := k.report.Errors
	k.date(p, row, &l)
	k.words(p, row, &l)
	money := k.money(p, row, &l)
	id, words := k.owner(p, row)
	switch {
	case k.personal(words):
		k.person(p, row.Number, words)
	case id == "":
		k.bad(p, row.Number, "account", "account_unknown", "account", cut(words, longestHead))
	}
	l.Account = id
	if !money || id == "" {
		p.spoilt = true
		if t := k.accounts[id]; t != nil {
			t.spoilt = true
		} else if id != "" {
			k.account(id).spoilt = true
		}
		return nil
	}
	k.category(p, row, &l)
	k.post(p, row, &l)
	k.counted(p, row, &l)
	if k.report.Errors > before {
		return nil
	}
	k.twice(p, &l)
	k.n++
	l.N = k.n
	return k.sink(l)
}

// person refuses an account that is a person's.
func (k *checker) person(p *part, row int, words string) {
	e := k.entry(p, row, "account", "personal", "account", cut(words, longestHead))
	e.Error, e.Norm = true, k.Personal.Norm
	k.report.add(e)
}

func (k *checker) date(p *part, row sheet.Row, l *Line) {
	c := p.cell(row, "day")
	day, note, ok := dayOf(c)
	field := "day"
	if !ok && c.Kind == sheet.Blank {
		if _, split := p.m.Columns["month"]; split {
			field = "dom"
			day, ok = dayFrom(p.cell(row, "month"), p.cell(row, "dom"), k.period)
		}
	}
	first, last := k.period.Span()
	switch {
	case !ok && c.Kind == sheet.Blank && field == "day":
		k.bad(p, row.Number, field, "day_missing")
	case !ok:
		k.bad(p, row.Number, field, "day_wrong", "value", cut(c.Text, longestHead))
	case day < first || day > last:
		k.bad(p, row.Number, field, "day_outside", "day", day, "first", first, "last", last)
	default:
		l.Day = day
		k.note(p, row.Number, field, note)
	}
}

// words reads voucher and summary. Nothing that points to a person gets into a
// line.
func (k *checker) words(p *part, row sheet.Row, l *Line) {
	l.Voucher = textOf(p.cell(row, "voucher"))
	switch {
	case l.Voucher == "":
		k.bad(p, row.Number, "voucher", "voucher_missing")
	case utf8.RuneCountInString(l.Voucher) > longestVoucher:
		k.bad(p, row.Number, "voucher", "too_long", "max", longestVoucher)
	}
	l.Summary = textOf(p.cell(row, "summary"))
	switch {
	case l.Summary == "":
		k.bad(p, row.Number, "summary", "summary_missing")
	case utf8.RuneCountInString(l.Summary) > longestSummary:
		k.bad(p, row.Number, "summary", "too_long", "max", longestSummary)
	case k.withPerson(l.Summary):
		e := k.entry(p, row.Number, "summary", "personal_sentence")
		e.Error, e.Norm = true, k.Personal.Norm
		k.report.add(e)
	}
	if k.private == nil {
		return
	}
	for field, s := range map[string]string{"summary": l.Summary, "voucher": l.Voucher} {
		if kind, begins := k.private(s); kind != "" && !(field == "voucher" && kind == "account") {
			k.bad(p, row.Number, field, "private_"+kind, "begins", begins)
		}
	}
}

// money reads income and expenditure: exactly one of them is more than nothing.
func (k *checker) money(p *part, row sheet.Row, l *Line) bool {
	ok := true
	for _, one := range []struct {
		field string
		to    *int64
	}{{"income", &l.Income}, {"expenditure", &l.Expenditure}} {
		c := p.cell(row, one.field)
		if c.Merge != nil && c.Merge.ToRow > c.Merge.Row {
			k.bad(p, row.Number, one.field, "merged_amount", "cells", c.Merge.String())
			ok = false
			continue
		}
		v, _, wrong, note := amount(c)
		if wrong != "" {
			k.bad(p, row.Number, one.field, wrong, "value", cut(c.Text, longestHead))
			ok = false
			continue
		}
		k.note(p, row.Number, one.field, note)
		*one.to = v
	}
	switch {
	case !ok:
	case l.Income == 0 && l.Expenditure == 0:
		k.bad(p, row.Number, "income", "no_amount")
		ok = false
	case l.Income != 0 && l.Expenditure != 0:
		k.bad(p, row.Number, "income", "both_amounts")
		ok = false
	}
	return ok
}

// category names what the line is for. What has no word in the catalogue goes to
// the rest, and is told.
func (k *checker) category(p *part, row sheet.Row, l *Line) {
	way := in
	if l.Expenditure > 0 {
		way = out
	}
	said := textOf(p.cell(row, "category"))
	id := k.byCategory[plain(said)]
	if c, ok := k.Categories.get(id); ok && c.Way == way {
		l.Category = id
		return
	}
	l.Category = k.other(way)
	if said != "" {
		k.note(p, row.Number, "category", "category_other", "category", cut(said, longestHead))
	}
}

// post keeps who handled the line as a post. A name is not kept.
func (k *checker) post(p *part, row sheet.Row, l *Line) {
	said := textOf(p.cell(row, "post"))
	if said == "" {
		return
	}
	if slices.ContainsFunc(k.Posts, func(s string) bool { return plain(s) == plain(said) }) {
		l.Post = said
		return
	}
	k.note(p, row.Number, "post", "post_name")
}

// counted adds the line to its account and category and compares the balance
// that stands beside it.
func (k *checker) counted(p *part, row sheet.Row, l *Line) {
	t := k.account(l.Account)
	t.N++
	t.In, t.Out, t.running = t.In+l.Income, t.Out+l.Expenditure, t.running+l.Income-l.Expenditure
	p.in, p.out, p.monthIn, p.monthOut = p.in+l.Income, p.out+l.Expenditure, p.monthIn+l.Income, p.monthOut+l.Expenditure
	l.Balance = t.Opening + t.In - t.Out
	c := k.cats[l.Category]
	if c == nil {
		c = &Sum{ID: l.Category}
		k.cats[l.Category] = c
	}
	c.In, c.Out, c.N = c.In+l.Income, c.Out+l.Expenditure, c.N+1
	if v, given, wrong, _ := amount(p.cell(row, "balance")); given {
		switch wrong {
		case "", "cell_negative":
			k.states(p, row.Number, t, v)
		default:
			k.bad(p, row.Number, "balance", wrong, "value", cut(p.cell(row, "balance").Text, longestHead))
		}
	}
	if t.known && l.Balance < 0 && !t.below && !t.spoilt {
		t.below = true
		k.bad(p, row.Number, "balance", "below_zero", "account", t.ID, "balance", web.Money(l.Balance))
	}
}

// twice looks for a line that stands there already, and for a voucher's number
// that stands on another day of the same month.
func (k *checker) twice(p *part, l *Line) {
	month := l.Day.String()[:len("2026-01")]
	number := maphash.String(k.seed, month+"\x00"+plain(l.Voucher))
	if first, met := k.vouchers[number]; met && first.day != l.Day {
		k.bad(p, l.Row, "voucher", "voucher_twice", "voucher", l.Voucher, "row", first.row, "day", first.day)
	} else if !met {
		k.vouchers[number] = seen{l.Day, l.Row}
	}
	whole := maphash.String(k.seed, strings.Join([]string{l.Day.String(), plain(l.Voucher), l.Account, strconv.FormatInt(l.Income, 10), strconv.FormatInt(l.Expenditure, 10), l.Summary}, "\x00"))
	if first, met := k.lines[whole]; met {
		k.bad(p, l.Row, "voucher", "line_twice", "row", first.row)
	} else {
		k.lines[whole] = seen{l.Day, l.Row}
	}
}
