package request_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/request"
)

const smallMap = `
source: small
prefix: S-
missing: ["-", "无"]
number: no
recorded: {column: when, layout: "2006-01-02 15:04"}
title: [what]
class: {column: kind, values: {灯: street-light, 井: manhole}}
area: {names: [street, community]}
unit: {column: unit}
verdict: [{column: ok, equals: "1", say: 按期办结}, {column: ok, equals: "0", say: 超期办结}]
keep: [src]
`

const smallFile = "no,when,what,kind,street,community,unit,ok,src\n" +
	"1,2018-07-04 17:24,路灯&amp;电线,灯,清河街道,清河社区,lighting,1,12345\n" +
	"2,2018-07-05 08:00,井盖,井,东山街道,没有的社区,-,0,网格\n" +
	"3,yesterday,坏的时间,灯,-,-,-,1,\n" +
	"4,2018-07-05 08:00,没有的类别,树,-,-,-,1,\n" +
	"5,2018-07-05 08:00,没有的单位,灯,-,-,mars,1,\n" +
	"-,2018-07-05 08:00,没有编号,灯,-,-,-,1,\n" +
	"1,2018-07-05 08:00,又一次,灯,-,-,-,1,\n" +
	"6,2018-07-05 08:00,少一列,灯,-,-,-\n" +
	"7,2098-07-05 08:00,将来,灯,-,-,-,1,\n" +
	"8,2018-07-05 08:00,\xff坏字节,灯,-,-,-,1,\n" +
	"9,2018-07-05 08:00,好的,-,-,-,-,-,-\n"

func TestImportNamesWhatIsBroken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		m := must(request.ParseMap([]byte(smallMap)))
		got, err := r.req.ImportRequests(ctx, r.who["admin"], m, strings.NewReader(smallFile))
		r.ok(err)
		if got.Read != 11 || got.Added != 3 || got.BadRows != 8 || got.Same != 0 || len(got.Notes) != 1 || got.Notes[0].Line != 3 {
			t.Fatalf("%+v", got)
		}
		want := map[int]string{4: "request.import_time", 5: "request.import_class", 6: "request.import_unit", 7: "request.import_number", 8: "request.import_twice",
			9: "request.import_row", 10: "request.import_time", 11: "text.not_utf8"}
		for _, b := range got.Bad {
			if want[b.Line] != b.Fault.Key {
				t.Errorf("line %d: %v", b.Line, b.Fault)
			}
		}
		c := r.of("S-1")
		if !c.Imported || c.State != "closed" || c.Class != "street-light" || c.Area != "999901001001" || c.Title != "路灯&电线" || len(c.Clocks()) != 0 || c.Acts != 1 ||
			c.Values.Text("verdict") != "按期办结" || c.Values.Text("lead") != "lighting" || c.Values.Text("source") != "small; src=12345" || c.Opened.Day() != clock.Date(2018, 7, 4) {
			t.Errorf("%+v", c)
		}
		if c := r.of("S-2"); c.Area != "999901002" {
			t.Errorf("an unknown community leaves the street: %s", c.Area)
		}
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		must(w.Write([]byte(smallFile)))
		r.ok(w.Close())
		got, err = r.req.ImportRequests(ctx, identity.SystemActor(), m, &packed)
		r.ok(err)
		if got.Added != 0 || got.Same != 3 || got.BadRows != 8 {
			t.Errorf("twice: %+v", got)
		}
		got, err = r.req.ImportRequests(ctx, r.who["admin"], m, strings.NewReader(strings.Replace(smallFile, "井盖,井", "别的,井", 1)))
		r.ok(err)
		if got.Same != 2 || got.BadRows != 9 {
			t.Errorf("a changed row: %+v", got)
		}
		if rows, _, err := r.cases.List(ctx, r.who["lamp"], casework.Filter{Box: casework.BoxTold}); err != nil || len(rows) != 0 {
			t.Errorf("somebody was told: %v %v", rows, err)
		}
		if _, err := r.req.ImportRequests(ctx, r.who["lamp"], m, strings.NewReader(smallFile)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a handler imports: %v", err)
		}
		for _, bad := range []string{"", "when,what\n", "PK\x03\x04"} {
			if _, err := r.req.ImportRequests(ctx, r.who["admin"], m, strings.NewReader(bad)); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		r.verify()
	})
}

func TestBadMaps(t *testing.T) {
	for _, raw := range []string{"", "number: a", "number: a\nrecorded: {column: b, layout: x}", "unknown: 1", "number: [1]", smallMap + "zone: Mars/Base"} {
		if _, err := request.ParseMap([]byte(raw)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

// shared finds the real data beside the work tree.
func shared(t *testing.T) string {
	t.Helper()
	if folder := os.Getenv("LINLI_SHARED"); folder != "" {
		return folder
	}
	folder := must(os.Getwd())
	for folder != "/" {
		if _, err := os.Stat(filepath.Join(folder, "shared", "data")); err == nil {
			return filepath.Join(folder, "shared")
		}
		folder = filepath.Dir(folder)
	}
	t.Skip("the real data is not here")
	return ""
}

// TestRealOrders imports the 6,952 orders of Pingshan with their classes, units
// and areas, on both databases; the second run changes nothing.
func TestRealOrders(t *testing.T) {
	folder := filepath.Join(shared(t), "data")
	open := func(t *testing.T, name string) io.Reader {
		return bytes.NewReader(must(os.ReadFile(filepath.Join(folder, "pingshan_12345_2018", name))))
	}
	divisions := pingshan(t, folder)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.ok(report(r.areas.ImportDivisions(ctx, area.Divisions{Files: []area.File{{Name: "villages.csv", Data: divisions}}, On: clock.Date(2023, 6, 30), By: "test"})))
		_, err := r.ids.AddUnit(ctx, identity.SystemActor(), identity.Unit{ID: "pingshan", Name: "坪山区人民政府", Kind: "government", Area: "440310"})
		r.ok(err)
		unitMap := must(request.ParseLists[request.UnitMap](must(os.ReadFile("testdata/pingshan-units.yaml"))))
		units, err := r.req.ImportUnits(ctx, identity.SystemActor(), unitMap, open(t, "dispose_units.csv"))
		r.ok(err)
		classMap := must(request.ParseLists[request.ClassMap](must(os.ReadFile("testdata/pingshan-classes.yaml"))))
		classes, err := r.req.ImportClasses(ctx, identity.SystemActor(), classMap, open(t, "categories_18_134_372.csv"), "import")
		r.ok(err)
		if len(units.Bad) > 0 || units.Added != 120 || classes.Added != 374 || classes.BadRows != 0 {
			t.Fatalf("units %+v, classes %+v", units, classes)
		}
		if again, err := r.req.ImportClasses(ctx, identity.SystemActor(), classMap, open(t, "categories_18_134_372.csv"), "import"); err != nil || again.Added != 0 {
			t.Errorf("classes twice: %+v %v", again, err)
		}
		m := must(request.ParseMap(must(os.ReadFile("testdata/pingshan.yaml"))))
		began := time.Now()
		got, err := r.req.ImportRequests(ctx, identity.SystemActor(), m, open(t, "events.csv.gz"))
		r.ok(err)
		t.Logf("%d orders in %s", got.Added, time.Since(began).Round(time.Millisecond))
		if got.Read != 6952 || got.Added != 6952 || got.BadRows != 0 || len(got.Notes) > 0 {
			t.Fatalf("read %d added %d bad %d %+v notes %d", got.Read, got.Added, got.BadRows, first(got.Bad), len(got.Notes))
		}
		if n, err := r.cases.Count(ctx, identity.SystemActor(), casework.Filter{Procedure: request.Procedure}, 10000); err != nil || n != 6952 {
			t.Errorf("%d cases, %v", n, err)
		}
		c := r.of("PS-72687")
		if c.Area != "440310006002" || c.Class != "ps-s1160" || c.Values.Text("lead") != "ps-8508" || c.Values.Text("verdict") != "按期办结" || len(c.Clocks()) != 0 || c.Acts != 1 {
			t.Errorf("%+v", c)
		}
		if got, err = r.req.ImportRequests(ctx, identity.SystemActor(), m, open(t, "events.csv.gz")); err != nil || got.Same != 6952 || got.Added != 0 {
			t.Errorf("twice: %+v %v", got, err)
		}
		r.verify()
	})
}

func first(bad []request.BadRow) any {
	if len(bad) == 0 {
		return nil
	}
	return bad[0]
}

// pingshan cuts the one district, and what stands above it, out of the national
// table.
func pingshan(t *testing.T, folder string) []byte {
	t.Helper()
	out := bytes.NewBufferString("code,name\n44,广东省\n4403,深圳市\n440310,坪山区\n")
	for _, name := range []string{"streets.csv.gz", "villages.csv.gz"} {
		f := must(os.Open(filepath.Join(folder, "admin_divisions_2023", name)))
		raw := must(io.ReadAll(must(gzip.NewReader(f))))
		f.Close()
		for line := range strings.Lines(string(raw)) {
			if strings.HasPrefix(line, "440310") {
				parts := strings.Split(strings.TrimSpace(line), ",")
				out.WriteString(parts[0] + "," + parts[1] + "\n")
			}
		}
	}
	return out.Bytes()
}
