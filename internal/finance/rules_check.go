package finance

import (
	"hash/maphash"
	"slices"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/sheet"
	"linli/web"
)

// Private says what in a text points to a person and may not be published: the
// kind and the first signs; "" where nothing does.
type Private func(text string) (kind, begins string)

// ground is what a workbook is held against.
type ground struct {
	period   Period
	previous map[string]int64 // closing of the period before by account; nil where there is none
	private  Private
}

// tally is one account while its lines are read.
type tally struct {
	Sum
	known   bool  // its opening
	stated  bool  // a closing or a balance was read
	last    int64 // what was stated last
	lastAt  Entry // where
	running int64 // as the workbook goes on: after a wrong balance from what it states
	spoilt  bool  // an amount could not be read: its sums say nothing
	below   bool  // below nothing was told already
	opened  Entry // where its opening stands
}

// seen is where a voucher's number or a whole line was met first.
type seen struct {
	day clock.Day
	row int
}

// checker reads rows and says what is wrong with them. It holds sums and hashes,
// never the lines.
type checker struct {
	*Catalogue
	ground
	report   Report
	accounts map[string]*tally
	cats     map[string]*Sum
	vouchers map[uint64]seen
	lines    map[uint64]seen
	seed     maphash.Seed
	n        int
	sink     func(Line) error
	hidden   map[string]bool
}

func newChecker(c *Catalogue, g ground, sink func(Line) error) *checker {
	k := &checker{Catalogue: c, ground: g, accounts: map[string]*tally{}, cats: map[string]*Sum{}, vouchers: map[uint64]seen{}, lines: map[uint64]seen{},
		seed: maphash.MakeSeed(), sink: sink, hidden: map[string]bool{}}
	for id, closing := range g.previous {
		k.accounts[id] = &tally{Sum: Sum{ID: id, Opening: closing}, known: true, running: closing}
	}
	return k
}

// account is an account's tally; without a closing before and without an opening
// of its own it begins at nothing where there was a period before.
func (k *checker) account(id string) *tally {
	t := k.accounts[id]
	if t == nil {
		t = &tally{Sum: Sum{ID: id}, known: k.previous != nil}
		k.accounts[id] = t
	}
	return t
}

// part is one table while it is read.
type part struct {
	m                 *Mapping
	carry             map[string]sheet.Cell // of merges that reach over several rows
	in, out           int64                 // of the table
	monthIn, monthOut int64                 // since the last row of a month
	spoilt            bool
}

func (k *checker) entry(p *part, row int, field, key string, args ...any) Entry {
	e := Entry{Sheet: p.m.Sheet, Row: row, Key: key}
	if at, ok := p.m.Columns[field]; ok && field != "" {
		e.Column = sheet.ColumnName(at)
	}
	for i := 0; i+1 < len(args); i += 2 {
		if e.Args == nil {
			e.Args = map[string]any{}
		}
		v := args[i+1]
		if day, is := v.(clock.Day); is { // a report is kept as JSON
			v = day.String()
		}
		e.Args[args[i].(string)] = v
	}
	return e
}

func (k *checker) bad(p *part, row int, field, key string, args ...any) {
	e := k.entry(p, row, field, key, args...)
	e.Error, e.Norm = true, k.Truth.of(key)
	k.report.add(e)
}

func (k *checker) note(p *part, row int, field, key string, args ...any) {
	if key != "" {
		k.report.add(k.entry(p, row, field, key, args...))
	}
}

// table reads one table by its mapping.
func (k *checker) table(t *sheet.Table, m *Mapping) error {
	p := &part{m: m, carry: map[string]sheet.Cell{}}
	if t.Hidden {
		k.note(p, 0, "", "hidden_table")
	}
	for row, err := range t.Rows() {
		if err != nil {
			return err
		}
		if row.Number < m.Data {
			continue
		}
		k.report.Rows++
		if err := k.row(p, row); err != nil {
			return err
		}
	}
	return nil
}

// cell is the value of a field in a row; what is merged over several rows holds
// for each of them.
func (p *part) cell(row sheet.Row, field string) sheet.Cell {
	at, ok := p.m.Columns[field]
	if !ok {
		return sheet.Cell{}
	}
	c := row.At(at)
	if c.Merge == nil || c.Merge.ToRow == c.Merge.Row {
		return c
	}
	if !c.Covered() {
		p.carry[field] = c
		return c
	}
	if first, ok := p.carry[field]; ok && first.Merge != nil && *first.Merge == *c.Merge {
		return first
	}
	return c
}

func (k *checker) row(p *part, row sheet.Row) error {
	if row.Hidden && !k.hidden[p.m.Sheet] {
		k.hidden[p.m.Sheet] = true
		k.note(p, row.Number, "", "hidden_row")
	}
	kind := k.kindOf(p, row)
	switch kind {
	case "opening", "closing":
		k.balanceRow(p, row, kind)
		return nil
	case "total", "month":
		k.totalRow(p, row, kind)
		return nil
	case "left":
		k.note(p, row.Number, "", "row_left")
		return nil
	}
	return k.line(p, row)
}

// kindOf says whether a row is no line but an opening, a sum or a signature.
func (k *checker) kindOf(p *part, row sheet.Row) string {
	for i, c := range row.Cells {
		if c.Kind != sheet.Text || i > 12 {
			continue
		}
		if kind := k.byRow[plain(c.Text)]; kind != "" && kind != "left" {
			return kind
		}
	}
	for _, field := range []string{"income", "expenditure"} {
		if fen, given, wrong, _ := amount(p.cell(row, field)); given && (fen != 0 || wrong != "") {
			for _, c := range row.Cells {
				if c.Kind == sheet.Text && k.byRow[plain(c.Text)] == "left" {
					return "left" // a sum of the year to date
				}
			}
			return ""
		}
	}
	for _, c := range row.Cells {
		if c.Kind != sheet.Text {
			continue
		}
		for _, w := range k.Rows["left"] {
			if strings.HasPrefix(plain(c.Text), plain(w)) {
				return "left"
			}
		}
	}
	return ""
}

// owner is the account of a row: what its cell says, else the table's.
func (k *checker) owner(p *part, row sheet.Row) (id, words string) {
	words = textOf(p.cell(row, "account"))
	if words == "" {
		return p.m.Account, ""
	}
	return k.byAccount[plain(words)], words
}

// balanceRow takes a row that states what an account holds.
func (k *checker) balanceRow(p *part, row sheet.Row, kind string) {
	id, words := k.owner(p, row)
	if id == "" {
		k.bad(p, row.Number, "account", "account_unknown", "account", words)
		return
	}
	var fen int64
	given := false
	for _, field := range []string{"balance", "income", "expenditure"} {
		v, has, wrong, note := amount(p.cell(row, field))
		if !has {
			continue
		}
		if wrong != "" {
			k.bad(p, row.Number, field, wrong)
			k.account(id).spoilt = true
			return
		}
		k.note(p, row.Number, field, note)
		fen, given = v, true
		break
	}
	if !given {
		k.bad(p, row.Number, "balance", "no_amount")
		return
	}
	t := k.account(id)
	at := k.entry(p, row.Number, "balance", "")
	if kind == "opening" && t.N == 0 && !t.stated {
		k.opening(p, row.Number, t, fen)
		t.opened = at
		return
	}
	k.states(p, row.Number, t, fen)
}

// opening takes what an account is said to begin with.
func (k *checker) opening(p *part, row int, t *tally, fen int64) {
	if t.known && fen != t.Opening {
		k.bad(p, row, "balance", "opening_differs", "account", t.ID, "stated", web.Money(fen), "before", web.Money(t.Opening), "difference", web.Money(fen-t.Opening))
		return
	}
	t.known, t.Opening, t.running = true, fen, fen
}

// states compares a stated balance with the one reckoned, tells the difference
// once, and goes on from what is stated.
func (k *checker) states(p *part, row int, t *tally, fen int64) {
	if t.known && !t.spoilt && fen != t.running {
		k.bad(p, row, "balance", "balance", "account", t.ID, "stated", web.Money(fen), "reckoned", web.Money(t.running), "difference", web.Money(fen-t.running))
	}
	t.stated, t.last, t.running, t.lastAt = true, fen, fen, k.entry(p, row, "balance", "")
}

// totalRow adds up again what a row says it adds up.
func (k *checker) totalRow(p *part, row sheet.Row, kind string) {
	for _, one := range []struct {
		field        string
		table, month int64
	}{{"income", p.in, p.monthIn}, {"expenditure", p.out, p.monthOut}} {
		v, given, wrong, _ := amount(p.cell(row, one.field))
		reckoned := one.table
		if kind == "month" {
			reckoned = one.month
		}
		switch {
		case !given:
		case wrong != "":
			k.bad(p, row.Number, one.field, wrong)
		case v != reckoned && !p.spoilt:
			k.bad(p, row.Number, one.field, "total", "stated", web.Money(v), "reckoned", web.Money(reckoned), "difference", web.Money(v-reckoned))
		}
	}
	if kind == "month" {
		p.monthIn, p.monthOut = 0, 0
	}
}

// finish holds every account to its closing and gives the sums.
func (k *checker) finish() Sums {
	var s Sums
	for _, a := range k.Accounts {
		t := k.accounts[a.ID]
		if t == nil {
			continue
		}
		t.Closing = t.Opening + t.In - t.Out
		whole := Entry{Sheet: t.lastAt.Sheet, Row: t.lastAt.Row, Column: t.lastAt.Column, Error: true}
		tell := func(key string, args ...any) {
			e := whole
			e.Key, e.Norm, e.Args = key, k.Truth.of(key), map[string]any{"account": t.ID}
			for i := 0; i+1 < len(args); i += 2 {
				e.Args[args[i].(string)] = args[i+1]
			}
			k.report.add(e)
		}
		switch {
		case t.spoilt:
		case !t.known:
			tell("opening_missing")
		case !t.stated && t.N > 0:
			tell("closing_missing")
		case t.stated && t.last != t.Closing:
			tell("closing", "opening", web.Money(t.Opening), "income", web.Money(t.In), "expenditure", web.Money(t.Out), "stated", web.Money(t.last), "reckoned", web.Money(t.Closing),
				"difference", web.Money(t.last-t.Closing))
		}
		s.Accounts = append(s.Accounts, t.Sum)
		s.In, s.Out = s.In+t.In, s.Out+t.Out
	}
	for _, c := range k.Categories {
		if sum := k.cats[c.ID]; sum != nil {
			s.Categories = append(s.Categories, *sum)
		}
	}
	if k.n == 0 && k.report.Errors == 0 {
		k.report.add(Entry{Error: true, Key: "no_lines"})
	}
	slices.SortStableFunc(k.report.Entries, func(a, b Entry) int { // errors first
		switch {
		case a.Error == b.Error:
			return 0
		case a.Error:
			return -1
		}
		return 1
	})
	return s
}
