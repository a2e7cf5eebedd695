package desk

import (
	"crypto/subtle"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
)

// A file that was kept at an earlier try travels in its form as a ticket: its id,
// signed for the form's key, the field and who asks. The id alone, which others
// may see on the page of a case, attaches nothing.

func ticketFor(keys *seal.Keys, key, field, who, id string) string {
	return id + "." + keys.Keyed("desk ticket", strings.Join([]string{key, field, who, id}, " "))[:20]
}

// ticketIDs are the ids of tickets of one form. Fault: Invalid desk.file_not_yours
// where one is of another; the ids of the others are given all the same.
func ticketIDs(keys *seal.Keys, key, field, who string, tickets []string) (ids []string, err error) {
	for _, t := range tickets {
		id, _, _ := strings.Cut(t, ".")
		switch {
		case t == "":
		case key == "" || subtle.ConstantTimeCompare([]byte(t), []byte(ticketFor(keys, key, field, who, id))) != 1:
			err = fault.New(fault.Invalid, "desk.file_not_yours").At(field)
		default:
			ids = append(ids, id)
		}
	}
	return ids, err
}

// ticketHolder is for whom tickets are good: a person, or who follows by a link.
func ticketHolder(a identity.Actor) string { return a.Person + " " + a.Party.ID }
