package finance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"linli/internal/finance"
	"linli/internal/kit/db/dbtest"
)

// opened is the head with the opening of the account in cash.
const opened = head + ",,期初余额,现金,,,,100,\n"

// Every bad row is named by row, column and what is wrong.
func TestBadRows(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for name, one := range map[string]struct{ csv, want string }{
		"right":               {opened + "2026-07-05,1,捐款,现金,捐赠,10,,110,\n", ""},
		"no opening":          {head + "2026-07-05,1,捐款,现金,捐赠,10,,110,\n", "opening_missing H2"},
		"no closing":          {opened + "2026-07-05,1,捐款,现金,捐赠,10,,,\n", "closing_missing 0"},
		"closing row":         {opened + "2026-07-05,1,捐款,现金,捐赠,10,,,\n,,期末余额,现金,,,,110,\n", ""},
		"wrong closing row":   {opened + "2026-07-05,1,捐款,现金,捐赠,10,,,\n,,期末余额,现金,,,,111,\n", "balance H4;closing H4"},
		"wrong sum":           {opened + "2026-07-05,1,捐款,现金,捐赠,10,,110,\n,,合计,,,10.01,0,,\n", "total F4"},
		"month's sum":         {opened + "2026-07-05,1,捐款,现金,捐赠,10,,110,\n,,本月合计,,,10,,,\n2026-08-05,1,捐款,现金,捐赠,5,,115,\n,,本月合计,,,5,,,\n,,本年累计,,,999,,,\n", ""},
		"negative":            {opened + "2026-07-05,1,红冲,现金,办公费,,-10,110,\n", "cell_negative G3"},
		"three places":        {opened + "2026-07-05,1,捐款,现金,捐赠,10.001,,110,\n", "cell_places F3"},
		"words for money":     {opened + "2026-07-05,1,捐款,现金,捐赠,十元,,110,\n", "cell_number F3"},
		"both":                {opened + "2026-07-05,1,捐款,现金,捐赠,10,10,100,\n", "both_amounts F3"},
		"neither":             {opened + "2026-07-05,1,捐款,现金,捐赠,,,100,\n", "no_amount F3"},
		"full width":          {opened + "２０２６－０７－０５,1,捐款,现金,捐赠,１０．００,,１１０,\n", ""},
		"thousands":           {opened + "2026-07-05,1,捐款,现金,捐赠,\"1,000.00\",,\"1,100.00\",\n", ""},
		"no day":              {opened + ",1,捐款,现金,捐赠,10,,110,\n", "day_missing A3"},
		"no such day":         {opened + "2026-07-32,1,捐款,现金,捐赠,10,,110,\n", "day_wrong A3"},
		"another quarter":     {opened + "2026-10-01,1,捐款,现金,捐赠,10,,110,\n", "day_outside A3"},
		"no voucher":          {opened + "2026-07-05,,捐款,现金,捐赠,10,,110,\n", "voucher_missing B3"},
		"voucher twice":       {opened + "2026-07-05,1,捐款,现金,捐赠,10,,110,\n2026-07-06,1,捐款,现金,捐赠,10,,120,\n", "voucher_twice B4"},
		"voucher next month":  {opened + "2026-07-05,1,捐款,现金,捐赠,10,,110,\n2026-08-06,1,捐款,现金,捐赠,10,,120,\n", ""},
		"line twice":          {opened + "2026-07-05,1,捐款,现金,捐赠,10,,110,\n2026-07-05,1,捐款,现金,捐赠,10,,120,\n", "line_twice B4"},
		"no summary":          {opened + "2026-07-05,1,,现金,捐赠,10,,110,\n", "summary_missing C3"},
		"unknown account":     {opened + "2026-07-05,1,捐款,股票,捐赠,10,,110,\n", "account_unknown D3"},
		"personal account":    {opened + "2026-07-05,1,捐款,王某个人账户,捐赠,10,,110,\n", "personal D3"},
		"money with a person": {opened + "2026-07-05,1,租金存入会计个人账户,现金,租金,10,,110,\n", "personal_sentence C3"},
		"identity number":     {opened + "2026-07-05,1,付报酬990101199001010028,现金,工资,,10,90,\n", "private_id C3"},
		"telephone":           {opened + "2026-07-05,1,付报酬 138 0000 0000,现金,工资,,10,90,\n", "private_phone C3"},
		"bank card":           {opened + "2026-07-05,1,汇至卡号6222021234567890123,现金,工资,,10,90,\n", "private_account C3"},
		"below nothing":       {opened + "2026-07-05,1,工程款,现金,工程款,,150,-50,\n", "below_zero H3"},
		"nothing":             {opened, "no_lines 0"},
		"too long":            {opened + "2026-07-05,1," + strings.Repeat("长", 201) + ",现金,捐赠,10,,110,\n", "too_long C3"},
		"no formula results":  {opened + "2026-07-05,1,=1+1,现金,捐赠,10,,110,\n", ""},
	} {
		b := r.bring("keeper", r.brought(one.csv))
		if got := strings.Join(keys(b), ";"); got != one.want {
			t.Errorf("%s: got %q, want %q", name, got, one.want)
		}
		if want := map[bool]string{true: finance.Ready, false: finance.Refused}[one.want == ""]; b.State != want {
			t.Errorf("%s: the book is %s", name, b.State)
		}
	}
}

// Columns are found whatever their order and language, under titles, in two rows,
// with month and day apart, and in several tables that are one account each.
func TestHeads(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for name, one := range map[string]struct {
		csv   string
		lines int
	}{
		"english":       {"Expenditure,Income,Summary,Voucher No,Date,Account,Balance\n,,opening balance,,,cash,100\n,10,gift,1,2026-07-05,Cash,110\n", 1},
		"titles":        {"石桥村 2026 年第三季度现金日记账\n编制单位：石桥村\n日期,凭证字号,摘 要,收入（元）,支出（元）,余额（元）\n,,期初余额,,,100\n2026.7.5,记-1,捐款,10,,110\n制表：某,,,,,\n", 1},
		"month and day": {"现金账\n月,日,凭证号,摘要,借方,贷方,余额\n,,,上期结余,,,100\n7,5,1,捐款,10,,110\n,,,本月合计,10,0,110\n", 1},
		"part of words": {"业务日期,凭证编号,收支事项,资金账户,本期收入金额,本期支出金额,结余\n,,期初余额,现金,,,100\n20260705,1,捐款,现金,10,,110\n", 1},
	} {
		b := r.bring("keeper", r.brought(one.csv))
		if b.State != finance.Ready || b.Lines != one.lines || b.Sums.In != 1000 {
			t.Errorf("%s: %s, %d lines, %+v, %v", name, b.State, b.Lines, b.Sums, keys(b))
		}
	}
}

// What only a workbook can say: merges, formulas, days as numbers, numbers as
// text, hidden rows, several tables.
func TestWorkbook(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	in := r.brought("")
	in.Data = workbook(t, func(f *excelize.File) {
		_ = f.SetSheetName("Sheet1", "现金")
		for sheet, opening := range map[string]int{"现金": 100, "银行存款": 1000} {
			_, _ = f.NewSheet(sheet)
			_ = f.SetSheetRow(sheet, "A1", &[]any{"石桥村收支"})
			_ = f.MergeCell(sheet, "A1", "F1")
			_ = f.SetSheetRow(sheet, "A2", &[]any{"日期", "凭证号", "摘要", "金额", nil, "余额"})
			_ = f.MergeCell(sheet, "D2", "E2")
			for _, c := range []string{"A", "B", "C", "F"} {
				_ = f.MergeCell(sheet, c+"2", c+"3")
			}
			_ = f.SetSheetRow(sheet, "D3", &[]any{"收入", "支出"})
			_ = f.SetSheetRow(sheet, "A4", &[]any{nil, nil, "期初余额", nil, nil, opening})
			_ = f.SetSheetRow(sheet, "A5", &[]any{46208, 1, "捐款", "10.00", nil, opening + 10}) // 2026-07-05
			_ = f.SetSheetRow(sheet, "A6", &[]any{nil, 1, "捐款之二", 20, nil, opening + 30})
			_ = f.MergeCell(sheet, "A5", "A6")
			_ = f.SetCellFormula(sheet, "F6", "F5+D6")
			_ = f.SetRowVisible(sheet, 6, false)
		}
		_, _ = f.NewSheet("说明")
		_ = f.SetCellStr("说明", "A1", "这里没有账")
	})
	b := r.bring("keeper", in)
	if b.State != finance.Ready || b.Lines != 4 || b.Sums.In != 6000 || len(b.Sums.Accounts) != 2 {
		t.Fatalf("%s, %d lines, %+v: %v", b.State, b.Lines, b.Sums, keys(b))
	}
	got := strings.Join(notes(b), ";")
	for _, want := range []string{"cell_serial A5", "cell_text D5", "hidden_row 6"} {
		if !strings.Contains(got, want) {
			t.Errorf("the notes lack %q: %s", want, got)
		}
	}
	in.Data = workbook(t, func(f *excelize.File) {
		_ = f.SetSheetRow("Sheet1", "A1", &[]any{"日期", "凭证号", "摘要", "账户", "收入", "支出", "余额"})
		_ = f.SetSheetRow("Sheet1", "A2", &[]any{nil, nil, "期初余额", "现金", nil, nil, 100})
		_ = f.SetSheetRow("Sheet1", "A3", &[]any{"2026-07-05", 1, "捐款", "现金", 10, nil, 110})
		_ = f.SetSheetRow("Sheet1", "A4", &[]any{"2026-07-06", 2, "捐款", "现金", nil, nil, 110})
		_ = f.MergeCell("Sheet1", "E3", "E4")
	})
	if got := strings.Join(keys(r.bring("keeper", in)), ";"); !strings.Contains(got, "merged_amount E3") || !strings.Contains(got, "merged_amount E4") {
		t.Errorf("amounts in merged cells: %s", got)
	}
}

// What was confirmed once is remembered, also when the columns change places.
func TestTheMappingIsRemembered(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	csv := "何时,第几号,干什么,哪个户头,进,出,还剩\n,,期初余额,现金,,,100\n2026-07-05,1,捐款,现金,10,,110\n"
	_, err := r.Books.Bring(ctx, r.Actor("keeper"), r.brought(csv))
	if err == nil {
		t.Fatal("a head of unknown words was found")
	}
	csv = "日期,凭证号,摘要,哪个户头,进账,出账,余额\n,,期初余额,现金,,,100\n2026-07-05,1,捐款,现金,10,,110\n"
	b, err := r.Books.Bring(ctx, r.Actor("keeper"), r.brought(csv))
	r.ok(err)
	if b.State != finance.Fresh {
		t.Fatalf("the book is %s before anybody confirmed its columns", b.State)
	}
	_, err = r.Books.Confirm(ctx, r.Actor("keeper"), b.ID, b.Mapping)
	if err == nil {
		t.Fatal("columns that are missing were confirmed")
	}
	m := b.Mapping[0]
	m.Columns["account"], m.Columns["income"], m.Columns["expenditure"] = 3, 4, 5
	b, err = r.Books.Confirm(ctx, r.Actor("keeper"), b.ID, []finance.Mapping{m})
	r.ok(err)
	if b.State != finance.Ready {
		t.Fatal(keys(b))
	}
	b, err = r.Books.Bring(ctx, r.Actor("keeper"), r.brought("出账,进账,余额,日期,凭证号,摘要,哪个户头\n,,100,,,期初余额,现金\n,10,110,2026-07-05,1,捐款,现金\n"))
	r.ok(err)
	if b.State != finance.Ready || b.Sums.In != 1000 {
		t.Fatalf("the same head in another order: %s %v", b.State, keys(b))
	}
}

// A clock that stands is not needed for this: a hundred thousand rows are read,
// and one more is refused.
func TestAHundredThousandRows(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	r := newRig(t, dbtest.SQLite(t))
	begun := time.Now()
	b := r.bring("keeper", r.brought(many(99_998)))
	if b.State != finance.Ready || b.Lines != 99_998 {
		t.Fatalf("%s, %d lines, %v", b.State, b.Lines, keys(b)[:min(3, len(keys(b)))])
	}
	t.Logf("100,000 rows were checked and stored in %s", time.Since(begun).Round(time.Millisecond))
	_, err := r.Books.Bring(ctx, r.Actor("keeper"), r.brought(many(100_001)))
	if err == nil {
		t.Fatal("more than a hundred thousand rows were read")
	}
}
