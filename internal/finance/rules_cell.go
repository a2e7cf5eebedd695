package finance

import (
	"strings"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/sheet"
)

// Bounds of a line.
const (
	longestSummary = 200
	longestVoucher = 40
	mostFen        = 1_000_000_000_000_00 // of one amount: far above any village
)

// serials of days that a spreadsheet writes as bare numbers: 2000 to 2099.
const (
	serialFrom = 36526
	serialTo   = 73050
)

// serialBase is the day that a spreadsheet counts from.
var serialBase = clock.Date(1899, time.December, 30)

// amount is what a cell of money says: fen, whether something stands there, and
// what is wrong with it or noteworthy ("" for nothing).
func amount(c sheet.Cell) (fen int64, given bool, wrong, note string) {
	switch {
	case c.Kind == sheet.Blank || c.Kind == sheet.Text && strings.Trim(c.Text, " \u3000-\u2014\u2013/") == "":
		return 0, false, "", ""
	case c.Kind == sheet.Wrong:
		return 0, true, "cell_error", ""
	case c.Rounded:
		return 0, true, "cell_rounded", ""
	}
	cell := c
	if c.Kind == sheet.Text { // signs of the currency are no part of the number
		cell.Text = strings.TrimSpace(strings.NewReplacer("\u00a5", "", "\uffe5", "", "\u5143", "").Replace(c.Text))
		note = "cell_text"
	}
	fen, ok := cell.Fen()
	switch {
	case !ok && decimals(cell):
		return 0, true, "cell_places", ""
	case !ok:
		return 0, true, "cell_number", ""
	case fen < 0:
		return fen, true, "cell_negative", ""
	case fen > mostFen:
		return 0, true, "cell_large", ""
	}
	if c.Formula {
		note = "cell_formula"
	}
	return fen, true, "", note
}

// decimals says whether a cell is a number with more than two places.
func decimals(c sheet.Cell) bool {
	s, ok := c.Decimal()
	if !ok {
		return false
	}
	_, part, dot := strings.Cut(s, ".")
	return dot && len(strings.TrimRight(part, "0")) > 2
}

// dayOf is the day a cell says; a bare number may be a spreadsheet's count of days.
func dayOf(c sheet.Cell) (day clock.Day, note string, ok bool) {
	if d, ok := c.Date(); ok {
		if c.Formula {
			note = "cell_formula"
		}
		return d, note, true
	}
	if n, whole := c.Whole(); whole && n >= serialFrom && n <= serialTo {
		return serialBase + clock.Day(n), "cell_serial", true
	}
	return 0, "", false
}

// dayFrom puts a day together from a month's and a day's number, in the year of
// the period.
func dayFrom(month, dom sheet.Cell, p Period) (clock.Day, bool) {
	m, ok1 := month.Whole()
	d, ok2 := dom.Whole()
	if !ok1 || !ok2 || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	first, _ := p.Span()
	year, _, _ := first.Date()
	day := clock.Date(year, time.Month(m), int(d))
	_, back, _ := day.Date()
	return day, int64(back) == m
}

// text is a cell's text in one line.
func textOf(c sheet.Cell) string {
	if c.Kind == sheet.Blank || c.Kind == sheet.Wrong {
		return ""
	}
	return strings.Join(strings.Fields(c.Text), " ")
}

// contains says whether words hold another word, whatever their width and spaces.
func contains(s, word string) bool { return strings.Contains(plain(s), plain(word)) }
