package notice

import (
	"context"
	"slices"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
	"linli/internal/procedure"
)

// atOnce is how many acts with something to tell are written in one transaction.
const atOnce = 64

// change is what one act does here.
type change struct {
	ref    ledger.Due
	lines  []ready
	annuls string // the act it takes back
	at     clock.Instant
}

// ready is a line with its texts written.
type ready struct {
	line Line
	args string
	code string // of the page a party's message leads to
}

// begin begins a round: policy and moment are one for all of it.
func (s *Service) begin(ctx context.Context, _ []ledger.Due) (ledger.Round, error) {
	policy, err := s.Policy(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	return &reading{s: s, policy: policy, now: now, oldest: db.NewID(now.Add(-time.Duration(policy.OldHours) * time.Hour))[:stamp],
		cases: map[string]*history{}, prefs: map[string]Preference{}, reach: map[string]map[string]bool{}, changes: map[string]change{}}, nil
}

// Prepare turns an act into lines; false where it tells nobody.
func (r *reading) Prepare(ctx context.Context, d ledger.Due) (bool, error) {
	if d.Act < r.oldest {
		return false, nil
	}
	c, err := r.change(ctx, d)
	r.changes[d.Act] = c
	return err == nil && (len(c.lines) > 0 || c.annuls != ""), err
}

// Write keeps the lines to be sent. A line that stands already stays as it is.
func (r *reading) Write(tx *db.Tx, due []ledger.Due) error {
	for _, d := range due {
		c := r.changes[d.Act]
		for i := range c.lines {
			l := &c.lines[i]
			if err := insert(tx, &l.line, l.args); err != nil {
				return err
			}
			if l.code != "" {
				if err := keepLink(tx, l.code, &l.line); err != nil {
					return err
				}
			}
		}
		if c.annuls != "" {
			if err := annulled(tx, c.annuls, c.ref.Act, c.at, r.now, r.policy); err != nil {
				return err
			}
		}
	}
	return nil
}

// Park has nothing to take away: what an act tells is not there yet.
func (r *reading) Park(*db.Tx, ledger.Due) error { return nil }

// clear takes nothing away: what was sent stays in the delivery log and is not
// sent again when the log is read anew; acts older than the policy's hours are not
// told any more.
func (s *Service) clear(*db.Tx) error { return nil }

// history is a case as one round reads it.
type history struct {
	c    *casework.Case
	p    *procedure.Procedure
	acts []casework.Entry
}

// stamp is how many characters of an id tell its time.
const stamp = 10

// reading is one round. What a case says is read once.
type reading struct {
	s       *Service
	policy  Policy
	now     clock.Instant
	oldest  string // beginning of the ids of acts that are too old to be told
	cases   map[string]*history
	prefs   map[string]Preference
	reach   map[string]map[string]bool // person -> verified channels
	changes map[string]change
}

func (r *reading) change(ctx context.Context, ref ledger.Due) (change, error) {
	out := change{ref: ref}
	if r.s.spoil != nil {
		if err := r.s.spoil(ref.Act); err != nil {
			return out, err
		}
	}
	h := r.cases[ref.Case]
	i := -1
	if h != nil {
		i = h.find(ref.Act)
	}
	if i < 0 { // the case grew since it was read, or was not read yet
		h = &history{}
		var err error
		if h.c, h.p, h.acts, err = r.s.Cases.History(ctx, ref.Case); err != nil {
			return out, err
		}
		r.cases[ref.Case] = h
		if i = h.find(ref.Act); i < 0 {
			return out, fault.New(fault.NotFound, "casework.no_case")
		}
	}
	f := fact{h.c, h.p, h.acts[i]}
	if h.c.Imported || f.act.Recorded < r.s.since || r.policy.old(f.act.Recorded, r.now) {
		return out, nil
	}
	if f.act.Act == casework.ActAnnul {
		out.annuls, out.at = f.act.Annuls, f.act.Recorded
		return out, nil
	}
	if f.act.Annulled { // taken back before it was told: nobody hears of it
		return out, nil
	}
	drafts, err := r.plan(ctx, f, h)
	if err != nil {
		return out, err
	}
	for _, l := range drafts {
		args, err := l.Args.stored()
		if err != nil {
			return out, err
		}
		one := ready{line: l, args: args}
		if l.Who == toParty {
			one.code = r.s.codeOf(l.Receiver).stored()
		}
		out.lines = append(out.lines, one)
	}
	return out, nil
}

func (h *history) find(act string) int {
	return slices.IndexFunc(h.acts, func(e casework.Entry) bool { return e.ID == act })
}

// plan is who is told of one act, how and when.
func (r *reading) plan(ctx context.Context, f fact, h *history) ([]Line, error) {
	out, err := r.parties(ctx, f, h)
	if err != nil {
		return nil, err
	}
	told := map[string]bool{}
	for _, t := range f.act.Delta.Told {
		if t.Party != "" {
			continue
		}
		more, err := r.staff(ctx, f, t, told)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// parties are the lines to residents: those whom the act tells, and, of an opening
// act, who opened the case.
func (r *reading) parties(ctx context.Context, f fact, h *history) ([]Line, error) {
	roles := map[string]bool{}
	for _, p := range f.act.Delta.Parties {
		roles[p.Role] = true
	}
	for _, t := range f.act.Delta.Told {
		if t.Party != "" {
			roles[t.Party] = true
		}
	}
	if len(roles) == 0 || !r.s.has(SMS) {
		return nil, nil
	}
	var out []Line
	for _, e := range h.acts {
		for _, p := range e.Delta.Parties {
			kind := f.meaning(r.policy, p.Role)
			if !roles[p.Role] || kind == nothing || e.Seq > f.act.Seq || kind == receipt && e.ID != f.act.ID {
				continue
			}
			field := phoneOf(f.p, e.Body)
			if field == "" {
				continue // no telephone was left, or it was erased
			}
			l := r.line(f, toParty, p.ID, "", SMS, "party."+kind)
			l.Role, l.Source, l.Field, l.Urgency = p.Role, e.ID, field, ToDo
			l.Due = r.policy.partyTime(r.now)
			l.Bunch = lineID(p.ID, SMS)
			l.Expires = l.Due.Add(r.policy.life())
			out = append(out, l)
		}
	}
	return out, ctx.Err()
}

// line is what all lines of an act have in common.
func (r *reading) line(f fact, who, receiver, unit, channel, kind string) Line {
	return Line{ID: lineID(f.act.ID, receiver), Case: f.c.ID, Number: f.c.Number, Act: f.act.ID, Who: who, Receiver: receiver, Unit: unit, Channel: channel, Kind: kind,
		Args: Args{Act: f.act.Words, Clock: f.clockWords(), Procedure: f.p.Title}, Recorded: f.act.Recorded, Status: Waiting, Changed: r.now}
}

// staff are the lines to people of the office for one of those told.
func (r *reading) staff(ctx context.Context, f fact, t casework.Told, told map[string]bool) ([]Line, error) {
	urgency := f.urgency(r.policy, t)
	cal, _, err := r.s.Law.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	regular, err := r.receivers(ctx, f, t)
	if err != nil {
		return nil, err
	}
	var duty []string
	if r.s.Roster != nil && t.Unit != "" && urgency != ForInfo && !r.policy.atWork(cal, r.now) {
		if duty, err = r.s.Roster.OnDuty(ctx, t.Unit, r.now); err != nil {
			return nil, err
		}
		if duty, err = r.unsealed(ctx, f, t.Unit, duty); err != nil {
			return nil, err
		}
	}
	var out []Line
	add := func(person string, due func(Preference) clock.Instant, always bool) error {
		if told[person] || person == f.act.Person {
			return nil
		}
		pref, channel, err := r.way(ctx, person)
		if err != nil || channel == "" {
			return err
		}
		mode := pref.mode(urgency)
		if mode == InHouse && !always {
			return nil
		}
		told[person] = true
		l := r.line(f, toPerson, person, t.Unit, channel, "person."+f.staffKind(t))
		l.Urgency, l.Due = urgency, due(pref)
		l.Bunch = lineID(person+"|"+f.c.ID, channel)
		if mode == Digest && !always {
			l.Bunch = lineID(person+"|digest|"+l.Due.String(), channel)
		}
		l.Expires = l.Due.Add(r.policy.life())
		out = append(out, l)
		return nil
	}
	for _, p := range duty { // duty is for that: also who wants it in the house only is told while on duty
		if err := add(p, func(Preference) clock.Instant { return r.policy.dutyTime(urgency, r.now) }, true); err != nil {
			return nil, err
		}
	}
	if urgency == Urgent && len(duty) > 0 {
		return out, nil // who is on duty acts; nobody else is woken
	}
	for _, p := range regular {
		if err := add(p, func(pref Preference) clock.Instant { return r.policy.personTime(cal, pref, urgency, r.now) }, false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// receivers are the persons behind one of those told: the person and who stands in
// for them, else the unit's posts that have the word.
func (r *reading) receivers(ctx context.Context, f fact, t casework.Told) ([]string, error) {
	if t.Person != "" {
		out := []string{t.Person}
		deputies, err := r.s.People.DeputiesNow(ctx, t.Person)
		if err != nil {
			return nil, err
		}
		for _, d := range deputies {
			out = append(out, d.Deputy)
		}
		return r.unsealed(ctx, f, t.Unit, out)
	}
	if t.Unit == "" {
		return nil, nil
	}
	members, err := r.s.People.Members(ctx, t.Unit)
	if err != nil {
		return nil, err
	}
	groups := append(f.posts(), r.policy.Above)
	if f.above(t) {
		groups = append([][]string{r.policy.Above}, f.posts()...)
	}
	return r.unsealed(ctx, f, t.Unit, choose(members, groups...))
}

// unsealed keeps nobody of a unit that must not see the case.
func (r *reading) unsealed(ctx context.Context, f fact, unit string, people []string) ([]string, error) {
	if f.c.Sealed == "" || unit == "" || len(people) == 0 {
		return people, nil
	}
	u, err := r.s.People.Unit(ctx, unit)
	if err != nil || u.Within(f.c.Sealed) {
		return nil, err
	}
	var out []string
	for _, p := range people {
		posts, err := r.s.People.PostsOf(ctx, p)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(posts, func(m identity.Member) bool { return (identity.Unit{Path: m.Post.UnitPath}).Within(f.c.Sealed) }) {
			out = append(out, p)
		}
	}
	return out, nil
}

// way is how a person wants to be told, and by which channel they can be.
func (r *reading) way(ctx context.Context, person string) (Preference, string, error) {
	pref, ok := r.prefs[person]
	if !ok {
		var err error
		if pref, err = r.s.Preference(ctx, person); err != nil {
			return pref, "", err
		}
		if r.reach[person], err = r.s.reachable(ctx, person); err != nil {
			return pref, "", err
		}
		r.prefs[person] = pref
	}
	can := r.reach[person]
	if can[pref.Channel] {
		return pref, pref.Channel, nil
	}
	for _, c := range Channels() {
		if can[c] {
			return pref, c, nil
		}
	}
	return pref, "", nil
}
