package identity

import (
	"linli/internal/kit/clock"
)

// The states of a deputy's time.
const (
	DeputyAsked    = "asked"    // the deputy has not answered yet
	DeputyAccepted = "accepted" // in force from its beginning to its end
	DeputyRefused  = "refused"
	DeputyEnded    = "ended" // taken back or ended early
)

// Head is the kind of post that answers for a unit.
const Head = "head"

// Deputy is one time in which somebody stands in for an absent person.
type Deputy struct {
	ID     string
	Person string // who is absent
	Deputy string // who stands in
	Post   string // the only post of the person that is meant, "" for all
	From   clock.Instant
	Until  clock.Instant
	State  string
	Reason string // why somebody else set it; "" where the person asked
	SetBy  string
}

// Live says whether the deputy acts at now.
func (d Deputy) Live(now clock.Instant) bool {
	return d.State == DeputyAccepted && d.From <= now && now < d.Until
}

// stands says whether the time still counts for what else may be agreed.
func (d Deputy) stands(now clock.Instant) bool {
	return (d.State == DeputyAccepted || d.State == DeputyAsked) && now < d.Until
}

// meets says whether two times share a moment.
func (d Deputy) meets(other Deputy) bool { return d.From < other.Until && other.From < d.Until }

func (d Deputy) fields() map[string]string {
	return map[string]string{
		"id": d.ID, "person": d.Person, "deputy": d.Deputy, "post": d.Post, "begins": number(d.From), "ends": number(d.Until),
		"state": d.State, "reason": d.Reason, "set_by": d.SetBy,
	}
}
