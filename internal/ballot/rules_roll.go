package ballot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Bounds of a roll's texts, in characters, and of its lines.
const (
	mostName  = 60
	mostWord  = 60
	mostLines = 20_000
)

// belongs says whether a person of the roll counts for the body: the others are
// listed, and may neither come nor be counted.
func (b Body) belongs(l Line) bool {
	switch {
	case b.general():
		return l.Adult
	case b.chosen():
		return l.Represent || l.Committee
	case b == CollectiveAssembly, b == CollectiveDelegates, b == CollectiveBoard:
		return l.Capable
	case b == PartyMeeting:
		return l.Party
	}
	return false
}

// count makes the wholes of a body out of its lines.
func count(b Body, lines []Line) Counts {
	c := Counts{People: int64(len(lines))}
	houses := map[string]bool{}
	for _, l := range lines {
		if !b.belongs(l) {
			continue
		}
		c.Members++
		if l.Adult {
			c.Adults++
		}
		if l.Household != "" {
			houses[l.Household] = true
		}
		if l.ForHouse {
			c.ForHouseholds++
		}
		if l.Represent {
			c.Representatives++
			if l.Woman {
				c.Women++
			}
		}
	}
	c.Households = int64(len(houses))
	return c
}

// digest commits to a roll: its head and every line in order, salted, so that
// nobody can try out names against it.
func digest(r Roll) string {
	h := sha256.New()
	e := json.NewEncoder(h)
	_ = e.Encode([]any{"linli roll 1", r.Salt, r.Area, r.Body, r.Group, r.AsOf}) // a hash takes everything
	for _, l := range r.lines {
		_ = e.Encode(l)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// clean brings a line into form. Faults: Invalid at the column.
func (l *Line) clean() error {
	for _, f := range []struct {
		to    *string
		field string
		most  int
	}{{&l.Name, "name", mostName}, {&l.Household, "household", mostWord}, {&l.Group, "group", mostWord}, {&l.Unit, "unit", mostWord}} {
		s, err := text.Clean(*f.to, f.most)
		if err != nil {
			return fault.Of(err).At(f.field)
		}
		if looksLikeNumberOfPerson(s) {
			return fault.New(fault.Invalid, "ballot.id_value").At(f.field)
		}
		*f.to = s
	}
	if l.Name == "" {
		return fault.New(fault.Invalid, "ballot.no_name").At("name")
	}
	return nil
}

// looksLikeNumberOfPerson finds an identity or account number in a cell.
func looksLikeNumberOfPerson(s string) bool {
	run := 0
	for _, r := range text.Fold(s) {
		if r >= '0' && r <= '9' || r == 'x' && run >= 14 {
			if run++; run >= 15 {
				return true
			}
		} else {
			run = 0
		}
	}
	return false
}

// fits says why a line cannot stand on the roll of a body.
func (b Body) fits(l Line) error {
	switch {
	case b.general() && l.Household == "":
		return fault.New(fault.Invalid, "ballot.no_household").At("household")
	case l.ForHouse && !l.Adult:
		return fault.New(fault.Invalid, "ballot.child_for_household").At("household_representative")
	case b.chosen() && !l.Represent && !l.Committee:
		return fault.New(fault.Invalid, "ballot.neither").At("representative")
	case b == PartyMeeting && !l.Party:
		return fault.New(fault.Invalid, "ballot.no_member").At("party")
	case (b == CollectiveDelegates || b == CollectiveBoard) && !l.Capable:
		return fault.New(fault.Invalid, "ballot.not_capable").At("capable")
	case b == CollectiveAssembly && l.Household == "":
		return fault.New(fault.Invalid, "ballot.no_household").At("household")
	}
	return nil
}

// whole says what is wrong between the lines: two of one name in a household,
// and two who represent it. The keys are line numbers.
func whole(lines []Line) map[int64]*fault.Fault {
	out := map[int64]*fault.Fault{}
	person, house := map[string]int64{}, map[string]int64{}
	for _, l := range lines {
		who := text.Fold(l.Name) + "\x00" + text.Fold(l.Household) + "\x00" + text.Fold(l.Unit)
		if other, twice := person[who]; twice {
			out[l.No] = fault.New(fault.Invalid, "ballot.twice", "other", other).At("name")
		}
		person[who] = l.No
		if !l.ForHouse || l.Household == "" {
			continue
		}
		if other, twice := house[l.Household]; twice {
			out[l.No] = fault.New(fault.Invalid, "ballot.household_twice", "household", l.Household, "other", other).At("household_representative")
		}
		house[l.Household] = l.No
	}
	return out
}

// enough says whether a body can meet at all with these counts.
func (b Body) enough(c Counts) error {
	if c.Members == 0 {
		return fault.New(fault.Invalid, "ballot.nobody", "body", b.Key()).At("file")
	}
	return nil
}

// composition is the decision rule about the composition of a body and its facts;
// "" where the law has none.
func (b Body) composition(c Counts) (rule string, facts map[string]any) {
	switch b {
	case VillageRepresentatives:
		return "vc.repmeeting.composition", map[string]any{"members": c.Members, "representatives": c.Representatives, "women_representatives": c.Women}
	case ResidentsRepresentatives:
		return "rc.repmeeting.composition", map[string]any{"members": c.Members, "representatives": c.Representatives}
	case CollectiveDelegates:
		return "rceo.delegates", map[string]any{"delegates": c.Members}
	}
	return "", nil
}

// matches says whether a line is found by what somebody typed: its number, a part
// of the name, or the household.
func (l Line) matches(typed string) bool {
	q := text.Fold(typed)
	if q == "" {
		return true
	}
	if n, err := strconv.ParseInt(q, 10, 64); err == nil && n == l.No {
		return true
	}
	return strings.Contains(text.Fold(l.Name), q) || text.Fold(l.Household) == q
}
