package law

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// edge draws this room's pages and answers its API.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages and API on mux and api: the working-day calendars
// in force, public, with the form by which an administrator loads a year, and the
// reckoning of deadlines for programs.
func (s *Service) Routes(mux *http.ServeMux, api huma.API, pages *web.Renderer) {
	e := &edge{s, pages}
	mux.HandleFunc("GET /calendars", e.getCalendars)
	mux.HandleFunc("POST /admin/calendars", httpx.Large(httpx.LargeBody, identity.SignedIn(e.postCalendar)))
	tags := []string{"law"}
	httpx.Register(api, huma.Operation{OperationID: "get-due", Method: http.MethodGet, Path: "/api/v1/law/due", Tags: tags,
		Summary: "The end of a period of days, working days or months", Errors: []int{422}}, s.apiDue)
	httpx.Register(api, huma.Operation{OperationID: "get-calendar", Method: http.MethodGet, Path: "/api/v1/calendars/{year}", Tags: tags,
		Summary: "Free days and make-up working days of a year", Errors: []int{404, 422}}, s.apiCalendar)
}

type dueIn struct {
	Start  string   `query:"start" required:"true" format:"date" doc:"Day of the event, not counted; for back-from the day counted back from"`
	Length int      `query:"length" required:"true" minimum:"1" maximum:"36600"`
	Unit   string   `query:"unit" required:"true" enum:"day,workday,month"`
	Kind   string   `query:"kind" enum:"at-most,at-least,back-from" default:"at-most"`
	Pause  []string `query:"pause,explode" maxItems:"100" doc:"FROM..TO, days not counted, both ends included"`
}

type dueOut struct {
	Body struct {
		Duty        string `json:"duty" format:"date" doc:"For the office, never rolled"`
		Acceptance  string `json:"acceptance" format:"date" doc:"For the citizen, rolled to the next working day"`
		Provisional bool   `json:"provisional" doc:"A year without a calendar was looked at"`
		Edition     int64  `json:"edition" doc:"Edition of the catalogue that answered"`
	}
}

func (s *Service) apiDue(ctx context.Context, in *dueIn) (*dueOut, error) {
	r, err := DueCommand{Start: in.Start, Length: in.Length, Unit: in.Unit, Kind: in.Kind, Pause: in.Pause}.Request()
	if err != nil {
		return nil, err
	}
	cal, number, err := s.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	d, err := Due(cal, r)
	if err != nil {
		return nil, err
	}
	out := &dueOut{}
	out.Body.Duty, out.Body.Acceptance, out.Body.Provisional, out.Body.Edition = d.Duty.String(), d.Acceptance.String(), d.Provisional, number
	return out, nil
}

// HolidayView is a row of free days as programs see it.
type HolidayView struct {
	From string `json:"from" format:"date"`
	To   string `json:"to" format:"date"`
	Zh   string `json:"zh,omitempty"`
	En   string `json:"en,omitempty"`
}

// MakeUpView is a make-up working day as programs see it.
type MakeUpView struct {
	Day string `json:"day" format:"date"`
	Zh  string `json:"zh,omitempty"`
	En  string `json:"en,omitempty"`
}

type calendarIn struct {
	Year int `path:"year" minimum:"1900" maximum:"2200"`
}

type calendarOut struct {
	Body struct {
		Year    int           `json:"year"`
		Edition int64         `json:"edition"`
		Notice  []string      `json:"notice,omitempty"`
		Off     []HolidayView `json:"off"`
		Work    []MakeUpView  `json:"work"`
	}
}

func (s *Service) apiCalendar(ctx context.Context, in *calendarIn) (*calendarOut, error) {
	cal, number, err := s.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	y, known := cal.Year(in.Year)
	if !known {
		return nil, fault.New(fault.NotFound, "law.no_calendar", "year", in.Year).At("year")
	}
	out := &calendarOut{}
	out.Body.Year, out.Body.Edition, out.Body.Notice = y.Year, number, y.Notice
	out.Body.Off, out.Body.Work = []HolidayView{}, []MakeUpView{}
	for _, h := range y.Off {
		out.Body.Off = append(out.Body.Off, HolidayView{h.From.String(), h.To.String(), h.Name["zh"], h.Name["en"]})
	}
	for _, w := range y.Work {
		out.Body.Work = append(out.Body.Work, MakeUpView{w.Day.String(), w.Name["zh"], w.Name["en"]})
	}
	return out, nil
}

// calendarsPage is what law/calendars.html shows.
type calendarsPage struct {
	Notices []web.Notice
	Tabs    []web.Tab
	Year    int
	Notice  []string
	Table   web.Table
	Form    *web.Form
}

func (e *edge) getCalendars(w http.ResponseWriter, r *http.Request) {
	p, err := e.page(r)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	if r.URL.Query().Get("loaded") == strconv.Itoa(p.Year) {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Good, Text: e.rd.Say(r, "law.page.loaded", "year", p.Year)})
	}
	e.rd.Page(w, r, http.StatusOK, "law/calendars", p)
}

// page shows the year asked for, else the newest.
func (e *edge) page(r *http.Request) (calendarsPage, error) {
	cal, _, err := e.Calendars(r.Context())
	if err != nil {
		return calendarsPage{}, err
	}
	years := cal.Years()
	slices.Reverse(years)
	var p calendarsPage
	if n, err := strconv.Atoi(r.URL.Query().Get("year")); err == nil && slices.Contains(years, n) {
		p.Year = n
	} else if len(years) > 0 {
		p.Year = years[0]
	}
	for _, n := range years {
		p.Tabs = append(p.Tabs, web.Tab{Href: "/calendars?year=" + strconv.Itoa(n), Text: strconv.Itoa(n), Current: n == p.Year})
	}
	y, _ := cal.Year(p.Year)
	p.Notice = y.Notice
	p.Table = e.table(r, y)
	if topAdministrator(identity.From(r.Context())) {
		p.Form = e.form(r)
	}
	return p, nil
}

func (e *edge) table(r *http.Request, y Year) web.Table {
	lang := text.Language(r.Context())
	t := web.Table{Caption: e.rd.Say(r, "law.page.year", "year", y.Year), Empty: web.Empty{Text: e.rd.Say(r, "law.page.none")}}
	for _, c := range []string{"days", "what", "name"} {
		t.Columns = append(t.Columns, web.Column{Text: e.rd.Say(r, "law.page."+c)})
	}
	type line struct {
		from, to clock.Day
		name     text.Words
		tag      web.Tag
	}
	var lines []line
	for _, h := range y.Off {
		lines = append(lines, line{h.From, h.To, h.Name, web.Tag{Text: e.rd.Say(r, "law.page.off"), Tone: web.Good}})
	}
	for _, m := range y.Work {
		lines = append(lines, line{m.Day, m.Day, m.Name, web.Tag{Text: e.rd.Say(r, "law.page.work"), Tone: web.Warning}})
	}
	slices.SortFunc(lines, func(a, b line) int { return int(a.from - b.from) })
	for _, l := range lines {
		days := e.dayName(r, l.from)
		if l.to != l.from {
			days = e.rd.Say(r, "law.page.span", "from", days, "to", e.dayName(r, l.to))
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: days}, {Tag: &l.tag}, {Text: l.name.In(lang)}})
	}
	return t
}

func (e *edge) dayName(r *http.Request, d clock.Day) string {
	return e.rd.Say(r, "law.page.day", "day", d, "weekday", text.Key("law.weekday."+strconv.Itoa(int(d.Weekday()-time.Sunday))))
}

func (e *edge) form(r *http.Request) *web.Form {
	return &web.Form{Action: "/admin/calendars", Submit: e.rd.Say(r, "law.page.load"), Fields: []web.Field{
		{Name: "calendar", Type: "files", Label: e.rd.Say(r, "law.page.file"), Help: e.rd.Say(r, "law.page.file_help"), Required: true},
		{Name: "reason", Type: "text", Label: e.rd.Say(r, "law.page.reason"), Help: e.rd.Say(r, "law.page.reason_help"), Required: true, Max: 200, Value: r.PostFormValue("reason")},
	}}
}

func (e *edge) postCalendar(w http.ResponseWriter, r *http.Request) {
	loaded, err := e.load(r)
	if err == nil {
		http.Redirect(w, r, "/calendars?year="+strconv.Itoa(loaded.Year)+"&loaded="+strconv.Itoa(loaded.Year), http.StatusSeeOther)
		return
	}
	p, pageErr := e.page(r)
	if pageErr != nil || p.Form == nil || fault.Of(err).Kind != fault.Invalid {
		httpx.Fail(w, r, err)
		return
	}
	e.rd.Mark(r, p.Form, err)
	e.rd.Page(w, r, http.StatusUnprocessableEntity, "law/calendars", p)
}

func (e *edge) load(r *http.Request) (YearLoaded, error) {
	file, header, err := r.FormFile("calendar")
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
		return YearLoaded{}, fault.New(fault.Invalid, "law.calendar_format").At("calendar")
	case err != nil:
		return YearLoaded{}, httpx.BodyFault(err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return YearLoaded{}, httpx.BodyFault(err)
	}
	return e.LoadYear(r.Context(), header.Filename, data, r.PostFormValue("reason"))
}
