package notice

import (
	"context"
	"errors"
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

// batch is how many leaves one round takes.
const batch = 256

// errMoved says that another node read on between looking and writing.
var errMoved = errors.New("notice: the reader was moved meanwhile")

var errTried = errors.New("notice: tried only")

// change is what one act does here.
type change struct {
	ref    ledger.Ref
	lines  []ready
	annuls string // the act it takes back
	at     clock.Instant
	policy Policy
	parked *Parked
}

// ready is a line with its texts written.
type ready struct {
	line Line
	args string
	code string // of the page a party's message leads to
}

// Follow reads the next leaves of the log and writes what they tell whom. It
// returns how many it read; 0 says there is nothing new. An act that cannot be
// turned into notices is parked, and the rest goes on.
func (s *Service) Follow(ctx context.Context) (int, error) {
	refs, err := s.Ledger.Next(ctx, Reader, batch)
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	changes, err := s.prepare(ctx, refs)
	if err != nil {
		return 0, err
	}
	n, err := s.take(ctx, refs, changes)
	if err == nil || ctx.Err() != nil {
		return n, err
	}
	for i := range changes { // one of them cannot be written: find it by taking each alone
		why := s.DB.Commit(ctx, func(tx *db.Tx) error {
			if err := s.write(tx, &changes[i]); err != nil {
				return err
			}
			return errTried
		})
		if errors.Is(why, errTried) {
			continue
		}
		if !s.healthy(ctx) {
			return 0, err
		}
		s.Log.Error("notice: an act cannot be written; it is parked", "act", changes[i].ref.ID, "error", why)
		changes[i] = s.parkedBy(changes[i].ref, why)
	}
	return s.take(ctx, refs, changes)
}

func (s *Service) take(ctx context.Context, refs []ledger.Ref, changes []change) (int, error) {
	n, err := s.Ledger.Read(ctx, Reader, len(refs), func(tx *db.Tx, now []ledger.Ref) error {
		if !slices.Equal(now, refs) {
			return errMoved
		}
		for i := range changes {
			if err := s.write(tx, &changes[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errMoved) {
		return 0, nil
	}
	return n, err
}

func (s *Service) write(tx *db.Tx, c *change) error {
	if c.parked != nil {
		return park(tx, *c.parked)
	}
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
		return annulled(tx, c.annuls, c.ref.ID, c.at, s.Clock.Now(), c.policy)
	}
	return nil
}

// healthy tells whether the database answers, so that a fault lies with an act.
func (s *Service) healthy(ctx context.Context) bool {
	var one int
	return ctx.Err() == nil && s.DB.Reader().Row(ctx, `SELECT COUNT(*) FROM notice_parked`).Scan(&one) == nil
}

func (s *Service) parkedBy(ref ledger.Ref, why error) change {
	problem := []rune(why.Error())
	return change{ref: ref, parked: &Parked{Act: ref.ID, Case: ref.Case, Number: ref.Number, Problem: string(problem[:min(len(problem), 300)]), At: s.Clock.Now()}}
}

// prepare turns leaves into changes. What a case says is read once a round.
func (s *Service) prepare(ctx context.Context, refs []ledger.Ref) ([]change, error) {
	policy, err := s.Policy(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	const stamp = 10 // characters of an id that tell its time
	oldest := db.NewID(now.Add(-time.Duration(policy.OldHours) * time.Hour))[:stamp]
	read := &reading{s: s, policy: policy, now: now, cases: map[string]*history{}, prefs: map[string]Preference{}, reach: map[string]map[string]bool{}}
	var out []change
	for _, ref := range refs {
		if ref.Kind != "act" || ref.Case == "" || ref.ID < oldest {
			continue
		}
		c, err := read.change(ctx, ref)
		if err != nil && ctx.Err() == nil && s.healthy(ctx) { // once more, in case the database was away for a moment
			c, err = read.change(ctx, ref)
		}
		switch {
		case err == nil && (len(c.lines) > 0 || c.annuls != ""):
			out = append(out, c)
		case err != nil && !s.healthy(ctx):
			return nil, err
		case err != nil:
			s.Log.Error("notice: an act cannot be read; it is parked", "act", ref.ID, "error", err)
			out = append(out, s.parkedBy(ref, err))
		}
	}
	return out, nil
}

// history is a case as one round reads it.
type history struct {
	c    *casework.Case
	p    *procedure.Procedure
	acts []casework.Entry
}

// reading is one round.
type reading struct {
	s      *Service
	policy Policy
	now    clock.Instant
	cases  map[string]*history
	prefs  map[string]Preference
	reach  map[string]map[string]bool // person -> verified channels
}

func (r *reading) change(ctx context.Context, ref ledger.Ref) (change, error) {
	out := change{ref: ref, policy: r.policy}
	if r.s.spoil != nil {
		if err := r.s.spoil(ref.ID); err != nil {
			return out, err
		}
	}
	h := r.cases[ref.Case]
	i := -1
	if h != nil {
		i = h.find(ref.ID)
	}
	if i < 0 { // the case grew since it was read, or was not read yet
		h = &history{}
		var err error
		if h.c, h.p, h.acts, err = r.s.Cases.History(ctx, ref.Case); err != nil {
			return out, err
		}
		r.cases[ref.Case] = h
		if i = h.find(ref.ID); i < 0 {
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

// Retry tries the acts that are parked, at most some of them, and returns how many
// were told after all.
func (s *Service) Retry(ctx context.Context, most int) (freed int, err error) {
	list, err := s.Parked(ctx, most)
	if err != nil {
		return 0, err
	}
	for _, p := range list {
		changes, err := s.prepare(ctx, []ledger.Ref{{Number: p.Number, ID: p.Act, Kind: "act", Case: p.Case}})
		if err != nil {
			return freed, err
		}
		stuck := false
		err = s.DB.Commit(ctx, func(tx *db.Tx) error {
			stuck = len(changes) == 1 && changes[0].parked != nil
			if !stuck {
				if _, err := tx.Exec(`DELETE FROM notice_parked WHERE act_id = $1`, p.Act); err != nil {
					return err
				}
			}
			for i := range changes {
				if err := s.write(tx, &changes[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && !s.healthy(ctx) {
			return freed, err
		}
		if err == nil && !stuck {
			freed++
		}
	}
	return freed, nil
}

// Rebuild reads the whole log again. What was sent stays in the delivery log and
// is not sent again; acts older than the policy's hours are not told any more.
func (s *Service) Rebuild(ctx context.Context) error {
	if err := s.DB.Commit(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM notice_parked`); err != nil {
			return err
		}
		return s.Ledger.Rewind(tx, Reader, 0)
	}); err != nil {
		return err
	}
	for {
		refs, err := s.Ledger.Next(ctx, Reader, 1)
		if err != nil || len(refs) == 0 {
			return err
		}
		if _, err := s.Follow(ctx); err != nil {
			return err
		}
	}
}
