package command

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/procedure"
)

// deciders are the kinds of post that send, rule and approve rather than handle.
var deciders = []string{"dispatcher", "leader", "head", "intake", "committee-head", "party-secretary"}

// decides says whether a case in this state waits for a decision: it is open,
// somebody who dispatches, leads or answers for a unit can move it, and nobody
// who handles can. What a party or the machinery may do does not count. It is
// read off the procedure, so that a new one needs nothing here.
func decides(p *procedure.Procedure, state string) bool {
	s := p.State(state)
	if s == nil || s.Kind != procedure.Open {
		return false
	}
	some := false
	for _, act := range p.Acts {
		if act.Follows != nil || act.Unfollows { // merging cases is no decision about this one
			continue
		}
		if act.To == "" && act.Opinion == nil || act.To == state || !slices.Contains(act.From, state) || act.Quiet {
			continue
		}
		switch who := whoMoves(act.Who); who {
		case "":
		case "deciders":
			some = true
		default:
			return false
		}
	}
	return some
}

// whoMoves tells whose act it is: "deciders", "others", or "" for one that a
// party, a clock, or nobody does.
func whoMoves(who []identity.Relation) string {
	out := ""
	for _, r := range who {
		switch r.Name {
		case identity.RelParty:
			return "" // taking back or adding is the party's own matter
		case identity.RelClock:
			continue
		}
		if !slices.Contains(deciders, r.PostKind()) {
			return "others"
		}
		out = "deciders"
	}
	return out
}

// rowOf is what this room keeps of a case. gridDigits is the shortest code that
// names a grid.
func rowOf(c *casework.Case, p *procedure.Procedure) row {
	r := row{ID: c.ID, Number: c.Number, Procedure: c.Procedure, State: c.State, Kind: c.Kind, Class: c.Class, Area: c.Area, Unit: c.Unit,
		Sealed: c.Sealed, Opened: c.Opened, Due: c.Due, Breached: c.Breached, Escalated: c.Escalated, Changed: c.Changed, Child: c.Parent != ""}
	r.Live = c.Kind == procedure.Open || c.Kind == procedure.Waiting
	r.Decides = r.Live && decides(p, c.State)
	field := p.Field(p.Area)
	r.Unplaced = r.Decides && field != nil && field.Type == "place" && len(c.Area) <= communityDigits
	if place, ok := c.Values[p.Area].(procedure.Place); ok && place.Point() && finite(place.Lon, 180) && finite(place.Lat, 90) {
		r.Placed, r.Lon, r.Lat = true, micro(place.Lon), micro(place.Lat)
	}
	return r
}

// communityDigits is the length of a community's code; what is longer is a grid.
const communityDigits = 12

func finite(f, most float64) bool { return !math.IsNaN(f) && f >= -most && f <= most }

func micro(degrees float64) int64 { return int64(math.Round(degrees * 1e6)) }

func degrees(micro int64) float64 { return float64(micro) / 1e6 }

// counters are the leaf counters that a row adds one to, level and area left
// out. Received days before oldest are not counted any more.
func (r row) counters(oldest clock.Day) (out []counter) {
	base := counter{Unit: r.Unit, Procedure: r.Procedure, Class: r.Class, State: r.State, Seal: r.Sealed}
	add := func(what int, day int64) {
		k := base
		k.What, k.Day = what, day
		out = append(out, k)
	}
	if r.Live {
		day := int64(0)
		if r.Due != 0 {
			day = int64((r.Due - 1).Day()) // 24:00 belongs to the day that ends
		}
		add(countOpen, day)
		if r.Decides {
			add(countDecides, 0)
		}
		if r.Unplaced {
			add(countUnplaced, 0)
		}
	}
	if day := r.Opened.Day(); !r.Child && day >= oldest {
		base.State = ""
		add(countReceived, int64(day))
	}
	return out
}

// leaf is one counter of one level with how far it moves.
type leaf struct {
	counter
	Level int
	Area  string
	Move  int
}

// leaves are the counters that change when a case goes from one row to the next
// (nil: it was or is not there), in one order, so that two nodes never wait for
// each other's rows crosswise.
func leaves(was, is *row, oldest clock.Day) []leaf {
	type key struct {
		counter
		level int
		area  string
	}
	moves := map[key]int{}
	for at, r := range []*row{was, is} {
		if r == nil {
			continue
		}
		for _, k := range r.counters(oldest) {
			for _, level := range levels {
				moves[key{k, level, cut(r.Area, level)}] += 2*at - 1
			}
		}
	}
	var out []leaf
	for k, n := range moves {
		if n != 0 {
			out = append(out, leaf{k.counter, k.level, k.area, n})
		}
	}
	slices.SortFunc(out, func(a, b leaf) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Level, b.Level), strings.Compare(a.Area, b.Area), cmp.Compare(a.Day, b.Day),
			strings.Compare(a.Unit, b.Unit), strings.Compare(a.Procedure, b.Procedure), strings.Compare(a.Class, b.Class),
			strings.Compare(a.State, b.State), strings.Compare(a.Seal, b.Seal))
	})
	return out
}

// levelOf is the level of counters that answers exactly for a scope and an
// actor: every area the actor has a post over lies on one side of each leaf.
// child is how many digits the answer must tell apart, 0 where it need not.
func levelOf(sc Scope, a identity.Actor, child int) int {
	digits := max(len(sc.Area), child)
	for _, p := range a.Posts {
		if p.Area != "" && strings.HasPrefix(p.Area, sc.Area) {
			digits = max(digits, len(p.Area))
		}
	}
	return levelFor(digits)
}

// childDigits is the length of codes one step below an area.
func childDigits(code string) int {
	for _, n := range []int{2, 4, 6, 9, communityDigits} {
		if len(code) < n {
			return n
		}
	}
	return wholeCode
}

// zoomDigits is how many digits the clusters of a zoom tell apart; 0 says that
// cases are shown by their own place.
func zoomDigits(zoom int) int {
	switch {
	case zoom < 12:
		return 9
	case zoom < 14:
		return communityDigits
	case zoom < 16:
		return wholeCode
	}
	return 0
}

// plus adds figures up.
func (n Numbers) plus(m Numbers) Numbers {
	return Numbers{n.Received + m.Received, n.Open + m.Open, n.Today + m.Today, n.Overdue + m.Overdue, n.Decides + m.Decides, n.Unplaced + m.Unplaced}
}

// shade is how dark a grid with n open cases is drawn, 1 to 5, where most is
// the highest number; 0 for none.
func shade(n, most int) int {
	switch {
	case n <= 0 || most <= 0:
		return 0
	case most <= 5:
		return n
	}
	return min(5, 1+n*5/(most+1))
}

// rising keeps the classes that came more often in the last seven days than in
// an average week of the four before, most additional cases first.
func rising(list []Rise, most int) []Rise {
	out := slices.DeleteFunc(slices.Clone(list), func(r Rise) bool { return r.Class == "" || r.Week < 2 || r.Week*4 <= r.Weeks })
	slices.SortFunc(out, func(a, b Rise) int {
		return cmp.Or(cmp.Compare(b.Week*4-b.Weeks, a.Week*4-a.Weeks), strings.Compare(a.Class, b.Class))
	})
	return out[:min(len(out), most)]
}
