package casework

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
	"linli/internal/procedure"
)

// What verification of the cases can find, beside what the log itself shows.
const (
	ActMissing   ledger.FindingKind = "act_missing"   // the log has a leaf whose act is gone
	ActChanged   ledger.FindingKind = "act_changed"   // an act says something else than its leaf
	ActUnlogged  ledger.FindingKind = "act_unlogged"  // an act that the log does not know
	ValueChanged ledger.FindingKind = "value_changed" // a value is not the one committed
	CaseChanged  ledger.FindingKind = "case_changed"  // a case row is not what its acts make it
	ClockChanged ledger.FindingKind = "clock_changed" // a clock is not what its acts make it
	CountChanged ledger.FindingKind = "count_changed" // how often a quiet act was done is not what the acts say
	FollowLost   ledger.FindingKind = "follow_lost"   // a follower lacks an act of its leading case, and nothing will bring it
	ListChanged  ledger.FindingKind = "list_changed"  // a listed value is not the case's
)

// Verification holds the cases against the log.
type Verification struct {
	s       *Service
	ctx     context.Context
	pending []leafText
	claims  []claim
	struck  map[string][32]byte // what masks left, by "mask act:field", as their leaves commit it
	Acts    int                 // acts compared with their leaves
	Cases   int                 // cases replayed
	Erased  int                 // values erased by an act of the log: no damage
	Sealed  int                 // sealed values that could not be opened for want of the key
	add     func(ledger.Finding)
	err     error
}

type leafText struct {
	ref  ledger.Ref
	text []byte
}

// claim is a value that is gone, and the act that is said to have erased it.
type claim struct {
	ref       ledger.Ref
	field, by string
	left      json.RawMessage // of a masked value: what stands in its place
}

// Verify begins a verification; its Leaf is given to ledger.Verify, and then
// Cases replays all cases. add takes each finding.
func (s *Service) Verify(ctx context.Context, add func(ledger.Finding)) *Verification {
	return &Verification{s: s, ctx: ctx, add: add, struck: map[string][32]byte{}}
}

// Leaf takes one leaf of the log.
func (v *Verification) Leaf(ref ledger.Ref, text []byte) {
	if ref.Kind != "act" || v.err != nil {
		return
	}
	v.pending = append(v.pending, leafText{ref, bytes.Clone(text)})
	if len(v.pending) == scanBatch {
		v.flush()
	}
}

// flush compares the acts of a batch of leaves with them.
func (v *Verification) flush() {
	if len(v.pending) == 0 || v.err != nil {
		return
	}
	args := make([]any, len(v.pending))
	for i, l := range v.pending {
		args[i] = l.ref.ID
	}
	rows, err := v.s.DB.Reader().Rows(v.ctx, `SELECT `+actColumns+` FROM casework_act WHERE id IN `+db.In(1, len(args)), args...)
	if err != nil {
		v.err = err
		return
	}
	defer rows.Close()
	found := map[string]ActRow{}
	for rows.Next() {
		a, err := scanAct(rows)
		if err != nil { // JSON that no longer reads: the act was changed
			v.add(ledger.NewFinding("casework", ActChanged, ledger.Ref{Number: -1, ID: a.ID, Case: a.CaseID}, "part", "text", "case_number", a.CaseID))
			found[a.ID] = ActRow{}
			continue
		}
		found[a.ID] = a
	}
	if v.err = rows.Err(); v.err != nil {
		return
	}
	for _, l := range v.pending {
		a, there := found[l.ref.ID]
		switch {
		case !there:
			v.add(ledger.NewFinding("casework", ActMissing, l.ref))
		case a.ID != "":
			v.compare(l, a)
		}
	}
	v.pending = v.pending[:0]
}

// compare holds one act against its leaf: the envelope, the act's own record,
// and every value.
func (v *Verification) compare(l leafText, a ActRow) {
	v.Acts++
	env, fields, err := ledger.ParseLeaf(l.text)
	if err != nil {
		return // the log's own check names it
	}
	own := a.envelope(env.Procedure)
	same := own.ID == env.ID && own.Case == env.Case && own.Act == env.Act && own.From == env.From && own.To == env.To &&
		own.Recorded == env.Recorded && own.Annuls == env.Annuls && own.Erases == env.Erases && slices.Equal(own.Clocks, env.Clocks)
	if !same {
		v.add(ledger.NewFinding("casework", ActChanged, l.ref, "part", "envelope"))
	}
	record, err := a.record()
	if err != nil {
		v.err = err
		return
	}
	named := map[string]bool{}
	for _, f := range fields {
		named[f.Name] = true
		v.value(l.ref, a, f, record)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Body)) {
		if !named[name] {
			v.add(ledger.NewFinding("casework", ValueChanged, l.ref, "field", name))
		}
	}
}

func (v *Verification) value(ref ledger.Ref, a ActRow, f ledger.Field, record []byte) {
	k, there := a.Body[f.Name]
	plain, salt := []byte(k.Value), k.Salt
	switch {
	case f.Name == procedure.ActItself:
		plain = record
	case k.Gone != "":
		v.claims = append(v.claims, claim{ref, f.Name, k.Gone, k.Value})
		return
	case k.Seal != "":
		both, err := v.s.Keys.Open(k.Seal, sealContext(f.Name))
		if err != nil {
			v.Sealed++
			return
		}
		if len(both) < 16 {
			both = make([]byte, 16)
		}
		salt, plain = both[:16], both[16:]
	}
	if of, ok := strings.CutPrefix(f.Name, procedure.StruckField); ok {
		v.struck[a.ID+" "+of] = sha256.Sum256(plain)
	}
	if !there || len(salt) != 16 || ledger.Commit([16]byte(salt), f.Name, plain) != f.Digest {
		kind, args := ValueChanged, []any{"field", f.Name}
		if f.Name == procedure.ActItself {
			kind, args = ActChanged, []any{"part", "record"}
		}
		v.add(ledger.NewFinding("casework", kind, ref, args...))
	}
}

// Replay folds every case from its acts and compares rows, clocks and listed
// values. It reads one unchanging state, so that a running server does no harm.
func (v *Verification) Replay() error {
	v.flush()
	if v.err != nil {
		return v.err
	}
	if err := v.judgeErased(); err != nil {
		return err
	}
	return v.s.DB.Snapshot(v.ctx, func(q db.Query) error {
		after := ""
		for {
			ids, err := caseIDs(v.ctx, q, after)
			if err != nil || len(ids) == 0 {
				return errors.Join(err, v.orphans(q), v.behind(q))
			}
			for _, id := range ids {
				if err := v.replay(q, id); err != nil {
					return err
				}
				after = id
			}
		}
	})
}

// judgeErased holds what is gone against the log: a value that no act of its
// case erased was destroyed.
func (v *Verification) judgeErased() error {
	erased := map[string]bool{} // "eraser case act:field"
	looked := map[string]bool{}
	for _, c := range v.claims {
		if !looked[c.by] {
			looked[c.by] = true
			_, text, err := v.s.Ledger.Leaf(v.ctx, c.by)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			if env, _, err := ledger.ParseLeaf(text); err == nil {
				for what := range strings.FieldsSeq(env.Erases) {
					erased[c.by+" "+env.Case+" "+what] = true
				}
			}
		}
		left, masked := v.struck[c.by+" "+c.ref.ID+":"+c.field]
		same := len(c.left) == 0 && !masked || masked && left == sha256.Sum256(c.left)
		if same && erased[c.by+" "+c.ref.Case+" "+c.ref.ID+":"+c.field] {
			v.Erased++
		} else {
			v.add(ledger.NewFinding("casework", ValueChanged, c.ref, "field", c.field))
		}
	}
	v.claims = nil
	return nil
}

func caseIDs(ctx context.Context, q db.Query, after string) ([]string, error) {
	rows, err := q.Rows(ctx, `SELECT id FROM casework_case WHERE id > $1 ORDER BY id LIMIT $2`, after, 500)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// orphans finds acts whose case is gone.
func (v *Verification) orphans(q db.Query) error {
	rows, err := q.Rows(v.ctx, `SELECT a.id, a.case_id FROM casework_act a WHERE NOT EXISTS (SELECT 1 FROM casework_case c WHERE c.id = a.case_id) LIMIT 100`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		ref := ledger.Ref{Number: -1}
		if err := rows.Scan(&ref.ID, &ref.Case); err != nil {
			return err
		}
		v.add(ledger.NewFinding("casework", CaseChanged, ref, "part", "missing"))
	}
	return rows.Err()
}

func (v *Verification) replay(q db.Query, id string) error {
	v.Cases++
	ref := ledger.Ref{Number: -1, Case: id}
	c, err := scanCase(q.Row(v.ctx, `SELECT `+caseColumns+` FROM casework_case WHERE id = $1`, id))
	if err != nil {
		v.add(ledger.NewFinding("casework", CaseChanged, ref, "part", "text"))
		return nil
	}
	acts, err := v.s.actsOf(v.ctx, q, id)
	if err != nil {
		v.add(ledger.NewFinding("casework", ActChanged, ref, "part", "text"))
		return nil
	}
	for i, a := range acts {
		if a.Seq != int64(i)+1 {
			v.add(ledger.NewFinding("casework", ActMissing, ledger.Ref{Number: -1, ID: a.ID, Case: id}, "seq", i+1))
			return nil
		}
		if _, _, err := v.s.Ledger.Leaf(v.ctx, a.ID); err != nil {
			v.add(ledger.NewFinding("casework", ActUnlogged, ledger.Ref{Number: -1, ID: a.ID, Case: id}))
		}
	}
	folded, err := Fold(acts)
	if err != nil {
		v.add(ledger.NewFinding("casework", ActChanged, ref, "part", "text"))
		return nil
	}
	if part := different(c, folded); part != "" {
		v.add(ledger.NewFinding("casework", CaseChanged, ref, "part", part, "number", c.Number))
	}
	if err := v.counts(q, acts, ref); err != nil {
		return err
	}
	return v.parts(q, c, folded, ref)
}

// different names the first column in which the row differs from the fold.
func different(row, fold *Case) string {
	type column struct {
		name string
		a, b any
	}
	// The sealed path moves with its unit in the tree; which unit it is does not.
	for _, c := range []column{{"number", row.Number, fold.Number}, {"procedure", row.Procedure, fold.Procedure}, {"edition", row.Edition, fold.Edition},
		{"title", row.Title, fold.Title}, {"state", row.State, fold.State}, {"kind", row.Kind, fold.Kind}, {"version", row.Version, fold.Version},
		{"acts", row.Acts, fold.Acts}, {"ticks", row.Ticks, fold.Ticks}, {"unit", row.Unit, fold.Unit}, {"person", row.Person, fold.Person}, {"desk", row.Desk, fold.Desk},
		{"area", row.Area, fold.Area}, {"class", row.Class, fold.Class}, {"sealed", path.Base(row.Sealed), path.Base(fold.Sealed)},
		{"parent", row.Parent, fold.Parent}, {"parent_act", row.ParentAct, fold.ParentAct},
		{"opened", row.Opened, fold.Opened}, {"changed", row.Changed, fold.Changed}, {"happened", row.Happened, fold.Happened}, {"last_act", row.LastAct, fold.LastAct},
		{"due", row.Due, fold.Due}, {"breached", row.Breached, fold.Breached}, {"escalated", row.Escalated, fold.Escalated},
		{"leader", row.Leader, fold.Leader}, {"followed", row.Followed, fold.Followed},
		{"published", row.Published, fold.Published}, {"imported", row.Imported, fold.Imported}} {
		if c.a != c.b {
			return c.name
		}
	}
	for name, pair := range map[string][2]any{"form": {row.Values, fold.Values}, "doers": {row.Doers, fold.Doers}} {
		a, _ := json.Marshal(pair[0])
		b, _ := json.Marshal(pair[1])
		if !bytes.Equal(a, b) {
			return name
		}
	}
	return ""
}

// parts compares clocks and listed values.
func (v *Verification) parts(q db.Query, c, folded *Case, ref ledger.Ref) error {
	rows, err := q.Rows(v.ctx, `SELECT name, status, duty, next, detail FROM casework_clock WHERE case_id = $1`, c.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	seen := map[string]bool{}
	for rows.Next() {
		var row procedure.ClockRow
		var detail string
		if err := rows.Scan(&row.Name, &row.Status, &row.Duty, &row.Next, &detail); err != nil {
			return err
		}
		want, had := folded.clocks[row.Name]
		raw, err := json.Marshal(want)
		if err != nil {
			return err
		}
		seen[row.Name] = true
		void := !had && row.Status == procedure.Void
		if !void && (!had || string(raw) != detail || want.Status != row.Status || want.Duty != row.Duty || want.Next != row.Next) {
			v.add(ledger.NewFinding("casework", ClockChanged, ref, "clock", row.Name))
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for name := range folded.clocks {
		if !seen[name] {
			v.add(ledger.NewFinding("casework", ClockChanged, ref, "clock", name))
		}
	}
	return v.listed(q, c, ref)
}

func (v *Verification) listed(q db.Query, c *Case, ref ledger.Ref) error {
	rows, err := q.Rows(v.ctx, `SELECT field, words, number FROM casework_value WHERE case_id = $1`, c.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var field, words string
		var number int64
		if err := rows.Scan(&field, &words, &number); err != nil {
			return err
		}
		if w, n, ok := procedure.Column(c.Values[field]); !ok || w != words || n != number {
			v.add(ledger.NewFinding("casework", ListChanged, ref, "field", field))
		}
	}
	return rows.Err()
}

// String counts what was looked at.
func (v *Verification) String() string {
	return fmt.Sprintf("acts %d, cases %d, erased values %d, sealed values not opened %d", v.Acts, v.Cases, v.Erased, v.Sealed)
}
