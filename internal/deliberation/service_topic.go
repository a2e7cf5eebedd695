package deliberation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Said is what somebody gets who wrote a statement.
type Said struct {
	ID    string
	Token string // of the link by which they see what became of it
}

// Say writes a statement on a topic. It is held until somebody looked. Faults:
// NotFound, Conflict where no statements are taken any more, Invalid at statement,
// Unmet where personal data stand in clear.
func (s *Service) Say(ctx context.Context, number, words, key string) (Said, error) {
	c, p, err := s.seen(ctx, identity.SystemActor(), Consultation, number)
	if err != nil {
		return Said{}, err
	}
	if act := p.Act(sayAct); act == nil || !slices.Contains(act.From, c.State) {
		return Said{}, fault.New(fault.Conflict, "deliberation.topic_over")
	}
	if err := s.private(ctx, words, "statement"); err != nil {
		return Said{}, err
	}
	done, err := s.Cases.Do(ctx, identity.SystemActor(), casework.Asking{Case: c.ID, Act: sayAct, Values: map[string]any{"statement": words}, Key: key})
	if err != nil {
		return Said{}, err
	}
	return Said{ID: done.Act, Token: s.tokenOf(done.Act)}, nil
}

// private refuses words in which personal data stand in clear.
func (s *Service) private(ctx context.Context, words, field string) error {
	check, _, err := s.Privacy.Now(ctx)
	if err != nil {
		return err
	}
	if found := check.Hard(words); len(found) > 0 {
		return fault.New(fault.Unmet, "deliberation.private", "kind", text.Key("publicity.find."+found[0].Kind)).At(field)
	}
	return nil
}

// tokenOf is the token of a statement's link. It is not kept anywhere: whoever
// brings it is believed by the mark in it.
func (s *Service) tokenOf(id string) string {
	return id + s.Keys.Keyed("topic statement link", id)[:26]
}

// Mine finds the statement that a link's token opens. Fault: NotFound.
func (s *Service) Mine(ctx context.Context, token string) (Statement, error) {
	wrong := fault.New(fault.NotFound, "deliberation.link_wrong")
	if len(token) != 52 || s.tokenOf(token[:26]) != token {
		return Statement{}, wrong
	}
	x, err := s.statementByID(ctx, s.DB.Reader(), token[:26])
	if errors.Is(err, sql.ErrNoRows) {
		err = wrong
	}
	return x, err
}

// deviceOn is a device's mark on one thing: a hash keyed with what it is about, so
// that its marks on two things cannot be told as one device's.
func (s *Service) deviceOn(about, device string) string {
	return s.Keys.Keyed("deliberation stand", about+" "+device)
}

// isStand says whether it is one of the three.
func isStand(stand string) bool {
	return stand == Agree || stand == Disagree || stand == Unsure
}

// Stand takes a device's stand on a published statement of an open topic; a later
// one takes the place of the first. Faults: NotFound, Conflict, Invalid at stand.
func (s *Service) Stand(ctx context.Context, number, id, device, stand string) error {
	c, _, err := s.seen(ctx, identity.SystemActor(), Consultation, number)
	if err != nil {
		return err
	}
	if !isStand(stand) {
		return fault.New(fault.Invalid, "deliberation.stand").At("stand")
	}
	if c.State != "open" {
		return fault.New(fault.Conflict, "deliberation.topic_over")
	}
	x, err := s.statementByID(ctx, s.DB.Reader(), id)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (x.Case != c.ID || x.Status != Published) {
		return fault.New(fault.NotFound, "deliberation.no_statement")
	}
	if err != nil {
		return err
	}
	mark := s.deviceOn(id, device)
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		if there, err := lockStatement(tx, id); err != nil || !there {
			return err
		}
		return takeStand(tx, id, mark, stand, true)
	})
}

// statement holds a moderation to a statement of this topic; what shows personal
// data in clear is not published.
func (s *Service) statement(ctx context.Context, m *casework.Moment) error {
	x, err := s.statementByID(ctx, m.Read, m.Given.Text("statement_ref"))
	if errors.Is(err, sql.ErrNoRows) || err == nil && (x.Case != m.Case.ID || x.Status == Erased) {
		return fault.New(fault.NotFound, "deliberation.no_statement").At("statement_ref")
	}
	if err != nil {
		return err
	}
	if m.Given.Text("ruling") == "publish" {
		return s.private(ctx, x.Words, "ruling")
	}
	return nil
}

// allLookedAt keeps a topic from being concluded over statements nobody looked at.
func (s *Service) allLookedAt(ctx context.Context, m *casework.Moment) error {
	n, err := s.heldOn(ctx, m.Case.ID)
	if err == nil && n > 0 {
		err = fault.New(fault.Unmet, "deliberation.held", "n", n)
	}
	return err
}

// mostGathered bounds the summary of a topic in characters, below the field's own.
const mostGathered = 7800

// gather writes the published statements with their counts into the case, so that
// the result stands beside what it answers and is proved with it.
func (s *Service) gather(ctx context.Context, m *casework.Moment) error {
	list, err := s.statements(ctx, m.Case.ID, Published)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(x Statement) bool { return x.Status != Published }) // erased since
	slices.SortStableFunc(list, func(a, b Statement) int { return int(b.Answers() - a.Answers()) })
	var out strings.Builder
	for _, x := range list {
		one := s.Book().Say(text.Chinese, "deliberation.gathered", map[string]any{"n": x.N, "words": strings.Join(strings.Fields(x.Words), " "),
			"agree": x.Agree, "disagree": x.Disagree, "unsure": x.Unsure})
		if utf8.RuneCountInString(out.String())+utf8.RuneCountInString(one) > mostGathered {
			break
		}
		fmt.Fprintln(&out, one)
	}
	if out.Len() == 0 {
		return nil
	}
	m.Set("opinions", strings.TrimSpace(out.String()))
	return nil
}
