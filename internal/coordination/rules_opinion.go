package coordination

import (
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/law"
	"linli/internal/procedure"
)

// enough holds the last day for opinions to the least time that the procedure lays
// down, counted as its clock counts. Faults: Invalid at deadline.
func enough(least *procedure.Clock, cal law.Calendars, now clock.Instant, last clock.Day) error {
	if last <= now.Day() {
		return fault.New(fault.Invalid, "coordination.deadline_past", "day", last).At("deadline")
	}
	at, err := law.DueAt(cal, law.Clock{Start: now, Length: least.Length.N, Unit: least.Length.Unit, Kind: law.AtLeast})
	if err != nil {
		return err
	}
	if at.Held || last.End() < at.Duty {
		return fault.New(fault.Invalid, "coordination.deadline_short", "day", (at.Duty - 1).Day()).At("deadline").Under(least.Norm)
	}
	return nil
}

// counted is what a consultation brought, street by street and point by point.
type counted struct {
	streets, agree, conditions, object, silent int
	points, adopted, partly, not, withdrawn    int
}

// add counts one street's opinion by its state and its word. Silence has none.
func (n *counted) add(state, verdict string) {
	n.streets++
	if state == stateSilent {
		n.silent++
		return
	}
	switch verdict {
	case "agree":
		n.agree++
	case "conditions":
		n.conditions++
	case "object":
		n.object++
	}
}

// answer counts one point by its state and its answer.
func (n *counted) answer(state, result string) {
	n.points++
	switch {
	case state == stateWithdrawn:
		n.withdrawn++
	case result == "adopted":
		n.adopted++
	case result == "partly":
		n.partly++
	case result == "not":
		n.not++
	}
}
