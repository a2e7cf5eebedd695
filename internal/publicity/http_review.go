package publicity

import (
	"context"
	"linli/internal/kit/privacy"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/web"
)

// publishers are the kinds of post that may release.
var publishers = []string{"publisher", "dispatcher", "intake"}

// MayReview says whether somebody finds the page of what waits to be released.
func MayReview(a identity.Actor) bool {
	return a.Known() && slices.ContainsFunc(publishers, a.Has)
}

// areasOf are the areas in which an actor may release.
func (s *Service) areasOf(ctx context.Context, a identity.Actor) ([]string, error) {
	var out []string
	for _, p := range a.Posts {
		if !slices.Contains(publishers, p.Kind) {
			continue
		}
		code := p.Area
		if code == "" {
			var err error
			if code, err = s.People.AreaOf(ctx, p.Unit); err != nil {
				return nil, err
			}
		}
		if code != "" && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out, nil
}

// queuePage is what waits to be looked at.
type queuePage struct {
	Lines []web.CaseLine
	Empty web.Empty
	Pager web.Pager
}

func (e *edge) getQueue(w http.ResponseWriter, r *http.Request) {
	a := who(r)
	if !MayReview(a) {
		httpx.Fail(w, r, fault.New(fault.Forbidden, "publicity.review_right"))
		return
	}
	p, err := e.queue(r, a)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, http.StatusOK, "publicity/queue", p)
}

func (e *edge) queue(r *http.Request, a identity.Actor) (*queuePage, error) {
	ctx := r.Context()
	areas, err := e.areasOf(ctx, a)
	if err != nil {
		return nil, err
	}
	skip, err := strconv.ParseInt(r.URL.Query().Get("skip"), 10, 64)
	if err != nil || skip < 0 || skip > 10_000 {
		skip = 0
	}
	rows, err := e.waiting(ctx, areas, skip, pageSize+1)
	if err != nil {
		return nil, err
	}
	p := &queuePage{Empty: web.Empty{Title: e.say(r, "queue.none"), Links: []web.NavItem{{Href: "/requests", Text: e.say(r, "list.title")}}}}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		p.Pager.Next = "/publicity/review?skip=" + strconv.FormatInt(skip+pageSize, 10)
	}
	if skip > 0 {
		p.Pager.First = "/publicity/review"
	}
	ids := make([]string, 0, len(rows))
	for _, l := range rows {
		ids = append(ids, l.Case)
	}
	seen, _, err := e.Cases.List(ctx, a, casework.Filter{IDs: ids, Limit: pageSize})
	if err != nil {
		return nil, err
	}
	for _, l := range rows {
		i := slices.IndexFunc(seen, func(c casework.Row) bool { return c.ID == l.Case })
		if i < 0 { // somebody else's
			continue
		}
		name, err := e.areaName(ctx, l.Area)
		if err != nil {
			return nil, err
		}
		one := web.CaseLine{Href: "/publicity/review/" + l.Case, Number: seen[i].Number, Title: seen[i].Case.Title, State: web.Tag{Text: in(r, wordsOf(seen[i].Words)), Tone: toneOf(l.Kind, l.State)},
			Facts: []string{e.class(r, l.Class)}, Opened: l.Opened}
		if one.Title == "" {
			one.Title = one.Facts[0]
		}
		if name != "" {
			one.Facts = append(one.Facts, name)
		}
		if l.Voices > 0 {
			one.Facts = append(one.Facts, e.say(r, "voices.n", "n", l.Voices))
		}
		p.Lines = append(p.Lines, one)
	}
	return p, nil
}

// reviewPage is a case before it is released: what the case holds beside what
// everybody would read.
type reviewPage struct {
	Ref, Number, Title string
	Notices            []web.Notice
	Can                bool
	Texts              []reviewText
	HasPlace           bool
	Level              string
	Photos             []reviewPhoto
	Looks              []reviewPhoto // those that would be released
	Shown              []shownText
	Problem            string
	Error              string
	Key                string
	Standing           string // address of the public page
	Take               *web.Form
	Versions           []versionLine
	Case, Queue        string
}

type reviewText struct {
	N          int
	Key, Label string
	Use, Place bool
	Office     bool
	Pieces     []privacy.Piece
	Out        string
	Marks      []markLine
	Error      string
}

type markLine struct {
	Value, Kind, Words string
	On, Hard           bool
}

type reviewPhoto struct {
	N            int
	ID           string
	Use          bool
	Regions      int
	Mask, Src    string
	Words, Error string
}

type shownText struct{ Label, Text string }

type versionLine struct {
	Made   clock.Instant
	Digest string
	State  string
}

func (e *edge) getReview(w http.ResponseWriter, r *http.Request) {
	v, err := e.Review(r.Context(), who(r), r.PathValue("ref"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.drawReview(w, r, http.StatusOK, v, nil)
}

func (e *edge) drawReview(w http.ResponseWriter, r *http.Request, status int, v *Review, wrong error) {
	p, err := e.reviewPage(r, v, wrong)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Page(w, r, status, "publicity/review", p)
}

func (e *edge) reviewPage(r *http.Request, v *Review, wrong error) (*reviewPage, error) {
	rules, err := e.rules(r.Context())
	if err != nil {
		return nil, err
	}
	id := v.Case.ID
	p := &reviewPage{Ref: id, Number: v.Case.Number, Title: v.Case.Title, Can: v.Never == "" && v.May == nil, Level: v.Draft.Level, Key: seal.Token(),
		Case: "/cases/" + v.Case.Number, Queue: "/publicity/review"}
	switch {
	case v.Never != "":
		p.Notices = append(p.Notices, web.Notice{Tone: web.Warning, Title: e.say(r, "review.never"), Text: e.rd.Explain(r, fault.New(fault.Unmet, "publicity.never."+v.Never))})
	case v.May != nil:
		p.Notices = append(p.Notices, web.Notice{Tone: web.Warning, Title: e.say(r, "review.not_you"), Text: e.rd.Explain(r, v.May)})
	}
	if done := r.URL.Query().Get("done"); done == "saved" || done == "released" || done == "taken" {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Good, Text: e.say(r, "review.done."+done)})
	}
	if v.Standing != "" {
		p.Standing = "/requests/" + id
		if v.MayTake {
			p.Take = &web.Form{Action: "/publicity/review/" + id + "/unrelease", ID: "take", Key: seal.Token(), Submit: e.say(r, "review.take"), Danger: true, Still: true,
				Fields: []web.Field{{Name: "reason", Type: "lines", Label: e.say(r, "review.reason"), Required: true, Max: 1000, Rows: 2}}}
		}
	}
	f := fault.Of(wrong)
	for i, t := range v.Texts {
		p.Texts = append(p.Texts, e.reviewText(r, rules, v, i, t, f))
		p.HasPlace = p.HasPlace || t.Field == "place"
	}
	e.reviewPhotos(r, p, v, f)
	e.copies(r, p, v)
	if f != nil {
		p.Error = e.rd.Explain(r, f)
	}
	all := map[string]string{}
	for _, ph := range v.Photos {
		all[ph.Blob] = v.version(ph.Blob)
	}
	c, err := e.compose(r.Context(), v, Asked{Seen: all})
	if err != nil {
		if fault.Of(err).Kind == fault.Internal {
			return nil, err
		}
		p.Problem = e.rd.Explain(r, err)
		return p, nil
	}
	p.Shown = e.shown(r, v, c)
	return p, nil
}

// label names a text of the case.
func (e *edge) label(r *http.Request, t Source) string {
	if t.Label != nil {
		return in(r, t.Label)
	}
	return e.say(r, "text."+t.Field)
}

func (e *edge) reviewText(r *http.Request, rules *Privacy, v *Review, n int, t Source, f *fault.Fault) reviewText {
	d := v.Draft.Texts[t.Key]
	out := reviewText{N: n, Key: t.Key, Label: e.label(r, t), Use: d.Use, Place: t.Field == "place", Office: t.Office, Pieces: privacy.Pieces(t.Text, d.Marks), Out: privacy.Strike(t.Text, d.Marks)}
	if out.Place && v.Draft.Level != LevelPlace {
		out.Out = e.say(r, "level.community")
	}
	runes := []rune(t.Text)
	found := rules.findings(t)
	for _, m := range privacy.Tidy(d.Marks, len(runes)) {
		line := markLine{Value: m.String(), Kind: e.say(r, "find.own"), Words: string(runes[m.From:m.To]), On: true}
		for _, one := range found {
			if one.From < m.To && one.To > m.From {
				line.Kind, line.Hard = e.say(r, "find."+one.Kind), line.Hard || one.Hard
			}
		}
		out.Marks = append(out.Marks, line)
	}
	for _, one := range found {
		if !privacy.Covers(d.Marks, one, len(runes)) {
			out.Marks = append(out.Marks, markLine{Value: privacy.Mark{From: one.From, To: one.To}.String(), Kind: e.say(r, "find."+one.Kind), Words: string(runes[one.From:one.To]), Hard: one.Hard})
		}
	}
	if f != nil && f.Field == "words."+strconv.Itoa(n) {
		out.Error = e.rd.Explain(r, f)
	}
	return out
}

func (e *edge) reviewPhotos(r *http.Request, p *reviewPage, v *Review, f *fault.Fault) {
	for i, ph := range v.Photos {
		d := v.Draft.Photos[ph.Blob]
		at := "/publicity/review/" + v.Case.ID + "/photo/" + ph.Blob
		one := reviewPhoto{N: i, ID: ph.Blob, Use: d.Use, Regions: len(d.Regions), Mask: at, Src: at + "/picture?v=" + url.QueryEscape(v.version(ph.Blob)),
			Words: e.say(r, "photo.of", "n", i+1, "act", in(r, ph.Words))}
		if f != nil && f.Field == "looked."+strconv.Itoa(i) {
			one.Error = e.rd.Explain(r, f)
		}
		p.Photos = append(p.Photos, one)
		if d.Use {
			p.Looks = append(p.Looks, one)
		}
	}
}

func (e *edge) copies(r *http.Request, p *reviewPage, v *Review) {
	for _, c := range v.Copies {
		state := "past"
		switch {
		case c.ID == v.Standing && c.Body != "":
			state = "stands"
		case c.Body == "":
			state = "taken"
		}
		p.Versions = append(p.Versions, versionLine{c.Made, c.Digest, e.say(r, "version."+state)})
	}
}

// shown is the copy as everybody would read it.
func (e *edge) shown(r *http.Request, v *Review, c *Copy) []shownText {
	var out []shownText
	if c.Title != "" {
		out = append(out, shownText{e.say(r, "text.title"), c.Title})
	}
	for _, t := range c.Texts {
		for _, s := range v.Texts {
			if s.Act == t.Act && s.Field == t.Field {
				out = append(out, shownText{e.label(r, s), t.Text})
			}
		}
	}
	if c.Place != nil {
		out = append(out, shownText{e.say(r, "text.place"), c.Place.Words})
	} else {
		out = append(out, shownText{e.say(r, "text.place"), e.say(r, "level.community")})
	}
	return out
}

// reviewed reads the review of a posted form; who may not release is refused.
func (e *edge) reviewed(r *http.Request) (*Review, error) {
	if err := form(r); err != nil {
		return nil, err
	}
	v, err := e.Review(r.Context(), who(r), r.PathValue("ref"))
	switch {
	case err != nil:
		return nil, err
	case v.Never != "":
		return nil, fault.New(fault.Unmet, "publicity.never."+v.Never)
	case v.May != nil:
		return nil, v.May
	}
	return v, nil
}

// mostTyped bounds what is typed to be struck.
const mostTyped = 500

// postReview keeps what was chosen and struck.
func (e *edge) postReview(w http.ResponseWriter, r *http.Request) {
	v, err := e.reviewed(r)
	if err == nil {
		err = takeTexts(v, r.PostForm)
	}
	if err == nil {
		err = e.Save(r.Context(), who(r), v)
	}
	if err != nil {
		if v != nil && again(err) {
			httpx.Note(r, fault.Of(err))
			e.drawReview(w, r, httpx.Status(fault.Of(err)), v, err)
			return
		}
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/publicity/review/"+v.Case.ID+"?done=saved#copy", http.StatusSeeOther)
}

// takeTexts reads what a form says of texts, place and photos into the draft.
func takeTexts(v *Review, f url.Values) error {
	if f.Get("level") == LevelPlace {
		v.Draft.Level = LevelPlace
	} else {
		v.Draft.Level = LevelCommunity
	}
	for n := range v.Texts {
		at := strconv.Itoa(n)
		t := v.text(f.Get("key." + at))
		if t.Key == "" {
			continue
		}
		d := DraftText{Use: f.Get("use."+at) == "yes"}
		for _, s := range f["mark."+at] {
			m, ok := privacy.ParseMark(s)
			if !ok {
				return fault.New(fault.Invalid, "publicity.mark").At("words." + at)
			}
			d.Marks = append(d.Marks, m)
		}
		typed, err := text.Clean(f.Get("strike."+at), mostTyped)
		if err != nil {
			return fault.Of(err).At("words." + at)
		}
		for line := range strings.Lines(typed) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			marks := privacy.Occurrences(t.Text, line)
			if len(marks) == 0 {
				return fault.New(fault.Invalid, "publicity.not_there", "words", line).At("words." + at)
			}
			d.Marks = append(d.Marks, marks...)
		}
		v.Draft.Texts[t.Key] = d
	}
	for n, ph := range v.Photos {
		d := v.Draft.Photos[ph.Blob]
		d.Use = f.Get("photo."+strconv.Itoa(n)) == "yes"
		if v.Draft.Photos == nil {
			v.Draft.Photos = map[string]DraftPhoto{}
		}
		v.Draft.Photos[ph.Blob] = d
	}
	return nil
}

func (e *edge) postRelease(w http.ResponseWriter, r *http.Request) {
	v, err := e.reviewed(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	key, err := formKey(r)
	if err == nil {
		q := Asked{Key: key, Seen: map[string]string{}}
		for n, ph := range v.Photos {
			if r.PostForm.Get("looked."+strconv.Itoa(n)) == "yes" {
				q.Seen[ph.Blob] = e.looked(r, v, ph.Blob)
			}
		}
		_, err = e.Release(r.Context(), who(r), v.Case.ID, q)
	}
	if err != nil {
		if again(err) {
			httpx.Note(r, fault.Of(err))
			e.drawReview(w, r, httpx.Status(fault.Of(err)), v, err)
			return
		}
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/publicity/review/"+v.Case.ID+"?done=released", http.StatusSeeOther)
}

func (e *edge) postUnrelease(w http.ResponseWriter, r *http.Request) {
	err := form(r)
	var key string
	if err == nil {
		key, err = formKey(r)
	}
	v, seen := (*Review)(nil), err
	if err == nil {
		if v, seen = e.Review(r.Context(), who(r), r.PathValue("ref")); seen == nil {
			_, err = e.Unrelease(r.Context(), who(r), v.Case.ID, r.PostForm.Get("reason"), key)
		}
	}
	switch {
	case seen != nil:
		httpx.Fail(w, r, seen)
	case err != nil && again(err):
		httpx.Note(r, fault.Of(err))
		e.drawReview(w, r, httpx.Status(fault.Of(err)), v, err)
	case err != nil:
		httpx.Fail(w, r, err)
	default:
		http.Redirect(w, r, "/publicity/review/"+v.Case.ID+"?done=taken", http.StatusSeeOther)
	}
}

// postLeave takes a case out of the queue: somebody looked and leaves it as it is.
func (e *edge) postLeave(w http.ResponseWriter, r *http.Request) {
	v, err := e.reviewed(r)
	if err == nil {
		err = e.leave(r.Context(), v.Case.ID)
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/publicity/review", http.StatusSeeOther)
}
