package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/sheet"
)

func write(t testing.TB, b sheet.Book) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := sheet.Write(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(t testing.TB, data []byte) []sheet.Table {
	t.Helper()
	tables, err := sheet.ReadBytes(data, sheet.Limits{})
	if err != nil {
		t.Fatalf("%v: %v", err, errors.Unwrap(err))
	}
	return tables
}

func rows(t testing.TB, table sheet.Table) (out []sheet.Row) {
	t.Helper()
	for r, err := range table.Rows() {
		if err != nil {
			t.Fatalf("%v: %v", err, errors.Unwrap(err))
		}
		out = append(out, r)
	}
	return out
}

func texts(r sheet.Row) (out []string) {
	for _, c := range r.Cells {
		out = append(out, c.Text)
	}
	return out
}

// refused holds a file to being refused with a key, at opening or while reading.
func refused(t *testing.T, data []byte, l sheet.Limits, key string) {
	t.Helper()
	tables, err := sheet.ReadBytes(data, l)
	for i := 0; err == nil && i < len(tables); i++ {
		for _, problem := range tables[i].Rows() {
			err = problem
		}
	}
	if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || f.Key != key {
		t.Errorf("refused with %v, wanted %s", err, key)
	}
}

// part is one file of a workbook.
func part(t testing.TB, data []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestWriteAndRead(t *testing.T) {
	at := clock.Date(2026, 11, 24).Start()
	data := write(t, sheet.Book{Title: "统计", Creator: "陈立", Created: at, Sheets: []sheet.Sheet{{
		Name: "办件/一览", Notes: []string{"导出人：陈立", "用途：=1+1"},
		Columns: []sheet.Column{{Head: "编号"}, {Head: "件数", Kind: sheet.Number}, {Head: "日期", Kind: sheet.Day}, {Head: "时间", Kind: sheet.Moment},
			{Head: "金额", Kind: sheet.Money}, {Head: "比例", Kind: sheet.Share}},
		Rows: sheet.List([][]any{
			{"A-1", 3, clock.Date(2026, 2, 28), at.Add(15*3600e9 + 30*60e9), 123456, sheet.Part{N: 1, Of: 4}},
			{"A-2", int64(999999999999999), clock.Date(1900, 3, 1), clock.Instant(0), int64(-5), sheet.Part{}},
			{"A-3", int64(1234567890123456789), nil, nil, int64(-9223372036854775808), "无数据"},
			{},
			{"A-4", 0.5, clock.Date(1850, 1, 2)},
		}), Sum: "合计"}, {Name: "空"}}})
	tables := read(t, data)
	if len(tables) != 2 || tables[0].Name != "办件-一览" || tables[1].Name != "空" {
		t.Fatalf("tables %+v", tables)
	}
	got := rows(t, tables[0])
	var lines [][]string
	for _, r := range got {
		lines = append(lines, append([]string{fmt.Sprint(r.Number)}, texts(r)...))
	}
	want := [][]string{{"1", "导出人：陈立"}, {"2", "用途：=1+1"}, {"3", "编号", "件数", "日期", "时间", "金额", "比例"},
		{"4", "A-1", "3", "2026-02-28", "2026-11-24 15:30", "1234.56", "0.25"},
		{"5", "A-2", "999999999999999", "1900-03-01", "", "-0.05"},
		{"6", "A-3", "1234567890123456789", "", "", "-92233720368547758.08", "无数据"},
		{"8", "A-4", "0.5", "1850-01-02"},
		{"9", "合计", "", "", "", "1234.51"}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if c := got[3].At(4); c.Kind != sheet.Number {
		t.Errorf("money is %+v", c)
	}
	if fen, ok := got[3].At(4).Fen(); !ok || fen != 123456 {
		t.Errorf("fen %d", fen)
	}
	if sum := got[7].At(4); !sum.Formula {
		t.Errorf("the sum is no formula: %+v", sum)
	}
	core := part(t, data, "docProps/core.xml")
	for _, s := range []string{"统计", "陈立", "2026-11-23T16:00:00Z"} {
		if !strings.Contains(core, s) {
			t.Errorf("the properties lack %q: %s", s, core)
		}
	}
	xml := part(t, data, "xl/worksheets/sheet1.xml")
	if !strings.Contains(xml, `state="frozen"`) || !strings.Contains(xml, `<f>SUM(E4:E8)</f>`) {
		t.Error("no frozen head or no sum")
	}
}

// hostile are texts that a spreadsheet would take for something else.
var hostile = []string{"=1+1", "=cmd|'/c calc'!A0", "+86 13800000000", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=HYPERLINK(\"http://x\")", "<f>1</f>", "]]><f>1</f>",
	"_x000D_", "_x005F_x000D_", "&amp;", " lead", "\x00\x01zero", "\xff\xfe bad", "\ufffe", "a\u202eb", "'=1", "\"=1\"", "％=1", "＝1+1", strings.Repeat("长", 32767)}

func TestTextStaysText(t *testing.T) {
	var list [][]any
	for _, h := range hostile {
		list = append(list, []any{h})
	}
	kinds := []sheet.Kind{sheet.Text, sheet.Number, sheet.Day, sheet.Moment, sheet.Money, sheet.Share}
	for _, k := range kinds {
		data := write(t, sheet.Book{Title: "=1", Sheets: []sheet.Sheet{{Name: "=1", Notes: hostile, Columns: []sheet.Column{{Head: "=head", Kind: k}}, Rows: sheet.List(list)}}})
		xml := part(t, data, "xl/worksheets/sheet1.xml")
		if strings.Contains(xml, "<f>") || strings.Contains(xml, "<f ") {
			t.Fatalf("%s: a text became a formula", k)
		}
		for _, c := range regexp.MustCompile(`<c [^>]*>`).FindAllString(xml, -1) {
			if !strings.Contains(c, `t="inlineStr"`) || !strings.Contains(c, ` s="`) {
				t.Fatalf("%s: %s is no inline string with a format", k, c)
			}
		}
		// the reader of the library agrees
		f, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for n := 1; n <= 2*len(hostile)+1; n++ {
			if formula, _ := f.GetCellFormula("=1", fmt.Sprintf("A%d", n)); formula != "" {
				t.Errorf("%s: A%d is the formula %q", k, n, formula)
			}
		}
		f.Close()
		for _, r := range rows(t, read(t, data)[0]) {
			if c := r.At(0); c.Formula || c.Kind != sheet.Text {
				t.Errorf("%s: row %d is read as %+v", k, r.Number, c)
			}
		}
	}
}

func TestWriteTextComesBack(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "=1+1", "a\r\nb\rc": "a\nb\nc", "x\x00\x07y": "xy", "a\xffb": "a\ufffdb", "_x000D_": "_x000D_", "_x005F_x000D_": "_x005F_x000D_", "\t=1": "\t=1", " 二 ": " 二 ", "😀": "😀"} {
		data := write(t, sheet.Book{Sheets: []sheet.Sheet{{Columns: []sheet.Column{{}}, Rows: sheet.List([][]any{{in}})}}})
		got := rows(t, read(t, data)[0])
		if len(got) != 1 || got[0].At(0).Text != want {
			t.Errorf("%q came back as %+v", in, got)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	one := func(v any, k sheet.Kind) error {
		return sheet.Write(io.Discard, sheet.Book{Sheets: []sheet.Sheet{{Name: "一", Columns: []sheet.Column{{Kind: k}}, Rows: sheet.List([][]any{{v}})}}})
	}
	f := fault.Of(one(strings.Repeat("长", 32768), sheet.Text))
	if f.Key != "sheet.text_too_long" || f.Args["column"] != "A" || f.Args["row"] != 2 || f.Args["length"] != 32768 {
		t.Errorf("%+v", f)
	}
	if f := fault.Of(one(strings.Repeat("😀", 16384), sheet.Text)); f.Key != "sheet.text_too_long" {
		t.Errorf("%+v", f)
	}
	for _, v := range []any{3, struct{}{}, clock.Date(2026, 1, 1)} {
		if one(v, sheet.Text) == nil {
			t.Errorf("%T was taken for text", v)
		}
	}
	broken := errors.New("the source broke")
	err := sheet.Write(io.Discard, sheet.Book{Sheets: []sheet.Sheet{{Columns: []sheet.Column{{}}, Rows: func(yield func([]any, error) bool) { yield(nil, broken) }}}})
	if !errors.Is(err, broken) {
		t.Errorf("the error of the rows is lost: %v", err)
	}
}

func TestSheetNames(t *testing.T) {
	long := strings.Repeat("很", 40)
	list := []sheet.Sheet{{Name: long}, {Name: long}, {Name: ""}, {Name: "a:b\\c/d?e*f[g]"}, {Name: "'x'"}, {Name: "History"}, {Name: "history"}, {Name: "X"}}
	var got []string
	for _, table := range read(t, write(t, sheet.Book{Sheets: list})) {
		got = append(got, table.Name)
	}
	want := []string{strings.Repeat("很", 31), strings.Repeat("很", 29) + " 2", "3", "a-b-c-d-e-f-g-", "x", "History 2", "history 3", "X 2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRead(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	set := func(cell string, v any) {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	set("A1", "标题")
	check(t, f.MergeCell("Sheet1", "A1", "C1"))
	set("A2", "街道")
	check(t, f.MergeCell("Sheet1", "A2", "A4"))
	set("B2", "001")
	set("B3", 13800000000)
	set("B4", 123456789012345678)
	set("C2", 0.1+0.2)
	check(t, f.SetCellFormula("Sheet1", "C3", "1+1"))
	set("D2", true)
	style, err := f.NewStyle(&excelize.Style{NumFmt: 58}) // the Chinese edition's month and day
	check(t, err)
	set("E2", 46350)
	check(t, f.SetCellStyle("Sheet1", "E2", "E2", style))
	custom := `yyyy"年"m"月"d"日"`
	style, err = f.NewStyle(&excelize.Style{CustomNumFmt: &custom})
	check(t, err)
	set("E3", 46350.75)
	check(t, f.SetCellStyle("Sheet1", "E3", "E3", style))
	red := `[Red]"共 d"0.00;-0.00`
	style, err = f.NewStyle(&excelize.Style{CustomNumFmt: &red})
	check(t, err)
	set("E4", 46350)
	check(t, f.SetCellStyle("Sheet1", "E4", "E4", style))
	check(t, f.SetCellRichText("Sheet1", "F2", []excelize.RichTextRun{{Text: "富"}, {Text: "文本"}}))
	set("A9", "末")
	check(t, f.SetRowVisible("Sheet1", 9, false))
	check(t, f.SetColVisible("Sheet1", "D", false))
	_, err = f.NewSheet("藏")
	check(t, err)
	check(t, f.SetCellValue("藏", "B7", "x"))
	check(t, f.SetSheetVisible("藏", false))
	var out bytes.Buffer
	check(t, f.Write(&out))

	tables := read(t, out.Bytes())
	if len(tables) != 2 || tables[0].Hidden || !tables[1].Hidden || !tables[0].HiddenColumn(3) || tables[0].HiddenColumn(2) {
		t.Fatalf("tables %+v", tables)
	}
	got := rows(t, tables[0])
	if len(got) != 5 || got[4].Number != 9 || !got[4].Hidden || got[3].Hidden {
		t.Fatalf("rows %+v", got)
	}
	if c := got[0].At(2); !c.Covered() || c.Merge.String() != "A1:C1" {
		t.Errorf("C1 %+v", c)
	}
	if c := got[3].At(0); !c.Covered() || c.Merge.Row != 2 {
		t.Errorf("A4 %+v", c)
	}
	if c := got[1].At(0); c.Covered() || c.Merge == nil || c.Text != "街道" {
		t.Errorf("A2 %+v", c)
	}
	if c := got[1].At(1); c.Kind != sheet.Text || c.Text != "001" {
		t.Errorf("B2 %+v", c)
	}
	if c := got[2].At(1); c.Kind != sheet.Number || c.Text != "13800000000" || c.Rounded {
		t.Errorf("B3 %+v", c)
	}
	if c := got[3].At(1); !c.Rounded {
		t.Errorf("B4 %+v", c)
	}
	if c := got[1].At(2); c.Text != "0.3" {
		t.Errorf("C2 %+v", c)
	}
	if c := got[1].At(3); c.Kind != sheet.Truth || c.Text != "TRUE" {
		t.Errorf("D2 %+v", c)
	}
	if c := got[1].At(4); c.Kind != sheet.Day || c.Text != "2026-11-24" {
		t.Errorf("E2 %+v", c)
	}
	if c := got[2].At(4); c.Kind != sheet.Moment || c.Text != "2026-11-24 18:00" || c.Day != clock.Date(2026, 11, 24) {
		t.Errorf("E3 %+v", c)
	}
	if c := got[3].At(4); c.Kind != sheet.Number {
		t.Errorf("E4 %+v", c)
	}
	if c := got[1].At(5); c.Text != "富文本" {
		t.Errorf("F2 %+v", c)
	}
	if again := rows(t, tables[0]); len(again) != 5 {
		t.Error("a table cannot be read twice")
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCellsAsValues(t *testing.T) {
	cell := func(s string) sheet.Cell { return sheet.Cell{Kind: sheet.Text, Text: s} }
	for in, want := range map[string]string{"12": "12", " 1,234.50 ": "1234.50", "１２３": "123", "-3": "-3", "+4": "4", "1,23": "", "1.2.3": "", "": "", "abc": "", "1e5": "", ".5": "", "--3": "", "1,2345": "", "12345,678": ""} {
		if got, ok := cell(in).Decimal(); ok != (want != "") || got != want {
			t.Errorf("%q is %q %v, wanted %q", in, got, ok, want)
		}
	}
	for in, want := range map[string]int64{"12": 1200, "0.1": 10, "1,234.56": 123456, "-0.05": -5, "1.230": 123} {
		if got, ok := cell(in).Fen(); !ok || got != want {
			t.Errorf("%q is %d fen, wanted %d", in, got, want)
		}
	}
	if _, ok := cell("0.001").Fen(); ok {
		t.Error("a tenth of a fen was taken")
	}
	if n, ok := cell("3.0").Whole(); !ok || n != 3 {
		t.Error("3.0 is 3")
	}
	if _, ok := cell("3.5").Whole(); ok {
		t.Error("3.5 is no whole number")
	}
	for in, want := range map[string]string{"2026-11-24": "2026-11-24", "2026/1/2": "2026-01-02", "2026.1.2": "2026-01-02", "2026年1月2日": "2026-01-02", "20260102": "2026-01-02", "２０２６-1-2": "2026-01-02", "2026-02-30": "", "明天": ""} {
		if got, ok := cell(in).Date(); ok != (want != "") || ok && got.String() != want {
			t.Errorf("%q is %v %v, wanted %q", in, got, ok, want)
		}
	}
}

func TestText(t *testing.T) {
	s := "编号,说明,数\n1,\"有 \"\"引号\"\" 和,逗号\n及换行\",=\"007\"\n\n,,\n2,=1+1,中\"间\r\n3,\"没关"
	gb, _ := simplifiedchinese.GB18030.NewEncoder().String(s)
	wide, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(s, ",", "\t"))
	want := [][]string{{"1", "编号", "说明", "数"}, {"2", "1", "有 \"引号\" 和,逗号\n及换行", "007"}, {"5", "2", "=1+1", "中\"间"}, {"6", "3", "没关"}}
	for name, data := range map[string]string{"plain": s, "marked": "\ufeff" + s, "gb18030": gb, "utf-16": wide} {
		if name == "utf-16" {
			want[1][2] = strings.ReplaceAll(want[1][2], ",", "\t")
		}
		t.Run(name, func(t *testing.T) {
			var got [][]string
			for _, r := range rows(t, read(t, []byte(data))[0]) {
				got = append(got, append([]string{fmt.Sprint(r.Number)}, texts(r)...))
				for _, c := range r.Cells {
					if c.Formula {
						t.Error("a CSV has no formulas")
					}
				}
			}
			mine := want
			if name != "utf-16" {
				mine = [][]string{want[0], {"2", "1", "有 \"引号\" 和,逗号\n及换行", "007"}, want[2], want[3]}
			}
			if diff := cmp.Diff(mine, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// zipped makes a zip of parts.
func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, content := range parts {
		w, err := z.Create(name)
		check(t, err)
		_, err = io.WriteString(w, content)
		check(t, err)
	}
	check(t, z.Close())
	return out.Bytes()
}

// around is a workbook around the XML of one table.
func around(table string) map[string]string {
	return map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="t" sheetId="1" r:id="s"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="s" Type="x/worksheet" Target="/xl/worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   table,
	}
}

func TestReadOtherWriters(t *testing.T) {
	// no references, prefixes, a comment and CDATA that say what they should not, no formats
	got := rows(t, read(t, zipped(t, around(`<x:worksheet xmlns:x="x"><x:sheetData><!-- </x:sheetData> --><x:row><x:c t="inlineStr"><x:is><x:t><![CDATA[</sheetData>]]></x:t></x:is></x:c><x:c><x:v>2</x:v></x:c></x:row></x:sheetData><x:mergeCells><x:mergeCell ref="A1:B1"/></x:mergeCells></x:worksheet>`)))[0])
	if len(got) != 1 || got[0].At(0).Text != "</sheetData>" || got[0].At(1).Text != "2" || got[0].At(1).Merge == nil {
		t.Errorf("%+v", got)
	}
	if got := rows(t, read(t, zipped(t, around(`<worksheet><sheetData/><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>`)))[0]); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	// an office's list with a million formatted but empty rows is short
	empty := strings.Repeat(`<row><c s="1"/></row>`, 200000)
	if got := rows(t, read(t, zipped(t, around(`<worksheet><sheetData>`+empty+`<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData></worksheet>`)))[0]); len(got) != 1 || got[0].Number != 1048576 {
		t.Errorf("%d rows", len(got))
	}
	// 1904
	parts := around(`<worksheet><sheetData><row><c s="0"><v>0</v></c><c t="d"><v>2026-11-24T08:00:00</v></c></row></sheetData></worksheet>`)
	parts["xl/workbook.xml"] = strings.Replace(parts["xl/workbook.xml"], "<sheets>", `<workbookPr date1904="1"/><sheets>`, 1)
	parts["xl/_rels/workbook.xml.rels"] = strings.Replace(parts["xl/_rels/workbook.xml.rels"], "</", `<Relationship Id="y" Type="x/styles" Target="styles.xml"/></`, 1)
	parts["xl/styles.xml"] = `<styleSheet><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>`
	if got := rows(t, read(t, zipped(t, parts))[0]); got[0].At(0).Text != "1904-01-01" || got[0].At(1).Text != "2026-11-24 08:00" {
		t.Errorf("%+v", got)
	}
}

func TestReadRefuses(t *testing.T) {
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)
	refused(t, nil, sheet.Limits{}, "sheet.empty")
	refused(t, []byte(" \n"), sheet.Limits{}, "sheet.empty")
	refused(t, []byte(ole), sheet.Limits{}, "sheet.old_format")
	refused(t, []byte(ole+"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"), sheet.Limits{}, "sheet.password")
	refused(t, []byte("a,b\n1,2"), sheet.Limits{Bytes: 3}, "sheet.too_big")
	refused(t, []byte("a\xff\xff\xff"), sheet.Limits{}, "sheet.encoding")
	refused(t, []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), sheet.Limits{}, "sheet.other_format")
	refused(t, []byte("a\x00b"), sheet.Limits{}, "sheet.other_format")
	refused(t, []byte("a\nb\nc"), sheet.Limits{Rows: 2}, "sheet.too_many_rows")
	refused(t, []byte("a,b,c"), sheet.Limits{Columns: 2}, "sheet.too_many_columns")
	refused(t, []byte(strings.Repeat("长", 32768)), sheet.Limits{}, "sheet.text_too_long")
	refused(t, []byte("PK\x03\x04 and no zip"), sheet.Limits{}, "sheet.broken")
	refused(t, zipped(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), sheet.Limits{}, "sheet.other_format")
	refused(t, zipped(t, map[string]string{"xl/workbook.bin": ""}), sheet.Limits{}, "sheet.other_format")
	refused(t, zipped(t, map[string]string{"a": "b"}), sheet.Limits{}, "sheet.broken")
	for name, table := range map[string]string{
		"not closed": `<worksheet><sheetData><row><c><v>1`, "backwards": `<worksheet><sheetData><row r="2"><c><v>1</v></c></row><row r="1"/></sheetData></worksheet>`,
		"row zero": `<worksheet><sheetData><row r="0"/></sheetData></worksheet>`, "cells backwards": `<worksheet><sheetData><row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row></sheetData></worksheet>`,
		"no such text": `<worksheet><sheetData><row><c t="s"><v>7</v></c></row></sheetData></worksheet>`, "doctype": `<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData/></worksheet>`,
		"far out": `<worksheet><sheetData><row><c r="ZZZZ1"><v>1</v></c></row></sheetData></worksheet>`, "merge": `<worksheet><sheetData/><mergeCells><mergeCell ref="A0:B1"/></mergeCells></worksheet>`,
		"entity": `<worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>`, "endless": `<worksheet><sheetData><row><c t="inlineStr"><is><t>` + strings.Repeat("a", 3<<20) + `</t></is></c></row></sheetData></worksheet>`,
		"nested": `<worksheet><sheetData><row><c><c><v>1</v></c></c></row></sheetData></worksheet>`,
	} {
		t.Run(name, func(t *testing.T) { refused(t, zipped(t, around(table)), sheet.Limits{}, "sheet.broken") })
	}
	small := sheet.Limits{Rows: 2, Columns: 2, Sheets: 1, Unzipped: 4000}
	refused(t, zipped(t, around(`<worksheet><sheetData>`+strings.Repeat(`<row><c><v>1</v></c></row>`, 3)+`</sheetData></worksheet>`)), small, "sheet.too_many_rows")
	refused(t, zipped(t, around(`<worksheet><sheetData><row>`+strings.Repeat(`<c><v>1</v></c>`, 3)+`</row></sheetData></worksheet>`)), small, "sheet.too_many_columns")
	parts := around(`<worksheet/>`)
	parts["xl/workbook.xml"] = strings.Replace(parts["xl/workbook.xml"], "</sheets>", `<sheet name="u" r:id="s"/></sheets>`, 1)
	refused(t, zipped(t, parts), small, "sheet.too_many_sheets")
}

// A zip that unpacks to far more than it may is refused by its directory; one
// whose directory lies is not unpacked beyond what it says.
func TestBomb(t *testing.T) {
	bomb := zipped(t, around(`<worksheet><sheetData>`+strings.Repeat(" ", 60<<20)+`</sheetData></worksheet>`))
	if len(bomb) > 200<<10 {
		t.Fatalf("the bomb is no bomb: %d bytes", len(bomb))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	refused(t, bomb, sheet.Limits{Unzipped: 50 << 20}, "sheet.too_big_unzipped")
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("refusing took %d kB", grown>>10)
	}
	// the same with the size in the directory and the local head set to 100 bytes
	lie := bytes.Clone(bomb)
	real := len(`<worksheet><sheetData>`) + 60<<20 + len(`</sheetData></worksheet>`)
	size := []byte{byte(real), byte(real >> 8), byte(real >> 16), byte(real >> 24)}
	if !bytes.Contains(lie, size) {
		t.Fatal("the size was not found")
	}
	lie = bytes.ReplaceAll(lie, size, []byte{100, 0, 0, 0})
	refused(t, lie, sheet.Limits{Unzipped: 50 << 20}, "sheet.broken")
}

func many(n int) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		row := make([]any, 15)
		for i := range n {
			for c := range row {
				row[c] = fmt.Sprintf("第 %d 行 %d", i, c)
			}
			row[3], row[4] = i, clock.Date(2026, 1, 1)+clock.Day(i%300)
			if !yield(row, nil) {
				return
			}
		}
	}
}

func wide() []sheet.Column {
	columns := make([]sheet.Column, 15)
	columns[3].Kind, columns[4].Kind = sheet.Number, sheet.Day
	return columns
}

func TestMemoryStaysBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("writes and reads 30,000 rows")
	}
	data := write(t, sheet.Book{Sheets: []sheet.Sheet{{Columns: wide(), Rows: many(30000)}}})
	table := read(t, data)[0]
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base, most, n := m.HeapAlloc, uint64(0), 0
	for _, err := range table.Rows() {
		check(t, err)
		if n++; n%5000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
	if n != 30000+1 && n != 30000 {
		t.Fatalf("%d rows", n)
	}
	if most > base+4<<20 {
		t.Errorf("reading holds %d kB", (most-base)>>10)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a,b\n1,\"2\"\n"))
	f.Add([]byte("\ufeff\"x\"\t=\"1\"\r\ny"))
	f.Add([]byte{0xd6, 0xd0, ',', 0xce, 0xc4})
	f.Add(zipped(f, around(`<worksheet><cols><col min="1" max="2" hidden="1"/></cols><sheetData><row r="2"><c r="B2" t="inlineStr"><is><t>x</t></is></c><c t="b"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A2:B3"/></mergeCells></worksheet>`)))
	f.Add([]byte(`<worksheet><sheetData><row r="2"><c r="B2"><f>1</f><v>1e300</v></c></row></sheetData></worksheet>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := sheet.Limits{Bytes: 1 << 20, Unzipped: 1 << 20, Rows: 100, Columns: 20, Sheets: 3}
		try := func(data []byte) {
			tables, err := sheet.ReadBytes(data, l)
			for i := 0; err == nil && i < len(tables); i++ {
				n := 0
				for row, problem := range tables[i].Rows() {
					if err = problem; err != nil {
						break
					}
					if n++; len(row.Cells) > l.Columns || n > l.Rows {
						t.Fatal("a limit was passed")
					}
				}
			}
			if err != nil && fault.Of(err).Kind != fault.Invalid {
				t.Fatal(err)
			}
		}
		try(data)
		if bytes.HasPrefix(data, []byte("<")) {
			try(zipped(t, around(string(data))))
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		check(b, sheet.Write(io.Discard, sheet.Book{Sheets: []sheet.Sheet{{Columns: wide(), Rows: many(100000)}}}))
	}
}

func BenchmarkRead(b *testing.B) {
	data := write(b, sheet.Book{Sheets: []sheet.Sheet{{Columns: wide(), Rows: many(100000)}}})
	b.ReportAllocs()
	for b.Loop() {
		tables, err := sheet.ReadBytes(data, sheet.Limits{Rows: 200000})
		check(b, err)
		n := 0
		for _, err := range tables[0].Rows() {
			check(b, err)
			n++
		}
	}
}
