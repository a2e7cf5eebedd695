package casework

import (
	"context"
	"errors"
	"slices"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/procedure"
)

// passBatch is how many followers one transaction takes along.
const passBatch = 50

// passing is one act of a leading case that its followers are to have.
type passing struct {
	seq    int64
	act    *procedure.PassesOn
	leader *Case  // as it was after the act
	given  Values // what the followers get of it
}

// Pass does for every follower what its leading case has passed on, in the order
// of the leading case's acts. How far a follower has come stands in its own row
// and moves in the transaction of its act, so that each act reaches each follower
// once, however often, on however many nodes and after whatever crash Pass runs.
// It returns how many acts it did.
func (s *Service) Pass(ctx context.Context) (done int, err error) {
	leaders, err := s.passing(ctx)
	if err != nil {
		return 0, err
	}
	for _, leader := range leaders {
		n, err := s.passFrom(ctx, leader)
		done += n
		if err != nil {
			// One leading case that cannot be read must not hide the others; it is tried again.
			s.Log.Error("a leading case could not pass on its acts", "case", leader, "error", err)
		}
		if ctx.Err() != nil {
			return done, ctx.Err()
		}
	}
	return done, nil
}

// passFrom brings the followers of one leading case up to it.
func (s *Service) passFrom(ctx context.Context, leader string) (done int, err error) {
	seqs, err := s.waitingPasses(ctx, leader)
	if err != nil || len(seqs) == 0 {
		return 0, err
	}
	steps, err := s.steps(ctx, leader, seqs)
	if err != nil {
		return 0, err
	}
	last := seqs[len(seqs)-1]
	for range seqs { // in each round a follower has its next act
		after := ""
		for {
			ids, err := s.behind(ctx, leader, last, after, passBatch)
			if err != nil {
				return done, err
			}
			if len(ids) == 0 {
				break
			}
			if done += s.passTo(ctx, leader, ids, steps); ctx.Err() != nil {
				return done, ctx.Err()
			}
			after = ids[len(ids)-1]
		}
	}
	return done, s.passedAll(ctx, leader, seqs, s.Clock.Now())
}

// steps replays the leading case up to each act that is passed on: what the
// followers get is what stood then, whatever happened since.
func (s *Service) steps(ctx context.Context, leader string, seqs []int64) ([]passing, error) {
	acts, err := s.actsOf(ctx, s.DB.Reader(), leader)
	if err != nil {
		return nil, err
	}
	var out []passing
	for i, a := range acts {
		if !slices.Contains(seqs, a.Seq) {
			continue
		}
		c, err := Fold(acts[:i+1])
		if err != nil {
			return nil, err
		}
		p, err := s.ProcedureAt(ctx, c.Procedure, a.Edition)
		if err != nil {
			return nil, err
		}
		def := p.Act(a.Act)
		if def == nil || def.PassesOn == nil {
			return nil, fault.New(fault.NotFound, "procedure.no_act", "act", a.Act)
		}
		given, err := s.hand(&Moment{Values: c.Values}, def.PassesOn.With)
		if err != nil {
			return nil, err
		}
		out = append(out, passing{a.Seq, def.PassesOn, c, given})
	}
	return out, nil
}

// passTo takes several followers along in one transaction. Where one of them
// moved meanwhile or cannot be taken, each half goes by itself: one poisonous
// follower must not hide the others; it stays behind and is seen again.
func (s *Service) passTo(ctx context.Context, leader string, ids []string, steps []passing) (done int) {
	var err error
	for try := 0; try < mostTries && ctx.Err() == nil; try++ {
		if done, err = s.passOnce(ctx, leader, ids, steps); err == nil {
			return done
		}
		if half := len(ids) / 2; half > 0 {
			return s.passTo(ctx, leader, ids[:half], steps) + s.passTo(ctx, leader, ids[half:], steps)
		}
		if !errors.Is(err, errAgain) {
			break
		}
	}
	if ctx.Err() == nil {
		s.Log.Error("an act could not be passed on", "case", ids[0], "leading", leader, "error", err)
	}
	return 0
}

func (s *Service) passOnce(ctx context.Context, leader string, ids []string, steps []passing) (done int, err error) {
	var plans []*plan
	for _, id := range ids {
		p, err := s.planPass(ctx, leader, id, steps)
		if err != nil {
			return 0, err
		}
		plans, done = append(plans, p...), done+min(len(p), 1)
	}
	if len(plans) > 0 {
		_, err = s.commit(ctx, identity.SystemActor(), db.Once{}, plans)
	}
	return done, err
}

// planPass prepares a follower's next act; none where it follows no more or has
// come up with its leading case.
func (s *Service) planPass(ctx context.Context, leader, id string, steps []passing) ([]*plan, error) {
	c, err := s.load(ctx, id)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(steps, func(p passing) bool { return p.seq > c.Followed })
	if i < 0 || c.Leader != leader || !c.Following() {
		return nil, nil
	}
	step := steps[i]
	p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
	if err != nil {
		return nil, err
	}
	act := p.Act(step.act.Act)
	if act == nil || !act.Leader || !slices.Contains(act.From, c.State) {
		return s.planPassOver(ctx, c, p, step)
	}
	m, err := s.begin(ctx, c, act, p, c.Edition, identity.SystemActor())
	if err != nil {
		return nil, err
	}
	m.Role, m.Leader, m.delta.Followed = roleLeader, step.leader, &step.seq
	plans, err := s.plan(ctx, &draft{m: m, given: step.given})
	if f := fault.Of(err); f != nil && slices.Contains([]fault.Kind{fault.Unmet, fault.Invalid, fault.Conflict, fault.Forbidden}, f.Kind) {
		return s.planPassOver(ctx, c, p, step)
	}
	return plans, err
}

// planPassOver marks that an act did not fit the follower, and tells who holds
// it: better a line that people see than a follower that hears nothing more.
func (s *Service) planPassOver(ctx context.Context, c *Case, p *procedure.Procedure, step passing) ([]*plan, error) {
	m, err := s.begin(ctx, c, &procedure.Act{Name: ActPassOver, From: []string{c.State}}, p, c.Edition, identity.SystemActor())
	if err != nil {
		return nil, err
	}
	m.Role, m.Happened, m.to, m.delta.Tick, m.delta.Followed = roleLeader, m.Now, c.State, true, &step.seq
	m.Tell(Told{Unit: step.leader.Unit, Person: step.leader.Person})
	m.Tell(Told{Unit: c.Unit, Person: c.Person})
	return s.finishTick(m)
}
