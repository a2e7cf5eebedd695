package identity

import (
	"slices"
	"strings"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// LongestAbsence bounds one time of standing in; who is away longer hands over.
const LongestAbsence = 366 * 24 * time.Hour

// checkDeputy judges a wish against the times that are agreed or asked for
// already: nobody is stood in for twice for the same work, and there are no
// chains: who is absent themselves stands in for nobody, and who stands in is
// not absent.
func checkDeputy(d Deputy, others []Deputy, now clock.Instant) error {
	switch {
	case d.Until <= d.From || d.Until <= now:
		return fault.New(fault.Invalid, "identity.post_until").At("until")
	case d.Until.Sub(d.From) > LongestAbsence:
		return fault.New(fault.Invalid, "identity.deputy_long", "days", int(LongestAbsence/day)).At("until")
	case d.Deputy == d.Person:
		return fault.New(fault.Invalid, "identity.deputy_self").At("deputy")
	}
	for _, o := range others {
		if o.ID == d.ID || !o.stands(now) || !d.meets(o) {
			continue
		}
		switch {
		case o.Person == d.Person && (o.Post == "" || d.Post == "" || o.Post == d.Post):
			return fault.New(fault.Conflict, "identity.deputy_overlap", "from", o.From, "until", o.Until).At("from")
		case o.Person == d.Deputy:
			return fault.New(fault.Conflict, "identity.deputy_absent", "from", o.From, "until", o.Until).At("deputy")
		case o.Deputy == d.Person:
			return fault.New(fault.Conflict, "identity.deputy_chain", "from", o.From, "until", o.Until).At("from")
		}
	}
	return nil
}

// near says whether two posts lie on one line of the tree of units: the same
// unit, one above or one below. Work is not lent to somebody of another house.
func nearPosts(a, b []Post) bool {
	return slices.ContainsFunc(a, func(p Post) bool {
		return p.UnitPath != "" && slices.ContainsFunc(b, func(q Post) bool {
			return q.UnitPath != "" && (strings.HasPrefix(p.UnitPath, q.UnitPath) || strings.HasPrefix(q.UnitPath, p.UnitPath))
		})
	})
}

// AnswersFor says whether the actor, in their own right, is head or
// administrator of a unit at or above one of the posts, and is not their holder.
func AnswersFor(a Actor, posts []Post) bool {
	return slices.ContainsFunc(posts, func(p Post) bool { return PostFor(a, p).ID != "" })
}

// PostFor is the actor's own post by which they answer for another's; the zero
// post where there is none.
func PostFor(a Actor, p Post) Post {
	if p.UnitPath == "" || p.Person == a.Person {
		return Post{}
	}
	for _, own := range a.Own().Posts {
		if (own.Kind == Head || own.Kind == Administrator) && own.UnitPath != "" && strings.HasPrefix(p.UnitPath, own.UnitPath) {
			return own
		}
	}
	return Post{}
}
