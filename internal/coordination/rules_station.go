package coordination

import (
	"regexp"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/law"
	"linli/internal/procedure"
)

// stationed holds a unit to what a stationed unit is: it is open, belongs to a
// department, and is commanded by another open unit. Faults: Invalid at field.
func stationed(u, commander identity.Unit, now clock.Instant, norm, field string) error {
	bad := func(key string) error {
		return fault.New(fault.Invalid, key, "unit", u.Words(), "commander", commander.Words()).Under(norm).At(field)
	}
	switch {
	case !u.Open(now):
		return fault.New(fault.Invalid, "casework.unit_closed", "unit", u.Name).At(field)
	case u.Owner == "" || u.Commander == "" || u.Owner == u.Commander:
		return bad("coordination.not_stationed")
	case !commander.Open(now):
		return bad("coordination.commander_closed")
	}
	return nil
}

// untilEndOf is the length of a limit that runs to the end of a day; for today it
// is counted in hours. Fault: Invalid for a day that is over.
func untilEndOf(day string, now clock.Instant) (procedure.Length, error) {
	by, err := clock.ParseDay(day)
	if err != nil {
		return procedure.Length{}, fault.New(fault.Invalid, "procedure.value_day", "field", "by").At("by")
	}
	switch days := int(by - now.Day()); {
	case days < 0:
		return procedure.Length{}, fault.New(fault.Invalid, "coordination.in_the_past", "day", by).At("by")
	case days == 0:
		return procedure.Length{N: max(1, int(by.End().Sub(now)/time.Hour)), Unit: law.Hour}, nil
	default:
		return procedure.Length{N: days, Unit: law.Day}, nil
	}
}

// telephone is a number that may stand on a board: an office's with its area code,
// a service number, or one with an extension. A mobile number is somebody's own.
var telephone = regexp.MustCompile(`^(0\d{2,3}-?\d{7,8}(-\d{1,6})?|\d{3,8}|400-?\d{3,4}-?\d{3,4})$`)

// publicTelephone refuses what does not belong on a board. Fault: Invalid at telephone.
func publicTelephone(number string) error {
	if number == "" || telephone.MatchString(number) {
		return nil
	}
	return fault.New(fault.Invalid, "coordination.private_telephone").At("telephone")
}
