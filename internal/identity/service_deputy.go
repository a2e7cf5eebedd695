package identity

import (
	"context"
	"database/sql"
	"slices"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// AskDeputy asks somebody to stand in for an absent person between two instants,
// for all their posts or one. The person asks for themselves and the deputy
// answers (AnswerDeputy); the head or administrator who answers for the person
// sets it with a reason, and it holds at once. Faults: Invalid at deputy, post,
// from, until or reason; Conflict identity.deputy_overlap, _absent, _chain;
// Forbidden.
func (s *Service) AskDeputy(ctx context.Context, by Actor, d Deputy) (Deputy, error) {
	reason, err := text.Clean(d.Reason, LongestPurpose)
	if err != nil {
		return Deputy{}, fault.Of(err).At("reason")
	}
	d.Reason = reason
	err = s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		now := s.clk.Now()
		d.ID, d.SetBy, d.From = db.NewID(now), by.Person, max(d.From, now)
		if err := s.mayLend(ctx, by, t, &d, now); err != nil {
			return err
		}
		others, err := s.readDeputies(ctx, `ends > $1 AND (person IN ($2, $3) OR deputy IN ($2, $3))`, now, d.Person, d.Deputy)
		if err != nil {
			return err
		}
		if err := checkDeputy(d, others, now); err != nil {
			return err
		}
		p.do(`INSERT INTO identity_deputy(id, person, deputy, begins, ends, post, state, reason, set_by) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
			d.ID, d.Person, d.Deputy, d.From, d.Until, d.Post, d.State, d.Reason, d.SetBy)
		p.act(by, now, KindDeputy, "ask", d.fields())
		return nil
	})
	return d, err
}

// mayLend finds out who asks and whether the two belong together; it sets the
// state.
func (s *Service) mayLend(ctx context.Context, by Actor, t *tree, d *Deputy, now clock.Instant) error {
	posts, err := s.liveOwn(ctx, t, d.Person, now)
	if err != nil {
		return err
	}
	switch {
	case by.Kind == System:
		d.State = DeputyAccepted
	case by.Person == d.Person && by.Person != "":
		d.State, d.Reason = DeputyAsked, ""
	case AnswersFor(by, posts):
		if d.Reason == "" {
			return fault.New(fault.Invalid, "identity.deputy_reason").At("reason")
		}
		d.State = DeputyAccepted
	default:
		return fault.New(fault.Forbidden, "identity.deputy_right")
	}
	other, err := s.Person(ctx, d.Deputy)
	if err != nil || !other.Open(now) {
		return fault.New(fault.Invalid, "identity.no_person").At("deputy")
	}
	theirs, err := s.liveOwn(ctx, t, d.Deputy, now)
	if err != nil {
		return err
	}
	meant := posts
	if d.Post != "" {
		meant = slices.DeleteFunc(slices.Clone(posts), func(p Post) bool { return p.ID != d.Post })
	}
	if len(meant) == 0 {
		return fault.New(fault.Invalid, "identity.no_post").At("post")
	}
	rights, err := s.Rights(ctx)
	if err != nil {
		return err
	}
	if d.Post != "" {
		if kind, ok := rights.Kind(meant[0].Kind); !ok || kind.Alone {
			return fault.New(fault.Invalid, "identity.post_alone").At("post")
		}
	}
	if d.Deputy != d.Person && !nearPosts(meant, theirs) {
		return fault.New(fault.Invalid, "identity.deputy_far").At("deputy")
	}
	return nil
}

// liveOwn are the posts a person holds now.
func (s *Service) liveOwn(ctx context.Context, t *tree, person string, now clock.Instant) ([]Post, error) {
	posts, err := s.readPosts(ctx, `person = $1 AND begins <= $2 AND (ends = 0 OR ends > $2)`, person, now)
	for i := range posts {
		t.complete(&posts[i])
	}
	return posts, err
}

// AnswerDeputy is the word of the one who was asked. Faults: NotFound
// identity.no_deputy; Conflict where something else was agreed meanwhile.
func (s *Service) AnswerDeputy(ctx context.Context, by Actor, id string, yes bool) (Deputy, error) {
	return s.changeDeputy(ctx, by, id, "answer", func(by Actor, _ *tree, d *Deputy, now clock.Instant) error {
		if by.Person == "" || by.Person != d.Deputy || d.State != DeputyAsked {
			return fault.New(fault.NotFound, "identity.no_deputy")
		}
		d.State = DeputyRefused
		if !yes {
			return nil
		}
		d.State, d.From = DeputyAccepted, max(d.From, now)
		others, err := s.readDeputies(ctx, `ends > $1 AND (person IN ($2, $3) OR deputy IN ($2, $3))`, now, d.Person, d.Deputy)
		if err != nil {
			return err
		}
		return checkDeputy(*d, others, now)
	})
}

// EndDeputy takes a wish back or ends a time early: by the absent person, who is
// back, by the deputy, or by who answers for the person.
func (s *Service) EndDeputy(ctx context.Context, by Actor, id string) (Deputy, error) {
	return s.changeDeputy(ctx, by, id, "end", func(by Actor, t *tree, d *Deputy, now clock.Instant) error {
		posts, err := s.liveOwn(ctx, t, d.Person, now)
		if err != nil {
			return err
		}
		own := by.Person != "" && (by.Person == d.Person || by.Person == d.Deputy)
		if !own && by.Kind != System && !AnswersFor(by, posts) {
			return fault.New(fault.NotFound, "identity.no_deputy")
		}
		d.State, d.Until = DeputyEnded, min(d.Until, max(now, d.From))
		return nil
	})
}

// endDeputies ends what still stands of a person who leaves, in both directions.
func (s *Service) endDeputies(ctx context.Context, by Actor, p *plan, person string, now clock.Instant) error {
	list, err := s.readDeputies(ctx, `(person = $1 OR deputy = $1) AND ends > $2`, person, now)
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.stands(now) {
			d.State, d.Until = DeputyEnded, max(now, d.From)
			p.do(`UPDATE identity_deputy SET state = $2, ends = $3 WHERE id = $1`, d.ID, d.State, d.Until)
			p.act(by, now, KindDeputy, "end", d.fields())
		}
	}
	return nil
}

func (s *Service) changeDeputy(ctx context.Context, by Actor, id, verb string, change func(by Actor, t *tree, d *Deputy, now clock.Instant) error) (d Deputy, err error) {
	err = s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		now := s.clk.Now()
		list, err := s.readDeputies(ctx, `id = $1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 || !list[0].stands(now) {
			return fault.New(fault.NotFound, "identity.no_deputy")
		}
		d = list[0]
		if err := change(by, t, &d, now); err != nil {
			return err
		}
		p.do(`UPDATE identity_deputy SET state = $2, begins = $3, ends = $4 WHERE id = $1`, d.ID, d.State, d.From, d.Until)
		p.act(by, now, KindDeputy, verb, d.fields())
		return nil
	})
	return d, err
}

// Deputies are the times that still stand in which somebody stands in for the
// person, or the person for somebody; the next first. It checks no right.
func (s *Service) Deputies(ctx context.Context, person string) ([]Deputy, error) {
	list, err := s.readDeputies(ctx, `(person = $1 OR deputy = $1) AND ends > $2`, person, s.clk.Now())
	return slices.DeleteFunc(list, func(d Deputy) bool { return !d.stands(s.clk.Now()) }), err
}

// DeputiesNow are those who stand in for the person at this moment.
func (s *Service) DeputiesNow(ctx context.Context, person string) ([]Deputy, error) {
	if person == "" {
		return nil, nil
	}
	now := s.clk.Now()
	return s.readDeputies(ctx, `person = $1 AND begins <= $2 AND ends > $2 AND state = 'accepted'`, person, now)
}

func (s *Service) readDeputies(ctx context.Context, where string, args ...any) ([]Deputy, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT id, person, deputy, post, begins, ends, state, reason, set_by FROM identity_deputy WHERE `+where+` ORDER BY begins, id`, args...)
	return collect(rows, err, func(r *sql.Rows) (d Deputy, err error) {
		err = r.Scan(&d.ID, &d.Person, &d.Deputy, &d.Post, &d.From, &d.Until, &d.State, &d.Reason, &d.SetBy)
		return d, err
	})
}
