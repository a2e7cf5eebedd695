package disclosure

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/kit/privacy"
	"linli/internal/procedure"
)

// Found is something in a text that points to a person, with where it stands.
type Found struct {
	privacy.Finding
	Field string
	Line  int // from 1
	At    int // character of the line, from 1
	Words string
}

// leastNumber is how long a number is that is looked for inside others.
const leastNumber = 6

// leastReason is how many characters say why a number is nobody's.
const leastReason = 2

// cleared reads the numbers that a person marked as nobody's: one a line, the
// number, a blank, the reason. A line without a reason clears nothing.
func cleared(said string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(said) {
		number, reason, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && utf8.RuneCountInString(strings.TrimSpace(reason)) >= leastReason {
			out[bare(number)] = true
		}
	}
	return out
}

// bare is a number without what may stand between its digits.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, string(privacy.Folded([]rune(s))))
}

// private finds what points to a person in one field's words.
func private(check *privacy.Check, field, words string, clear map[string]bool) (out []Found) {
	runes := []rune(words)
	for _, f := range check.FindPublished(words) {
		found := Found{Finding: f, Field: field, Words: string(runes[f.From:f.To])}
		if clear[bare(found.Words)] {
			continue
		}
		before := string(runes[:f.From])
		found.Line = strings.Count(before, "\n") + 1
		found.At = utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
		out = append(out, found)
	}
	return out
}

// publishable are the fields of words that some act of a procedure publishes.
func publishable(p *procedure.Procedure) (out []string) {
	for _, f := range p.Form {
		if f.Type != "text" && f.Type != "lines" {
			continue
		}
		if slices.ContainsFunc(p.Acts, func(a *procedure.Act) bool { return slices.Contains(a.Publish, f.Name) }) {
			out = append(out, f.Name)
		}
	}
	return out
}

// privateIn finds what points to a person in all words that a case may publish.
func privateIn(check *privacy.Check, p *procedure.Procedure, v casework.Values) (out []Found) {
	clear := cleared(v.Text(fieldCleared))
	for _, name := range publishable(p) {
		out = append(out, private(check, name, v.Text(name), clear)...)
	}
	return out
}

// held is the refusal for what was found first: its kind and its place. It shows
// no more than the first signs.
func held(list []Found, norm string) error {
	f := list[0]
	runes := []rune(f.Words)
	return fault.New(fault.Unmet, "disclosure.found."+f.Kind, "line", f.Line, "at", f.At, "begins", string(runes[:min(3, len(runes))]), "n", len(list)).
		Under(norm).At(f.Field)
}

// files are all attachments that the acts of a case brought, with who brought
// each last.
func files(acts []casework.Entry) map[string]string {
	out := map[string]string{}
	for _, a := range acts {
		if a.Annulled {
			continue
		}
		for _, id := range a.Values.List(fieldDocument) {
			out[id] = a.Person
		}
	}
	return out
}

// looked are the files that somebody other than who brought them has looked at.
func looked(acts []casework.Entry) map[string]bool {
	brought, out := files(acts), map[string]bool{}
	for _, a := range acts {
		if id := a.Values.Text(fieldFile); a.Act == actLook && !a.Annulled && id != "" && a.Person != "" && a.Person != brought[id] {
			out[id] = true
		}
	}
	return out
}

// strike strikes words out of a value wherever they stand: as they are written,
// and as a number with other signs between its digits.
func strike(check *privacy.Check, words []string) func(field string, value any) (any, bool) {
	holds := func(found string) bool { // what is found may reach further than the number
		return slices.ContainsFunc(words, func(w string) bool { return len(bare(w)) >= leastNumber && strings.Contains(bare(found), bare(w)) })
	}
	return func(_ string, value any) (any, bool) {
		s, isText := value.(string)
		if !isText {
			return value, false
		}
		runes := []rune(s)
		var marks []privacy.Mark
		for _, w := range words {
			marks = append(marks, privacy.Occurrences(s, w)...)
		}
		for _, f := range check.FindPublished(s) {
			if holds(string(runes[f.From:f.To])) {
				marks = append(marks, privacy.Mark{From: f.From, To: f.To})
			}
		}
		return privacy.Strike(s, marks), len(marks) > 0
	}
}
