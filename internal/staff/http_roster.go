package staff

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// rosterView is a month of a unit: a grid on a desktop, a list on a phone.
type rosterView struct {
	Title, Lead, Unit, UnitName, Month string
	MonthSaid                          string // for people
	Tabs                               []web.Tab
	Notices                            []web.Notice
	Wrong                              []wrongCell
	Now                                []web.Fact // who is on duty now
	Phone                              web.Field
	Choose                             *web.Form
	Before, After                      web.NavItem
	State                              web.Tag
	Edits                              bool
	Version                            int64
	Shifts                             []string
	Members                            []string
	Rows                               []rosterRow
	Upload                             web.Form
}

type wrongCell struct{ ID, Text string }

type rosterRow struct {
	Day     clock.Day
	Said    string // the day of the month and of the week
	Holiday string
	Off     bool
	Cells   []rosterCell
}

type rosterCell struct {
	Name, ID, Label, Kind string
	Value                 string
	Stood                 bool // whether the kind is stood on this day
	Wrong                 string
}

func (e *edge) getRoster(w http.ResponseWriter, r *http.Request) {
	unit, month := r.URL.Query().Get("unit"), r.URL.Query().Get("month")
	if unit == "" {
		unit = identity.From(r.Context()).MainPost().Unit
	}
	if month == "" {
		month = monthOf(e.Clock.Now().Day())
	}
	var notices []web.Notice
	if did := r.URL.Query().Get("did"); did == "saved" || did == "published" {
		notices = append(notices, web.Notice{Tone: web.Good, Text: e.say(r, "roster."+did)})
	}
	e.drawRoster(w, r, http.StatusOK, unit, month, nil, nil, notices)
}

// drawRoster draws a month as it is kept, or with filled as somebody filled it in.
func (e *edge) drawRoster(w http.ResponseWriter, r *http.Request, status int, unit, month string, filled *Filled, bad []*fault.Fault, notices []web.Notice) {
	a := identity.From(r.Context())
	if unit == "" {
		e.rd.Fault(w, r, fault.New(fault.Forbidden, "staff.roster_right"))
		return
	}
	m, edits, err := e.Roster(r.Context(), a, unit, month)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	v := &rosterView{Title: e.say(r, "roster.title"), Lead: e.say(r, "roster.lead"), Unit: unit, UnitName: e.unitOf(r, unit), Month: month, Tabs: e.myTabs(r),
		Notices: notices, Edits: edits, Version: m.Version, State: web.Tag{Text: e.say(r, "roster.none"), Tone: web.Quiet}}
	switch {
	case m.Draft:
		v.State = web.Tag{Text: e.say(r, "roster.draft"), Tone: web.Warning}
	case len(m.Duties) > 0:
		v.State = web.Tag{Text: e.say(r, "roster.in_force"), Tone: web.Good}
	}
	if err := e.rosterRows(r, v, m, filled, bad); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	v.Phone = web.Field{Name: "phone", Type: "phone", Label: e.say(r, "roster.phone"), Help: e.say(r, "roster.phone_help"), Value: m.Phone}
	if filled != nil {
		v.Phone.Value, v.Version = filled.Phone, filled.Version
	}
	if !edits && len(m.Duties) == 0 {
		v.Rows = nil // a month of empty days says nothing to who only reads
	}
	if err := e.rosterAround(r, v, a); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	e.rd.Page(w, r, status, "staff/roster", v)
}

// mostTold is how many wrong cells are told above the grid; all are marked in it.
const mostTold = 12

// rosterRows are the days with their cells.
func (e *edge) rosterRows(r *http.Request, v *rosterView, m Month, filled *Filled, bad []*fault.Fault) error {
	days, err := daysOf(m.Month)
	if err != nil {
		return err
	}
	shifts, _, err := e.Shifts.Now(r.Context())
	if err != nil {
		return err
	}
	members, err := e.People.Members(r.Context(), m.Unit)
	if err != nil {
		return err
	}
	for _, x := range members {
		if !slices.Contains(v.Members, x.Name) {
			v.Members = append(v.Members, x.Name)
		}
	}
	values, err := e.cells(r, m, members, shifts)
	if err != nil {
		return err
	}
	if filled != nil {
		values = filled.Cells
	}
	lang := text.Language(r.Context())
	for _, s := range shifts {
		v.Shifts = append(v.Shifts, s.Name.In(lang))
	}
	wrong := map[string]string{}
	for _, f := range bad {
		if wrong[f.Field] == "" {
			wrong[f.Field] = e.rd.Explain(r, f)
		}
	}
	works := e.works(r.Context())
	for _, d := range days {
		_, _, n := d.Date()
		row := rosterRow{Day: d, Said: e.say(r, "roster.day", "n", n, "weekday", e.say(r, "weekday."+strconv.Itoa(int(d.Weekday())))), Off: !works(d)}
		if e.Holidays != nil {
			if _, name := e.Holidays(r.Context(), d); name != nil {
				row.Holiday = name.In(lang)
			}
		}
		for _, s := range shifts {
			name := CellName(d, s.ID)
			c := rosterCell{Name: name, ID: strings.ReplaceAll(name, ".", "-"), Kind: s.Name.In(lang), Value: values[name], Stood: s.on(works(d)), Wrong: wrong[name]}
			c.Label = e.say(r, "roster.cell", "day", d, "kind", s.Name)
			if c.Wrong != "" {
				v.Wrong = append(v.Wrong, wrongCell{c.ID, c.Wrong})
			}
			row.Cells = append(row.Cells, c)
		}
		v.Rows = append(v.Rows, row)
	}
	if more := len(v.Wrong) - mostTold; more > 0 {
		v.Wrong = append(v.Wrong[:mostTold:mostTold], wrongCell{"roster", e.say(r, "roster.more", "n", more)})
	}
	if said := wrong[""]; said != "" {
		v.Wrong = append(v.Wrong, wrongCell{"roster", said})
	}
	return nil
}

// cells writes duties as they are typed: names, and hours where they are not the
// usual ones.
func (e *edge) cells(r *http.Request, m Month, members []identity.Member, shifts []Shift) (map[string]string, error) {
	return e.cellsOf(r.Context(), m.Duties, members, shifts)
}

func (e *edge) cellsOf(ctx context.Context, duties []Duty, members []identity.Member, shifts []Shift) (map[string]string, error) {
	names, err := e.namesOf(ctx, duties)
	if err != nil {
		return nil, err
	}
	out, times := map[string]string{}, map[string]string{}
	for _, d := range duties {
		name := names[d.Person]
		if id, err := member(name, members); err != nil || id != d.Person { // two of one name, or no longer of the unit
			name = d.Person
		}
		at := CellName(d.Day, d.Kind)
		out[at] = strings.TrimPrefix(out[at]+"、"+name, "、")
		i := slices.IndexFunc(shifts, func(s Shift) bool { return s.ID == d.Kind })
		if i < 0 {
			continue
		}
		if from, until := shifts[i].span(d.Day); from != d.From || until != d.Until {
			times[at] = " " + d.From.Time().Format("15:04") + "-" + d.Until.Time().Format("15:04")
		}
	}
	for at, t := range times {
		out[at] += t
	}
	return out, nil
}

// rosterAround is what stands around the grid: who is on duty now, other months and
// units, and the file.
func (e *edge) rosterAround(r *http.Request, v *rosterView, a identity.Actor) error {
	now, err := e.OnDuty(r.Context(), v.Unit, e.asNow(r))
	if err != nil {
		return err
	}
	shifts, _, err := e.Shifts.Now(r.Context())
	if err != nil {
		return err
	}
	names, err := e.namesOf(r.Context(), now)
	if err != nil {
		return err
	}
	for _, d := range now {
		v.Now = append(v.Now, web.Fact{Name: shiftName(shifts, d.Kind).In(text.Language(r.Context())), Value: e.say(r, "roster.until", "name", names[d.Person], "until", d.Until)})
	}
	if phone, err := e.DutyPhone(r.Context(), v.Unit, e.asNow(r)); err != nil {
		return err
	} else if phone != "" {
		v.Now = append(v.Now, web.Fact{Name: e.say(r, "roster.phone"), Value: phone})
	}
	first, err := daysOf(v.Month)
	if err != nil {
		return err
	}
	year, month, _ := first[0].Date()
	v.MonthSaid = e.say(r, "roster.month", "year", year, "month", int(month))
	at := func(month string) string {
		return "/staff/roster?unit=" + url.QueryEscape(v.Unit) + "&month=" + month
	}
	v.Before = web.NavItem{Href: at(monthOf(first[0] - 1)), Text: e.say(r, "roster.before")}
	v.After = web.NavItem{Href: at(monthOf(first[len(first)-1] + 1)), Text: e.say(r, "roster.after")}
	units, err := e.rosterUnits(r, a)
	if err != nil {
		return err
	}
	if len(units) > 1 {
		v.Choose = named(&web.Form{ID: "unit-form", Action: "/staff/roster", Method: "get", Submit: e.say(r, "roster.show"),
			Hidden: []web.Option{{Label: "month", Value: v.Month}}, Fields: []web.Field{{Name: "unit", Type: "unit", Label: e.word(r, "unit"), Required: true, Options: units, Value: v.Unit}}})
	}
	v.Upload = *named(&web.Form{ID: "csv-form", Action: "/staff/roster/import?unit=" + url.QueryEscape(v.Unit) + "&month=" + v.Month, Submit: e.say(r, "roster.import"), Fields: []web.Field{
		{Name: "file", Type: "files", Label: e.say(r, "units.file"), Help: e.say(r, "roster.file_help"), Required: true, Max: 1}}})
	return nil
}

// rosterUnits are the units whose roster somebody may see.
func (e *edge) rosterUnits(r *http.Request, a identity.Actor) ([]web.Option, error) {
	units, err := e.People.Units(r.Context())
	if err != nil {
		return nil, err
	}
	var out []web.Option
	for _, u := range units {
		if u.Open(e.Clock.Now()) && slices.ContainsFunc(a.Posts, func(p identity.Post) bool { return strings.HasPrefix(u.Path, p.UnitPath) }) && len(out) < mostOptions {
			out = append(out, web.Option{Value: u.ID, Label: indent(u) + unitName(r, u)})
		}
	}
	return out, nil
}

func filledIn(r *http.Request) Filled {
	f := Filled{Unit: posted(r, "unit"), Month: posted(r, "month"), Phone: posted(r, "phone"), Cells: map[string]string{}}
	f.Version, _ = strconv.ParseInt(posted(r, "version"), 10, 64)
	for name, values := range r.PostForm {
		if strings.HasPrefix(name, "c.") && values[0] != "" {
			f.Cells[name] = values[0]
		}
	}
	return f
}

// postRoster saves, publishes, or fills by an earlier month or week without saving.
func (e *edge) postRoster(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.rd.Fault(w, r, httpx.BodyFault(err))
		return
	}
	a, f, do := identity.From(r.Context()), filledIn(r), posted(r, "do")
	if do == "copy_month" || do == "copy_week" {
		e.copyRoster(w, r, a, f, map[string]int{"copy_month": 4, "copy_week": 1}[do])
		return
	}
	bad, err := e.SaveRoster(r.Context(), a, f, do == "publish")
	if fault.Is(err, fault.Stale) {
		bad, err = []*fault.Fault{fault.Of(err)}, nil
		if m, readErr := e.month(r.Context(), f.Unit, f.Month); readErr == nil {
			f.Version = m.Version // whoever saves again has been told
		}
	}
	if err != nil {
		if f := fault.Of(err); f.Field == "" || f.Kind == fault.Forbidden {
			e.rd.Fault(w, r, err)
			return
		}
		bad = append(bad, fault.Of(err))
	}
	if len(bad) > 0 {
		httpx.Note(r, bad[0])
		e.drawRoster(w, r, httpx.Status(bad[0]), f.Unit, f.Month, &f, bad, nil)
		return
	}
	did := "saved"
	if do == "publish" {
		did = "published"
	}
	http.Redirect(w, r, "/staff/roster?unit="+url.QueryEscape(f.Unit)+"&month="+url.QueryEscape(f.Month)+"&did="+did, http.StatusSeeOther)
}

func (e *edge) copyRoster(w http.ResponseWriter, r *http.Request, a identity.Actor, f Filled, weeks int) {
	list, bad, err := e.CopyRoster(r.Context(), a, f, weeks)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	notices := []web.Notice{{Tone: web.Info, Text: e.say(r, "roster.copied")}}
	if len(bad) == 0 {
		members, err := e.People.Members(r.Context(), f.Unit)
		shifts, _, listErr := e.Shifts.Now(r.Context())
		if err == nil {
			err = listErr
		}
		if err == nil {
			f.Cells, err = e.cellsOf(r.Context(), list, members, shifts)
		}
		if err != nil {
			e.rd.Fault(w, r, err)
			return
		}
	}
	e.drawRoster(w, r, http.StatusOK, f.Unit, f.Month, &f, bad, notices)
}

// postRosterImport shows what a file says, to be looked at and saved.
func (e *edge) postRosterImport(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f := Filled{Unit: q.Get("unit"), Month: q.Get("month")}
	m, edits, err := e.Roster(r.Context(), identity.From(r.Context()), f.Unit, f.Month)
	if err == nil && !edits {
		err = fault.New(fault.Forbidden, "staff.roster_right")
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	f.Phone, f.Version = m.Phone, m.Version
	file, err := onlyFile(r)
	if err == nil {
		f, err = e.ImportRoster(r.Context(), f, file)
	}
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	_, bad, err := e.read(r.Context(), f)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	status := http.StatusOK
	if len(bad) > 0 {
		status = httpx.Status(bad[0])
	}
	e.drawRoster(w, r, status, f.Unit, f.Month, &f, bad, []web.Notice{{Tone: web.Info, Text: e.say(r, "roster.imported")}})
}

// onlyFile is the file of a form with one.
func onlyFile(r *http.Request) (io.Reader, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, fault.New(fault.Invalid, "identity.no_file").At("file").Because(err)
	}
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			return nil, fault.New(fault.Invalid, "identity.no_file").At("file")
		}
		if err != nil {
			return nil, httpx.BodyFault(err)
		}
		if p.FormName() == "file" && p.FileName() != "" {
			return p, nil
		}
	}
}

// dutyTable lists times on duty; names are shown where they are given.
func (e *edge) dutyTable(r *http.Request, caption string, list []Duty, names map[string]string) *web.Table {
	shifts, _, err := e.Shifts.Now(r.Context())
	t := &web.Table{Caption: caption, Columns: []web.Column{{Text: e.say(r, "roster.kind")}, {Text: e.word(r, "unit")}, {Text: e.say(r, "from")}, {Text: e.say(r, "until")}}}
	if err != nil {
		return t
	}
	if names != nil {
		t.Columns = append(t.Columns, web.Column{Text: e.word(r, "person")})
	}
	for _, d := range list {
		row := []web.Cell{{Text: shiftName(shifts, d.Kind).In(text.Language(r.Context()))}, {Text: e.unitOf(r, d.Unit)}, {Text: d.From}, {Text: d.Until}}
		if names != nil {
			row = append(row, web.Cell{Text: names[d.Person]})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// onDutyPart says on a unit's page who is on duty now; nothing where nobody is.
func (e *edge) onDutyPart(r *http.Request, unit string) (part, bool) {
	list, err := e.OnDuty(r.Context(), unit, e.Clock.Now())
	if err != nil || len(list) == 0 {
		return part{}, false
	}
	names, err := e.namesOf(r.Context(), list)
	if err != nil {
		return part{}, false
	}
	return part{ID: "on-duty", Table: e.dutyTable(r, e.say(r, "roster.now"), list, names)}, true
}
