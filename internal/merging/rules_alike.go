package merging

import (
	"math"
	"slices"

	"linli/internal/casework"
	"linli/internal/kit/geo"
	"linli/internal/kit/text"
	"linli/internal/procedure"
)

// nearMeters is how far apart two reports of one matter mostly are.
const nearMeters = 300

// How much two requests must have in common to be shown side by side, and to be
// ticked beforehand: a person decides in either case.
const (
	likeShown  = 45
	likeTicked = 70
)

// alike says in hundredths how likely two requests are one matter: by class, by
// distance or community, and by what the words have in common. meters is -1
// where the distance is not known.
func alike(a, b *casework.Case) (score, meters int) {
	meters = -1
	if a.Class != "" && a.Class == b.Class {
		score += 35
	}
	here, _ := a.Values["place"].(procedure.Place)
	there, _ := b.Values["place"].(procedure.Place)
	switch {
	case here.Point() && there.Point():
		meters = int(math.Ceil(geo.Distance(geo.Point{Lon: here.Lon, Lat: here.Lat}, geo.Point{Lon: there.Lon, Lat: there.Lat})))
		if meters <= nearMeters {
			score += 30
		} else if meters <= 4*nearMeters {
			score += 15
		}
	case community(a.Area) != "" && community(a.Area) == community(b.Area):
		score += 20
	}
	return min(score+pairsInCommon(a.Values.Text("words"), b.Values.Text("words"))*2/5, 100), meters
}

// pairsInCommon is the share of pairs of characters that two texts have in common
// (Dice), in hundredths.
func pairsInCommon(a, b string) int {
	x, y := text.Bigrams(a), text.Bigrams(b)
	if len(x)+len(y) == 0 {
		return 0
	}
	rest, both := slices.Clone(y), 0
	for _, g := range x {
		if i := slices.Index(rest, g); i >= 0 {
			both++
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return 200 * both / (len(x) + len(y))
}

// standing orders cases by how fit they are to lead: whom others follow already,
// then the further on, then the earlier due, then the earlier reported.
func standing(a, b casework.Row, followed map[string]casework.Heard) int {
	steps := []string{"answered", "handling", "waiting", "held", "disputed", "dispatched", "received", "asking"}
	step := func(r casework.Row) int {
		if i := slices.Index(steps, r.State); i >= 0 {
			return i
		}
		return len(steps)
	}
	due := func(r casework.Row) int64 {
		if r.Due == 0 {
			return math.MaxInt64
		}
		return int64(r.Due)
	}
	for _, d := range [][2]int64{{-min(followed[a.ID].Followers, 1), -min(followed[b.ID].Followers, 1)}, {int64(step(a)), int64(step(b))},
		{due(a), due(b)}, {int64(a.Opened), int64(b.Opened)}} {
		if d[0] != d[1] {
			if d[0] < d[1] {
				return -1
			}
			return 1
		}
	}
	return 0
}
