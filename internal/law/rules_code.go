package law

import (
	"strconv"
	"strings"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Normal brings a code as people type it into the one form that is kept: no
// spaces or hyphens, full-width characters made half-width, capital letters.
func Normal(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '\uff01' && r <= '\uff5e':
			r -= 0xfee0
		case r == '\u3000':
			r = ' '
		}
		switch {
		case r == ' ' || r == '\t' || r == '-':
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, code)
}

// CheckID says whether value is a citizen identity number (GB 11643-1999): 17
// digits and a check character 0-9 or X, with a birth date that exists. The area
// is not looked up, so fictitious numbers of area 99 pass. The old number of 15
// digits is refused. The reason is a text key, "" when it is good.
func CheckID(value string) (ok bool, reasonKey string) {
	switch {
	case len(value) == 15 && digits(value):
		return false, "law.code.id15"
	case len(value) != 18:
		return false, "law.code.length18"
	case !digits(value[:17]):
		return false, "law.code.id_digits"
	case !digits(value[17:]) && value[17] != 'X':
		return false, "law.code.id_last"
	}
	if _, exists := birth(value); !exists {
		return false, "law.code.birth"
	}
	if value[17] != idCheck(value) {
		return false, "law.code.check"
	}
	return true, ""
}

// CheckIDOn is CheckID, and refuses a person born after the day.
func CheckIDOn(value string, day clock.Day) (ok bool, reasonKey string) {
	if ok, reason := CheckID(value); !ok {
		return false, reason
	}
	if born, _ := birth(value); born > day {
		return false, "law.code.unborn"
	}
	return true, ""
}

// Birth is the birth date in a good identity number; fault law.code with the reason when it is none.
func Birth(id string) (clock.Day, error) {
	if ok, reason := CheckID(id); !ok {
		return 0, fault.New(fault.Invalid, "law.code", "reason", text.Key(reason))
	}
	day, _ := birth(id)
	return day, nil
}

// Sex is "male" or "female" by a good identity number (the 17th digit odd or even).
func Sex(id string) (string, error) {
	if ok, reason := CheckID(id); !ok {
		return "", fault.New(fault.Invalid, "law.code", "reason", text.Key(reason))
	}
	if (id[16]-'0')%2 == 1 {
		return "male", nil
	}
	return "female", nil
}

func birth(id string) (clock.Day, bool) {
	y, _ := strconv.Atoi(id[6:10])
	m, _ := strconv.Atoi(id[10:12])
	d, _ := strconv.Atoi(id[12:14])
	day := clock.Date(y, time.Month(m), d)
	yy, mm, dd := day.Date()
	return day, y >= 1800 && yy == y && int(mm) == m && dd == d
}

var idWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

func idCheck(id string) byte {
	sum := 0
	for i, w := range idWeights {
		sum += int(id[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// uscLetters are the 31 characters of a unified social credit code, by value.
const uscLetters = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CheckUSC says whether value is a unified social credit code (GB 32100-2015):
// 18 characters without I O S V Z, an area of six digits, the organisation code
// with its own check character (GB 11714-1997), and the check character over all.
// The registering department is not looked up. The reason is a text key.
func CheckUSC(value string) (ok bool, reasonKey string) {
	if len(value) != 18 {
		return false, "law.code.length18"
	}
	for i := range len(value) {
		if strings.IndexByte(uscLetters, value[i]) < 0 {
			return false, "law.code.usc_letters"
		}
	}
	switch {
	case !digits(value[2:8]):
		return false, "law.code.usc_area"
	case value[16] != orgCheck(value[8:16]):
		return false, "law.code.usc_org"
	case value[17] != uscCheck(value):
		return false, "law.code.check"
	}
	return true, ""
}

func uscCheck(code string) byte {
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(uscLetters, code[i]) * weight
		weight = weight * 3 % 31
	}
	return uscLetters[(31-sum%31)%31]
}

var orgWeights = [8]int{3, 7, 9, 10, 5, 8, 4, 2}

// orgCheck counts all 26 letters (A is 10), unlike the code around it.
func orgCheck(code string) byte {
	sum := 0
	for i, w := range orgWeights {
		v := int(code[i] - '0')
		if code[i] >= 'A' {
			v = int(code[i]-'A') + 10
		}
		sum += v * w
	}
	return "0X987654321"[sum%11]
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
