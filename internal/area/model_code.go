package area

import (
	"strings"

	"linli/internal/kit/fault"
)

// Level is a step of the division tree.
type Level int

// The levels, top to bottom; NoLevel for what is no code.
const (
	NoLevel   Level = iota
	Province        // 2 digits
	City            // 4
	County          // 6
	Street          // 9: street, town or township
	Community       // 12: village or community
	GridLevel       // more
)

// TextKey is the key of the level's title.
func (l Level) TextKey() string {
	return "area.level." + [...]string{"none", "province", "city", "county", "street", "community", "grid"}[l]
}

var digitsOf = [...]int{Province: 2, City: 4, County: 6, Street: 9, Community: 12}

// LevelOf reads the level off a code's length; NoLevel where it is no code.
func LevelOf(code string) Level {
	if !digits(code) {
		return NoLevel
	}
	for l := Province; l <= Community; l++ {
		if len(code) == digitsOf[l] {
			return l
		}
	}
	if len(code) > 12 && len(code) <= mostDigits {
		return GridLevel
	}
	return NoLevel
}

// mostDigits bounds a grid's code: twelve of the community and at most eight.
const mostDigits = 20

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Parent is the code one level up; "" for a province and for what is no code.
func Parent(code string) string {
	l := LevelOf(code)
	if l <= Province {
		return ""
	}
	return code[:digitsOf[l-1]]
}

// Above lists the codes of all areas that contain this one, largest first,
// without its own.
func Above(code string) []string {
	var out []string
	for l := Province; l < LevelOf(code); l++ {
		out = append(out, code[:digitsOf[l]])
	}
	return out
}

// Under reports whether code lies in the area top or is it. Everything lies
// under "".
func Under(code, top string) bool { return strings.HasPrefix(code, top) }

// last is the greatest code that starts with prefix; together with prefix
// itself it makes a range that both databases read off an index, whatever
// their collation does to characters that are no digits.
func last(prefix string) string { return prefix + strings.Repeat("9", max(0, mostDigits-len(prefix))) }

// Kind says what an area is by the number range of its code.
type Kind string

// The kinds, by 统计用区划代码编制规则.
const (
	KindNone          Kind = ""               // province, city, county, grid
	KindSubdistrict   Kind = "subdistrict"    // 街道 001-099
	KindTown          Kind = "town"           // 镇 100-199
	KindTownship      Kind = "township"       // 乡 200-399
	KindEnterprise    Kind = "enterprise"     // 政企合一单位 400-599
	KindResidents     Kind = "residents"      // 居委会 001-199
	KindVillagers     Kind = "villagers"      // 村委会 200-399
	KindLikeResidents Kind = "like_residents" // 类似居委会 400-499
	KindLikeVillagers Kind = "like_villagers" // 类似村委会 500-599
	KindOther         Kind = "other"          // a number that no range holds
)

// TextKey is the key of the kind's title.
func (k Kind) TextKey() string { return "area.kind." + string(k) }

type numbers struct {
	from, to string
	kind     Kind
}

// The ranges of the last three digits. Those of villages from 200 on are read
// off the 2023 table, see domain/rules.md 7.
var (
	streetNumbers = []numbers{
		{"001", "099", KindSubdistrict}, {"100", "199", KindTown},
		{"200", "399", KindTownship}, {"400", "599", KindEnterprise},
	}
	communityNumbers = []numbers{
		{"001", "199", KindResidents}, {"200", "399", KindVillagers},
		{"400", "499", KindLikeResidents}, {"500", "599", KindLikeVillagers},
	}
)

// KindOf reads the kind off a code; false where a street's or community's
// number stands in no known range (the national table has two such rows).
func KindOf(code string) (Kind, bool) {
	var ranges []numbers
	switch LevelOf(code) {
	case Street:
		ranges = streetNumbers
	case Community:
		ranges = communityNumbers
	default:
		return KindNone, true
	}
	n := code[len(code)-3:]
	for _, r := range ranges {
		if n >= r.from && n <= r.to {
			return r.kind, true
		}
	}
	return KindOther, false
}

// CheckCode refuses what is no code of a division: digits only, 2, 4, 6, 9 or
// 12 of them, and a province number that exists, or 99, which none has: invented
// counties of demos and tests begin with it. Faults: area.code_shape,
// area.code_province.
func CheckCode(code string) error {
	l := LevelOf(code)
	if l == NoLevel || l == GridLevel {
		return fault.New(fault.Invalid, "area.code_shape", "code", short(code)).At("code")
	}
	if (code < "11" || code >= "83") && !strings.HasPrefix(code, "99") {
		return fault.New(fault.Invalid, "area.code_province", "code", code).At("code")
	}
	return nil
}

// short keeps a wrong value readable in a message.
func short(s string) string {
	r := []rune(strings.ToValidUTF8(s, "\ufffd"))
	if len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return string(r)
}
