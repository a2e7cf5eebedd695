package ballot

import "linli/internal/kit/fault"

// Meetings is the procedure whose cases this room counts for.
const Meetings = "meeting"

// Acts of that procedure of which this room keeps something.
const (
	callAct      = "call"
	callAloneAct = "call_alone"
	moveAct      = "move_day"
	voteAct      = "put_to_vote"
	arriveAct    = "arrive"
	leaveAct     = "leave_early"
	entrustAct   = "entrust"
)

// Ways in which somebody comes.
const (
	inPerson     = "self"
	forHousehold = "household"
	byProxy      = "proxy"
)

// meeting is a row of ballot_meeting.
type meeting struct {
	Case, Sitting, Roll, Area, Day, State, Parent, Text string
}

// Attendance is who is in the hall now.
type Attendance struct {
	Present    int64 // heads that count, with those who come by proxy
	Adults     int64
	Households int64
}

// bodyRule is what a body may decide and how one may be represented in it.
type bodyRule struct {
	Matters   []string `yaml:"matters"`
	Norm      string   `yaml:"norm"`
	Proxy     string   `yaml:"proxy"`
	ProxyNorm string   `yaml:"proxy_norm"`
}

func unmet(key string, args ...any) *fault.Fault {
	return fault.New(fault.Unmet, "ballot."+key, args...)
}

func invalid(key string, args ...any) *fault.Fault {
	return fault.New(fault.Invalid, "ballot."+key, args...)
}

func conflict(key string, args ...any) *fault.Fault {
	return fault.New(fault.Conflict, "ballot."+key, args...)
}
