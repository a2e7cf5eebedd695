package area

import (
	"context"
	"fmt"
	"math"
	"testing"

	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/geo"
)

// BenchmarkImportGrids10000 loads 10,000 neighbouring grids of 30 corners and then
// the same again.
func BenchmarkImportGrids10000(b *testing.B) {
	rows := []string{"code,name", "320703,连云区", street + ",墟沟街道"}
	var features []string
	for i := range 10000 { // a hundred communities in rows from west to east
		community := fmt.Sprintf("%s%03d", street, i/100+1)
		if i%100 == 0 {
			rows = append(rows, fmt.Sprintf("%s,社区%d", community, i/100))
		}
		cx, cy := 119+float64(i%100)/200, 34+float64(i/100)/200
		var ring [][2]float64
		for k := range 31 {
			a := 2 * math.Pi * float64(k%30) / 30
			ring = append(ring, [2]float64{cx + math.Cos(a)*0.00249, cy + math.Sin(a)*0.00249})
		}
		features = append(features, feat(prop(fmt.Sprintf("%s%03d", community, i%100+1), community, fmt.Sprint("网格", i)),
			`{"type":"Polygon","coordinates":[`+ringText(ring...)+`]}`))
	}
	file := collection(features...)
	for b.Loop() {
		s, _ := open(b, dbtest.SQLite(b))
		if _, err := s.ImportDivisions(context.Background(), Divisions{On: day0 - 1, Files: []File{{Name: "v.csv", Data: rowsOf(rows...)}}}); err != nil {
			b.Fatal(err)
		}
		for range 2 {
			r, err := s.ImportGrids(context.Background(), Grids{File: file, Datum: geo.GCJ02, From: day0})
			if err != nil || r.Added+r.Unchanged != 10000 {
				b.Fatalf("%+v %v", r, err)
			}
		}
	}
}

// BenchmarkPicture draws a street's map.
func BenchmarkPicture(b *testing.B) {
	s := drawn(b)
	req := PictureRequest{View: s.FitView(context.Background(), "", 640, 480), Names: true}
	b.Run("svg", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Picture(context.Background(), req, say); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("png", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.PicturePNG(context.Background(), req); err != nil {
				b.Fatal(err)
			}
		}
	})
}
