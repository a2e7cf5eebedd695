package identity

import (
	"fmt"
	"strings"
	"testing"

	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

func TestImportUnits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.settle(t)
		file := "\ufeffid,parent,name,kind,function,area\n" +
			"1755,1751,六联社区,community,,990101001301\n" + // its parent comes later
			"1751,county,坪山街道办事处,street,,990101001\n" +
			"1583,county,\"城市管理局, 二\",department,urban-management,\n" +
			"bad1,none,无上级,office,,\n" +
			"bad2,1751,,office,,\n" +
			"bad3,bad4,圈一,office,,\n" +
			"bad4,bad3,圈二,office,,\n" +
			"bad5,1751,出界,office,,990102\n" +
			"1583,county,又一次,department,,\n" +
			",county,没有编号,office,,\n" +
			"bad6,1751,非\xff法,office,,\n" +
			"works,county,城市管理局,department,urban-management,\n"
		report, err := h.ImportUnits(ctx, SystemActor(), strings.NewReader(file))
		must(t, err)
		if report.Added != 3 || report.Same != 1 {
			t.Fatalf("%+v", report)
		}
		var lines []string
		for _, b := range report.Bad {
			lines = append(lines, fmt.Sprintf("%d %s %s", b.Line, b.ID, b.Fault.Key))
		}
		want := "5 bad1 identity.no_unit;6 bad2 identity.name_missing;7 bad3 identity.no_unit;8 bad4 identity.no_unit;" +
			"9 bad5 identity.area_outside;10 1583 identity.import_twice;11  identity.import_no_id;12 bad6 text.control"
		if got := strings.Join(lines, ";"); got != want {
			t.Fatalf("bad rows\n%s\n%s", got, want)
		}
		before := len(h.log.leaves)
		again, err := h.ImportUnits(ctx, SystemActor(), strings.NewReader(file))
		must(t, err)
		if again.Same != 4 || again.Added+again.Changed+again.Moved != 0 || len(h.log.leaves) != before {
			t.Fatalf("twice is not the same: %+v", again)
		}
		moved, err := h.ImportUnits(ctx, SystemActor(), strings.NewReader("id,name,kind,parent\n1755,六联社区,community,street\n1751,坪山街道,street,county\n"))
		must(t, err)
		if moved.Moved != 1 || moved.Changed != 1 || len(moved.Bad) != 0 {
			t.Fatalf("%+v", moved)
		}
		if u, _ := h.Unit(ctx, "1755"); u.Path != "/county/street/1755/" || u.Area != "990101001301" {
			t.Fatalf("%+v", u)
		}
		across, err := h.ImportUnits(ctx, SystemActor(), strings.NewReader("id,name,kind,parent,area\n"+
			"1760,第二街道办事处,street,county,990101002\n1755,六联社区,community,1760,990101002301\n"))
		must(t, err) // to another street: parent and area only fit together
		if across.Moved != 1 || across.Added != 1 || len(across.Bad) != 0 {
			t.Fatalf("%+v", across)
		}
		half, err := h.ImportUnits(ctx, SystemActor(), strings.NewReader("id,name,kind,parent,area\n1755,,community,1751,990101001301\n"))
		must(t, err)
		if u, _ := h.Unit(ctx, "1755"); len(half.Bad) != 1 || u.Path != "/county/1760/1755/" || u.Area != "990101002301" {
			t.Fatalf("%+v %+v", half, u)
		}
		h.clean(t)

		for _, bad := range []string{"", "name,kind\n", "id,name,kind,colour\n", "id,id,name,kind\n", "\xff\xfe\x00"} {
			if _, err := h.ImportUnits(ctx, SystemActor(), strings.NewReader(bad)); !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", bad, err)
			}
		}
		broken, err := h.ImportUnits(ctx, SystemActor(), strings.NewReader("id,name,kind,parent\nq1,\"a\"b,office,county\nq2,好,office,county\n"))
		must(t, err)
		if broken.Added != 1 || len(broken.Bad) != 1 || broken.Bad[0].Line != 2 {
			t.Fatalf("%+v", broken)
		}
	})
}

func TestImportManyUnits(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	var b strings.Builder
	b.WriteString("id,parent,name,kind\n")
	for i := range 3000 { // one chain, deepest first: no recursion, no square
		parent := ""
		if i < 2999 && i%100 != 99 {
			parent = fmt.Sprintf("u%d", i+1)
		}
		fmt.Fprintf(&b, "u%d,%s,单位%d,office\n", i, parent, i)
	}
	report, err := h.ImportUnits(ctx, SystemActor(), strings.NewReader(b.String()))
	must(t, err)
	if report.Added != 3000 {
		t.Fatalf("%+v", report)
	}
}
