package finance

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Procedures whose cases this room knows.
const (
	Procedure = "village-accounts"
	Question  = "accounts-question"
	Objection = "accounts-objection"
)

// Period is a quarter such as 2026Q3 or a month such as 2026-09.
type Period string

var periodForm = regexp.MustCompile(`^(20[0-9]{2})(?:Q([1-4])|-(0[1-9]|1[0-2]))$`)

// ParsePeriod reads a period. Fault: finance.period.
func ParsePeriod(s string) (Period, error) {
	if !periodForm.MatchString(s) {
		return "", fault.New(fault.Invalid, "finance.period").At("period")
	}
	return Period(s), nil
}

// Span is the period's first and last day.
func (p Period) Span() (first, last clock.Day) {
	m := periodForm.FindStringSubmatch(string(p))
	if m == nil {
		return 0, -1
	}
	year, _ := strconv.Atoi(m[1])
	month, length := 0, 1
	if m[2] != "" {
		q, _ := strconv.Atoi(m[2])
		month, length = 3*q-2, 3
	} else {
		month, _ = strconv.Atoi(m[3])
	}
	return clock.Date(year, time.Month(month), 1), clock.Date(year, time.Month(month+length), 1) - 1
}

// Overlaps says whether two periods share a day.
func (p Period) Overlaps(o Period) bool {
	a, b := p.Span()
	c, d := o.Span()
	return a <= d && c <= b
}

// Words are the period as people say it; keys of the catalogue's texts.
func (p Period) Words(say func(key string, args ...any) string) string {
	m := periodForm.FindStringSubmatch(string(p))
	switch {
	case m == nil:
		return string(p)
	case m[2] != "":
		return say("period.quarter", "year", m[1], "n", m[2])
	}
	n, _ := strconv.Atoi(m[3])
	return say("period.month", "year", m[1], "n", n)
}

// periodsBack are the quarters and months that a form offers, the newest first.
func periodsBack(today clock.Day) (quarters, months []Period) {
	y, m, _ := today.Date()
	for i := range 13 {
		at := time.Date(y, m-time.Month(i), 1, 0, 0, 0, 0, time.UTC)
		months = append(months, Period(at.Format("2006-01")))
		q := Period(fmt.Sprintf("%dQ%d", at.Year(), (int(at.Month())+2)/3))
		if len(quarters) == 0 || quarters[len(quarters)-1] != q {
			quarters = append(quarters, q)
		}
	}
	return quarters, months
}

// Line is one entry of a book. Amounts are fen.
type Line struct {
	N           int
	Sheet       string
	Row         int // of the workbook, as a person sees it
	Day         clock.Day
	Voucher     string
	Summary     string
	Account     string // id of the catalogue
	Category    string // id of the catalogue
	Income      int64
	Expenditure int64
	Balance     int64 // of its account after the line
	Post        string
}

// Sum is one account of a book, or one category.
type Sum struct {
	ID                           string
	Opening, In, Out, Closing, N int64
}

// Sums are a book's totals.
type Sums struct {
	Accounts, Categories []Sum
	In, Out              int64
}

// The states of a book.
const (
	Fresh   = "new"     // a workbook was brought; the columns are to be confirmed
	Refused = "refused" // the check found errors
	Ready   = "ready"   // checked and stored; no case holds it yet
	Bound   = "bound"   // a case holds it
)

// Book is one version of a village's accounts of one period.
type Book struct {
	ID, Village string
	Period      Period
	State       string
	Person      string // the bookkeeper
	Name        string // of the file
	File        string // blob, until the book is bound
	Lines       int
	Digest      string // hex SHA-256 of the lines' text
	Sums        Sums
	Report      Report
	Mapping     []Mapping
	Target      Target
	Case        string
	Version     int  // within its case, from 1
	Standing    bool // the case holds this version now
	PostAct     string
	Posted      clock.Instant
	Ended       clock.Instant
	Recorded    clock.Instant
}

// Target is the case whose book another one takes the place of, and by which act;
// empty where the book opens a case.
type Target struct {
	Case string `json:"case,omitempty"`
	Act  string `json:"act,omitempty"`
}

// Entry is one line of a check report: where, and what; an error keeps the book
// from being made, a note tells what was understood and how.
type Entry struct {
	Sheet  string         `json:"sheet,omitempty"`
	Row    int            `json:"row,omitempty"`
	Column string         `json:"column,omitempty"` // A, B …
	Error  bool           `json:"error,omitempty"`
	Key    string         `json:"key"`
	Args   map[string]any `json:"args,omitempty"`
	Norm   string         `json:"norm,omitempty"`
}

// Report is what a check found. Beyond a bound entries are only counted.
type Report struct {
	Entries       []Entry `json:"entries,omitempty"`
	Errors, Notes int
	Rows          int // with something in them
}

// mostEntries bounds each kind of entry of a report.
const mostEntries = 500

func (r *Report) add(e Entry) {
	n := &r.Notes
	if e.Error {
		n = &r.Errors
	}
	if *n++; *n <= mostEntries {
		r.Entries = append(r.Entries, e)
	}
}

// Mapping says of one table of a workbook what its columns are.
type Mapping struct {
	Sheet   string         `json:"sheet"`
	Head    int            `json:"head"`              // row of the head
	Data    int            `json:"data"`              // first row after it
	Columns map[string]int `json:"columns"`           // field of the catalogue -> column, from 0
	Account string         `json:"account,omitempty"` // of all its lines, where no column says it
	Heads   []string       `json:"heads"`             // what stands above each column
	Samples []string       `json:"samples,omitempty"` // one value of each column
	Skip    bool           `json:"skip,omitempty"`
}

// Asked is a question about a line, or an objection, as the public sees it.
type Asked struct {
	Case, Kind    string
	Line          int
	State         string
	Asked         clock.Instant
	Answered      clock.Instant
	Shown         bool // the answerer looked and lets both stand beside the line
	Words, Answer string
}

// Voucher is a picture of a line.
type Voucher struct {
	Blob    string
	Line    int
	Verdict string
}

// The verdicts on a voucher: nobody has looked yet, public, or kept in the house.
const (
	Unseen = ""
	Public = "public"
	Kept   = "kept"
)

func words(zh, en string) text.Words { return text.Words{text.Chinese: zh, text.English: en} }
