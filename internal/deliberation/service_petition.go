package deliberation

import (
	"context"
	"fmt"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// checker is the kind of post that checks signatures.
const checker = "township-affairs"

// keepFrom hides a petition from a unit that its matter is about. A unit over the
// village itself cannot be kept out by the township: such a petition is given to
// the county.
func (s *Service) keepFrom(ctx context.Context, m *casework.Moment) error {
	id := m.Values.Text("concerned")
	if id == "" {
		return nil
	}
	concerned, err := s.People.Unit(ctx, id)
	if err != nil {
		return fault.Of(err).At("concerned")
	}
	units, err := s.People.Units(ctx)
	if err != nil {
		return err
	}
	for _, u := range units {
		if u.Area == m.Area() && u.Within(concerned.Path) && u.ID != concerned.ID {
			return fault.New(fault.Unmet, "deliberation.concerned_above", "unit", concerned.Name).At("concerned")
		}
	}
	if concerned.Area != m.Area() { // the committee does not see petitions at all
		m.SealFrom(concerned.Path)
	}
	return nil
}

// sign marks a signature, so that the same person is found signing twice without
// anybody reading names.
func (s *Service) sign(_ context.Context, m *casework.Moment) error {
	signer, _ := m.Given["signer"].(string)
	household, _ := m.Given["household"].(string)
	if plainName(signer) == "" || plainName(household) == "" {
		return fault.New(fault.Invalid, "deliberation.no_signer").At("signer")
	}
	who := plainName(signer) + " " + plainName(household)
	if m.Given.Text("capacity") == AsHousehold { // a household speaks once, whoever signs for it
		who = plainName(household)
	}
	m.Set("mark", s.Keys.Keyed("petition signature", m.Case.ID+" "+who))
	return nil
}

func (s *Service) someSigned(ctx context.Context, m *casework.Moment) error {
	c, err := counted(ctx, m.Read, m.Case.ID)
	if err == nil && c.All() == 0 {
		err = fault.New(fault.Unmet, "deliberation.none_signed")
	}
	return err
}

// signature holds a verdict to a signature of this petition.
func (s *Service) signature(ctx context.Context, m *casework.Moment) error {
	n, err := hasSignature(ctx, m.Read, m.Case.ID, m.Given.Text("signature"))
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "deliberation.no_signature").At("signature")
	}
	return err
}

func (s *Service) allJudged(ctx context.Context, m *casework.Moment) error {
	c, err := counted(ctx, m.Read, m.Case.ID)
	if err == nil && c.Waiting > 0 {
		err = fault.New(fault.Unmet, "deliberation.not_judged", "n", c.Waiting)
	}
	return err
}

// count keeps with the case what was counted.
func (s *Service) count(ctx context.Context, m *casework.Moment) error {
	c, err := counted(ctx, m.Read, m.Case.ID)
	if err != nil {
		return err
	}
	m.Set("signed_people", c.People)
	m.Set("signed_households", c.Households)
	m.Set("signed_representatives", c.Representatives)
	m.Set("signed_invalid", c.Invalid)
	return nil
}

// signed reads one of the counts as a fact for the law.
func (s *Service) signed(of func(Count) int64) casework.Fact {
	return func(ctx context.Context, m *casework.Moment) (any, error) {
		c, err := counted(ctx, m.Read, m.Case.ID)
		return of(c), err
	}
}

// mostLines bounds the signatures that are entered in one go.
const mostLines = 200

// Entered is what became of one line.
type Entered struct {
	Line string
	Err  error // why it was not entered; nil where it was
}

// Enter enters signatures, one on each line, each by an act of its own. The same
// key again gives the same. Faults: NotFound for the petition, Invalid at lines.
func (s *Service) Enter(ctx context.Context, a identity.Actor, number, capacity, pasted, key string) ([]Entered, error) {
	c, _, err := s.seen(ctx, a, Petition, number)
	if err != nil {
		return nil, err
	}
	list, bad := lines(pasted)
	switch {
	case len(bad) > 0:
		return nil, fault.New(fault.Invalid, "deliberation.bad_line", "n", bad[0]).At("lines")
	case len(list) == 0 || len(list) > mostLines:
		return nil, fault.New(fault.Invalid, "deliberation.lines", "most", mostLines).At("lines")
	}
	out := make([]Entered, len(list))
	for i, one := range list {
		q := casework.Asking{Case: c.ID, Act: signAct, Values: map[string]any{"signer": one.Signer, "household": one.Household, "capacity": capacity}}
		if key != "" {
			q.Key = fmt.Sprintf("%s.%d", key, i)
		}
		_, err := s.Cases.Do(ctx, a, q)
		if f := fault.Of(err); f != nil && f.Kind == fault.Internal {
			return nil, err
		}
		out[i] = Entered{one.Signer + " " + one.Household, err}
	}
	return out, nil
}

// Signatures lists the signatures of a petition for who checks them: their state,
// and with a purpose, which goes on the read log first, their names.
func (s *Service) Signatures(ctx context.Context, a identity.Actor, number, purpose string, after int64, limit int) (*casework.Case, []Signature, error) {
	c, _, err := s.seen(ctx, a, Petition, number)
	if err != nil {
		return nil, nil, err
	}
	if !a.Has(checker) {
		return nil, nil, fault.New(fault.Forbidden, "deliberation.checker")
	}
	list, err := s.signatures(ctx, c.ID, after, limit)
	if err != nil || purpose == "" {
		return c, list, err
	}
	if err := s.People.ReadLog(ctx, a, c.ID, "signer", purpose); err != nil {
		return c, list, err
	}
	_, _, acts, err := s.Cases.History(ctx, c.ID)
	if err != nil {
		return c, nil, err
	}
	byAct := map[string]casework.Entry{}
	for _, e := range acts {
		byAct[e.ID] = e
	}
	for i, one := range list {
		for field, to := range map[string]*string{"signer": &list[i].Signer, "household": &list[i].Household} {
			sealed, ok := byAct[one.Act].Values[field].(casework.Sealed)
			if !ok {
				continue // erased
			}
			clear, err := s.Cases.Unseal(field, sealed)
			if err != nil {
				return c, nil, err
			}
			*to, _ = clear.(string)
		}
	}
	return c, list, nil
}

// Counted is how many signatures a petition has.
func (s *Service) Counted(ctx context.Context, id string) (Count, error) {
	return counted(ctx, s.DB.Reader(), id)
}
