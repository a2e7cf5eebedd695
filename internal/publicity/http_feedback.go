package publicity

import (
	"net/http"
	"net/url"
	"time"

	"linli/internal/casework"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/web"
)

// ways is the first question of the feedback page, with a way for each answer.
type ways struct {
	Title, Lead string
	Ways        []way
}

type way struct{ Href, Title, Text string }

// from is the page on which somebody pressed the link, cleaned.
func from(r *http.Request) string {
	u, err := url.Parse(r.URL.Query().Get("from"))
	if err != nil || u.IsAbs() || u.Host != "" {
		return ""
	}
	return cleanPage(u.Path)
}

func (e *edge) getFeedback(w http.ResponseWriter, r *http.Request) {
	to := "/feedback/platform"
	if page := from(r); page != "" {
		to = address(to, url.Values{"from": {page}})
	}
	v := ways{Title: e.say(r, "feedback.title"), Lead: e.say(r, "feedback.lead")}
	for _, x := range [][2]string{{"/report", "matter"}, {"/report?about_unit=yes", "unit"}, {to, "platform"}} {
		v.Ways = append(v.Ways, way{x[0], e.say(r, "feedback."+x[1]), e.say(r, "feedback."+x[1]+".text")})
	}
	e.rd.Page(w, r, http.StatusOK, "publicity/feedback", v)
}

func (e *edge) platformPage(r *http.Request, typed url.Values) (plainPage, error) {
	p, err := e.Cases.Procedure(r.Context(), Feedback)
	if err != nil {
		return plainPage{}, err
	}
	unit, _, err := e.operator(r.Context())
	if err != nil {
		return plainPage{}, err
	}
	name, err := e.unitName(r.Context(), unit.ID)
	if err != nil {
		return plainPage{}, err
	}
	f := &web.Form{Action: "/feedback/platform", ID: "platform", Key: seal.Token(), Submit: in(r, wordsOf(p.Act("send").Words))}
	for _, name := range []string{"words", "kind", "page", "phone"} {
		def := p.Field(name)
		if def == nil {
			continue
		}
		field := web.Field{Name: name, Type: def.Type, Label: in(r, wordsOf(def.Label)), Help: in(r, wordsOf(def.Help)), Max: int64(def.Max), Value: typed.Get(name),
			Required: name == "words", Sealed: def.Sealed, Purpose: in(r, wordsOf(def.Purpose))}
		for _, o := range def.Options {
			field.Options = append(field.Options, web.Option{Value: o.Value, Label: in(r, wordsOf(o.Label))})
		}
		f.Fields = append(f.Fields, field)
	}
	return plainPage{Title: e.say(r, "feedback.platform"), Lead: e.say(r, "feedback.platform.lead", "unit", in(r, name)), Form: f,
		Links: []web.NavItem{{Href: "/feedback", Text: e.say(r, "feedback.other")}}}, nil
}

func (e *edge) getPlatform(w http.ResponseWriter, r *http.Request) {
	p, err := e.platformPage(r, url.Values{"page": {from(r)}})
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "publicity/plain", p)
}

// feedbackPerHour is how many words on the platform one address may send.
const feedbackPerHour = 20

func (e *edge) postPlatform(w http.ResponseWriter, r *http.Request) {
	receipt, err := e.sendFeedback(r)
	if err == nil {
		link := e.base(r) + "/q/" + receipt.Token
		e.rd.Page(w, r, http.StatusCreated, "publicity/plain", plainPage{Title: e.say(r, "feedback.done.title"),
			Notices: []web.Notice{{Tone: web.Good, Text: e.say(r, "feedback.done", "number", receipt.Number), Links: []web.NavItem{{Href: "/q/" + receipt.Token, Text: e.say(r, "feedback.follow")}}}},
			Facts:   []web.Fact{{Name: e.say(r, "feedback.link"), Value: link}, {Name: e.say(r, "feedback.leaf"), Value: receipt.Leaf}},
			Hints:   []string{e.say(r, "feedback.keep")}, Links: []web.NavItem{{Href: "/", Text: e.rd.Say(r, "web.home")}}})
		return
	}
	if !again(err) || fault.Of(err).Kind == fault.Conflict {
		httpx.Fail(w, r, err)
		return
	}
	httpx.Note(r, fault.Of(err))
	p, draw := e.platformPage(r, r.PostForm)
	if draw != nil {
		httpx.Fail(w, r, draw)
		return
	}
	e.rd.Mark(r, p.Form, err)
	e.rd.Page(w, r, httpx.Status(fault.Of(err)), "publicity/plain", p)
}

func (e *edge) sendFeedback(r *http.Request) (casework.Receipt, error) {
	if err := form(r); err != nil {
		return casework.Receipt{}, err
	}
	key, err := formKey(r)
	if err != nil {
		return casework.Receipt{}, err
	}
	if !who(r).Known() {
		if err := e.People.Take(r.Context(), "publicity.feedback", httpx.Address(r), feedbackPerHour, time.Hour); err != nil {
			return casework.Receipt{}, err
		}
	}
	values := map[string]any{}
	for _, name := range []string{"words", "kind", "phone"} {
		if v := r.PostForm.Get(name); v != "" {
			values[name] = v
		}
	}
	if page := cleanPage(r.PostForm.Get("page")); page != "" {
		values["page"] = page
	}
	return e.Cases.Open(r.Context(), who(r), casework.Opening{Procedure: Feedback, Act: "send", Values: values, Key: key})
}
