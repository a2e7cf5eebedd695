package finance_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/finance"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

var ctx = context.Background()

const village = "999901100201" // 石桥村

// rig is the fictitious county with a bookkeeper in its village.
type rig struct {
	*apptest.County
	t    testing.TB
	site *app.Site
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{County: apptest.New(t, d), t: t}
	for id, kind := range map[string]string{"keeper": "bookkeeper", "member": "supervision-member"} {
		r.Employ(id, kind, "v-shiqiao", "")
	}
	var err error
	r.site, err = app.NewSite(r.House, app.SiteOptions{})
	r.ok(err)
	return r
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// head is the head of a plain table.
const head = "日期,凭证号,摘要,账户,类别,收入,支出,余额,经手人\n"

// quarter is a quarter without fault: two accounts, openings and closings stated.
const quarter = head +
	",,期初余额,现金,,,,1000.00,\n" +
	",,期初余额,银行存款,,,,50000.00,\n" +
	"2026-07-05,1,上级补助村道维修,银行存款,上级补助,20000,,70000,报账员\n" +
	"2026-07-20,2,购买办公用品,现金,办公费,,120.50,879.50,报账员\n" +
	"2026-08-11,3,村道维修工程首付款,银行存款,工程款,,30000.00,40000,村主任\n" +
	"2026-09-02,4,保洁员七、八月报酬,银行存款,保洁费,,3600,36400,报账员\n"

func (r *rig) brought(csv string) finance.Brought {
	return finance.Brought{Village: village, Period: "2026Q3", Name: "三季度.csv", Data: []byte(csv), Holder: "committee"}
}

// bring brings a workbook and confirms its columns as they were found.
func (r *rig) bring(who string, in finance.Brought) finance.Book {
	r.t.Helper()
	b, err := r.Books.Bring(ctx, r.Actor(who), in)
	r.ok(err)
	if b.State == finance.Fresh {
		b, err = r.Books.Confirm(ctx, r.Actor(who), b.ID, b.Mapping)
		r.ok(err)
	}
	return b
}

// keys are the errors of a report, with where they stand.
func keys(b finance.Book) (out []string) {
	for _, e := range b.Report.Entries {
		if e.Error {
			out = append(out, fmt.Sprintf("%s %s%d", e.Key, e.Column, e.Row))
		}
	}
	return out
}

func notes(b finance.Book) (out []string) {
	for _, e := range b.Report.Entries {
		if !e.Error {
			out = append(out, fmt.Sprintf("%s %s%d", e.Key, e.Column, e.Row))
		}
	}
	return out
}

// submitted brings the quarter to its case.
func (r *rig) submitted(csv string) (finance.Book, casework.Receipt) {
	r.t.Helper()
	b := r.bring("keeper", r.brought(csv))
	if b.State != finance.Ready {
		r.t.Fatalf("the book is %s: %v", b.State, keys(b))
	}
	got, err := r.Books.Submit(ctx, r.Actor("keeper"), b.ID, "", "")
	r.ok(err)
	return b, got
}

func (r *rig) do(who, id, act string, values map[string]any) casework.Receipt {
	r.t.Helper()
	r.Hand.Advance(time.Minute)
	got, err := r.Cases.Do(ctx, r.Actor(who), casework.Asking{Case: id, Act: act, Values: values})
	if err != nil {
		r.t.Fatalf("%s by %s: %v", act, who, err)
	}
	return got
}

func (r *rig) refused(who, id, act string, values map[string]any, kind fault.Kind, key string) {
	r.t.Helper()
	_, err := r.Cases.Do(ctx, r.Actor(who), casework.Asking{Case: id, Act: act, Values: values})
	wrong(r.t, err, kind, key)
}

func wrong(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		t.Fatalf("want %s %s, got %v", kind, key, err)
	}
}

// posted brings the quarter to its public page.
func (r *rig) posted() (finance.Book, string) {
	r.t.Helper()
	b, got := r.submitted(quarter)
	r.do("overseer3", got.Case, "cosign", nil)
	r.do("director3", got.Case, "approve", nil)
	r.do("director3", got.Case, "post", nil)
	return b, got.Case
}

// get asks for a page as nobody in particular.
func (r *rig) get(path string) (int, string) {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.site.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func (r *rig) post(path string, form url.Values) (int, string) {
	r.t.Helper()
	q := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	r.site.Handler().ServeHTTP(w, q)
	return w.Code, w.Body.String()
}

// workbook makes an .xlsx by hand, for what CSV cannot say.
func workbook(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
