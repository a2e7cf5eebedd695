package ballot

import (
	"net/http"
	"strconv"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/web"
)

// lineForm corrects a line, or adds one where its number is 0.
func (e *edge) lineForm(r *http.Request, x Roll, l Line) *web.Form {
	form := &web.Form{ID: "line", Action: "/rolls/" + x.ID + "/lines", Submit: e.say(r, "line.save")}
	if l.No > 0 {
		form.Hidden = []web.Option{{Label: "no", Value: strconv.FormatInt(l.No, 10)}}
		form.Cancel = web.NavItem{Href: "/rolls/" + x.ID, Text: e.say(r, "back")}
	}
	for _, f := range []struct{ name, value string }{{"name", l.Name}, {"household", l.Household}, {"group", l.Group}, {"unit", l.Unit}} {
		form.Fields = append(form.Fields, web.Field{Name: f.name, Type: "text", Label: e.say(r, "column."+f.name), Required: f.name == "name", Max: mostWord, Value: f.value})
	}
	for _, f := range []struct {
		name string
		is   bool
	}{{"adult", l.Adult}, {"capable", l.Capable}, {"household_representative", l.ForHouse}, {"representative", l.Represent}, {"committee", l.Committee}, {"woman", l.Woman}, {"party", l.Party}} {
		form.Fields = append(form.Fields, web.Field{Name: f.name, Type: "yes", Label: e.say(r, "column."+f.name), Value: f.is})
	}
	form.Fields = append(form.Fields, web.Field{Name: "reason", Type: "text", Label: e.say(r, "line.reason"), Help: e.say(r, "line.reason_help"), Required: true, Max: 200})
	return form
}

// getLine is the page on which one line is corrected or struck out.
func (e *edge) getLine(w http.ResponseWriter, r *http.Request) {
	e.drawLine(w, r, http.StatusOK, func(*web.Form) {})
}

func (e *edge) drawLine(w http.ResponseWriter, r *http.Request, status int, mark func(*web.Form)) {
	x, _, err := e.Show(r.Context(), actor(r), r.PathValue("id"))
	if err == nil && !over(actor(r), x.Area, keepers) {
		err = noRoll()
	}
	var l Line
	if err == nil {
		no, _ := strconv.ParseInt(r.PathValue("no"), 10, 64) // 0 is no line's number
		l, err = e.line(r.Context(), e.DB.Reader(), x.ID, no)
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	form := e.lineForm(r, x, l)
	strike := &web.Form{ID: "strike", Action: r.URL.Path + "/strike", Submit: e.say(r, "line.strike"), Danger: true,
		Fields: []web.Field{{Name: "reason", Type: "text", Label: e.say(r, "line.reason"), Required: true, Max: 200}}}
	if r.Method == http.MethodPost {
		mark(strike)
	}
	e.show(w, r, status, view{Title: e.say(r, "line.title", "no", l.No, "roll", e.rollTitle(r, x)), Lead: e.say(r, "line.text"),
		Parts: []part{{Form: form}, {Confirms: []web.Confirm{{Summary: e.say(r, "line.strike"), Danger: true, Open: strike.Wrong() > 0, Form: *strike}}}}})
}

// postLine makes the next version with a line corrected or added.
func (e *edge) postLine(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	at, ticked := r.PostForm.Get, func(name string) bool { return r.PostForm.Get(name) == "yes" }
	l := Line{Name: at("name"), Household: at("household"), Group: at("group"), Unit: at("unit"), Adult: ticked("adult"), Capable: ticked("capable"),
		ForHouse: ticked("household_representative"), Represent: ticked("representative"), Committee: ticked("committee"), Woman: ticked("woman"), Party: ticked("party")}
	var err error
	if s := at("no"); s != "" {
		if l.No, err = strconv.ParseInt(s, 10, 64); err != nil || l.No < 1 {
			e.rd.Fault(w, r, fault.New(fault.NotFound, "ballot.no_line", "line", s))
			return
		}
	}
	x, err := e.Change(r.Context(), actor(r), r.PathValue("id"), l, at("reason"))
	if err != nil {
		e.wrong(w, r, err, func(status int, mark func(*web.Form)) {
			e.drawRoll(w, r, status, func(form *web.Form) {
				if l.No > 0 { // the form that is shown again speaks of the same line
					form.Hidden = []web.Option{{Label: "no", Value: at("no")}}
				}
				for i := range form.Fields {
					if form.Fields[i].Type == "yes" {
						form.Fields[i].Value = ticked(form.Fields[i].Name)
					}
				}
				mark(form)
			})
		})
		return
	}
	http.Redirect(w, r, "/rolls/"+x.ID, http.StatusSeeOther)
}

func (e *edge) postStrike(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	no, err := strconv.ParseInt(r.PathValue("no"), 10, 64)
	if err != nil {
		no = 0
	}
	x, err := e.Strike(r.Context(), actor(r), r.PathValue("id"), no, r.PostForm.Get("reason"))
	if err != nil {
		e.wrong(w, r, err, func(status int, mark func(*web.Form)) { e.drawLine(w, r, status, mark) })
		return
	}
	http.Redirect(w, r, "/rolls/"+x.ID, http.StatusSeeOther)
}
