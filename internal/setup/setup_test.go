package setup_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"linli/catalog"
	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/sheet"
	"linli/internal/kit/text"
	"linli/internal/setup"
)

var ctx = context.Background()

// empty is a house on its first day, with its first administrator.
func empty(t *testing.T, d *db.DB) (*app.House, identity.Actor) {
	t.Helper()
	h, err := app.Open(ctx, app.Config{Folder: t.TempDir(), DB: d, Clock: clock.NewHand(apptest.Tuesday), Catalog: catalog.Files})
	if err != nil {
		t.Fatal(err)
	}
	code, needed, err := h.People.FirstRun(ctx)
	if err != nil || !needed {
		t.Fatalf("first run: %v %v", needed, err)
	}
	p, err := h.People.Found(ctx, identity.Founder{Code: code, Name: "王一", Login: "wang1", Password: "first-day-2026", Unit: "云溪县", Area: "999901"}, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.People.Actor(ctx, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	return h, a
}

func status(t *testing.T, h *app.House) map[string]setup.Item {
	t.Helper()
	st, err := h.Setup.Look(ctx)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]setup.Item{}
	for _, i := range setup.Checklist(st) {
		out[i.ID] = i
	}
	return out
}

func TestFirstDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, a := empty(t, d)
		before := status(t, h)
		for _, id := range []string{"county", "units", "people", "lists", "posts", "address", "secure", "keys"} {
			if before[id].Status != setup.Missing {
				t.Errorf("on the first day %s is %s", id, before[id].Status)
			}
		}
		// the national table: only the county's part and what is above it goes in
		table := "code,name\n99,示例省\n9999,示例市\n999901,云溪县\n999901001,清河街道\n999901001001,清河社区居委会\n999902,别县\n999902001,别街道\n110101001,东华门街道\n"
		r, err := h.Setup.ImportAreas(ctx, a, []area.File{{Name: "all.csv", Data: []byte(table)}})
		if err != nil || r.Added != 5 || r.BrokenRows != 0 {
			t.Fatalf("areas: %+v %v", r, err)
		}
		if _, err := h.Areas.Get(ctx, "999902"); !fault.Is(err, fault.NotFound) {
			t.Errorf("another county went in: %v", err)
		}
		if s := status(t, h); s["county"].Status != setup.Done || len(s["grids"].Names) != 1 {
			t.Errorf("after the table: %+v", s["county"])
		}
		root := rootOf(t, h)
		book := workbook(t, [][]any{
			{"jd", root, "清河街道办事处", "街道", "", "999901001"},
			{"sq", "jd", "清河社区居委会", "社区（居委会）", "", "999901001001"},
			{"xx", "nobody", "没有上级的单位", "街道", "", ""},
		}, [][]any{
			{"李二", "li2", "jd", "派遣员"}, {"赵三", "zhao3", "sq", "网格员"}, {"赵三", "zhao3", "sq", "村（社区）工作人员"},
			{"钱四", "qian4", "sq", "没有这个岗位"}, {"孙五", "", "sq", "网格员"},
		})
		got, err := h.Setup.ImportBook(ctx, a, book)
		if err != nil {
			t.Fatal(err)
		}
		if got.Units.Added != 2 || len(got.BadUnits) != 1 || got.BadUnits[0].Number != 5 {
			t.Errorf("units: %+v, bad %+v", got.Units, got.BadUnits)
		}
		if len(got.People) != 3 || got.Posts != 3 || got.There != 1 || len(got.BadPeople) != 2 || got.BadPeople[0].Number != 5 || got.People[0].Password == "" {
			t.Errorf("people: %+v", got)
		}
		again, err := h.Setup.ImportBook(ctx, a, book)
		if err != nil || again.Units.Added+again.Units.Changed != 0 || len(again.People) != 0 || again.Posts != 0 {
			t.Errorf("the same workbook twice: %+v %v", again, err)
		}
		if s := status(t, h); s["units"].Status != setup.Done || s["people"].Status != setup.Done {
			t.Errorf("after the workbook: %+v %+v", s["units"], s["people"])
		}
	})
}

func rootOf(t *testing.T, h *app.House) string {
	t.Helper()
	units, err := h.People.Units(ctx)
	if err != nil || len(units) == 0 {
		t.Fatal(err)
	}
	return units[0].ID
}

func workbook(t *testing.T, units, people [][]any) []byte {
	t.Helper()
	columns := func(heads ...string) (out []sheet.Column) {
		for _, h := range heads {
			out = append(out, sheet.Column{Head: h})
		}
		return out
	}
	var out bytes.Buffer
	if err := sheet.Write(&out, sheet.Book{Created: apptest.Tuesday, Sheets: []sheet.Sheet{
		{Name: "单位", Notes: []string{"一行一个单位"}, Columns: columns("编号", "上级单位", "名称", "类型", "职能", "区划代码"), Rows: sheet.List(units)},
		{Name: "人员", Columns: columns("姓名", "登录名", "单位编号", "岗位"), Rows: sheet.List(people)},
	}}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The empty workbook that is given out is understood when it comes back.
func TestTemplateComesBack(t *testing.T) {
	h, a := empty(t, dbtest.SQLite(t))
	for _, lang := range text.Languages() {
		var out bytes.Buffer
		if err := h.Setup.Template(ctx, &out, lang); err != nil {
			t.Fatal(err)
		}
		r, err := h.Setup.ImportBook(ctx, a, out.Bytes())
		if err != nil || r.Units == nil || r.Units.Same != 1 || len(r.BadUnits) != 0 {
			t.Errorf("%s: %+v %v", lang, r, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	h, a := empty(t, dbtest.SQLite(t))
	for name, data := range map[string][]byte{
		"nothing of it": []byte("a,b\n1,2\n"), "no workbook": []byte("PK\x03\x04 broken"), "binary": {0, 1, 2, 3, 255},
	} {
		if _, err := h.Setup.ImportBook(ctx, a, data); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := h.Setup.Confirm(ctx, a, "county", true); !fault.Is(err, fault.Invalid) {
		t.Errorf("a line that is read from the house was confirmed by hand: %v", err)
	}
	c := apptest.New(t, dbtest.SQLite(t))
	for _, who := range []string{"dispatch1", "leader1", "auditor1"} {
		if err := c.Setup.MayKeep(ctx, c.Actor(who)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", who, err)
		}
	}
}

func TestConfirmed(t *testing.T) {
	h, a := empty(t, dbtest.SQLite(t))
	for _, yes := range []bool{true, false} {
		if err := h.Setup.Confirm(ctx, a, "keys", yes); err != nil {
			t.Fatal(err)
		}
		if got := status(t, h)["keys"]; (got.Status == setup.Done) != yes || yes && got.Marked.By != "王一" {
			t.Errorf("%v: %+v", yes, got)
		}
	}
}

// Every line has words for every state it can have.
func TestEveryLineHasWords(t *testing.T) {
	book, err := text.Load(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	full := setup.State{County: "1", CountyName: "x", Streets: 1, Communities: 1, Grids: 1, Places: 1, Units: 2, People: 2, Lists: 1, Items: 1,
		Serving: setup.Serving{Address: "x", Secure: true, Senders: 1}, Marks: map[string]setup.Mark{}}
	bare := setup.State{Communities: 1, WithoutGrids: []text.Words{{}}, Units: 2, HandlersMissing: []text.Words{{}}, Grids: 1, WithoutPhone: 1}
	for _, st := range []setup.State{{}, bare, full} {
		for _, i := range setup.Checklist(st) {
			for _, lang := range text.Languages() {
				key := fmt.Sprintf("setup.item.%s.%s", i.ID, i.Status)
				if !book.Has(lang, key) && !i.ByHand || !book.Has(lang, "setup.item."+i.ID) || i.Href != "" && !book.Has(lang, "setup.go."+i.ID) {
					t.Errorf("%s: no words for %s", lang, strings.TrimPrefix(key, "setup."))
				}
			}
		}
	}
	if n := setup.Left(setup.Checklist(full)); n != 4 {
		t.Errorf("%d lines are left where only those of a person are", n)
	}
}
