package identity

import (
	"context"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

func within(code, prefix string) bool { return strings.HasPrefix(code, prefix) }

// AddPost gives a person a post. Without an area, kinds that work over an area
// (posts.yaml) get that of the unit; an area must lie within what the unit
// answers for. From 0 or past is now; Until 0 is without end. It counts from the
// next request on, on every node. Faults: Invalid at person, unit, kind, area or
// until; Conflict identity.post_exists; Forbidden.
func (s *Service) AddPost(ctx context.Context, by Actor, post Post) (Post, error) {
	rights, _, err := s.lists.Now(ctx)
	if err != nil {
		return Post{}, err
	}
	kind, ok := rights.Kind(post.Kind)
	if !ok {
		return Post{}, fault.New(fault.Invalid, "identity.no_post_kind", "kind", post.Kind).At("kind")
	}
	err = s.administer(ctx, by, func(by Actor, t *tree, p *plan) (err error) {
		post, err = s.addPost(ctx, by, t, p, post, kind)
		return err
	})
	if err != nil {
		return Post{}, err
	}
	return post, nil
}

func (s *Service) addPost(ctx context.Context, by Actor, t *tree, p *plan, post Post, kind PostKind) (Post, error) {
	now := s.clk.Now()
	unit, err := t.get(post.Unit, "unit", now)
	if err != nil {
		return post, err
	}
	if !Administers(by, unit.Path) {
		return post, NotAdministrator()
	}
	person, err := s.Person(ctx, post.Person)
	if err != nil || !person.Open(now) {
		return post, fault.New(fault.Invalid, "identity.no_person").At("person")
	}
	if post.Area, err = postArea(by, t, post, kind); err != nil {
		return post, err
	}
	post.From = max(post.From, now)
	if post.Until != 0 && post.Until <= post.From {
		return post, fault.New(fault.Invalid, "identity.post_until").At("until")
	}
	same, err := s.readPosts(ctx, `person = $1 AND unit = $2 AND kind = $3 AND area = $4 AND (ends = 0 OR ends > $5)`,
		post.Person, post.Unit, post.Kind, post.Area, post.From)
	if err != nil {
		return post, err
	}
	if len(same) > 0 {
		return post, fault.New(fault.Conflict, "identity.post_exists")
	}
	post.ID = db.NewID(now)
	t.complete(&post)
	insertPost(p, post)
	p.act(by, now, KindPost, "add", post.fields())
	return post, nil
}

func insertPost(p *plan, post Post) {
	p.do(`INSERT INTO identity_post(id, person, unit, kind, area, begins, ends) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		post.ID, post.Person, post.Unit, post.Kind, post.Area, post.From, post.Until)
}

// postArea settles over which area a post is.
func postArea(by Actor, t *tree, post Post, kind PostKind) (string, error) {
	answers := t.area(post.Unit)
	if post.Area == "" {
		if kind.OverArea {
			return answers, nil
		}
		return "", nil
	}
	if err := checkArea(post.Area, "area"); err != nil {
		return "", err
	}
	if !within(post.Area, answers) || answers == "" && !chief(by) {
		return "", fault.New(fault.Invalid, "identity.area_outside", "code", post.Area, "above", answers).At("area")
	}
	return post.Area, nil
}

func (p Post) fields() map[string]string {
	return map[string]string{
		"id": p.ID, "person": p.Person, "unit": p.Unit, "kind": p.Kind, "area": p.Area,
		"begins": number(p.From), "ends": number(p.Until),
	}
}

// EndPost ends a post now; it is never deleted. It stops counting with the next
// request, and an act that was being prepared under it is prepared again. Faults:
// NotFound identity.no_post, Conflict identity.last_administrator.
func (s *Service) EndPost(ctx context.Context, by Actor, id string) error {
	return s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		now := s.clk.Now()
		posts, err := s.readPosts(ctx, `id = $1 AND (ends = 0 OR ends > $2)`, id, now)
		if err != nil {
			return err
		}
		if len(posts) == 0 {
			return fault.New(fault.NotFound, "identity.no_post")
		}
		if !Administers(by, t.units[posts[0].Unit].Path) {
			return NotAdministrator()
		}
		return s.endPost(ctx, by, t, p, posts[0], now)
	})
}

// endPost plans the end of one post.
func (s *Service) endPost(ctx context.Context, by Actor, t *tree, p *plan, post Post, now clock.Instant) error {
	if post.Kind == Administrator {
		if err := s.anotherChief(ctx, t, post, now); err != nil {
			return err
		}
	}
	others, err := s.readPosts(ctx, `person = $1 AND unit = $2 AND id <> $3 AND (ends = 0 OR ends > $4)`, post.Person, post.Unit, post.ID, now)
	if err != nil {
		return err
	}
	if len(others) == 0 {
		if err := s.mayLeave(ctx, post.Person, post.Unit); err != nil {
			return err
		}
	}
	post.Until = max(now, post.From)
	p.do(`UPDATE identity_post SET ends = $2 WHERE id = $1`, post.ID, post.Until)
	p.act(by, now, KindPost, "end", post.fields())
	return nil
}

// anotherChief refuses to end the last administrator of the last root: nobody
// could appoint one again.
func (s *Service) anotherChief(ctx context.Context, t *tree, ending Post, now clock.Instant) error {
	if t.units[ending.Unit].Parent != "" {
		return nil
	}
	posts, err := s.readPosts(ctx, `kind = $1 AND id <> $2 AND begins <= $3 AND (ends = 0 OR ends > $3)`, Administrator, ending.ID, now)
	if err != nil {
		return err
	}
	for _, post := range posts {
		if u, ok := t.units[post.Unit]; ok && u.Parent == "" && u.Open(now) && post.Until == 0 && post.Person != ending.Person {
			return nil
		}
	}
	return fault.New(fault.Conflict, "identity.last_administrator")
}
