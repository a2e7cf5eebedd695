package identity

import (
	"context"
	"slices"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// Unit is an office, a department, a village: a node in the tree of units, of
// which line departments and area bodies are branches alike.
type Unit struct {
	ID        string
	Parent    string // "" for a root
	Path      string // "/root/…/id/", own id included
	Name      string
	NameEn    string // "" where there is none
	Kind      string // one of UnitKinds
	Function  string // line of work, for instance "urban-management"; "" for a general body
	Area      string // area code the unit answers for, a prefix; "" for none
	Owner     string // of a stationed unit: the line department it belongs to
	Commander string // of a stationed unit: the unit that directs its daily work (属地指挥)
	Until     clock.Instant
}

// Words are the unit's name in the languages it has one in.
func (u Unit) Words() text.Words { return text.Words{text.Chinese: u.Name, text.English: u.NameEn} }

// UnitKinds are the kinds of unit; each has its word in the text
// "identity.unit_kind.<kind>".
func UnitKinds() []string {
	return []string{"government", "department", "street", "community", "village", "office", "station", "organisation"}
}

// Open says whether the unit still stands at now.
func (u Unit) Open(now clock.Instant) bool { return u.Until == 0 || now < u.Until }

// Within says whether the unit is the one of path or lies below it.
func (u Unit) Within(path string) bool { return path != "" && strings.HasPrefix(u.Path, path) }

// Person has an account here. Residents do not need one.
type Person struct {
	ID         string
	Name       string
	Login      string
	MustChange bool          // the password was given by somebody else
	Created    clock.Instant // when the account was made
	Until      clock.Instant // when it was closed; 0 while open
}

// Open says whether the account is open at now.
func (p Person) Open(now clock.Instant) bool { return p.Until == 0 || now < p.Until }

// Post is one person's place in one unit.
type Post struct {
	ID       string
	Person   string
	Unit     string
	UnitPath string   // the unit's path when the post was read
	Commands []string // units stationed elsewhere that this post's unit commands
	Kind     string   // id of a kind of post in catalog/rights/posts.yaml
	Area     string   // digits of an area code; "" counts for no area
	From     clock.Instant
	Until    clock.Instant // 0 while it has no end
	For      string        // the absent person whose post this is, of a post lent to a deputy; "" for one's own
}

// Live says whether the post counts at now: from its start, before its end.
func (p Post) Live(now clock.Instant) bool { return p.From <= now && (p.Until == 0 || now < p.Until) }

// Party is the holder of a link to one case.
type Party struct {
	Case string // the only case the link opens
	Role string // for instance "reporter"
	ID   string // id of the party within the case
}

// The kinds of actor.
const (
	Staff  = "staff"  // somebody with an account
	Link   = "party"  // somebody with a link to one case
	System = "system" // the house itself, when a clock runs out or a job runs
	Anyone = "anyone" // nobody we know
)

// Actor is who asks, with everything rights are judged by.
type Actor struct {
	Person string
	Name   string
	Kind   string
	Posts  []Post     // live ones only
	For    []Standing // whose deputy the actor is today
	Party  Party
	Grants int64 // epoch "grants" of the moment the posts were read

	MustFactor bool   // only the page that sets up the second factor is open
	MustChange bool   // only the page for a new password is open
	Token      string // id of the API token used, "" for a session of a browser
	only       string // the one post an API token was made for, "" for all
}

// Standing says that the actor stands in for an absent person: for all that the
// person holds, or only for what they hold in one unit.
type Standing struct {
	Person string
	Unit   string // "" for everything
}

// Own is the actor in their own right only, without what they may do as a deputy.
func (a Actor) Own() Actor {
	a.For = nil
	a.Posts = slices.DeleteFunc(slices.Clone(a.Posts), func(p Post) bool { return p.For != "" })
	return a
}

// SystemActor is the house itself.
func SystemActor() Actor { return Actor{Kind: System} }

// Has says whether the actor holds a post of this kind anywhere.
func (a Actor) Has(kind string) bool {
	return slices.ContainsFunc(a.Posts, func(p Post) bool { return p.Kind == kind })
}

// Known says whether the actor is signed in.
func (a Actor) Known() bool { return a.Kind == Staff && a.Person != "" }

// MainPost is the first of the actor's posts, which records are written under;
// the zero post where there is none.
func (a Actor) MainPost() Post {
	if len(a.Posts) == 0 {
		return Post{}
	}
	return a.Posts[0]
}

// PostAs is the actor's first post of a kind; the zero post where there is none.
func (a Actor) PostAs(kind string) Post {
	for _, p := range a.Posts {
		if p.Kind == kind {
			return p
		}
	}
	return Post{}
}

type actorKey struct{}

// With notes who asks in ctx.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, actorKey{}, a) }

// From is who asks; where nobody was noted it is Anyone, never somebody.
func From(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a
	}
	return Actor{Kind: Anyone}
}
