package desk

import (
	"context"
	"linli/internal/casework"
	"linli/internal/procedure"
	"net/http"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/web"
)

// drawing is one page being drawn: whom it is for, in which language, and the
// names it has looked up.
type drawing struct {
	*edge
	r      *http.Request
	ctx    context.Context
	who    identity.Actor
	lang   string
	now    clock.Instant
	units  map[string]identity.Unit
	people map[string]string
	areas  map[string]string
	kept   []Template // the asker's texts, once they were read
}

func (e *edge) draw(r *http.Request) *drawing {
	return &drawing{edge: e, r: r, ctx: r.Context(), who: identity.From(r.Context()), lang: text.Language(r.Context()), now: e.Clock.Now(),
		people: map[string]string{}, areas: map[string]string{}}
}

// say gives words of this room.
func (d *drawing) say(key string, args ...any) string { return d.rd.Say(d.r, "desk."+key, args...) }

// staff reports whether the page is for somebody with a post.
func (d *drawing) staff() bool { return len(d.who.Posts) > 0 }

// unit names a unit; an id that is no unit stays as it is.
func (d *drawing) unit(id string) string {
	if id == "" {
		return ""
	}
	if d.units == nil {
		d.units = map[string]identity.Unit{}
		all, err := d.People.Units(d.ctx)
		if err != nil {
			d.Log.Error("units could not be read", "error", err)
		}
		for _, u := range all {
			d.units[u.ID] = u
		}
	}
	u, ok := d.units[id]
	switch {
	case !ok:
		return id
	case d.lang != text.Chinese && u.NameEn != "":
		return u.NameEn
	}
	return u.Name
}

// meet reads the names of people with one query.
func (d *drawing) meet(ids ...string) {
	var want []string
	for _, id := range ids {
		if _, had := d.people[id]; id != "" && !had {
			d.people[id] = ""
			want = append(want, id)
		}
	}
	if len(want) == 0 {
		return
	}
	names, err := d.People.Names(d.ctx, want)
	if err != nil {
		d.Log.Error("names could not be read", "error", err)
	}
	for id, name := range names {
		d.people[id] = name
	}
}

// area names an area code.
func (d *drawing) area(code string) string {
	if code == "" || d.o.Area == nil {
		return code
	}
	if name, had := d.areas[code]; had {
		return name
	}
	name := d.o.Area(d.ctx, code).In(d.lang)
	if name == "" {
		name = code
	} else if len(code) == 15 {
		name = d.area(code[:12]) + " " + name // every community has a first grid
	}
	d.areas[code] = name
	return name
}

// class names a class.
func (d *drawing) class(id string) string {
	if id == "" || d.o.Class == nil {
		return id
	}
	if name := d.o.Class(d.ctx, id).In(d.lang); name != "" {
		return name
	}
	return id
}

// length writes an amount of legal time as people say it.
func (d *drawing) length(s string) string {
	l, err := procedure.ParseLength(s)
	if err != nil {
		return s
	}
	return d.lasting(l.N, l.Unit)
}

func (d *drawing) lasting(n int, unit law.Unit) string {
	key := "length." + string(unit)
	if n == 1 {
		key += "_one"
	}
	return d.say(key, "n", n)
}

// quarter writes 2026Q3.
func (d *drawing) quarter(s string) string {
	year, q, ok := strings.Cut(s, "Q")
	if !ok {
		return s
	}
	return d.say("quarter", "year", year, "quarter", q)
}

// shown is one value as people read it.
func (d *drawing) shown(def *procedure.Field, v any) any {
	switch x := v.(type) {
	case nil:
		return ""
	case casework.Gone:
		return d.say("erased")
	case casework.Sealed:
		return d.Masked(def, x)
	case procedure.Place:
		return d.place(x)
	case law.Decision:
		return law.Drawn(d.rd, d.r, x)
	case []string:
		out := make([]string, len(x))
		for i, each := range x {
			out[i] = d.one(def, each)
		}
		if def.Attached() {
			return d.say("files", "n", len(x))
		}
		return out
	case int64:
		if def.Type == "money" {
			return d.say("yuan", "amount", web.Money(x))
		}
	case string:
		if def.Type == "day" {
			if day, err := clock.ParseDay(x); err == nil {
				return day
			}
		}
		if d.o.Called != nil {
			if words := d.o.Called(d.ctx, def.Name, x, d.lang); words != "" {
				return words
			}
		}
		return d.one(def, x)
	}
	return v
}

func (d *drawing) one(def *procedure.Field, s string) string {
	switch def.Type {
	case "choice", "choices":
		for _, o := range def.Options {
			if o.Value == s {
				return o.Label.In(d.lang)
			}
		}
	case "unit", "units":
		return d.unit(s)
	case "area":
		return d.area(s)
	case "class":
		return d.class(s)
	case "length":
		return d.length(s)
	case "quarter":
		return d.quarter(s)
	}
	return s
}

func (d *drawing) place(p procedure.Place) string {
	var parts []string
	if p.Words != "" {
		parts = append(parts, p.Words)
	}
	if p.Area != "" {
		parts = append(parts, d.area(p.Area))
	}
	if p.Point() {
		parts = append(parts, strconv.FormatFloat(p.Lon, 'f', 6, 64)+", "+strconv.FormatFloat(p.Lat, 'f', 6, 64))
	}
	return strings.Join(parts, " · ")
}

// relation says who a relation means.
func (d *drawing) relation(r identity.Relation, p *procedure.Procedure) string {
	if r.Name == identity.RelParty {
		return p.Parties[r.As].In(d.lang)
	}
	words := d.rd.Say(d.r, "identity.relation."+r.Name)
	kind := r.PostKind()
	if kind == "" {
		return words
	}
	return d.say("relation_as", "relation", words, "post", d.post(kind))
}

// post names a kind of post.
func (d *drawing) post(kind string) string {
	rights, _, err := d.rights.Now(d.ctx)
	if err != nil {
		return kind
	}
	if k, ok := rights.Kind(kind); ok {
		return k.Name.In(d.lang)
	}
	return kind
}

// wait is who may do an act, for those who may not.
func (d *drawing) wait(a *procedure.Act, p *procedure.Procedure) []string {
	var out []string
	for _, r := range a.Who {
		out = append(out, d.relation(r, p))
	}
	return out
}

// kindTone is how a state's kind looks.
func kindTone(kind string) web.Tone {
	switch kind {
	case procedure.Open:
		return web.Info
	case procedure.Waiting:
		return web.Warning
	case procedure.Done:
		return web.Good
	}
	return web.Quiet
}

// badge is a clock as a page shows it: words first, colour second.
type badge struct {
	Label string
	State string // class of the style: running, warning, breached, paused, met, waiting
	Due   clock.Instant
	Key   string // text key of how it stands
	Span  int64  // minutes that its words name
	Notes []string
	Norm  string
}

// lastMoment is the last moment that is still in time: a limit that ends at
// midnight ends with the day before it, and is read so.
func lastMoment(i clock.Instant) clock.Instant {
	if i != 0 && i == i.Day().Start() {
		return i - 1
	}
	return i
}

// minutes between two instants; less than a minute is one.
func minutes(from, to clock.Instant) int64 { return max(int64(to-from)/60_000_000, 1) }

// dueBadge is the badge of a line in a list, from the case's earliest date.
func (d *drawing) dueBadge(c *casework.Case) *badge {
	switch {
	case c.Due == 0:
		return nil
	case c.Due <= d.now:
		return &badge{State: "breached", Due: lastMoment(c.Due), Key: "web.clock.over", Span: minutes(c.Due, d.now)}
	case c.Due <= d.now.Day().End():
		return &badge{State: "warning", Due: lastMoment(c.Due), Key: "desk.clock.today", Span: minutes(d.now, c.Due)}
	}
	return &badge{State: "running", Due: lastMoment(c.Due), Key: "web.clock.left", Span: minutes(d.now, c.Due)}
}

// clock draws one clock of a case. A party sees the date that counts for them.
func (d *drawing) clock(k casework.ClockView, party bool) badge {
	b := badge{Label: k.Words.In(d.lang), Due: lastMoment(k.Duty), Norm: k.Norm}
	if party && k.Acceptance != 0 {
		b.Due = lastMoment(k.Acceptance)
	}
	d.clockState(&b, k)
	if k.N > 0 && k.Kind != law.BackFrom {
		b.Notes = append(b.Notes, d.say("clock.length."+string(k.Kind), "length", d.lasting(k.N+k.Extended, k.Unit)))
	}
	if k.Extended > 0 {
		b.Notes = append(b.Notes, d.say("clock.extended", "length", d.lasting(k.Extended, k.Unit)))
	}
	if k.Acceptance != 0 && k.Acceptance != k.Duty && !party {
		b.Notes = append(b.Notes, d.say("clock.acceptance", "day", lastMoment(k.Acceptance).Day()))
	}
	if n := len(k.Pauses); n > 0 {
		b.Notes = append(b.Notes, d.say("clock.pauses", "n", n))
	}
	if k.Breaches > 1 && !party {
		b.Notes = append(b.Notes, d.say("clock.breaches", "n", k.Breaches))
	}
	if k.Provisional && k.Live() {
		b.Notes = append(b.Notes, d.rd.Say(d.r, "web.clock.provisional"))
	}
	return b
}

func (d *drawing) clockState(b *badge, k casework.ClockView) {
	least := k.Kind == law.AtLeast
	switch {
	case k.Status == procedure.Ended && !least && k.Duty != 0 && k.EndedAt >= k.Duty:
		b.State, b.Key = "breached", "desk.clock.late"
	case k.Status == procedure.Ended && least, least && k.Duty != 0 && d.now >= k.Duty:
		b.State, b.Key = "met", "desk.clock.stood"
	case k.Status == procedure.Ended:
		b.State, b.Key = "met", "desk.clock.met"
	case k.Status == procedure.Paused:
		b.State, b.Key, b.Due = "paused", "web.clock.paused", 0
	case least:
		b.State, b.Key, b.Span = "running", "desk.clock.stands", minutes(d.now, k.Duty)
	case k.Duty != 0 && d.now >= k.Duty:
		b.State, b.Key, b.Span = "breached", "web.clock.over", minutes(k.Duty, d.now)
	case k.WarnAt != 0 && d.now >= k.WarnAt:
		b.State, b.Key, b.Span = "warning", "desk.clock.warning", minutes(d.now, k.Duty)
	case k.Duty != 0:
		b.State, b.Key, b.Span = "running", "web.clock.left", minutes(d.now, k.Duty)
	default:
		b.State, b.Key = "waiting", "web.clock.waiting"
	}
}
