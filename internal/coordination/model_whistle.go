package coordination

import (
	"linli/internal/casework"
	"linli/internal/kit/clock"
)

// Names of what a whistle opens.
const (
	WhistleCalls    = "whistle-call"
	WhistleDisputes = "whistle-dispute"
)

// Emergency is the kind of a whistle that goes at once.
const Emergency = "emergency"

// States of a call.
const (
	callCalled    = "called"
	callComing    = "coming"
	callPresent   = "present"
	callDelivered = "delivered"
	callDisputed  = "disputed"
	CallDone      = "done"
)

// WhistleLine is one whistle as a list shows it: how many departments were called
// and how far they are.
type WhistleLine struct {
	*casework.Case
	Called    int           // departments called and not excused or let go
	Silent    int           // have not reported in yet
	Coming    int           // reported in
	Present   int           // arrived
	Delivered int           // delivered; the caller has not said yet that it is done
	Done      int           // done
	Disputed  int           // lie with the county
	Due       clock.Instant // the earliest date of it and of its calls; 0 = none
}

// Overdue says that one of its dates has passed.
func (w WhistleLine) Overdue(now clock.Instant) bool { return w.Due > 0 && w.Due <= now }

// Unconfirmed says that it went at once and its head has not said yes to it.
func (w WhistleLine) Unconfirmed() bool { return Unconfirmed(w.Case) }

// Unconfirmed says that a whistle went at once and its head has not said yes to it.
func Unconfirmed(c *casework.Case) bool {
	_, yes := c.Doers["confirm"]
	_, late := c.Doers["not_confirmed"]
	return c.State == "unconfirmed" || late && !yes
}

// count adds one call to the line.
func (w *WhistleLine) count(c *casework.Case) {
	of := map[string]*int{callCalled: &w.Silent, callComing: &w.Coming, callPresent: &w.Present, callDelivered: &w.Delivered, callDisputed: &w.Disputed, CallDone: &w.Done}[c.State]
	if of == nil {
		return // excused or let go
	}
	*of++
	w.Called++
	if c.Due > 0 && (w.Due == 0 || c.Due < w.Due) {
		w.Due = c.Due
	}
}
