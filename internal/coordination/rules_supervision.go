package coordination

import (
	"slices"
	"strings"

	"linli/internal/identity"
)

// Levels of supervision; the values of an order's field level.
const (
	levelCounty     = "county"
	levelStreet     = "street"
	levelDepartment = "department"
)

// supervises are the kinds of post by which somebody supervises. An auditor sees
// and asks nobody.
var supervises = []string{"leader", "inspector", "head"}

// streetDigits is how long the code of a street or township is; what is shorter is
// over a county.
const streetDigits = 9

// above says whether the holder of a post in an office stands above the unit that
// holds a case, and on which level: by an area that the post is over, as the unit
// above it, or as the department that owns a station. Nobody stands above their own
// unit, nor above one that theirs belongs to.
func above(p identity.Post, office, handling identity.Unit) (level string, ok bool) {
	if !slices.Contains(supervises, p.Kind) || office.Within(handling.Path) {
		return "", false
	}
	if p.Area != "" && handling.Area != "" && strings.HasPrefix(handling.Area, p.Area) {
		if len(p.Area) < streetDigits {
			return levelCounty, true
		}
		return levelStreet, true
	}
	if !handling.Within(office.Path) && handling.Owner != office.ID {
		return "", false
	}
	switch office.Kind {
	case "government":
		return levelCounty, true
	case "street":
		return levelStreet, true
	}
	return levelDepartment, true
}

// longestTitle is how much of a note stands as its title, in characters.
const longestTitle = 30

// beginning is the first line of a text, as far as a title goes.
func beginning(words string) string {
	line, _, more := strings.Cut(words, "\n")
	if runes := []rune(line); len(runes) > longestTitle {
		line, more = string(runes[:longestTitle]), true
	}
	if more {
		line += "…"
	}
	return line
}
