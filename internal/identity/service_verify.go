package identity

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"linli/internal/kit/fault"
	"linli/internal/ledger"
)

// FindingKind says what verification found; each has its text under
// "finding.identity.<kind>".
type FindingKind string

// What verification can find.
const (
	ActChanged FindingKind = "act_changed" // the act does not open its leaf
	ActNoLeaf  FindingKind = "act_no_leaf" // the log knows no such act
	RowChanged FindingKind = "row_changed" // the row says something else than its last act
	RowNoAct   FindingKind = "row_no_act"  // a row that no act made
	RowMissing FindingKind = "row_missing" // an act made a row that is not there
	PathWrong  FindingKind = "path_wrong"  // a unit's path does not follow from its parents
	ActErased  FindingKind = "act_erased"  // values were erased; only the envelope is left. No damage
)

// Finding is one result of Verify.
type Finding struct {
	Kind  FindingKind
	Thing string // "unit", "post" or "person"
	ID    string // of the thing, or of the act
}

// Verify checks that every administrative act opens its leaf of the log, and
// that units, people and posts are what their last acts made of them. text gives
// the leaf's text by id (*ledger.Service.Leaf); it only reads, also on a database
// opened for reading.
func (s *Service) Verify(ctx context.Context, text func(ctx context.Context, id string) (ledger.Ref, []byte, error)) ([]Finding, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT id, kind, thing, act, by_person, recorded, place, salt, fields FROM identity_act ORDER BY place`)
	acts, err := collect(rows, err, scanAct)
	if err != nil {
		return nil, err
	}
	var out []Finding
	last := map[string]act{} // by kind and thing
	early := map[string]bool{}
	for _, a := range acts {
		if a.fields == nil {
			out = append(out, Finding{ActErased, a.kind, a.id})
			continue
		}
		_, leaf, err := text(ctx, a.id)
		switch {
		case err != nil && leaf == nil:
			out = append(out, Finding{ActNoLeaf, a.kind, a.id})
		case err != nil:
			return nil, err
		case !bytes.Equal(leaf, a.commit().Text):
			out = append(out, Finding{ActChanged, a.kind, a.id})
		}
		switch {
		case a.kind == KindPerson && a.verb == "deputy": // of an earlier program; the row may have been ended without an act of its own
			early[a.thing] = true
		case a.kind == KindPerson && a.verb == "deputies_end", a.kind == KindFactor:
		default:
			last[a.kind+" "+a.thing] = a
		}
	}
	found, err := s.compare(ctx, last, early)
	return append(out, found...), err
}

func scanAct(r *sql.Rows) (a act, err error) {
	var salt []byte
	var fields string
	if err = r.Scan(&a.id, &a.kind, &a.thing, &a.verb, &a.by, &a.recorded, &a.place, &salt, &fields); err != nil {
		return a, err
	}
	if fields == "" {
		return a, nil
	}
	copy(a.salt[:], salt)
	if err := json.Unmarshal([]byte(fields), &a.fields); err != nil || len(salt) != len(a.salt) {
		a.fields = map[string]string{} // opens nothing: found as changed
	}
	return a, nil
}

// compare holds every row against its last act.
func (s *Service) compare(ctx context.Context, last map[string]act, early map[string]bool) ([]Finding, error) {
	var out []Finding
	seen := map[string]bool{}
	check := func(kind, id string, is map[string]string) {
		seen[kind+" "+id] = true
		a, ok := last[kind+" "+id]
		switch {
		case !ok:
			out = append(out, Finding{RowNoAct, kind, id})
		case !maps.Equal(a.fields, is):
			out = append(out, Finding{RowChanged, kind, id})
		}
	}
	units, err := s.readUnits(ctx)
	if err != nil {
		return nil, err
	}
	t := newTree(0, units, s.clk.Now())
	for _, u := range units {
		check(KindUnit, u.ID, u.fields())
		if above := t.units[u.Parent]; u.Path != above.rootPath()+u.ID+"/" || u.Parent != "" && above.ID == "" {
			out = append(out, Finding{PathWrong, KindUnit, u.ID})
		}
	}
	posts, err := s.readPosts(ctx, `1=1`)
	if err != nil {
		return nil, err
	}
	for _, p := range posts {
		check(KindPost, p.ID, p.fields())
	}
	rows, err := s.d.Reader().Rows(ctx, `SELECT `+personColumns+` FROM identity_person ORDER BY id`)
	people, err := collect(rows, err, scanPerson)
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	for _, p := range people {
		check(KindPerson, p.ID, p.fields())
	}
	deputies, err := s.readDeputies(ctx, `1=1`)
	if err != nil {
		return nil, err
	}
	for _, d := range deputies {
		if _, known := last[KindDeputy+" "+d.ID]; known || !early[d.ID] {
			check(KindDeputy, d.ID, d.fields())
		}
	}
	for _, key := range slices.Sorted(maps.Keys(last)) {
		if !seen[key] {
			out = append(out, Finding{RowMissing, last[key].kind, last[key].thing})
		}
	}
	return out, nil
}

// rootPath is the path under which children stand; "/" for no unit.
func (u Unit) rootPath() string {
	if u.ID == "" {
		return "/"
	}
	return u.Path
}

// Erase destroys what opens the commitments of all acts about a closed account,
// and its name; the leaves stay, and Verify says "erased". For the erasure of
// personal data after the retention period (个人信息保护法 47).
func (s *Service) Erase(ctx context.Context, by Actor, person string) error {
	return s.administer(ctx, by, func(by Actor, _ *tree, p *plan) error {
		known, err := s.Person(ctx, person)
		if err != nil {
			return err
		}
		if by.Kind != System && !chief(by) {
			return NotAdministrator()
		}
		if known.Open(s.clk.Now()) {
			return fault.New(fault.Conflict, "identity.person_open")
		}
		p.do(`UPDATE identity_act SET salt = $2, fields = '' WHERE kind = 'person' AND thing = $1`, person, []byte{})
		p.do(`UPDATE identity_person SET name = '', login = id, password = '' WHERE id = $1`, person)
		known.Name, known.Login = "", person
		p.act(by, s.clk.Now(), KindPerson, "erase", known.fields())
		return nil
	})
}
