package law

import (
	"net/http"
	"slices"

	"linli/internal/kit/text"
	"linli/web"
)

// carried are the outcomes by which a matter goes on.
var carried = []string{"valid", "elected", "accepted", "removed", "stays", "lawful", "quorum", "passed"}

// Drawn is a decision as every page shows it: the outcome in a word, and the
// sentence with the numbers compared and the article.
func Drawn(rd *web.Renderer, r *http.Request, x Decision) web.Judged {
	out := web.Judged{Outcome: x.Word(), Sentence: x.Sentence().In(text.Language(r.Context())), Tone: web.Warning}
	if word, is := x.Outcome.(string); is {
		out.Outcome = rd.Say(r, "law.outcome."+word)
	}
	if slices.Contains(carried, x.Word()) {
		out.Tone = web.Good
	}
	return out
}
