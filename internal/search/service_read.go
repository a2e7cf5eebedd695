package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
	"linli/internal/procedure"
)

// round is what one reading of a stretch of the log is to write.
type round struct {
	s       *Service
	names   *names
	prints  map[string]string // of what stands
	changes map[string]change
}

// begin looks up what stands of the cases that are due.
func (s *Service) begin(ctx context.Context, due []ledger.Due) (ledger.Round, error) {
	prints, err := s.prints(ctx, due)
	return &round{s: s, names: &names{s: s, ctx: ctx}, prints: prints, changes: map[string]change{}}, err
}

// Prepare cuts the open words of a case; false where they stand as they are.
func (r *round) Prepare(ctx context.Context, d ledger.Due) (bool, error) {
	w, err := r.s.wordsOf(ctx, r.names, d.Case)
	if err != nil {
		return false, err
	}
	c := change{caseID: d.Case, doc: d.First + 1, print: w.print()}
	if c.print == r.prints[d.Case] {
		return false, nil
	}
	c.words = r.s.index.Doc(w.columns())
	r.changes[d.Case] = c
	return true, nil
}

// Write puts words into the index. Writing a case twice is the same as once.
func (r *round) Write(tx *db.Tx, due []ledger.Due) error {
	for _, d := range due {
		c := r.changes[d.Case]
		doc, err := writeCase(tx, c)
		if err != nil {
			return err
		}
		if err := r.s.index.Put(tx, doc, c.words); err != nil {
			return err
		}
	}
	return nil
}

// Park takes a case out of the index: what may have been erased is not found.
func (r *round) Park(tx *db.Tx, d ledger.Due) error {
	doc, err := writeCase(tx, change{caseID: d.Case, doc: d.First + 1})
	if err != nil {
		return err
	}
	return r.s.index.Remove(tx, doc)
}

// wordsOf collects the open words of a case.
func (s *Service) wordsOf(ctx context.Context, n *names, id string) (*words, error) {
	if s.spoil != nil {
		if err := s.spoil(id); err != nil {
			return nil, err
		}
	}
	c, p, acts, err := s.cases.History(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("words of case %s: %w", id, err)
	}
	w := &words{}
	w.say(headColumn, c.Title, c.Number, strings.ReplaceAll(c.Number, "-", ""), c.Class)
	if place, ok := c.Values[p.Area].(procedure.Place); ok {
		w.say(headColumn, place.Words)
	}
	areas, err := n.area(c.Area)
	if err != nil {
		return nil, err
	}
	w.say(headColumn, areas...)
	unit, err := n.unit(c.Unit)
	if err != nil {
		return nil, err
	}
	w.say(publicColumn, unit...)
	for _, at := range []int{publicColumn, innerColumn} { // a text that both hold counts as public
		for _, e := range acts {
			_, party := p.Parties[e.Role]
			if open := e.Public || party; e.Annulled || open != (at == publicColumn) {
				continue
			}
			if err := n.values(w, at, p, e.Values); err != nil {
				return nil, err
			}
		}
	}
	return w, nil
}

// names gives units and areas their names, each looked up once a round.
type names struct {
	s     *Service
	ctx   context.Context
	units map[string][]string
	areas map[string][]string
}

func (n *names) unit(id string) ([]string, error) {
	if id == "" {
		return nil, nil
	}
	if n.units == nil {
		all, err := n.s.people.Units(n.ctx)
		if err != nil {
			return nil, err
		}
		n.units = map[string][]string{}
		for _, u := range all {
			n.units[u.ID] = []string{u.Name, u.NameEn}
		}
	}
	return n.units[id], nil
}

// area names the street, the community and the grid that contain a code. What
// contains all of the county is left out: it would be found in every case.
func (n *names) area(code string) ([]string, error) {
	const county = 6
	if len(code) <= county || n.s.areas == nil {
		return nil, nil
	}
	if got, ok := n.areas[code]; ok {
		return got, nil
	}
	var out []string
	chain, err := n.s.areas.Chain(n.ctx, code)
	if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Invalid) {
		return nil, err
	}
	for _, a := range chain {
		if len(a.Code) > county {
			out = append(out, a.Name, a.NameEn)
		}
	}
	if n.areas == nil {
		n.areas = map[string][]string{}
	}
	n.areas[code] = out
	return out, nil
}

// values says the words of an act's open values in the order of the form. What
// is no word (amounts, days, attachments) and what names a person (phone,
// identity and account numbers) is left out, sealed or not.
func (n *names) values(w *words, at int, p *procedure.Procedure, v casework.Values) error {
	for _, f := range p.Form {
		value, ok := v[f.Name]
		if !ok || f.Sealed {
			continue
		}
		switch f.Type {
		case "text", "lines", "class":
			w.say(at, v.Text(f.Name))
		case "place":
			if place, ok := value.(procedure.Place); ok {
				w.say(at, place.Words)
			}
		case "choice", "choices":
			for _, chosen := range v.List(f.Name) {
				w.say(at, labels(f, chosen)...)
			}
		case "unit", "units":
			for _, id := range v.List(f.Name) {
				unit, err := n.unit(id)
				if err != nil {
					return err
				}
				w.say(at, unit...)
			}
		}
	}
	return nil
}

func labels(f *procedure.Field, chosen string) []string {
	i := slices.IndexFunc(f.Options, func(o procedure.Option) bool { return o.Value == chosen })
	if i < 0 {
		return nil
	}
	var out []string
	for _, lang := range []string{"zh", "en"} {
		out = append(out, f.Options[i].Label[lang])
	}
	return out
}
