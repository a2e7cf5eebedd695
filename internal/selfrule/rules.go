package selfrule

// line is one article of a text: in both versions, or in one of them only.
type line struct {
	Old, New string
	Changed  bool
}

// mostCompared bounds the articles that are compared one by one.
const mostCompared = 600

// beside lays two texts side by side: what they share stands in one row.
func beside(before, now []string) []line {
	if len(before) > mostCompared || len(now) > mostCompared {
		before, now = before[:min(len(before), mostCompared)], now[:min(len(now), mostCompared)]
	}
	// longest[i][j] is how many articles before[i:] and now[j:] share in order.
	longest := make([][]int, len(before)+1)
	for i := range longest {
		longest[i] = make([]int, len(now)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(now) - 1; j >= 0; j-- {
			if before[i] == now[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var out []line
	i, j := 0, 0
	for i < len(before) || j < len(now) {
		switch {
		case i < len(before) && j < len(now) && before[i] == now[j]:
			out = append(out, line{before[i], now[j], false})
			i, j = i+1, j+1
		case j == len(now) || i < len(before) && longest[i+1][j] >= longest[i][j+1]:
			out = append(out, line{Old: before[i], Changed: true})
			i++
		default:
			last := len(out) - 1
			if last >= 0 && out[last].Changed && out[last].New == "" { // an article took another's place
				out[last].New = now[j]
			} else {
				out = append(out, line{New: now[j], Changed: true})
			}
			j++
		}
	}
	return out
}
