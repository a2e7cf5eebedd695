package evaluation

import (
	"linli/internal/kit/clock"
	"linli/internal/ledger"
)

// Reader is the name under which this room follows the log.
const Reader = "evaluation"

// File is the catalogue's file of indicators.
const File = "evaluation/indicators.yaml"

// BurdenFile is the catalogue's file of the burden account's indicators.
const BurdenFile = "evaluation/burden.yaml"

// View is the name of the right to see figures in catalog/rights/views.yaml.
const View = "figures"

// place is where a contribution counts.
type place struct {
	Area, Unit, Class, Channel string
	Other                      string // the unit on the other side, where the indicator has one
	Sealed                     string // path below which nobody may know of it
	Month                      int    // 202611
}

// Contribution is one case's present part in one indicator.
type Contribution struct {
	Indicator string
	place
	N, Of int64 // of a count only N
}

// Sum is numerator and denominator added up.
type Sum struct{ N, Of int64 }

func (s Sum) plus(o Sum) Sum { return Sum{s.N + o.N, s.Of + o.Of} }

// By is what a table of figures has rows of.
type By string

// What figures can be laid out by.
const (
	ByMonth   By = "month"
	ByArea    By = "area"
	ByUnit    By = "unit"
	ByClass   By = "class"
	ByChannel By = "channel"
	ByOther   By = "other" // of the burden account only
)

var ways = []By{ByMonth, ByArea, ByUnit, ByClass, ByChannel}

// Filter says which cases are looked at. Empty fields do not narrow.
type Filter struct {
	Procedure string
	Area      string // code, with all below; none is Nobody
	Here      bool   // only what is known no closer than Area
	Unit      string // with all below; none is Nobody
	Class     string // with all below
	Channel   string
	Other     string // the unit on the other side, with all below
	Alone     By     // ByUnit or ByOther: that unit itself, without those below
	From, To  int    // months such as 202611, both included; 0 is open. A stock is not narrowed by them
	Month     int    // exactly this month, also of a stock
	Before    int    // only earlier months, also of a stock
	After     int    // only later ones
}

// Nobody as a unit, class or channel asks for what has none.
const Nobody = "-"

// Row is one line of a table: its key and the sums by indicator.
type Row struct {
	Key  string
	Sums map[string]Sum
}

// Figures are what the page shows.
type Figures struct {
	Total map[string]Sum
	Rows  []Row // by the way asked for, in no order yet
}

// Share chooses the side of an indicator whose cases are listed.
type Share string

// The sides of an indicator.
const (
	Counted Share = ""     // the cases of a count, or the denominator of a share
	Yes     Share = "yes"  // the numerator
	Missed  Share = "miss" // in the denominator and not in the numerator
)

// State is how far the figures are.
type State struct {
	ledger.Standing
	Read  clock.Instant // when the newest leaf was read; 0 for none
	Cases int64         // cases that count
}

// known is what stands of a case before a round.
type known struct {
	print string
	parts []Contribution
}

// change is what one round does to one case.
type change struct {
	caseID string
	fresh  bool // no row of it stands yet
	was    known
	print  string
	parts  []Contribution
}
