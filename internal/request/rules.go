package request

import (
	"strings"

	"linli/internal/duty"
)

// sureScore and sureLead say when words name a class beyond doubt: a whole word
// of the class stands in them, and no other class comes near.
const (
	sureScore = 400
	sureLead  = 120
)

// sure is the class that words name beyond doubt; false where a person has to
// choose.
func sure(found []duty.ClassMatch) (duty.Class, bool) {
	if len(found) == 0 || found[0].Word == "" || found[0].Score < sureScore {
		return duty.Class{}, false
	}
	if len(found) > 1 && found[0].Score-found[1].Score < sureLead {
		return duty.Class{}, false
	}
	return found[0].Class, true
}

// longestTitle is how many characters a title made from words has.
const longestTitle = 30

// titled makes a case's title from the reporter's words: their first line, cut
// at the end of a clause where there is one.
func titled(words string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(words), "\n")
	runes := []rune(strings.Join(strings.Fields(line), " "))
	if len(runes) <= longestTitle {
		return string(runes)
	}
	for i := longestTitle; i > longestTitle/2; i-- {
		if strings.ContainsRune("\u3002\uff01\uff1f\uff0c\uff1b\u3001.!?;, ", runes[i]) {
			return string(runes[:i])
		}
	}
	return string(runes[:longestTitle]) + "\u2026"
}
