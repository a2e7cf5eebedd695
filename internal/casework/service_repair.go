package casework

import (
	"context"
	"crypto/rand"
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
	"linli/internal/ledger"
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
// stay in the log. The plan's commit rewrites the acts' bodies.
func (s *Service) planErase(ctx context.Context, m *Moment, acts []ActRow, q Asking, reason string) ([]*plan, error) {
	row := ActRow{ID: db.NewID(m.Now), CaseID: m.Case.ID, Act: ActErase, From: m.Case.State, To: m.Case.State, Person: m.Actor.Person, Post: m.Post.ID, Unit: m.Post.Unit,
		Happened: m.Now, Recorded: m.Now, Edition: m.Edition}
	after := m.Case.copy()
	var gone []string
	var erased []erasedBody
	var blobs []string
	fields, named := q.Fields, 0
	// The title goes with the field it was taken from; where it was handed down from a parent, with any.
	titled := m.Procedure.Subject == "" || slices.Contains(fields, m.Procedure.Subject)
	if titled {
		fields = append(slices.Clone(fields), titleField)
	}
	for _, a := range acts {
		touched := false
		for _, f := range fields {
			k, had := a.Body[f]
			if !had || f == actItself || k.Gone != "" || q.Target != "" && q.Target != a.ID {
				continue
			}
			if def := m.Procedure.Field(f); def != nil && def.Attached() {
				if v, err := procedure.ReadValue(k.Value); err == nil {
					blobs = append(blobs, Values{f: v}.List(f)...)
				}
			}
			a.Body[f], touched = Kept{Gone: row.ID}, true
			gone = append(gone, a.ID+":"+f)
			if f != titleField {
				named++
			}
			if _, current := after.Values[f]; current {
				after.Values[f] = Gone{By: row.ID}
			}
		}
		if touched {
			raw, err := json.Marshal(a.Body)
			if err != nil {
				return nil, err
			}
			erased = append(erased, erasedBody{a.ID, string(raw)})
		}
	}
	if named == 0 {
		return nil, fault.New(fault.NotFound, "casework.nothing_to_erase").At("fields")
	}
	if titled {
		after.Title = ""
		row.Delta.Title = &after.Title
	}
	row.Erases, row.Delta.Kind = strings.Join(gone, " "), m.Case.Kind
	plans, err := s.finishRepair(&plan{before: m.Case, order: 1, row: row}, m, after, reason)
	if err != nil {
		return nil, err
	}
	plans[0].erased = erased
	plans[0].blobs = blobs
	return plans, nil
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
	m.Given["reason"] = reason
	m.delta = row.Delta
	plain, err := json.Marshal(reason)
	if err != nil {
		return nil, err
	}
	salts := make([]byte, 32)
	rand.Read(salts)
	one, two := [16]byte(salts), [16]byte(salts[16:])
	p.row.Body = Body{ReasonField: {Value: plain, Salt: one[:]}, actItself: {Salt: two[:]}}
	record, err := p.row.record()
	if err != nil {
		return nil, err
	}
	p.leaf = ledger.NewLeaf(p.row.envelope(m.Procedure.Name), []ledger.Field{
		{Name: ReasonField, Digest: ledger.Commit(one, ReasonField, plain)}, {Name: actItself, Digest: ledger.Commit(two, actItself, record)}})
	if row.Erases != "" {
		after.repaired(row)
	}
	p.after = after
	if err := p.settle(m.Procedure); err != nil {
		return nil, fmt.Errorf("repair: %w", err)
	}
	return []*plan{p}, nil
}

// ReasonField holds the reason of an annulment or erasure in the act's body; it
// is no value of the case.
const ReasonField = "_reason"
