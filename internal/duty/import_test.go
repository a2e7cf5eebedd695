package duty

import (
	"bytes"
	"context"
	"testing"

	"github.com/xuri/excelize/v2"

	"linli/internal/identity"
	"linli/internal/kit/db/dbtest"
)

// A township's own workbook: merged kinds and leads, bounds, who took back and how,
// and each bad row by itself.
func TestWorkbookOfATownship(t *testing.T) {
	s, _ := room(t, dbtest.SQLite(t))
	ctx := identity.With(context.Background(), administrator())
	f := excelize.NewFile()
	rows := [][]string{
		{"编号", "事项类别", "事项名称", "对应上级部门", "配合内容", "边界", "工作方式"},
		{"1", "配合履职事项", "路灯巡查", "路灯照明@县级", "发现即报", "维修由部门负责", "接报后派人维修"},
		{"2", "", "井盖巡查", "", "发现即报", "维修由部门负责", ""},
		{"3", "上级部门收回事项", "燃气检查", "燃气@县级", "", "", "由部门入户"},
		{"4", "代管事项", "没有这一类", "燃气@县级", "", "", ""},
		{"5", "配合履职事项", "没有边界", "燃气@县级", "发现即报", "", ""},
		{"6", "上级部门收回事项", "没有这个部门", "龙宫@县级", "", "", ""},
	}
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", "A"+string(rune('1'+i)), &row); err != nil {
			t.Fatal(err)
		}
	}
	for _, merged := range [][2]string{{"B2", "B3"}, {"D2", "D3"}} {
		if err := f.MergeCell("Sheet1", merged[0], merged[1]); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	d, err := s.Draft(ctx, "清单.xlsx", out.Bytes(), List{ID: "town", Area: "999901001", Version: "1", From: today})
	if err != nil || len(d.List.Items) != 3 {
		t.Fatalf("%+v %v", d.List.Items, err)
	}
	if i := d.List.Items[1]; i.Kind != Cooperating || i.Lead.String() != "street-lighting@county" || i.Boundary["zh"] == "" {
		t.Errorf("under merged cells: %+v", i)
	}
	if i := d.List.Items[2]; i.Kind != TakenBack || i.Lead.Function != "gas" || i.Way["zh"] != "由部门入户" {
		t.Errorf("taken back: %+v", i)
	}
	want := map[int]string{5: "duty.remark.bad_item_kind", 6: "duty.remark.no_support", 7: "duty.remark.unknown_function"}
	for _, m := range d.Remarks {
		if want[m.Line] == m.Key {
			delete(want, m.Line)
		}
	}
	if len(want) > 0 {
		t.Errorf("not named: %v of %+v", want, d.Remarks)
	}
}
