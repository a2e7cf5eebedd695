package request

import (
	"linli/internal/area"
)

// common is the code of the smallest area that holds all the codes; "" where
// they share none. It never says more than the codes say together.
func common(codes []string) string {
	if len(codes) == 0 {
		return ""
	}
	shared := codes[0]
	for _, c := range codes[1:] {
		n := 0
		for n < len(shared) && n < len(c) && shared[n] == c[n] {
			n++
		}
		shared = shared[:n]
	}
	for _, c := range codes {
		if c != shared {
			return whole(shared)
		}
	}
	return shared
}

// whole cuts a run of digits back to the last whole code of a division in it.
func whole(digits string) string {
	best := ""
	for _, n := range []int{2, 4, 6, 9, 12} {
		if len(digits) >= n {
			best = digits[:n]
		}
	}
	return best
}

// surely is the smallest area that certainly holds a located point, within the
// root: the grid, what the grids it may lie in have in common, or the root.
func surely(at area.Located, uncertainty float64, root string) string {
	switch at.Status {
	case area.Inside:
		return at.Grid
	case area.Border, area.Several:
		reach := max(uncertainty, 1)
		var codes []string
		for _, g := range at.Suggestions {
			if g.Meters <= reach {
				codes = append(codes, g.Grid)
			}
		}
		if code := common(codes); len(codes) > 0 && area.LevelOf(code) >= area.County && area.Under(code, root) {
			return code
		}
	}
	// in a gap nothing is certain: the next grid may be of another street
	return root
}

// community is the part of a code that public pages show; "" above a community.
func community(code string) string {
	if len(code) < 12 {
		return ""
	}
	return code[:12]
}
