package app

import (
	"context"
	"slices"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// link is what a resident holds who has reported.
type link = identity.Actor

// cast is who acts in the demo: the people of the county by post and unit.
type cast struct {
	people []identity.Actor
	by     map[string]identity.Actor
	units  map[string]identity.Unit
	county *county
}

func (h *House) readCast(ctx context.Context, c *county) (*cast, error) {
	out := &cast{by: map[string]identity.Actor{}, units: map[string]identity.Unit{}, county: c}
	for _, p := range c.People {
		a, err := h.People.Actor(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		out.people = append(out.people, a)
		out.by[p.ID] = a
	}
	units, err := h.People.Units(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		out.units[u.ID] = u
	}
	return out, nil
}

// with are the people with one of the kinds of post in a unit ("" is any), in
// the order of the kinds.
func (c *cast) with(unit string, kinds ...string) (out []identity.Actor) {
	for _, kind := range kinds {
		for _, a := range c.people {
			if slices.ContainsFunc(a.Posts, func(p identity.Post) bool { return p.Kind == kind && (unit == "" || p.Unit == unit) }) {
				out = append(out, a)
			}
		}
	}
	return out
}

// committee is the unit of a village or community.
func (c *cast) committee(code string) string {
	for _, u := range c.county.Units {
		if u.Area == code && (u.Kind == "village" || u.Kind == "community") {
			return u.ID
		}
	}
	return ""
}

// who is the actor of a step, on a case held by a unit and a person.
func (c *cast) who(r *run, held *casework.Case, who string) (identity.Actor, error) {
	village := c.committee(r.community)
	var found []identity.Actor
	nth := 0
	switch who {
	case "resident":
		if r.resident.Kind == identity.Link {
			return r.resident, nil
		}
	case "intake", "dispatcher", "verifier", "caller":
		found = c.with("", who)
		nth = r.IntN(max(len(found), 1))
	case "holder":
		if a, known := c.by[held.Person]; known {
			return a, nil
		}
	case "handler", "emergency-handler": // the latter at any hour
		found = c.with(held.Unit, "handler", "clerk", "head")
	case "head": // who decides what the handler asks for
		found = append(c.with(held.Unit, "head", "leader"), c.with("", "dispatcher")...)
		found = slices.DeleteFunc(found, func(a identity.Actor) bool { return a.Person == r.did })
	case "street-head":
		found = c.with(c.units[village].Parent, "head")
	case "clerk", "clerk2":
		found = c.with(village, "clerk")
		if who == "clerk2" {
			nth = 1
		}
	case "grid":
		found = c.with(village, "grid-worker", "clerk")
	case "director":
		found = c.with(village, "committee-head")
	case "secretary":
		found = c.with(village, "party-secretary")
	case "overseer":
		found = c.with(village, "supervision-head")
	default:
		if a, known := c.by[who]; known {
			return a, nil
		}
	}
	if nth >= len(found) {
		return identity.Actor{}, fault.New(fault.NotFound, "identity.no_person", "who", who)
	}
	return found[nth], nil
}
