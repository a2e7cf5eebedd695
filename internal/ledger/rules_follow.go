package ledger

import "time"

const (
	mostLeaves     = 4096 // of one round
	mostCases      = 1024 // of one round: what they need is kept in memory
	stretchCases   = 16   // that all readers prepare before any goes on, so that a case is read once for all
	stretchLeaves  = 128
	usualAtOnce    = 16
	behindLeaves   = 512                    // of a round of a reader that stands behind the others
	busyLeaves     = 48                     // that wait: from here on acts of a while are read together …
	busyGather     = 700 * time.Millisecond // … a round each time; with numbering the lag stays under two seconds
	longestProblem = 300
)

// gather says how long to wait before the next round. Few leaves are read at
// once. Where many come, people are waiting for the writer, and the acts that
// one case had meanwhile are one writing; what is more than a round is read
// without waiting.
func gather(behind int64, since time.Duration) time.Duration {
	if behind < busyLeaves || behind >= mostLeaves {
		return 0
	}
	return max(0, busyGather-since)
}

// fewer cuts leaves off that would make a round of too many cases.
func fewer(refs []Ref, most int) []Ref {
	cases := map[string]bool{}
	for i, r := range refs {
		if cases[r.Case] = true; len(cases) > most {
			return refs[:i]
		}
	}
	return refs
}

// due lists what leaves ask a reader to look at, in their order. Leaves that are
// no act of a case ask nothing.
func due(refs []Ref, byAct bool) []Due {
	var out []Due
	at := map[string]int{}
	for _, r := range refs {
		if r.Kind != "act" || r.Case == "" {
			continue
		}
		if i, again := at[r.Case]; again && !byAct {
			out[i].Act, out[i].Last = r.ID, r.Number
			continue
		}
		at[r.Case] = len(out)
		out = append(out, Due{Case: r.Case, Act: r.ID, First: r.Number, Last: r.Number})
	}
	return out
}

// stretches cuts leaves into pieces of few cases each; it gives the number after
// the last leaf of each.
func stretches(refs []Ref) []int64 {
	var out []int64
	cases := map[string]bool{} // of the round: one that came before is not read again
	fresh, leaves := 0, 0
	for i, r := range refs {
		if !cases[r.Case] {
			cases[r.Case] = true
			fresh++
		}
		if leaves++; fresh == stretchCases || leaves == stretchLeaves || i == len(refs)-1 {
			out = append(out, r.Number+1)
			fresh, leaves = 0, 0
		}
	}
	return out
}

// problemOf is an error as it is kept.
func problemOf(err error) string {
	problem := []rune(err.Error())
	return string(problem[:min(len(problem), longestProblem)])
}
