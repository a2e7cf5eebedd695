package ballot

import (
	"context"
	"strings"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/text"
	"linli/internal/law"
)

// draftMinutes writes the minutes out of the acts: who called the meeting and
// when, who was there against how many, the text, the counts, and what the law
// says of each, in the same sentences as everywhere.
func (s *Service) draftMinutes(ctx context.Context, m *casework.Moment) error {
	_, _, entries, err := s.Cases.History(ctx, m.Case.ID)
	if err != nil {
		return err
	}
	say := func(key string, args map[string]any) string {
		return s.Book().Say(text.Chinese, "ballot.minutes."+key, args)
	}
	v := m.Values
	out := []string{say("head", map[string]any{"place": s.placeName(ctx, m.Case.Area), "body": Body(v.Text("body")).Key()}),
		say("matter", map[string]any{"subject": v.Text("subject")})}
	acts := map[string]casework.Entry{}
	for _, e := range entries {
		if !e.Annulled {
			acts[e.Act] = e
		}
	}
	called, was := acts[callAct]
	if !was {
		called = acts[callAloneAct]
	}
	noticed := called.Happened.Day()
	if day, err := clock.ParseDay(v.Text("noticed_day")); err == nil {
		noticed = day
	}
	out = append(out, say("called", map[string]any{"by": s.personName(ctx, called.Person), "day": noticed, "version": v["roll_version"], "members": v["members"]}))
	if reason := v.Text("urgent_reason"); reason != "" {
		out = append(out, say("urgent", map[string]any{"reason": reason}))
	}
	if paper, _ := v["on_paper"].(bool); paper {
		out = append(out, say("on_paper", map[string]any{"day": called.Recorded.Day()}))
	}
	day, _ := clock.ParseDay(v.Text("meeting_day")) // callable has read it
	out = append(out, say("held", map[string]any{"day": day, "hall": v.Text("hall"), "by": s.personName(ctx, acts["begin"].Person)}),
		say("present", map[string]any{"members": v["members"], "present": v["present"]}))
	for _, field := range []string{"lawful_notice", "power", "composition", "quorum"} {
		out = appendSentence(out, v[field])
	}
	if agenda := v.Text("agenda"); agenda != "" {
		out = append(out, say("agenda", map[string]any{"agenda": agenda}))
	}
	out = append(out, say("text", map[string]any{"text": v.Text("text")}),
		say("count", map[string]any{"method": text.Key("ballot.method." + v.Text("method")), "first": s.personName(ctx, acts["count_first"].Person), "second": s.personName(ctx, acts["count_second"].Person),
			"for": v["in_favour"], "against": v["against"], "abstained": v["abstained"], "void": v["void"], "not_voted": v["not_voted"]}))
	if n, _ := v["differs"].(int64); n > 0 {
		out = append(out, say("differs", map[string]any{"n": n}))
	}
	out = appendSentence(out, v["outcome"])
	m.Set("minutes", strings.Join(out, "\n"))
	return nil
}

func appendSentence(out []string, value any) []string {
	if d, is := value.(law.Decision); is {
		return append(out, d.Sentence().In(text.Chinese))
	}
	return out
}

// personName is the name of a person with an account; "" where it is not known.
func (s *Service) personName(ctx context.Context, id string) string {
	if id == "" {
		return ""
	}
	p, err := s.People.Person(ctx, id)
	if err != nil {
		return ""
	}
	return p.Name
}
