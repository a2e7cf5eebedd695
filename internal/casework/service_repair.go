package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"linli/internal/procedure"
	"maps"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// planRepair prepares an annulment, an erasure, or the move to a newer procedure. Who may is said in
// catalog/rights/views.yaml under "annul", "erase" and "move".
func (s *Service) planRepair(ctx context.Context, a identity.Actor, q Asking, c *Case, p *procedure.Procedure) ([]*plan, error) {
	r, err := s.rules.At(ctx, s.Editions.Current())
	if err != nil {
		return nil, err
	}
	right := strings.TrimPrefix(q.Act, "_")
	act := &procedure.Act{Name: q.Act, Words: procedure.Words{"zh": q.Act, "en": q.Act}, From: []string{c.State}, Who: r.views[right]}
	if q.Version != 0 && q.Version != c.Version {
		return nil, fault.New(fault.Stale, "casework.stale").At("version")
	}
	m, err := s.begin(ctx, c, act, p, c.Edition, a)
	if err != nil {
		return nil, err
	}
	if err := m.authorize(nil); err != nil {
		return nil, err
	}
	reason, err := cleanReason(q.Reason)
	if err != nil {
		return nil, err
	}
	m.Happened, m.to = m.Now, c.State
	acts, err := s.actsOf(ctx, m.Read, c.ID)
	if err != nil {
		return nil, err
	}
	switch q.Act {
	case ActAnnul:
		return s.planAnnul(ctx, m, acts, reason)
	case ActMove:
		if n, err := s.followers(ctx, c.ID, 1); err != nil {
			return nil, err
		} else if n > 0 || c.Following() {
			return nil, fault.New(fault.Unmet, "casework.move_following")
		}
		number := s.Editions.Current()
		newer, err := s.ProcedureAt(ctx, c.Procedure, number)
		if err != nil {
			return nil, err
		}
		return s.planMove(m, acts, newer, number, reason)
	}
	return s.planErase(ctx, m, acts, q, reason)
}

// planAnnul takes back the last state-changing act: state, holder, values and
// clocks are again as if it had never been. Faults: Unmet where another act
// already relies on it, Forbidden for its own doer.
func (s *Service) planAnnul(ctx context.Context, m *Moment, acts []ActRow, reason string) ([]*plan, error) {
	i := slices.IndexFunc(acts, func(a ActRow) bool { return a.ID == m.Case.LastAct })
	if i < 0 || acts[i].Delta.Opened != nil || strings.HasPrefix(acts[i].Act, "_") {
		return nil, fault.New(fault.Unmet, "casework.nothing_to_annul")
	}
	last := acts[i]
	switch {
	case sameHands(last, m):
		return nil, fault.New(fault.Forbidden, "casework.annul_second")
	case len(last.Delta.Children) > 0 || last.Role == "child":
		return nil, fault.New(fault.Unmet, "casework.annul_child")
	case last.Delta.Publish:
		return nil, fault.New(fault.Unmet, "casework.annul_published")
	}
	row := ActRow{ID: db.NewID(m.Now), CaseID: m.Case.ID, Seq: m.Case.Acts + 1, Act: ActAnnul, From: m.Case.State, Person: m.Actor.Person, Post: m.Post.ID, Unit: m.Post.Unit,
		Happened: m.Now, Recorded: m.Now, Edition: m.Edition, Annuls: last.ID}
	after, err := Fold(append(acts, row))
	if err != nil {
		return nil, err
	}
	row.To = after.State
	p := &plan{before: m.Case, order: 1}
	if err := s.rejoins(ctx, p, m, last, after); err != nil {
		return nil, err
	}
	for _, k := range m.Case.clocks {
		if _, stands := after.clocks[k.Name]; !stands {
			row.Delta.Clocks = append(row.Delta.Clocks, procedure.ClockRow{Name: k.Name, Status: procedure.Void, Kind: k.Kind, Unit: k.Unit})
			row.Delta.Effects = append(row.Delta.Effects, "-"+k.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after.clocks)) {
		k := after.clocks[name]
		if before, err := json.Marshal(m.Case.clocks[name]); err != nil {
			return nil, err
		} else if now, err := json.Marshal(k); err != nil || string(now) == string(before) {
			continue
		}
		row.Delta.Clocks = append(row.Delta.Clocks, k)
		row.Delta.Effects = append(row.Delta.Effects, "~"+name)
	}
	for _, t := range last.Delta.Told { // who was told gets a correcting notice
		m.Tell(t)
	}
	row.Delta.Told, row.Delta.Kind = m.delta.Told, after.Kind
	p.row = row
	return s.finishRepair(p, m, after, reason)
}

// planErase destroys values of earlier acts with their salts; the commitments
// stay in the log. A mask leaves what its Strike gives in their place, which the
// erasing act commits. The plan's commit rewrites the acts' bodies.
func (s *Service) planErase(ctx context.Context, m *Moment, acts []ActRow, q Asking, reason string) ([]*plan, error) {
	row := ActRow{ID: db.NewID(m.Now), CaseID: m.Case.ID, Act: q.Act, From: m.Case.State, To: m.Case.State, Person: m.Actor.Person, Post: m.Post.ID, Unit: m.Post.Unit,
		Happened: m.Now, Recorded: m.Now, Edition: m.Edition}
	after := m.Case.copy()
	e := &erasing{q: q, by: row.ID, p: m.Procedure, after: after, left: Values{}}
	// The title goes with the field it was taken from; where it was handed down from a parent, with any.
	e.titled = m.Procedure.Subject == "" || slices.Contains(q.Fields, m.Procedure.Subject)
	p := &plan{before: m.Case, order: 1}
	for _, a := range acts {
		touched := false
		for _, f := range slices.Sorted(maps.Keys(a.Body)) {
			if q.Target != "" && q.Target != a.ID {
				continue
			}
			did, err := e.field(a, f)
			if err != nil {
				return nil, err
			}
			touched = touched || did
		}
		if touched {
			raw, err := json.Marshal(a.Body)
			if err != nil {
				return nil, err
			}
			p.erased = append(p.erased, erasedBody{a.ID, string(raw)})
		}
	}
	if e.named == 0 {
		return nil, fault.New(fault.NotFound, "casework.nothing_to_erase").At("fields")
	}
	if e.retitled {
		row.Delta.Title = &after.Title
	}
	row.Erases, row.Delta.Kind = strings.Join(e.gone, " "), m.Case.Kind
	p.row, p.blobs, m.Given = row, e.blobs, e.left
	return s.finishRepair(p, m, after, reason)
}

// erasing is one erasure or mask of a case's values.
type erasing struct {
	q        Asking
	by       string // the erasing act
	p        *procedure.Procedure
	after    *Case
	left     Values   // what a mask leaves, for the erasing act to commit
	gone     []string // ACT:FIELD
	blobs    []string
	named    int
	titled   bool // the title goes with what is named
	retitled bool
}

// field destroys or masks one field of an act; it says whether it did.
func (e *erasing) field(a ActRow, f string) (bool, error) {
	k := a.Body[f]
	title, struck := f == procedure.TitleField, strings.HasPrefix(f, procedure.StruckField)
	named := slices.Contains(e.q.Fields, f) || title && e.titled
	if e.q.Strike != nil {
		named = len(e.q.Fields) == 0 && !strings.HasPrefix(f, "_") || slices.Contains(e.q.Fields, f) || title || struck
	} else if struck { // what a mask left of a field that is erased now
		_, of, _ := strings.Cut(strings.TrimPrefix(f, procedure.StruckField), ":")
		named = slices.Contains(e.q.Fields, of) || of == procedure.TitleField && e.titled
	}
	if !named || f == procedure.ActItself || k.Gone != "" && len(k.Value) == 0 {
		return false, nil
	}
	now, was := Kept{Gone: e.by}, Values{}
	if err := was.Take(Body{"is": {Value: k.Value, Seal: k.Seal}}); err != nil {
		return false, err
	}
	var left any
	if e.q.Strike != nil {
		changed := false
		if left, changed = e.q.Strike(f, was["is"]); !changed {
			return false, nil
		}
		if !struck { // what the first mask left is only evidence of itself
			raw, err := json.Marshal(left)
			if err != nil {
				return false, err
			}
			now.Value, e.left[procedure.StruckField+a.ID+":"+f] = raw, left
		}
	}
	e.take(f, was, left)
	a.Body[f] = now
	e.gone = append(e.gone, a.ID+":"+f)
	if !title && !struck {
		e.named++
	}
	if current, has := e.after.Values[f]; has && sameValue(current, was["is"]) || has && e.q.Strike == nil {
		if e.after.Values[f] = left; left == nil {
			e.after.Values[f] = Gone{By: e.by}
		}
	}
	if title && (e.q.Strike == nil || e.after.Title == was["is"]) {
		e.after.Title, _ = left.(string)
		e.retitled = true
	}
	return true, nil
}

// take notes the attachments that go.
func (e *erasing) take(f string, was Values, left any) {
	if def := e.p.Field(f); def != nil && def.Attached() {
		stays := Values{"is": left}.List("is")
		for _, id := range was.List("is") {
			if !slices.Contains(stays, id) {
				e.blobs = append(e.blobs, id)
			}
		}
	}
}

// sameValue compares two values as they are written.
func sameValue(a, b any) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(x) == string(y)
}

// erasedBody is an act's body after an erasure.
type erasedBody struct{ act, body string }

// cleanReason is a reason as it is kept; there must be one.
func cleanReason(said string) (string, error) {
	reason, err := text.Clean(said, 500)
	if err == nil && reason == "" {
		err = fault.New(fault.Invalid, "casework.no_reason")
	}
	if err != nil {
		return "", fault.Of(err).At("reason")
	}
	return reason, nil
}

// sameHands says whether the act was done by the actor, by whom they stand in
// for, or by a deputy of either.
func sameHands(a ActRow, m *Moment) bool {
	for _, person := range []string{m.Actor.Person, m.For} {
		if person != "" && (person == a.Person || person == a.Delta.For) {
			return true
		}
	}
	return false
}

// finishRepair seals the reason and writes the plan, which has its row.
func (s *Service) finishRepair(p *plan, m *Moment, after *Case, reason string) ([]*plan, error) {
	if m.For != "" {
		p.row.Delta.For, p.row.Role = m.For, m.Role
	}
	row := p.row
	m.delta = row.Delta
	m.Given[procedure.ReasonField] = reason
	if err := s.seal(p, m); err != nil {
		return nil, err
	}
	if row.Erases != "" {
		if err := after.repaired(p.row); err != nil {
			return nil, err
		}
	}
	p.after = after
	if err := p.settle(m.Procedure); err != nil {
		return nil, fmt.Errorf("repair: %w", err)
	}
	return []*plan{p}, nil
}
