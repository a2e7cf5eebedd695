package request

import (
	"strings"

	"linli/internal/duty"
	"linli/internal/kit/text"
)

// refusal is what a reporter is told whose request is not dispatched: the text
// of the kind, and where to turn. reason is the progress of an earlier request.
func (s *Service) refusal(classes *duty.Classes, kind duty.Refusal, reason, words string) string {
	book := s.Book()
	channel := kind.Channel.In(text.Chinese)
	if len(kind.Ways) > 0 {
		channel = strings.Join(ways(book, classes, kind, words), "\n")
	}
	said := strings.NewReplacer("{progress}", reason, "{channel}", kind.Channel.In(text.Chinese)).Replace(kind.Text.In(text.Chinese))
	key := "request.refusal"
	if strings.Contains(kind.Text.In(text.Chinese), "{channel}") || kind.ID == "secret" {
		key = "request.refusal_bare"
	}
	if reason == "" || kind.ID == "repeat" {
		return book.Say(text.Chinese, key, map[string]any{"said": said, "channel": channel})
	}
	return book.Say(text.Chinese, key+"_reason", map[string]any{"said": said, "channel": channel, "reason": reason})
}

// ways are the legal ways that the words speak of, or all of them.
func ways(book *text.Book, classes *duty.Classes, kind duty.Refusal, words string) []string {
	found := classes.Ways(words)
	if len(found) == 0 {
		found = kind.Ways
	}
	var out []string
	for _, w := range found {
		key := "request.way"
		if w.Norm != "" {
			key = "request.way_norm"
		}
		out = append(out, book.Say(text.Chinese, key, map[string]any{"title": w.Title, "channel": w.Channel, "norm": w.Norm}))
	}
	return out
}
