package desk

import (
	"net/http"
	"net/url"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/web"
)

// noticesView is the page /notices.
type noticesView struct {
	Title string
	Tabs  []web.Tab
	Lines []noticeLine
	Empty web.Empty
	Pager web.Pager
}

type noticeLine struct {
	Href, Title, Procedure, Area string
	Published                    clock.Instant
}

// getNotices lists what is posted, for everybody.
func (e *edge) getNotices(w http.ResponseWriter, r *http.Request) {
	d, q := e.draw(r), r.URL.Query()
	over := q.Get("over") != ""
	list, next, err := d.Notices(d.ctx, q.Get("area"), over, q.Get("after"), 50)
	if err != nil {
		httpFail(w, r, err)
		return
	}
	tab := func(to string) string {
		v := url.Values{}
		if area := q.Get("area"); area != "" {
			v.Set("area", area)
		}
		if to != "" {
			v.Set("over", to)
		}
		if len(v) == 0 {
			return "/notices"
		}
		return "/notices?" + v.Encode()
	}
	v := noticesView{Title: d.say("notices"), Empty: web.Empty{Title: d.say("notices.none")}, Pager: pager(r, next, q.Get("after")),
		Tabs: []web.Tab{{Href: tab(""), Text: d.say("notices.standing"), Current: !over}, {Href: tab("1"), Text: d.say("notices.over"), Current: over}}}
	if area := q.Get("area"); area != "" {
		v.Title = d.say("notices.of", "area", d.area(area))
	}
	for _, n := range list {
		l := noticeLine{Href: "/notices/" + n.Number, Title: n.Subject, Procedure: n.Title.In(d.lang), Area: d.area(n.Area), Published: n.Published}
		if l.Title == "" {
			l.Title = l.Procedure
		}
		v.Lines = append(v.Lines, l)
	}
	d.rd.Page(w, r, http.StatusOK, "desk/notices", v)
}

// noticeView is the page of one notice.
type noticeView struct {
	Title, Procedure, Number, Norm, Area string
	Over                                 bool
	Stands                               []standLine
	Masked                               []string // when something was masked and why, never what
	Versions                             []versionView
	Back                                 string
}

type standLine struct{ Text, Norm string }

type versionView struct {
	Title    string
	Old      bool
	Posted   clock.Instant
	Entered  clock.Instant
	Facts    []web.Fact
	Leaf     string
	Proof    string
	Replaced clock.Instant
}

// getNotice shows one notice with all its versions, old ones beside the new.
func (e *edge) getNotice(w http.ResponseWriter, r *http.Request) {
	d := e.draw(r)
	n, err := d.Notice(d.ctx, r.PathValue("number"))
	if err != nil {
		httpFail(w, r, err)
		return
	}
	v := noticeView{Title: n.Subject, Procedure: n.Title.In(d.lang), Number: n.Number, Norm: n.Norm, Area: d.area(n.Area), Over: n.Over, Back: "/notices"}
	if v.Title == "" {
		v.Title = v.Procedure
	}
	for _, s := range n.Stands {
		key := "notice.stands"
		if n.Over || s.Until != 0 && d.now >= s.Until {
			key = "notice.stood"
		}
		if s.Until != 0 {
			v.Stands = append(v.Stands, standLine{d.say(key, "day", (s.Until - 1).Day()), s.Norm})
		}
	}
	for i, old := range n.Versions {
		view := versionView{Title: d.say("notice.version", "n", len(n.Versions)-i, "act", old.Words), Old: i > 0, Posted: old.Happened, Leaf: old.Leaf, Proof: "/proof/" + old.Act}
		if old.Happened.Day() != old.Recorded.Day() {
			view.Entered = old.Recorded
		}
		if i > 0 {
			view.Replaced = n.Versions[i-1].Happened
		}
		for _, f := range old.Fields {
			def := n.Procedure.Field(f)
			value, had := old.Values[f]
			if def == nil || !had || f == n.Procedure.Subject && i == 0 {
				continue
			}
			view.Facts = append(view.Facts, web.Fact{Name: def.Label.In(d.lang), Value: d.shown(def, value)})
		}
		v.Versions = append(v.Versions, view)
	}
	passing, err := d.noticeHistory(n, &v)
	if err != nil {
		httpFail(w, r, err)
		return
	}
	if passing {
		w.Header().Set("X-Robots-Tag", "noindex, noarchive")
	}
	d.rd.Page(w, r, http.StatusOK, "desk/notice", v)
}

// noticeHistory tells of what was masked in a notice. It says whether the notice comes
// down for good by itself, as lists of persons do: such a page is not to be indexed.
func (d *drawing) noticeHistory(n casework.Notice, v *noticeView) (passing bool, err error) {
	c, p, acts, err := d.History(d.ctx, n.ID)
	if err != nil {
		return false, err
	}
	for _, a := range acts {
		if a.Act == casework.ActMask {
			v.Masked = append(v.Masked, d.say("notice.masked", "when", a.Recorded, "reason", reasonOf(a)))
		}
	}
	for _, k := range p.Clocks {
		if act := p.Act(k.Perform); act != nil && act.Unpublish {
			_, runs := c.Clocks()[k.Name]
			passing = passing || runs
		}
	}
	return passing, nil
}
