package casework_test

import (
	"slices"
	"testing"

	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// called opens two kinds of child with one act, one of them only from the third time.
const called = `procedure: called
title: {zh: 呼叫, en: Called}
area: area
form:
  area: {type: area, label: {zh: 区域, en: Area}}
  times: {type: number, label: {zh: 次数, en: Times}}
  wanted: {type: yes, label: {zh: 要, en: Wanted}}
states:
  open: {zh: 待办, en: Open}
  over: {zh: 终, en: Over, kind: final}
acts:
  call:
    label: {zh: 呼叫, en: Call}
    to: open
    who: area as dispatcher
    fill: [area, times]
    may_fill: [wanted]
    opens:
      - {procedure: called-part, act: begin}
      - {procedure: called-note, act: begin, when: times >= 3 or wanted}
  end: {label: {zh: 结束, en: End}, from: [open], to: over, who: area as dispatcher, check: children.done.called-part}
`

func small(name string) []byte {
	return []byte(`procedure: ` + name + `
title: {zh: 下级, en: Child}
states:
  open: {zh: 待办, en: Open}
  over: {zh: 终, en: Over, kind: final}
acts:
  begin: {label: {zh: 开, en: Begin}, to: open, who: child}
  end: {label: {zh: 终, en: End}, from: [open], to: over, who: clock}
`)
}

func TestAnActOpensSeveralKindsOfCaseEachWhereItHolds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		must(r.eds.Publish(ctx, map[string][]byte{"procedure/called.yaml": []byte(called), "procedure/called-part.yaml": small("called-part"), "procedure/called-note.yaml": small("called-note")}, "admin", "test"))
		for _, c := range []struct {
			values map[string]any
			want   []string
		}{
			{map[string]any{"times": 2}, []string{"called-part"}},
			{map[string]any{"times": 3}, []string{"called-note", "called-part"}},
			{map[string]any{"times": 1, "wanted": true}, []string{"called-note", "called-part"}},
		} {
			c.values["area"] = "999901001"
			got := r.open(r.who["dispatcher"], "called", "call", c.values)
			var kinds []string
			for _, child := range must(r.cases.Get(ctx, r.who["dispatcher"], got.Case)).Children {
				kinds = append(kinds, child.Procedure)
			}
			if slices.Sort(kinds); !slices.Equal(kinds, c.want) {
				t.Errorf("%v opened %v, not %v", c.values, kinds, c.want)
			}
			r.refused(r.who["dispatcher"], casework.Asking{Case: got.Case, Act: "end"}, fault.Unmet, "casework.child_open")
		}
	})
}

func TestWhenIsReadWithItsFile(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	_, err := r.eds.Publish(ctx, map[string][]byte{"procedure/called-part.yaml": small("called-part"), "procedure/called-note.yaml": small("called-note"),
		"procedure/called.yaml": []byte(called[:len(called)-1] + "\n  again: {label: {zh: 再, en: Again}, from: [open], who: area as dispatcher, opens: {procedure: called-note, act: begin, when: nothing > 1}}\n")}, "admin", "test")
	if err == nil {
		t.Fatal("an expression over a field that does not exist was published")
	}
}
