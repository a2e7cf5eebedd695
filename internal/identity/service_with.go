package identity

import (
	"cmp"
	"context"
	"slices"
)

// Reload is the same actor with the posts that count now, for a verb whose
// grants moved while it was prepared. Fault: identity.no_person for an account
// closed meanwhile.
func (s *Service) Reload(ctx context.Context, a Actor) (Actor, error) {
	if !a.Known() {
		return a, nil
	}
	fresh, err := s.Actor(ctx, a.Person)
	if err != nil {
		return a, err
	}
	fresh.Token, fresh.only, fresh.Party = a.Token, a.only, a.Party
	return fresh, s.equip(ctx, &fresh, fresh.Grants)
}

// UnitsWith are the open units in which somebody now holds a post of this kind
// over the area, the nearest first. For a place that is not known they are those
// that are over the most: somebody has to look.
func (s *Service) UnitsWith(ctx context.Context, kind, area string) ([]string, error) {
	epoch, err := s.near(ctx)
	if err != nil {
		return nil, err
	}
	desks, err := s.desk(ctx, kind, epoch)
	if err != nil {
		return nil, err
	}
	now := s.clk.Now()
	var over []Post
	for _, p := range desks {
		if p.Live(now) && p.UnitPath != "" && (p.over(area) || area == "" && digits(p.Area)) {
			over = append(over, p)
		}
	}
	sign := -1 // longest code first
	if area == "" {
		sign = 1
	}
	slices.SortFunc(over, func(a, b Post) int {
		return cmp.Or(sign*cmp.Compare(len(a.Area), len(b.Area)), cmp.Compare(a.UnitPath, b.UnitPath))
	})
	var out []string
	for _, p := range over {
		if area == "" && len(p.Area) > len(over[0].Area) {
			break
		}
		if !slices.Contains(out, p.Unit) {
			out = append(out, p.Unit)
		}
	}
	return out, nil
}

// desk gives all posts of a kind that have not ended, from memory.
func (s *Service) desk(ctx context.Context, kind string, epoch int64) ([]Post, error) {
	s.mu.Lock()
	h, ok := s.desks[kind]
	s.mu.Unlock()
	if ok && h.epoch >= epoch {
		return h.posts, nil
	}
	t, err := s.treeAt(ctx, epoch)
	if err != nil {
		return nil, err
	}
	posts, err := s.readPosts(ctx, `kind = $1 AND (ends = 0 OR ends > $2)`, kind, s.clk.Now())
	if err != nil {
		return nil, err
	}
	for i := range posts {
		t.complete(&posts[i])
	}
	s.mu.Lock()
	if len(s.desks) < 200 { // kinds come from the catalogue; what asks for others is not remembered
		s.desks[kind] = holds{epoch: epoch, posts: posts}
	}
	s.mu.Unlock()
	return posts, nil
}
