package deliberation

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"linli/internal/casework"
	"linli/internal/kit/text"
)

// Groups of statements, as plainly as they can be told.
const (
	ByMost     = "most"     // two thirds or more of those with a view agree
	AgainstBy  = "against"  // two thirds or more of them disagree
	Disputed   = "disputed" // neither
	FewAnswers = "few"      // too few to say
)

// leastAnswers is how many must have answered before a statement is said to be
// agreed or disputed. It is this house's own measure and no norm.
const leastAnswers = 5

// Group says which of the groups a statement belongs to. Nothing is known of who
// answered, and nothing is reckoned between statements.
func (t Tally) Group() string {
	views := t.Agree + t.Disagree
	switch {
	case views+t.Unsure < leastAnswers || views == 0:
		return FewAnswers
	case 3*t.Agree >= 2*views:
		return ByMost
	case 3*t.Disagree >= 2*views:
		return AgainstBy
	}
	return Disputed
}

// Answers is how many took a stand.
func (t Tally) Answers() int64 { return t.Agree + t.Disagree + t.Unsure }

// grouped orders statements by group, those with most answers first.
func grouped(list []Statement, group string) []Statement {
	out := slices.DeleteFunc(slices.Clone(list), func(s Statement) bool { return s.Group() != group })
	slices.SortStableFunc(out, func(a, b Statement) int { return int(b.Answers() - a.Answers()) })
	return out
}

// markOf is the fingerprint of a text, whatever its line ends.
func markOf(words string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(strings.ReplaceAll(words, "\r\n", "\n"))))
	return hex.EncodeToString(sum[:])
}

// plainName is a name by which the same person is found again however it was
// written: without spaces, in one form of each sign.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) {
			return -1
		}
		return r
	}, text.Fold(s))
}

// line is one signature as somebody typed it: the name, then the household.
type line struct{ Signer, Household string }

// lines reads what was pasted: one signature on each line, name and household
// parted by a tab, a comma or spaces. Bad are the numbers of lines without both.
func lines(pasted string) (out []line, bad []int) {
	n := 0
	for one := range strings.Lines(pasted) {
		n++
		one = strings.TrimSpace(one)
		if one == "" {
			continue
		}
		at := strings.IndexFunc(one, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == '\uff0c' || r == '\u3001' })
		if at <= 0 {
			bad = append(bad, n)
			continue
		}
		rest := strings.TrimLeftFunc(one[at:], func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) })
		if rest == "" {
			bad = append(bad, n)
			continue
		}
		out = append(out, line{one[:at], rest})
	}
	return out, bad
}

// station is one on the way of a matter, the act that does it and the states in
// which it comes next.
type station struct {
	name, act string
	from      []string
}

// stations are the ways of matters: four steps and two publications, and the way of
// a collective's matter.
var stations = map[string][]station{FourSteps: {
	{"propose", "propose", []string{"raised"}},
	{"consult", "consult", []string{"proposed"}},
	{"review", "review", []string{"consulted"}},
	{"meeting", "decided", []string{"reviewed", "meeting", "not_carried"}},
	{"decision", "post_decision", []string{"decided"}},
	{"result", "post_result", []string{"announced", "carrying", "finished"}},
}, CollectiveDecision: {
	{"discuss", "discuss", []string{"raised"}},
	{"plan", "plan", []string{"discussed"}},
	{"assembly", "decided", []string{"planned", "meeting", "not_carried"}},
	{"decision", "post_decision", []string{"decided"}},
	{"done", "post_result", []string{"announced", "finished"}},
}}

// again are the acts after which a matter begins anew, so that what was done
// before them does not count.
var again = []string{"send_back", "again"}

// steps are the stations of a matter as its acts left them.
func steps(name, state string, acts []casework.Entry) []Step {
	stations := stations[name]
	out := make([]Step, len(stations))
	for i, st := range stations {
		out[i] = Step{Name: st.name, Act: st.act, Now: slices.Contains(st.from, state)}
	}
	for _, e := range acts {
		if e.Annulled {
			continue
		}
		if slices.Contains(again, e.Act) {
			for i := range out {
				out[i] = Step{Name: out[i].Name, Act: stations[i].act, Now: out[i].Now}
			}
		}
		for i, st := range stations {
			if e.Act != st.act {
				continue
			}
			out[i].Done, out[i].Happened = true, e.Happened
			if e.ActRow.Later() {
				out[i].Later = e.Recorded
			}
			for name, v := range e.Values {
				if files, ok := v.([]string); ok && len(files) > 0 && strings.HasSuffix(name, "_paper") {
					out[i].Paper = true
				}
			}
		}
	}
	return out
}

// versions are the texts of a resolution in their order: drafts as the steps left
// them, the text voted on, and what was corrected since.
func versions(acts []casework.Entry) (out []Version) {
	add := func(e casework.Entry, kind, field string) {
		words := e.Values.Text(field)
		if words == "" || e.Annulled {
			return
		}
		if n := len(out); n > 0 && out[n-1].Kind == kind && out[n-1].Text == words {
			return
		}
		out = append(out, Version{Kind: kind, Act: e.ID, Text: words, Mark: markOf(words), Happened: e.Happened})
	}
	for _, e := range acts {
		add(e, "draft", "resolution")
		add(e, "voted", "text")
		add(e, "corrected", "corrected")
	}
	return out
}

// spent is the money that the entries of progress say, in fen.
func spent(acts []casework.Entry) (sum int64) {
	for _, e := range acts {
		if n, ok := e.Values["spent"].(int64); ok && e.Act == progressAct && !e.Annulled {
			sum += n
		}
	}
	return sum
}
