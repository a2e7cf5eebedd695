package coordination

import (
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// Names of the procedures of this room.
const (
	Tasks      = "task"
	TaskParts  = "task-part"
	Disputes   = "task-refusal"
	Admissions = "admission"
	Whistles   = "whistle"
)

// What the door says of a task; the values of its field verdict.
const (
	goes        = duty.Basic       // the receiver's own duty
	cooperating = duty.Cooperating // the department leads, the receiver helps within bounds
	refused     = "refused"        // does not go, whoever approves it
	unlisted    = "unlisted"       // no list has it: the county decides first
	admitted    = "admitted"       // the county decided that it goes, for a time
	denied      = "denied"         // the county decided that it does not go
)

// States of a task to which the door leads.
const (
	stateClear    = "clear"
	stateUnlisted = "unlisted"
	stateRefused  = "refused"
	stateStopped  = "stopped"
)

// Receiver is one unit that a task is for, and what its lists say of the item.
type Receiver struct {
	Unit  identity.Unit
	Level string      // one of duty.Levels
	Found *duty.Found // the item in the nearest list of its area; nil where no list has it
}

// Said is what the door says to one receiver's part of a task.
type Said struct {
	Receiver
	answer
}

// Verdict is goes (basic), cooperating, unlisted or refused.
func (s Said) Verdict() string { return s.verdict }

// Why is the reason with item and norm, of what does not go; else nil.
func (s Said) Why() *fault.Fault { return s.why }

// Answer is what the door says to a task: the hardest of what it says to each
// receiver, so that a task is not handed round in pieces.
type Answer struct {
	Verdict string
	Why     *fault.Fault
	Each    []Said
	Lead    *duty.Found   // the cooperating item whose boundary and support go with it; nil where none
	County  identity.Unit // who admits and decides
}
