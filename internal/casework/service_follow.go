package casework

import (
	"context"

	"linli/internal/kit/fault"
)

// follow has the case follow the leading case that the act names.
//
// Faults, at the field: NotFound where the doer may not see the leading case;
// Invalid, Conflict or Unmet as mayLead says; Conflict where the case is
// followed itself.
func (s *Service) follow(ctx context.Context, d *draft) error {
	m, f := d.m, d.m.Act.Follows
	if f == nil {
		return nil
	}
	leader, leading, err := s.Seen(ctx, m.Actor, m.Values.Text(f.Field))
	if err != nil {
		return fault.Of(err).At(f.Field)
	}
	if err := m.mayLead(leader, leading); err != nil {
		return err
	}
	if err := s.aloneNow(ctx, m.Case.ID, f.Field); err != nil {
		return err
	}
	m.Leader, d.leads, d.alone = leader, leader, 1
	m.delta.Leader, m.delta.Followed = &leader.ID, &leader.Acts
	m.Set(f.Field, leader.Number)
	return nil
}

// aloneNow refuses a case that others follow: there are no chains.
func (s *Service) aloneNow(ctx context.Context, id, field string) error {
	n, err := s.followers(ctx, id, 1)
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, "casework.follow_leads", "n", n).At(field)
	}
	return err
}

// sealedAlone keeps a case that others follow, or that follows, from being
// sealed: who may not see the one must not learn of it by the other.
func (s *Service) sealedAlone(ctx context.Context, d *draft) error {
	m := d.m
	if m.delta.Sealed == nil || *m.delta.Sealed == "" || m.Act.Opening() {
		return nil
	}
	d.alone = 1
	n, err := s.followers(ctx, m.Case.ID, 1)
	if err == nil && (n > 0 || m.Case.Following()) {
		err = fault.New(fault.Unmet, "casework.seal_followed", "n", n)
	}
	return err
}

// rejoins holds an annulment by which a case would follow again to what its
// leading case has done meanwhile, and one by which a leading case would go back
// behind what its followers know.
func (s *Service) rejoins(ctx context.Context, p *plan, m *Moment, last ActRow, after *Case) error {
	passed, err := s.passed(ctx, m.Case.ID, last.Seq)
	if err != nil {
		return err
	}
	if passed || last.Role == roleLeader {
		return fault.New(fault.Unmet, "casework.annul_passed")
	}
	p.alone = last.Seq
	if n, err := s.followers(ctx, m.Case.ID, last.Seq); err != nil {
		return err
	} else if n > 0 {
		return fault.New(fault.Unmet, "casework.annul_followed", "n", n)
	}
	if !after.Following() || m.Case.Following() {
		return nil
	}
	leader, err := s.load(ctx, after.Leader)
	if err != nil {
		return err
	}
	acts, err := s.actsOf(ctx, m.Read, leader.ID)
	if err != nil {
		return err
	}
	for _, a := range acts {
		if a.Seq > after.Followed && (a.Delta.Passes || a.Annuls != "" || a.Delta.Leader != nil) {
			return fault.New(fault.Unmet, "casework.annul_left", "number", leader.Number)
		}
	}
	p.leads, p.alone = leader, 1
	return s.aloneNow(ctx, m.Case.ID, "")
}

// Following counts the cases that follow a leading case now, and with them those
// that were answered with it.
func (s *Service) Following(ctx context.Context, id string) (now, ever int, err error) {
	err = s.DB.Reader().Row(ctx, `SELECT COUNT(*) FILTER (WHERE followed > 0), COUNT(*) FROM casework_case WHERE leader = $1 AND leader <> ''`, id).Scan(&now, &ever)
	return now, ever, err
}
