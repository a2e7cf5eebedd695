package area

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli/catalog"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

var day0 = clock.Date(2026, time.November, 20)

func open(t testing.TB, d *db.DB) (*Service, *clock.Hand) {
	t.Helper()
	hand := clock.NewHand(day0.Start().Add(9 * time.Hour))
	lists, err := ReadLists(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(context.Background(), d, hand, Fixed{lists})
	if err != nil {
		t.Fatal(err)
	}
	return s, hand
}

// shared finds the folder of real data, or skips the test.
func shared(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("LINLI_SHARED")
	for dir, _ := os.Getwd(); root == "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if st, err := os.Stat(filepath.Join(dir, "shared", "data")); err == nil && st.IsDir() {
			root = filepath.Join(dir, "shared")
		}
	}
	path := filepath.Join(root, "data", name)
	if _, err := os.Stat(path); root == "" || err != nil {
		t.Skip("the real data is not here; set LINLI_SHARED")
	}
	return path
}

func files(t testing.TB, folder string, names ...string) []File {
	t.Helper()
	var out []File
	for _, n := range names {
		data, err := os.ReadFile(filepath.Join(folder, n))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, File{Name: n, Data: data})
	}
	return out
}

func national(t testing.TB) []File {
	// villages first: the order of the files must not matter
	return files(t, shared(t, "admin_divisions_2023"), "villages.csv.gz", "streets.csv.gz", "provinces.csv", "areas.csv", "cities.csv")
}

func lianyungang(t testing.TB) []File {
	return files(t, shared(t, "admin_divisions_2023"), "lianyungang_320700_villages.csv", "lianyungang_320700_streets.csv")
}

func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Key
}

func TestLianyungangAlone(t *testing.T) {
	in := lianyungang(t)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s, _ := open(t, d)
		r, err := s.ImportDivisions(ctx, Divisions{Files: in, On: clock.Date(2023, 6, 30)})
		if err != nil {
			t.Fatal(err)
		}
		if r.Levels[Community] != 1782 || r.Levels[Street] != 109 || r.Levels[County] != 7 || r.Added != 1782+109+7 || r.BrokenRows != 0 {
			t.Fatalf("first import: %+v", r)
		}
		r, err = s.ImportDivisions(ctx, Divisions{Files: in, On: clock.Date(2023, 6, 30)})
		if err != nil || r.Added != 0 || r.Changed != 0 || r.Unchanged != 1782+109+7 {
			t.Fatalf("second import: %+v %v", r, err)
		}
		chain, err := s.Chain(ctx, "320703001001")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, a := range chain {
			names = append(names, a.Name)
		}
		if diff := cmp.Diff([]string{"连云区", "墟沟街道", "东园社区居委会"}, names); diff != "" {
			t.Error(diff)
		}
		top, err := s.Children(ctx, "")
		if err != nil || len(top) != 7 || top[0].Code != "320703" {
			t.Errorf("top: %v %v", top, err)
		}
		streets, err := s.Children(ctx, "320703")
		if err != nil || len(streets) != 13 {
			t.Errorf("streets of 320703: %d %v", len(streets), err)
		}
		villages, err := s.Children(ctx, "320703001")
		if err != nil || len(villages) != 9 {
			t.Errorf("communities of 320703001: %d %v", len(villages), err)
		}
		for _, q := range []struct{ words, under, want string }{
			{"东园社区", "3207", "320703001001"},
			{"墟沟 东园", "", "320703001001"},
			{"墟沟街道东园社区", "", "320703001001"},
			{"连云区墟沟街道东园", "", "320703001001"},
			{"墟沟街道", "32", "320703001"},
		} {
			found, err := s.Find(ctx, q.words, q.under, 10)
			if err != nil || len(found) == 0 || found[0].Code != q.want {
				t.Errorf("Find(%q, %q) = %v %v, want %s first", q.words, q.under, found, err, q.want)
			}
		}
		if found, err := s.Find(ctx, "东园社区", "320706", 10); err != nil || len(found) != 0 {
			t.Errorf("found under another county: %v %v", found, err)
		}
	})
}

func TestNationalTable(t *testing.T) {
	t.Parallel() // long; the database beside it has another core
	in := national(t)
	want := map[Level]int{Province: 31, City: 342, County: 2978, Street: 41352, Community: 620573}
	all := 31 + 342 + 2978 + 41352 + 620573
	if raced {
		in[0].Data = firstLines(t, in[0].Data, 10001)
		want[Community], all = 10000, all-620573+10000
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s, _ := open(t, d)
		for round := range 2 {
			start := time.Now()
			told := 0
			r, err := s.ImportDivisions(ctx, Divisions{Files: in, On: clock.Date(2023, 6, 30), Progress: func(string, int) { told++ }})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, r.Levels); diff != "" {
				t.Error(diff)
			}
			if r.BrokenRows != 0 || round == 0 && r.Added != all || round == 1 && r.Unchanged != all || r.Changed != 0 {
				t.Errorf("round %d: %+v", round, r)
			}
			if r.NotedRows != 2 && !raced { // 金门县 as its own street and village
				t.Errorf("noted: %+v", r.Notes)
			}
			if told < all/chunkMany/2 {
				t.Errorf("progress told %d times", told)
			}
			t.Logf("round %d: %d rows in %v", round, r.Read, time.Since(start).Round(time.Millisecond))
		}
		if n, err := s.Count(ctx, Community); n != want[Community] || err != nil {
			t.Errorf("counted %d %v", n, err)
		}
		start := time.Now()
		found, err := s.Find(ctx, "多福巷社区", "", 10)
		t.Logf("Find over everything: %v", time.Since(start))
		if err != nil || len(found) == 0 || found[0].Code != "110101001001" {
			t.Errorf("found %v %v", found, err)
		}
		start = time.Now()
		found, err = s.Find(ctx, "东四", "1101", 10)
		t.Logf("Find in a city: %v", time.Since(start))
		if err != nil || len(found) == 0 || found[0].Name != "东四街道" {
			t.Errorf("found %v %v", found, err)
		}
		start = time.Now()
		if c, err := s.Children(ctx, ""); len(c) != 31 || err != nil {
			t.Errorf("provinces: %d %v", len(c), err)
		}
		if c, err := s.Children(ctx, "32"); len(c) != 13 || err != nil {
			t.Errorf("cities of 32: %d %v", len(c), err)
		}
		t.Logf("Children twice: %v", time.Since(start))
	})
}

// firstLines unpacks a file and keeps its first lines.
func firstLines(t testing.TB, packed []byte, n int) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfterN(all, []byte("\n"), n+1)
	return bytes.Join(lines[:n], nil)
}

func rowsOf(lines ...string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }

func TestBrokenRowsAreNamedAndTheOthersGoIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s, _ := open(t, d)
		in := []File{{Name: "a.csv", Data: rowsOf(
			"code,name,area_code",
			"980000,无此省,",
			"32,江苏省,",
			"3207,连云港市,32",
			"320703,连云区,3207",
			"320703001,墟沟街道,320706",                     // 6: parent does not fit
			"320703002,\"未关的引号,320703",                  // 7
			"320703003,连云街道,320703",                     // good
			"320703003001,桃林社区,320703003",               // good
			"320703003001,桃林社区,320703003",               // 10: twice
			"320703009001,孤儿社区,",                        // 11: no parent
			"3207030O3002,字母,",                          // 12
			"320703003003,,",                            // 13
			"320703003004,少一栏",                          // 14
			"320703003005,多,一,栏",                        // 15
			"320703003006,坏\xff字,",                      // 16
			"320703003007,控\x01制,",                      // 17
			"320703003999,奇怪的号,",                        // 18: noted, goes in
			"1,太短,",                                     // 19
			strings.Repeat("9", 70000)+",长,",            // 20
			"",                                          // blank
			"320703003008,"+strings.Repeat("长", 61)+",", // 22
			"320703003009,\"引号,村\",320703003",           // good
			"320703003010,'; DROP TABLE area_area; --,", // good: only a name
		)}}
		r, err := s.ImportDivisions(ctx, Divisions{Files: in})
		if err != nil {
			t.Fatal(err)
		}
		got := map[int]string{}
		for _, b := range r.Broken {
			got[b.Where] = b.Fault.Key
		}
		want := map[int]string{2: "area.code_province", 6: "area.parent_mismatch", 7: "area.line_quotes", 10: "area.twice",
			11: "area.parent_unknown", 12: "area.code_shape", 13: "area.name_missing", 14: "area.line_short", 15: "area.line_long",
			16: "text.not_utf8", 17: "text.control", 19: "area.code_shape", 20: "area.line_too_long", 22: "text.too_long"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if r.Added != 8 || r.NotedRows != 1 || r.Notes[0].Where != 18 || r.BrokenRows != len(want) {
			t.Errorf("%+v", r)
		}
		if a, err := s.Get(ctx, "320703003009"); err != nil || a.Name != "引号,村" {
			t.Errorf("%v %v", a, err)
		}
	})
}

func TestUnreadableFiles(t *testing.T) {
	ctx := context.Background()
	s, _ := open(t, dbtest.SQLite(t))
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprintln(z, "code,name")
	fmt.Fprintln(z, "11,北京市")
	for i := range 3000 {
		fmt.Fprintf(z, "11%02d,市%d辖%x\n", i%100, i, i*i*7919)
	}
	z.Close()
	for name, v := range map[string]struct {
		data []byte
		key  string
	}{
		"empty":        {nil, "area.file_empty"},
		"blank":        {[]byte("\n\n \n"), "area.file_empty"},
		"no header":    {[]byte("11,北京市\n12,天津市\n"), "area.columns_unknown"},
		"not a table":  {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), "area.file_encoding"},
		"broken gzip":  {[]byte{0x1f, 0x8b, 1, 2, 3}, "area.file_unreadable"},
		"gzip garbage": {[]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff????????"), "area.file_truncated"},
	} {
		if _, err := s.ImportDivisions(ctx, Divisions{Files: []File{{Name: name, Data: v.data}}}); key(err) != v.key {
			t.Errorf("%s: %v, want %s", name, err, v.key)
		}
	}
	half := packed.Bytes()[:packed.Len()/2]
	r, err := s.ImportDivisions(ctx, Divisions{Files: []File{{Name: "half", Data: half}}})
	if err != nil || r.Levels[Province] != 1 || r.BrokenRows == 0 || r.Broken[len(r.Broken)-1].Fault.Key != "area.file_truncated" {
		t.Errorf("a file that breaks off: %+v %v", r.Broken[len(r.Broken)-1], err)
	}
}

func TestHistoryOfCodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s, hand := open(t, d)
		load := func(on clock.Day, whole bool, lines ...string) (Report, error) {
			return s.ImportDivisions(ctx, Divisions{On: on, Whole: whole, Under: "320703",
				Files: []File{{Name: "v.csv", Data: rowsOf(append([]string{"code,name"}, lines...)...)}}})
		}
		d1, d2, d3 := day0-100, day0-50, day0-10
		if _, err := load(d1, false, "320703001,墟沟街道", "320703001001,东园社区", "320703001002,西园社区"); err != nil {
			t.Fatal(err)
		}
		r, err := load(d2, false, "320703001001,东园新社区")
		if err != nil || r.Changed != 1 {
			t.Fatalf("%+v %v", r, err)
		}
		h, err := s.History(ctx, "320703001001")
		want := []Area{{Code: "320703001001", Name: "东园社区", From: d1, Until: d2}, {Code: "320703001001", Name: "东园新社区", From: d2}}
		if diff := cmp.Diff(want, h); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if r, _ := load(d1-1, false, "320703001001,更早的名"); r.BrokenRows != 1 || r.Broken[0].Fault.Key != "area.older_than_known" {
			t.Errorf("%+v", r)
		}
		if r, err := load(d2, false, "320703001001,东园大社区"); err != nil || r.Changed != 1 {
			t.Errorf("correction on the day: %+v %v", r, err)
		}
		// a name that begins later does not hold yet
		if _, err := load(day0+5, false, "320703001002,西园新社区"); err != nil {
			t.Fatal(err)
		}
		if a, _ := s.Get(ctx, "320703001002"); a.Name != "西园社区" {
			t.Errorf("today it is called %s", a.Name)
		}
		hand.Advance(6 * 24 * time.Hour)
		if a, _ := s.Get(ctx, "320703001002"); a.Name != "西园新社区" {
			t.Errorf("after the day it is called %s", a.Name)
		}
		hand.Set(day0.Start())

		if _, err := load(d3, true, "320703001001,东园大社区", "坏,行"); key(err) != "area.whole_with_broken_rows" {
			t.Errorf("%v", err)
		}
		r, err = load(day0+6, true, "320703001001,东园大社区")
		if err != nil || r.Ended != 1 {
			t.Errorf("%+v %v", r, err)
		}
		if a, err := s.Get(ctx, "320703001002"); err != nil || a.Until != day0+5 || a.Ended(day0) {
			t.Errorf("%+v %v", a, err)
		}
	})
}

func TestSuccession(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s, _ := open(t, d)
		_, err := s.ImportDivisions(ctx, Divisions{On: day0 - 100, Files: []File{{Name: "v.csv", Data: rowsOf("code,name",
			"320703001,墟沟街道", "320703001001,东园社区", "320703001002,西园社区", "320703001003,中园社区")}}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // twice is once
			for _, old := range []string{"320703001001", "320703001002"} {
				if err := s.Succeed(ctx, old, []string{"320703001003"}, day0, "两社区合并"); err != nil {
					t.Fatal(err)
				}
			}
		}
		next, err := s.Successors(ctx, "320703001001")
		if diff := cmp.Diff([]Succession{{"320703001001", "320703001003", day0, "两社区合并"}}, next); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if a, _ := s.Get(ctx, "320703001001"); a.Until != day0 || !a.Ended(day0) || a.Ended(day0-1) {
			t.Errorf("%+v", a)
		}
		if c, _ := s.Children(ctx, "320703001"); len(c) != 1 {
			t.Errorf("children: %v", c)
		}
		for _, bad := range []struct {
			old    string
			by     []string
			reason string
			key    string
		}{
			{"320703001003", []string{"320703001001"}, "已撤", "area.ended"},
			{"320703001003", []string{"320703001099"}, "没有", "area.unknown"},
			{"320703001003", []string{"320703001003"}, "自己", "area.ended"},
			{"320703001003", nil, " ", "area.reason_missing"},
			{"x", nil, "原因", "area.code_shape"},
		} {
			if err := s.Succeed(ctx, bad.old, bad.by, day0, bad.reason); key(err) != bad.key {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}

func TestCodes(t *testing.T) {
	for code, want := range map[string]Level{"32": Province, "3207": City, "320703": County, "320703001": Street,
		"320703001001": Community, "320703001001001": GridLevel, "": NoLevel, "3": NoLevel, "32070a": NoLevel, "３２": NoLevel,
		"-1": NoLevel, "320703001001001001001": NoLevel} {
		if got := LevelOf(code); got != want {
			t.Errorf("LevelOf(%q) = %d, want %d", code, got, want)
		}
	}
	for code, want := range map[string]Kind{"320703001": KindSubdistrict, "320703100": KindTown, "320703200": KindTownship,
		"320703400": KindEnterprise, "320703600": KindOther, "320703000": KindOther, "320703001001": KindResidents,
		"320703001200": KindVillagers, "320703001400": KindLikeResidents, "320703001500": KindLikeVillagers,
		"320703001600": KindOther, "320703001000": KindOther, "320703": KindNone} {
		if got, usual := KindOf(code); got != want || usual == (want == KindOther) {
			t.Errorf("KindOf(%q) = %s %v, want %s", code, got, usual, want)
		}
	}
	if diff := cmp.Diff([]string{"32", "3207", "320703", "320703001"}, Above("320703001001")); diff != "" {
		t.Error(diff)
	}
	if Parent("320703001001001") != "320703001001" || Parent("32") != "" || Parent("x") != "" {
		t.Error("Parent")
	}
	if !Under("320703001001", "3207") || Under("3207", "320703") || !Under("32", "") {
		t.Error("Under")
	}
}
