package identity

import (
	"regexp"
	"slices"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

var (
	unitID       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	unitFunction = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
)

// areaLengths are the lengths of area codes: province, city, county, street,
// village or community, grid.
var areaLengths = []int{2, 4, 6, 9, 12, 15}

func checkArea(code, field string) error {
	if code != "" && (!digits(code) || !slices.Contains(areaLengths, len(code))) {
		return fault.New(fault.Invalid, "identity.area_code", "code", code).At(field)
	}
	return nil
}

// cleanName makes a name safe: one line, not empty.
func cleanName(s, field string, max int) (string, error) {
	s, err := text.Clean(s, max)
	if err != nil {
		return "", fault.Of(err).At(field)
	}
	if s == "" {
		return "", fault.New(fault.Invalid, "identity.name_missing").At(field)
	}
	if strings.ContainsAny(s, "\n\t") {
		return "", fault.New(fault.Invalid, "identity.one_line").At(field)
	}
	return s, nil
}

// LongestName of a unit or person, in characters.
const LongestName = 100

// checkUnit judges a unit as it shall be, against the tree it goes into.
func checkUnit(u Unit, t *tree, now clock.Instant) (Unit, error) {
	var err error
	if !unitID.MatchString(u.ID) {
		return u, fault.New(fault.Invalid, "identity.unit_id", "unit", u.ID).At("id")
	}
	if u.Name, err = cleanName(u.Name, "name", LongestName); err != nil {
		return u, err
	}
	if u.NameEn != "" {
		if u.NameEn, err = cleanName(u.NameEn, "name_en", LongestName); err != nil {
			return u, err
		}
	}
	if !slices.Contains(UnitKinds(), u.Kind) {
		return u, fault.New(fault.Invalid, "identity.unit_kind", "kinds", UnitKinds()).At("kind")
	}
	if u.Function != "" && !unitFunction.MatchString(u.Function) {
		return u, fault.New(fault.Invalid, "identity.unit_function").At("function")
	}
	if err := checkArea(u.Area, "area"); err != nil {
		return u, err
	}
	return u, checkPlace(u, t, now)
}

// checkPlace judges where a unit stands: parent, owner and commander are open
// units and not itself or below it, its area lies within what the parent
// answers for.
func checkPlace(u Unit, t *tree, now clock.Instant) error {
	own := "/" + u.ID + "/"
	if u.Parent != "" {
		parent, err := t.get(u.Parent, "parent", now)
		if err != nil {
			return err
		}
		if parent.ID == u.ID || strings.Contains(parent.Path, own) {
			return fault.New(fault.Invalid, "identity.unit_circle").At("parent")
		}
		if above := t.area(u.Parent); u.Area != "" && !strings.HasPrefix(u.Area, above) {
			return fault.New(fault.Invalid, "identity.area_outside", "code", u.Area, "above", above).At("area")
		}
	}
	for field, id := range map[string]string{"owner": u.Owner, "commander": u.Commander} {
		if id == "" {
			continue
		}
		if _, err := t.get(id, field, now); err != nil {
			return err
		}
		if id == u.ID {
			return fault.New(fault.Invalid, "identity.unit_circle").At(field)
		}
	}
	return nil
}

// fields are the unit as its leaf commits to it.
func (u Unit) fields() map[string]string {
	return map[string]string{
		"id": u.ID, "parent": u.Parent, "name": u.Name, "name_en": u.NameEn, "kind": u.Kind, "function": u.Function,
		"area": u.Area, "owner": u.Owner, "commander": u.Commander, "until": number(u.Until),
	}
}
