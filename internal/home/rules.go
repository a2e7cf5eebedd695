package home

import (
	"io"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/kit/clock"
	"linli/internal/kit/paper"
)

// mostPosters bounds one file.
const mostPosters = 300

// poster sets one A4 page per grid: its name, the code that leads to the report
// page, who works there and whom to call.
func poster(w io.Writer, list []Neighbourhood, base, lang string, at clock.Instant, say func(string, ...any) string) error {
	d := paper.New(paper.Options{Title: say("poster.title"), Author: say("poster.author"), Lang: lang, At: time.UnixMicro(int64(at)),
		Foot: say("poster.foot", "day", day(at), "address", base)})
	for i, n := range list {
		if i > 0 {
			d.Page()
		}
		d.Space(8)
		d.Text(n.Name, paper.Look{Points: 32, Bold: true, Centre: true})
		d.Text(chain(n), paper.Look{Points: 14, Centre: true, Grey: true})
		d.Space(4)
		d.Text(say("poster.lead"), paper.Look{Points: 18, Bold: true, Centre: true})
		d.Space(2)
		d.Code(base+area.ReportPath(n.Code), 122, "")
		d.Text(say("poster.how"), paper.Look{Points: 14, Centre: true})
		d.Space(5)
		if len(n.Workers) > 0 {
			d.Text(say("poster.workers", "names", strings.Join(n.Workers, say("and"))), paper.Look{Points: 17, Centre: true})
		}
		if words := teamWords(n.Team, lang, say); words != "" {
			d.Text(words, paper.Look{Points: 12, Centre: true})
		}
		if n.Phone != "" {
			d.Text(say("poster.phone", "phone", n.Phone), paper.Look{Points: 20, Bold: true, Centre: true})
		}
		d.Text(say("poster.emergency"), paper.Look{Points: 13, Centre: true})
		d.Text(say("poster.code", "code", n.Code), paper.Look{Points: 9, Centre: true, Grey: true})
	}
	return d.Write(w)
}

// mostOnPoster bounds the team on a poster, so that it stays one page.
const mostOnPoster = 8

// teamWords names the team of a grid on its poster: the page has all of them.
func teamWords(team []Member, lang string, say func(string, ...any) string) string {
	var out []string
	for _, m := range team[:min(len(team), mostOnPoster)] {
		out = append(out, strings.TrimSpace(m.Role.In(lang)+" "+m.Name+" "+m.Phone))
	}
	if len(out) == 0 {
		return ""
	}
	return say("poster.team", "names", strings.Join(out, say("and")))
}
