package coordination

import (
	"linli/internal/duty"
	"linli/internal/identity"
)

// Names of the procedures of this room.
const (
	Tasks    = "task"
	Whistles = "whistle"
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
)

// Receiver is one unit that a task is for, and what its lists say of the item.
type Receiver struct {
	Unit  identity.Unit
	Level string      // one of duty.Levels
	Found *duty.Found // the item in the nearest list of its area; nil where no list has it
}
