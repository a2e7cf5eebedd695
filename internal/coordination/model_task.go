package coordination

import (
	"linli/internal/casework"
	"linli/internal/kit/clock"
)

// comesAgain is the value of a task's field again where it resembles a refused one:
// by it the lists find them.
const comesAgain = "seen"

// Numbers are how things stand at the door in the whole county: the same for
// whoever asks.
type Numbers struct {
	Running  int `json:"running" doc:"Tasks handed down and not summed up"`
	Waiting  int `json:"waiting_for_admission"`
	Disputes int `json:"refusals_to_be_decided" doc:"Receivers' refusals that wait for the county"`
	Refused  int `json:"refused_at_the_door" doc:"Within the last 365 days"`
	Again    int `json:"come_again" doc:"Resemble a task that was refused; within the last 365 days"`
	Ending   int `json:"ending_within_30_days" doc:"Admissions"`
}

// TaskLine is a task with how far its receivers are.
type TaskLine struct {
	*casework.Case
	Parts, Ended, Overdue int
	Ends                  clock.Instant // of its admission; 0 where there is none
}

// County is what waits for the county or what it should see.
type County struct {
	Waiting  []*casework.Case // admissions to be decided
	Disputes []*casework.Case // refusals of receivers to be decided
	Refused  []*casework.Case // tasks that did not pass, the newest first
	Again    []*casework.Case // tasks that resemble a refused one, the newest first
	Ending   []TaskLine       // admissions, the next end first
}

// Node is a task or one receiver's part of it, with what stands below it.
type Node struct {
	*casework.Case
	Depth int
	Below []*Node
}

// Opinion is the word of one body of the joint meeting; Verdict is "" while it has
// not spoken.
type Opinion struct {
	Post            string // kind of post
	Verdict, Remark string
	Person          string // id of who spoke
}

// Tree is a task from the top, with all that came of it.
type Tree struct {
	Top       *Node
	Admission *casework.Case // nil where none was asked for
	Opinions  []Opinion
	Like      *casework.Case   // the refused task it resembles; nil where none
	Again     []*casework.Case // tasks that resemble it
}
