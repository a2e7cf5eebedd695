package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"linli/internal/procedure"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
)

const (
	// batch is how many leaves one round takes: many acts of one case are then one
	// writing.
	batch = 2048
	// atOnce is how many cases are written in one transaction, so that people who
	// act meanwhile do not wait for the index.
	atOnce = 16
)

// errMoved says that another node read on between looking and writing.
var errMoved = errors.New("search: the reader was moved meanwhile")

// Follow reads the next leaves of the log and brings the index up to them. It
// returns how many it read; 0 says there is nothing new. A case that cannot be
// written is parked, and the rest of the round goes on.
func (s *Service) Follow(ctx context.Context) (int, error) {
	refs, err := s.log.Next(ctx, Reader, batch)
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	changes, err := s.prepare(ctx, refs)
	if err != nil {
		return 0, err
	}
	n, err := s.take(ctx, refs, changes)
	if err == nil || ctx.Err() != nil {
		return n, err
	}
	// One of them cannot be written: find it by taking each alone.
	for i, c := range changes {
		if err := s.alone(ctx, c); err != nil {
			if !s.healthy(ctx) {
				return 0, err
			}
			s.slog.Error("search: a case cannot be written to the index; it is parked", "case", c.caseID, "error", err)
			changes[i] = s.park(lastOf(refs, c.caseID), c, err)
		}
	}
	return s.take(ctx, refs, changes)
}

// take writes the changes and moves the reader over refs. Writing a case twice
// is the same as writing it once, so all but the last few go first, each in a
// transaction that holds the reader where it stands.
func (s *Service) take(ctx context.Context, refs []ledger.Ref, changes []change) (int, error) {
	for len(changes) > atOnce {
		some := changes[:atOnce]
		changes = changes[atOnce:]
		err := s.d.Commit(ctx, func(tx *db.Tx) error {
			if stands, err := s.log.Stands(tx, Reader, refs[0].Number); err != nil || !stands {
				return cmp.Or(err, errMoved)
			}
			return s.write(tx, some)
		})
		if errors.Is(err, errMoved) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
	}
	n, err := s.log.Read(ctx, Reader, len(refs), func(tx *db.Tx, now []ledger.Ref) error {
		if !slices.Equal(now, refs) {
			return errMoved
		}
		return s.write(tx, changes)
	})
	if errors.Is(err, errMoved) {
		return 0, nil
	}
	return n, err
}

var errTried = errors.New("search: tried only")

// alone tries one change and undoes it.
func (s *Service) alone(ctx context.Context, c change) error {
	err := s.d.Commit(ctx, func(tx *db.Tx) error {
		if err := s.writeOne(tx, &c); err != nil {
			return err
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		return nil
	}
	return err
}

// healthy tells whether the database answers, so that a fault lies with a case.
func (s *Service) healthy(ctx context.Context) bool {
	var one int
	return ctx.Err() == nil && s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM search_parked`).Scan(&one) == nil
}

func (s *Service) park(ref ledger.Ref, c change, why error) change {
	problem := []rune(why.Error())
	c.same, c.print, c.words = false, "", db.TextDoc{}
	c.parked = &Parked{Case: ref.Case, Act: ref.ID, Number: ref.Number, Problem: string(problem[:min(len(problem), 300)]), At: s.clk.Now()}
	return c
}

func lastOf(refs []ledger.Ref, id string) (last ledger.Ref) {
	for _, r := range refs {
		if r.Case == id {
			last = r
		}
	}
	return last
}

// prepare makes ready what some leaves change. What they say is read after they
// were, so that it includes them.
func (s *Service) prepare(ctx context.Context, refs []ledger.Ref) ([]change, error) {
	var ids []string
	first := map[string]int64{}
	for _, r := range refs {
		if r.Kind != "act" || r.Case == "" {
			continue
		}
		if _, again := first[r.Case]; !again {
			first[r.Case] = r.Number + 1
			ids = append(ids, r.Case)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	known, err := s.known(ctx, ids)
	if err != nil {
		return nil, err
	}
	names := &names{s: s, ctx: ctx}
	var out []change
	for _, id := range ids {
		c := change{caseID: id, doc: first[id], was: known[id].parked}
		w, err := s.wordsOf(ctx, names, id)
		if err != nil && ctx.Err() == nil && s.healthy(ctx) { // once more, in case the database was away for a moment
			w, err = s.wordsOf(ctx, names, id)
		}
		switch {
		case err == nil:
			c.print = w.print()
			if c.same = c.print == known[id].print; !c.same {
				c.words = s.index.Doc(w.columns())
			}
		case !s.healthy(ctx):
			return nil, err
		default:
			s.slog.Error("search: the words of a case cannot be read; it is parked", "case", id, "error", err)
			c = s.park(lastOf(refs, id), c, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// Retry tries the cases that are parked, at most some of them, and returns how
// many can be found again.
func (s *Service) Retry(ctx context.Context, most int) (freed int, err error) {
	list, err := s.Parked(ctx, most)
	if err != nil {
		return 0, err
	}
	names := &names{s: s, ctx: ctx}
	for _, p := range list {
		w, why := s.wordsOf(ctx, names, p.Case)
		if why == nil {
			c := change{caseID: p.Case, doc: p.Number + 1, print: w.print(), words: s.index.Doc(w.columns())}
			done := false
			why = s.d.Commit(ctx, func(tx *db.Tx) (err error) {
				if done, err = unpark(tx, p); err != nil || !done {
					return err
				}
				return s.writeOne(tx, &c)
			})
			if why == nil && done {
				freed++
			}
		}
		if why == nil {
			continue
		}
		if !s.healthy(ctx) {
			return freed, why
		}
		problem := *s.park(ledger.Ref{}, change{}, why).parked
		if err := s.d.Commit(ctx, func(tx *db.Tx) error { return postpone(tx, p, problem.Problem, problem.At) }); err != nil {
			return freed, err
		}
	}
	return freed, nil
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
