package ballot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"linli/internal/app/apptest"
	"linli/internal/ballot"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

var ctx = context.Background()

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// rig is the fictitious county with the people of one village who run meetings.
type rig struct {
	*apptest.County
	t       *testing.T
	village string
	who     map[string]identity.Actor
}

func newRig(t *testing.T, d *db.DB) *rig {
	t.Helper()
	r := &rig{County: apptest.New(t, d), t: t, village: "999901100201", who: map[string]identity.Actor{}}
	system := identity.SystemActor()
	r.ok1(r.People.AddUnit(ctx, system, identity.Unit{ID: "hall", Name: "hall", Kind: "village", Parent: r.root(), Area: r.village}))
	for id, kind := range map[string]string{"clerk": "clerk", "clerk2": "clerk", "director": "committee-head", "secretary": "party-secretary", "overseer": "supervision-head"} {
		r.Employ("b-"+id, kind, "hall", r.village)
	}
	for _, id := range []string{"clerk", "clerk2", "director", "secretary", "overseer"} {
		r.who[id] = r.Actor("b-" + id)
	}
	return r
}

// root is the county's first unit.
func (r *rig) root() string {
	for _, u := range must(r.People.Units(ctx)) {
		if u.Parent == "" {
			return u.ID
		}
	}
	r.t.Fatal("no county")
	return ""
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) ok1(_ any, err error) {
	r.t.Helper()
	r.ok(err)
}

// wants fails unless err is a fault of that kind and key.
func (r *rig) wants(err error, kind fault.Kind, key string) {
	r.t.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		r.t.Fatalf("want %s %s, got %v", kind, key, err)
	}
}

// table is a CSV with as many people as asked for: three to a household, the
// first of each represents it; every third is a woman.
func table(n int, more string, mark func(i int) string) []byte {
	var b strings.Builder
	b.WriteString("姓名,户号,小组,是否成年,户代表,妇女" + more + "\n")
	for i := range n {
		fmt.Fprintf(&b, "%s,%d,第%d组,是,%s,%s%s\n", person(i), i/3+1, i/60+1, yes(i%3 == 0), yes(i%3 == 1), mark(i))
	}
	return []byte(b.String())
}

func plain(int) string { return "" }

func yes(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

// person is a fictitious name.
func person(i int) string {
	return string([]rune("赵钱孙李周吴郑王冯陈")[i%10]) + fmt.Sprintf("示%c%c", '一'+rune(i/10%50), '一'+rune(i/500))
}

func (r *rig) importRoll(b ballot.Body, data []byte) ballot.Roll {
	r.t.Helper()
	roll, report, err := r.Ballot.Import(ctx, r.who["clerk"], ballot.Importing{Area: r.village, Body: b, File: "名册.csv", Data: data})
	if err != nil {
		r.t.Fatalf("%v %+v", err, report)
	}
	return roll
}
