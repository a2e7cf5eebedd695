package casework

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"linli/internal/procedure"
	"maps"
	"slices"
	"strings"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

// mostTries bounds how often a verb prepares again because somebody acted on
// the case meanwhile.
const mostTries = 40

// errAgain says that what the verb relied on has moved: prepare again.
var errAgain = errors.New("casework: prepare again")

// Open begins a case. The doer of an opening act with a party gets that party's
// link token in the receipt, once.
//
// Faults: Invalid at a field, Forbidden, Unmet, Conflict for a key used with
// another body.
func (s *Service) Open(ctx context.Context, a identity.Actor, o Opening) (Receipt, error) {
	return s.verb(ctx, a, "open "+o.Procedure, o.Key, o, func(a identity.Actor) ([]*plan, error) {
		return s.planOpening(ctx, a, o)
	})
}

// Do carries out an act of a case.
//
// Faults: NotFound (also where the actor may not see the case), Stale where
// Version is given and has moved, Conflict for a state the act does not fit,
// Forbidden, Invalid, Unmet.
func (s *Service) Do(ctx context.Context, a identity.Actor, q Asking) (Receipt, error) {
	return s.verb(ctx, a, "act", q.Key, q, func(a identity.Actor) ([]*plan, error) {
		return s.planActing(ctx, a, q)
	})
}

// verb is the one way through the engine: the key is looked up, plans are
// prepared on a reader and committed; where something moved they are prepared
// again.
func (s *Service) verb(ctx context.Context, a identity.Actor, verb, key string, body any, prepare func(identity.Actor) ([]*plan, error)) (Receipt, error) {
	once, err := onceOf(a, verb, key, body)
	if err != nil {
		return Receipt{}, err
	}
	for try := 1; ; try++ {
		if r, done, err := s.answered(ctx, once); done || err != nil {
			return r, err
		}
		plans, err := prepare(a)
		if err != nil {
			if r, done, again := s.answered(ctx, once); done && again == nil { // the same key came first meanwhile
				return r, nil
			}
			return Receipt{}, err
		}
		receipt, err := s.commit(ctx, a, once, plans)
		switch {
		case err == nil:
			return receipt, nil
		case errors.Is(err, db.ErrOnce):
			continue
		case !errors.Is(err, errAgain):
			return Receipt{}, err
		case try == mostTries:
			return Receipt{}, fault.New(fault.Busy, "casework.busy", "seconds", 1)
		}
		if a, err = s.refresh(ctx, a); err != nil {
			return Receipt{}, err
		}
		if try > 2 {
			time.Sleep(time.Duration(try) * time.Millisecond)
		}
	}
}

// refresh reads the actor's posts again and learns of a new edition.
func (s *Service) refresh(ctx context.Context, a identity.Actor) (identity.Actor, error) {
	if err := s.Editions.Refresh(ctx); err != nil {
		return a, err
	}
	if !a.Known() {
		return a, nil
	}
	return s.People.Reload(ctx, a)
}

func onceOf(a identity.Actor, verb, key string, body any) (db.Once, error) {
	if key == "" {
		return db.Once{}, nil
	}
	if len(key) > 64 {
		return db.Once{}, fault.New(fault.Invalid, "casework.key").At("Idempotency-Key")
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return db.Once{}, fault.New(fault.Invalid, "procedure.value_text").Because(err)
	}
	sum := sha256.Sum256(raw)
	who := a.Person
	if who == "" {
		who = a.Kind + ":" + a.Party.ID
	}
	return db.Once{Actor: who, Verb: verb, Key: key, Body: hex.EncodeToString(sum[:])}, nil
}

// kept is a stored answer: the receipt, its token sealed.
type kept struct {
	Receipt
	Sealed string `json:"sealed,omitempty"`
}

func (s *Service) answered(ctx context.Context, once db.Once) (Receipt, bool, error) {
	answer, ok, err := once.Answer(ctx, s.DB.Reader())
	if err != nil || !ok {
		return Receipt{}, false, err
	}
	var k kept
	if err := json.Unmarshal([]byte(answer), &k); err != nil {
		return Receipt{}, false, err
	}
	if k.Sealed != "" {
		token, err := s.Keys.Open(k.Sealed, []byte("once"))
		if err != nil {
			return Receipt{}, false, err
		}
		k.Token = string(token)
	}
	return k.Receipt, true, nil
}

// answerOf writes the receipt for the key's row; no token stands in it in clear.
func (s *Service) answerOf(r Receipt) (string, error) {
	k := kept{Receipt: r}
	if r.Token != "" {
		k.Sealed, k.Token = s.Keys.Seal([]byte(r.Token), []byte("once")), ""
	}
	raw, err := json.Marshal(k)
	return string(raw), err
}

// commit writes all plans of one verb in one transaction, the parent's first so
// that every verb takes its locks in the same order.
func (s *Service) commit(ctx context.Context, a identity.Actor, once db.Once, plans []*plan) (Receipt, error) {
	first := plans[0]
	receipt := Receipt{Case: first.after.ID, Number: first.after.Number, Act: first.row.ID, Leaf: hex.EncodeToString(first.leaf.Hash[:]),
		State: first.after.State, Version: first.after.Version, Recorded: first.row.Recorded, Token: first.token, Children: first.row.Delta.Children}
	answer := ""
	if once.Key != "" {
		var err error
		if answer, err = s.answerOf(receipt); err != nil {
			return Receipt{}, err
		}
	}
	ordered := slices.Clone(plans)
	slices.SortStableFunc(ordered, func(x, y *plan) int { return x.order - y.order })
	grants := int64(-1)
	if a.Known() {
		grants = a.Grants
	}
	err := s.DB.Commit(ctx, func(tx *db.Tx) error {
		for _, p := range ordered {
			if err := p.write(tx, s.Ledger, grants); err != nil {
				return err
			}
			for _, fn := range s.onAct {
				if err := fn(tx, p.after.Procedure, p.row); err != nil {
					return err
				}
			}
			if p.beside != nil {
				if err := p.beside(tx, p.after.ID); err != nil {
					return err
				}
			}
		}
		if once.Key == "" {
			return nil
		}
		return once.Keep(tx, answer, first.row.Recorded)
	})
	if err == nil && len(first.blobs) > 0 {
		for _, fn := range s.onErase {
			fn(ctx, first.blobs)
		}
	}
	return receipt, err
}

// begin reads what an act of the case looks at.
func (s *Service) begin(ctx context.Context, c *Case, act *procedure.Act, p *procedure.Procedure, number int64, a identity.Actor) (*Moment, error) {
	r, _, err := s.rules.Now(ctx) // calendars go by the newest edition, forms by the case's
	if err != nil {
		return nil, err
	}
	m := &Moment{Procedure: p, Act: act, Case: c, Actor: a, Now: s.Clock.Now(), Given: Values{}, Calendars: r.calendars,
		Edition: number, Read: s.DB.Reader(), secret: map[string]bool{}}
	// What is recorded rises within a case, even when the machine's clock goes back:
	// the log numbers acts in that order.
	m.Now = max(m.Now, c.Changed+1)
	m.Values = maps.Clone(c.Values)
	if m.Values == nil {
		m.Values = Values{}
	}
	if c.Parent != "" {
		if m.Parent, err = s.load(ctx, c.Parent); err != nil {
			return nil, err
		}
	}
	if c.Leader != "" && act.WantsLeader() {
		if m.Leader, err = s.load(ctx, c.Leader); err != nil {
			return nil, err
		}
	}
	if s.wantsChildren(act) {
		if m.Children, err = s.children(ctx, c.ID); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (s *Service) wantsChildren(a *procedure.Act) bool {
	return slices.ContainsFunc(a.Check, func(c string) bool { return strings.HasPrefix(c, "children.") })
}

// planOpening prepares a new case.
func (s *Service) planOpening(ctx context.Context, a identity.Actor, o Opening) ([]*plan, error) {
	number := s.Editions.Current()
	p, err := s.ProcedureAt(ctx, o.Procedure, number)
	if err != nil {
		return nil, err
	}
	act, err := p.OpeningAct(o.Act)
	if err != nil {
		return nil, err
	}
	m, err := s.begin(ctx, &Case{}, act, p, number, a)
	if err != nil {
		return nil, err
	}
	m.Happened = o.Happened
	if o.Imported {
		if a.Kind != identity.System && !a.Has("administrator") {
			return nil, fault.New(fault.Forbidden, "casework.import_right")
		}
		if a.Kind == identity.System {
			m.Role = "clock" // the house's own hand, where the procedure lets it
		}
		if o.Recorded > m.Now {
			return nil, fault.New(fault.Invalid, "casework.in_future").At("recorded")
		}
		if o.Recorded > 0 {
			m.Now = o.Recorded
		}
		m.Happened = m.Now
	}
	d := &draft{m: m, raw: o.Values, opened: &Opened{Number: o.Number, Procedure: p.Name, Imported: o.Imported}, state: o.State}
	if a.Kind == identity.System && act.Clock {
		m.Role = "clock" // a schedule opens it
		if o.Unit != "" {
			unit, err := s.People.Unit(ctx, o.Unit)
			if err != nil {
				return nil, err
			}
			d.unit = &unit
		}
	}
	plans, err := s.plan(ctx, d)
	if err == nil {
		plans[0].beside = o.Beside
	}
	return plans, err
}

// planActing prepares an act of a standing case.
func (s *Service) planActing(ctx context.Context, a identity.Actor, q Asking) ([]*plan, error) {
	c, p, err := s.Seen(ctx, a, q.Case)
	if err != nil {
		return nil, err
	}
	if q.Act == ActAnnul || q.Act == ActErase || q.Act == ActMask || q.Act == ActMove {
		return s.planRepair(ctx, a, q, c, p)
	}
	act := p.Act(q.Act)
	if act == nil || act.Opening() {
		return nil, fault.New(fault.NotFound, "procedure.no_act", "act", q.Act).At("act")
	}
	if q.Version != 0 && q.Version != c.Version && !act.Quiet && act.Opinion == nil {
		return nil, fault.New(fault.Stale, "casework.stale").At("version")
	}
	m, err := s.begin(ctx, c, act, p, c.Edition, a)
	if err != nil {
		return nil, err
	}
	m.Happened = q.Happened
	if a.Kind == identity.System && act.Clock {
		m.Role = "clock" // the house's own hand, for somebody at one of its doors
	}
	return s.plan(ctx, &draft{m: m, raw: q.Values})
}

// performed prepares an act that the machinery does: a clock or a child.
// For an act of a parent, child is the case that does it; absent is the person in
// whose place a deputy's act brings it about.
func (s *Service) performed(ctx context.Context, c *Case, name, role, child, absent string, a identity.Actor, given Values) ([]*plan, error) {
	p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
	if err != nil {
		return nil, err
	}
	act := p.Act(name)
	if act == nil {
		return nil, fault.New(fault.NotFound, "procedure.no_act", "act", name)
	}
	m, err := s.begin(ctx, c, act, p, c.Edition, a)
	if err != nil {
		return nil, err
	}
	m.Role, m.For = role, absent
	return s.plan(ctx, &draft{m: m, given: given, child: child})
}

// newNumber is the number people write down: the day and eight random digits,
// so that nobody can count or guess neighbours' requests.
func newNumber(now clock.Instant) string {
	var b [8]byte
	rand.Read(b[:])
	n := uint64(0)
	for _, x := range b {
		n = n<<8 | uint64(x)
	}
	return fmt.Sprintf("%s-%08d", now.Time().Format("060102"), n%100_000_000)
}
