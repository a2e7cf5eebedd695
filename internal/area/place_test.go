package area

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"linli/internal/kit/db"
	"linli/internal/kit/geo"
)

func testPlaces(t *testing.T, d *db.DB) {
	ctx := context.Background()
	s, _ := open(t, d)
	withCommunities(t, s)
	load(t, s, day0, box(prop(east+"001", east, "第一网格"), 0, 0, 5, 5), box(prop(west+"001", west, "湖滨网格"), 12, 0, 5, 5))
	in := Places{Datum: geo.WGS84, File: File{Name: "p.csv", Data: rowsOf("编号,名称,经度,纬度,坐标系,区划代码",
		"1,东园小学,119.2011,34.7012,,",           // in a grid: its community
		"2,墟沟菜市场,119.2145,34.7022,,320703001", // stated
		"3,ＫＦＣ（东园店）,119.2085,34.7032,,",       // in no grid: no area
		"4,100%湖景酒店,119.2061,34.7091,GCJ-02,",
		",无号公园,119.2012,34.7013,,",
		"6,远方,2.35,48.85,,",          // 7: not in China
		"7,写反,34.7,119.2,,",          // 8
		"8,不是数,abc,34.7,,",           // 9
		"9,NaN,NaN,34.7,,",           // 10
		"10,坐标系不对,119.2,34.7,wgs84,", // 11
		"11,,119.2,34.7,,",           // 12
		"1,又是一号,119.2,34.7,,",        // 13
		"12,代码不对,119.2,34.7,,x",      // 14
	)}}
	for round := range 2 {
		r, err := s.ImportPlaces(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		got := map[int]string{}
		for _, b := range r.Broken {
			got[b.Where] = b.Fault.Key
		}
		want := map[int]string{7: "area.point_implausible", 8: "geo.out_of_range", 9: "area.point_number", 10: "geo.not_finite",
			11: "geo.datum_unknown", 12: "area.name_missing", 13: "area.twice", 14: "area.code_shape"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if round == 0 && r.Added != 5 || round == 1 && r.Unchanged != 5 || r.Changed != 0 {
			t.Errorf("round %d: %+v", round, r)
		}
	}
	for _, q := range []struct{ words, under, want, code string }{
		{"东园小学", "", "东园小学", east},
		{"小学", "", "东园小学", east},
		{"学", "", "东园小学", east},
		{"墟沟菜市场", "", "墟沟菜市场", street},
		{"墟沟 菜市", "", "墟沟菜市场", street},
		{"kfc", "", "ＫＦＣ（东园店）", ""},
		{"(东园店)", "", "ＫＦＣ（东园店）", ""},
		{"100%湖", "", "100%湖景酒店", ""},
		{"公园", east, "无号公园", east},
		{"湖滨", "", "湖滨网格", west + "001"},
		{"西园", "", "西园社区", west},
	} {
		found, err := s.Find(ctx, q.words, q.under, 10)
		if err != nil || len(found) == 0 || found[0].Name != q.want || found[0].Code != q.code {
			t.Errorf("Find(%q, %q) = %+v %v, want %s %s first", q.words, q.under, found, err, q.want, q.code)
		}
		if len(found) > 0 && found[0].Kind != FoundArea && found[0].Point == nil {
			t.Errorf("%s has no point", q.words)
		}
	}
	found, err := s.Find(ctx, "东园", "", 10)
	if err != nil || len(found) != 3 || found[0].Name != "东园社区" {
		t.Errorf("东园: %+v %v", found, err)
	}
	if found, _ := s.Find(ctx, "菜市场", east, 10); len(found) != 0 {
		t.Errorf("found under another community: %+v", found)
	}
	// a changed row changes the place and its words
	r, err := s.ImportPlaces(ctx, Places{Datum: geo.WGS84, File: File{Data: rowsOf("id,name,lon,lat", "1,东园中学,119.2011,34.7012")}})
	if err != nil || r.Changed != 1 {
		t.Errorf("%+v %v", r, err)
	}
	if found, _ := s.Find(ctx, "小学", "", 10); len(found) != 0 {
		t.Errorf("the old name is still found: %+v", found)
	}
	if _, err := s.ImportPlaces(ctx, Places{Datum: "GPS", File: in.File}); key(err) != "geo.datum_unknown" {
		t.Error(err)
	}
	r, err = s.ImportPlaces(ctx, Places{File: File{Data: rowsOf("name,lon,lat", "无坐标系,119.2,34.7")}})
	if err != nil || r.BrokenRows != 1 || r.Broken[0].Fault.Key != "geo.datum_missing" {
		t.Errorf("%+v %v", r, err)
	}
}
