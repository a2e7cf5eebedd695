package area

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/geo"
)

// Locate in the index says the same as looking at every grid one by one.
func TestLocateAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Grid
		n := rapid.IntRange(0, 25).Draw(t, "grids")
		for i := range n {
			list = append(list, Grid{Code: fmt.Sprintf("320703001001%03d", i+1), Name: fmt.Sprint(i), Shape: drawShape(t)})
		}
		x := newIndex(append([]Grid(nil), list...), 0, 0)
		p := pt(119.2+rapid.Float64Range(-0.05, 0.1).Draw(t, "x"), 34.7+rapid.Float64Range(-0.05, 0.1).Draw(t, "y"))
		if n > 0 && rapid.IntRange(0, 3).Draw(t, "on a corner") == 0 {
			c := list[0].Shape[0][0][0]
			p = pt(c[0], c[1])
		}
		u := rapid.SampledFrom([]float64{0, 0.5, 3, 50, 150, 201, 900, 5000, 99999}).Draw(t, "uncertainty")
		got, want := x.locate(p, u), bruteForce(list, p, u)
		if got.Status == Inside && len(got.Suggestions) == 1 {
			want.Suggestions = want.Suggestions[:1] // the plain case names its grid only
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%v ± %g: %s", p, u, diff)
		}
	})
}

// drawShape draws a star-shaped ring on the lattice of 1e-7 degrees.
func drawShape(t *rapid.T) geo.Shape {
	cx, cy := 119.2+rapid.Float64Range(0, 0.05).Draw(t, "cx"), 34.7+rapid.Float64Range(0, 0.05).Draw(t, "cy")
	n := rapid.IntRange(3, 9).Draw(t, "corners")
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		r := rapid.Float64Range(0.001, 0.02).Draw(t, "r")
		ring = append(ring, orb.Point{round7(cx + r*math.Cos(a)), round7(cy + r*math.Sin(a))})
	}
	return geo.Shape{orb.Polygon{append(ring, ring[0])}}
}

func bruteForce(list []Grid, p Point, u float64) Located {
	out := Located{Status: Outside}
	border, reached, holds := false, 0, ""
	for _, g := range list {
		b := geo.BoundaryDistance(g.Shape, p)
		meters := b
		if geo.Contains(g.Shape, p) {
			meters, holds = 0, g.Code
		}
		border = border || b <= borderWithin
		if meters <= u {
			reached++
		}
		at := 0
		for at < len(out.Suggestions) && (out.Suggestions[at].Meters < meters || out.Suggestions[at].Meters == meters && out.Suggestions[at].Grid < g.Code) {
			at++
		}
		out.Suggestions = append(out.Suggestions[:at], append([]Suggestion{{Grid: g.Code, Name: g.Name, Meters: meters}}, out.Suggestions[at:]...)...)
	}
	if len(out.Suggestions) > suggested {
		out.Suggestions = out.Suggestions[:suggested]
	}
	switch {
	case border:
		out.Status = Border
	case reached > 1:
		out.Status = Several
	case holds != "":
		out.Status, out.Grid = Inside, holds
	case reached == 1 || len(out.Suggestions) > 0 && out.Suggestions[0].Meters <= gapWithin:
		out.Status = Gap
	}
	return out
}

// A star-shaped ring is simple; with two corners swapped it may not be. The
// sweep says the same as comparing every pair of sides.
func TestCrossingAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 12).Draw(t, "n")
		ring := make(orb.Ring, 0, n+1)
		for range n {
			ring = append(ring, orb.Point{119 + float64(rapid.IntRange(0, 8).Draw(t, "x"))/1000, 34 + float64(rapid.IntRange(0, 8).Draw(t, "y"))/1000})
		}
		ring = append(ring, ring[0])
		s := geo.Shape{orb.Polygon{ring}}
		_, got := findCrossing(s)
		all := edges(s)
		want := false
		for i := range all {
			for j := i + 1; j < len(all); j++ {
				want = want || mustNotMeet(&all[i], &all[j])
			}
		}
		if got != want {
			t.Fatalf("sweep says %v, pairs say %v: %v", got, want, ring)
		}
	})
}

// Askers go on while grids change, on this node and on another.
func TestLocateWhileGridsChange(t *testing.T) {
	d := dbtest.SQLite(t)
	a, hand := open(t, d)
	withCommunities(t, a)
	b, err := New(context.Background(), d, hand, a.lists)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var wait sync.WaitGroup
	for _, s := range []*Service{a, b} {
		for range 2 {
			wait.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					at, err := s.Locate(context.Background(), pt(119.2025, 34.7025), 1)
					if err != nil || at.Status != Outside && at.Status != Inside {
						t.Errorf("%+v %v", at, err)
						return
					}
					s.Grids(context.Background(), east)
				}
			})
		}
	}
	for i := range 20 {
		load(t, a, day0, box(prop(east+"001", east, fmt.Sprint("第", i)), 0, 0, 5, 5+float64(i)/100))
		hand.Advance(lookEvery)
	}
	hand.Advance(lookEvery)
	close(stop)
	wait.Wait()
	for _, s := range []*Service{a, b} {
		if err := s.Refresh(context.Background()); err != nil {
			t.Fatal(err)
		}
		if g, err := s.Grid(context.Background(), east+"001"); err != nil || g.Name != "第19" {
			t.Errorf("%s %v", g.Name, err)
		}
	}
}

func BenchmarkLocate100000(b *testing.B) {
	var list []Grid
	for i := range 100000 {
		cx, cy := 119+float64(i%400)/400, 34+float64(i/400)/250
		ring := make(orb.Ring, 0, 31)
		for k := range 30 {
			a := 2 * math.Pi * float64(k) / 30
			ring = append(ring, orb.Point{cx + math.Cos(a)*0.00124, cy + math.Sin(a)*0.00199})
		}
		list = append(list, Grid{Code: fmt.Sprintf("320703%09d", i), Shape: geo.Shape{orb.Polygon{append(ring, ring[0])}}})
	}
	x := newIndex(list, 0, 0)
	for _, c := range []struct {
		name string
		u    float64
		step float64
	}{{"inside", 5, 0}, {"mixed", 30, 0.0007}, {"gap", 5, 0.00124}} {
		b.Run(c.name, func(b *testing.B) {
			inside := 0
			i := 0
			for b.Loop() {
				i = (i + 7919) % 100000
				p := pt(119+float64(i%400)/400+c.step, 34+float64(i/400)/250+c.step)
				if x.locate(p, c.u).Status == Inside {
					inside++
				}
			}
			b.ReportMetric(float64(inside)/float64(b.N), "inside/op")
		})
	}
}
