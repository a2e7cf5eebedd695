package search

import (
	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/ledger"
)

// Reader is the name under which this room follows the log.
const Reader = "search"

// What is looked at first.
const (
	headColumn   = iota // title, number, class, place
	publicColumn        // what the case's parties may read
	innerColumn         // what only the office reads
)

// Found is what a search gave.
type Found struct {
	Rows  []casework.Row // best first, only what the actor may see
	Terms []string       // what to mark in texts, folded
	Loose bool           // nothing had all the words as written; these share parts of them
	More  bool           // there may be more than were asked for
}

// State is how far the index is.
type State struct {
	ledger.Standing
	Cases int64 // cases that can be found
}

// Piece is a stretch of text, marked or not.
type Piece struct {
	Text string
	Hit  bool
}

// change is what one round does to one case.
type change struct {
	caseID string
	doc    int64 // for a case that is new here
	print  string
	words  db.TextDoc
}
