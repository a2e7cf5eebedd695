package casework

import (
	"context"
	"io/fs"
	"slices"

	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/internal/procedure"
)

// judges are the rules of law of an edition, with the words of their sentences.
// Acts are judged by those in force only, so that editions of old cases are not
// read for them.
type judges struct {
	*law.Decisions
	book *text.Book
}

func appoint(files fs.FS) (*judges, error) {
	d, err := law.ParseDecisions(files)
	if err != nil {
		return nil, err
	}
	book, err := text.Load(files)
	return &judges{d, book}, err
}

// decide has the law judge the act before it is done: by the rules of the newest
// edition that were valid on the day it happened, and those of the case's region.
// Faults: Unmet casework.law where the outcome does not let the act be done, with
// the sentence and the article; those of law.Decisions.Decide at the field.
func (s *Service) decide(ctx context.Context, m *Moment) error {
	if len(m.Act.Decides) == 0 {
		return nil
	}
	now, _, err := s.judges.Now(ctx)
	if err != nil {
		return err
	}
	for _, d := range m.Act.Decides {
		if err := s.judge(ctx, m, d, now); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) judge(ctx context.Context, m *Moment, d *procedure.Decides, now *judges) error {
	rule := d.RuleFor(m.Values.Text)
	if rule == "" {
		return nil
	}
	asked, _ := now.Asks(rule)
	facts := map[string]any{}
	for _, f := range asked {
		value, err := s.factOf(ctx, m, d.Source(f.Name), f.Kind)
		if err != nil {
			return err
		}
		if value != nil {
			facts[f.Name] = value
		}
	}
	answer, err := now.Explain(now.book, rule, m.Happened.Day(), m.Area(), facts)
	if err != nil {
		f := fault.Of(err)
		if m.Procedure.Field(d.Source(f.Field)) != nil {
			return f.At(d.Source(f.Field))
		}
		return f
	}
	m.Set(d.Keeps, answer)
	if len(d.Needs) > 0 && !slices.Contains(d.Needs, answer.Word()) {
		return fault.New(fault.Unmet, "casework.law", "act", m.Act.Words, "why", answer.Sentence()).Under(answer.Article)
	}
	m.leadIf(d.Leads[answer.Word()])
	return nil
}

// factOf reads a fact from a room's reader or from the case. A box left empty says
// no, and a reason that nobody wrote is none; a number that nobody gave is missing.
func (s *Service) factOf(ctx context.Context, m *Moment, from, kind string) (any, error) {
	if read := s.facts[from]; read != nil {
		return read(ctx, m)
	}
	switch x := m.Values[from].(type) {
	case int64, bool:
		return x, nil
	case nil, Gone, Sealed:
		switch kind {
		case law.FactYes:
			return false, nil
		case law.FactReason:
			return "", nil
		}
		return nil, nil
	}
	return m.Values.Text(from), nil
}

// foresee says whether the law would let the act be done now, where it can be known
// before anything is filled in: a quorum is shown as it grows.
func (s *Service) foresee(ctx context.Context, m *Moment) error {
	now, _, err := s.judges.Now(ctx)
	if err != nil {
		return err
	}
	for _, d := range m.Act.Decides {
		asked, _ := now.Asks(d.RuleFor(m.Values.Text))
		waits := slices.ContainsFunc(asked, func(f law.Fact) bool {
			return slices.ContainsFunc(m.Act.Fill, func(x procedure.Fill) bool { return x.Field == d.Source(f.Name) })
		})
		if waits || d.By != "" && slices.ContainsFunc(m.Act.Fill, func(x procedure.Fill) bool { return x.Field == d.By }) {
			continue
		}
		if err := s.judge(ctx, m, d, now); err != nil {
			return err
		}
	}
	return nil
}
