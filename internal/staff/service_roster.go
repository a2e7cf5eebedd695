package staff

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// OnDuty are those on duty in a unit at a moment, as published: who leads last.
// Drafts count for nothing. It checks no right: that somebody can be called is no
// secret of the office.
func (s *Service) OnDuty(ctx context.Context, unit string, at clock.Instant) ([]Duty, error) {
	list, err := s.duties(ctx, `unit = $1 AND state = 'published' AND begins <= $2 AND ends > $2`, unit, at)
	if err != nil {
		return nil, err
	}
	shifts, _, err := s.Shifts.Now(ctx)
	leads := func(d Duty) int {
		if i := slices.IndexFunc(shifts, func(x Shift) bool { return x.ID == d.Kind }); i >= 0 && shifts[i].Leads {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b Duty) int { return leads(a) - leads(b) })
	return list, err
}

// DutyPhone is the telephone of a unit on duty in the month of a moment, "" for none.
func (s *Service) DutyPhone(ctx context.Context, unit string, at clock.Instant) (string, error) {
	m, err := s.month(ctx, unit, monthOf(at.Day()))
	if m.Published == 0 {
		return "", err
	}
	return m.Phone, err
}

// works says whether people work on a day by the law's calendar; without one by
// the weekday.
func (s *Service) works(ctx context.Context) func(clock.Day) bool {
	return func(d clock.Day) bool {
		if s.Holidays != nil {
			works, _ := s.Holidays(ctx, d)
			return works
		}
		return d.Weekday() != 0 && d.Weekday() != 6
	}
}

// Roster is a unit's month as it is edited: the draft where there is one. For the
// unit's members the published one only. Faults: Invalid staff.month, NotFound
// identity.no_unit, Forbidden staff.roster_right.
func (s *Service) Roster(ctx context.Context, a identity.Actor, unit, month string) (m Month, edits bool, err error) {
	u, err := s.People.Unit(ctx, unit)
	if err != nil {
		return m, false, err
	}
	if _, err := daysOf(month); err != nil {
		return m, false, err
	}
	if m, err = s.month(ctx, unit, month); err != nil {
		return m, false, err
	}
	if s.edits(a, u) {
		return m, true, nil
	}
	if !slices.ContainsFunc(a.Posts, func(p identity.Post) bool { return p.Unit == unit || strings.HasPrefix(u.Path, p.UnitPath) }) {
		return m, false, fault.New(fault.Forbidden, "staff.roster_right")
	}
	if m.Draft {
		m.Draft = false
		m.Duties, err = s.duties(ctx, `unit = $1 AND month = $2 AND state = 'published'`, unit, month)
	}
	return m, false, err
}

func (s *Service) edits(a identity.Actor, u identity.Unit) bool {
	return identity.PostFor(a, identity.Post{UnitPath: u.Path}).ID != "" && u.Open(s.Clock.Now())
}

// Filled is a month as somebody filled it in: by day and kind, in words.
type Filled struct {
	Unit, Month string
	Phone       string
	Version     int64 // that was shown
	Cells       map[string]string
}

// CellName is the name of a cell.
func CellName(d clock.Day, kind string) string { return "c." + d.String() + "." + kind }

// read turns what was filled in into duties. A cell that cannot be read is a fault
// at that cell; all are read before the first is told.
func (s *Service) read(ctx context.Context, f Filled) ([]Duty, []*fault.Fault, error) {
	days, err := daysOf(f.Month)
	if err != nil {
		return nil, nil, err
	}
	shifts, _, err := s.Shifts.Now(ctx)
	if err != nil {
		return nil, nil, err
	}
	members, err := s.People.Members(ctx, f.Unit)
	if err != nil {
		return nil, nil, err
	}
	var out []Duty
	var bad []*fault.Fault
	for _, d := range days {
		for _, k := range shifts {
			said := f.Cells[CellName(d, k.ID)]
			list, err := cell(said, k, d, members)
			if err != nil {
				bad = append(bad, fault.Of(err).At(CellName(d, k.ID)))
				continue
			}
			out = append(out, list...)
		}
	}
	return out, bad, nil
}

// SaveRoster keeps a month as a draft; publish makes it the one in force, if no
// shift lacks somebody and nobody stands twice. The faults that are given beside
// the error name their cells. Faults: Stale staff.month_moved, Forbidden.
func (s *Service) SaveRoster(ctx context.Context, a identity.Actor, f Filled, publish bool) ([]*fault.Fault, error) {
	u, err := s.People.Unit(ctx, f.Unit)
	if err != nil {
		return nil, err
	}
	if !s.edits(a, u) {
		return nil, fault.New(fault.Forbidden, "staff.roster_right")
	}
	phone, err := text.Clean(f.Phone, 40)
	if err != nil {
		return nil, fault.Of(err).At("phone")
	}
	list, bad, err := s.read(ctx, f)
	if err != nil || len(bad) > 0 {
		return bad, err
	}
	m := Month{Unit: f.Unit, Month: f.Month, Phone: phone, By: a.Person, Duties: list}
	states, as := []string{draft}, draft
	now := s.Clock.Now()
	if publish {
		if bad, err = s.mayPublish(ctx, m); err != nil || len(bad) > 0 {
			return bad, err
		}
		states, as, m.Published = []string{draft, published}, published, now
	} else if old, err := s.month(ctx, f.Unit, f.Month); err != nil {
		return nil, err
	} else {
		m.Published = old.Published
	}
	for i := range m.Duties {
		m.Duties[i].ID = db.NewID(now)
	}
	return nil, s.DB.Commit(ctx, func(tx *db.Tx) error { return writeMonth(tx, m, f.Version, states, as) })
}

// mayPublish finds shifts without anybody and people who would stand twice, also
// against what is published of other months and units.
func (s *Service) mayPublish(ctx context.Context, m Month) ([]*fault.Fault, error) {
	days, err := daysOf(m.Month)
	if err != nil {
		return nil, err
	}
	shifts, _, err := s.Shifts.Now(ctx)
	if err != nil {
		return nil, err
	}
	if len(m.Duties) == 0 {
		return []*fault.Fault{fault.New(fault.Unmet, "staff.roster_empty")}, nil
	}
	var bad []*fault.Fault
	for _, h := range holes(days, shifts, m.Duties, s.works(ctx)) {
		bad = append(bad, fault.New(fault.Unmet, "staff.hole", "day", h.Day, "kind", shiftName(shifts, h.Kind)).At(CellName(h.Day, h.Kind)))
	}
	first, last := days[0].Start(), days[len(days)-1].End().Add(2*24*3600*1e9)
	others, err := s.duties(ctx, `state = 'published' AND ends > $1 AND begins < $2 AND NOT (unit = $3 AND month = $4)`, first, last, m.Unit, m.Month)
	if err != nil {
		return nil, err
	}
	names, err := s.namesOf(ctx, m.Duties)
	if err != nil {
		return nil, err
	}
	for _, c := range clashes(append(slices.Clone(m.Duties), others...)) {
		at := c.B
		if monthOf(at.Day) != m.Month || at.Unit != "" { // the other one is this month's
			at, c.A = c.A, c.B
		}
		if at.Unit != "" {
			continue // neither is: nothing that is published here is made worse
		}
		bad = append(bad, fault.New(fault.Conflict, "staff.clash", "name", names[at.Person], "day", at.Day, "kind", shiftName(shifts, at.Kind),
			"other_day", c.A.Day, "other", shiftName(shifts, c.A.Kind)).At(CellName(at.Day, at.Kind)))
	}
	return bad, nil
}

func (s *Service) namesOf(ctx context.Context, list []Duty) (map[string]string, error) {
	var ids []string
	for _, d := range list {
		if !slices.Contains(ids, d.Person) {
			ids = append(ids, d.Person)
		}
	}
	return s.People.Names(ctx, ids)
}

func shiftName(shifts []Shift, id string) text.Words {
	for _, s := range shifts {
		if s.ID == id {
			return s.Name
		}
	}
	return text.Words{"zh": id, "en": id}
}

// CopyRoster fills the empty shifts of what was filled in: from four weeks before,
// so that weekdays stay, or from the week before. Nothing is saved yet.
func (s *Service) CopyRoster(ctx context.Context, a identity.Actor, f Filled, weeks int) ([]Duty, []*fault.Fault, error) {
	m, edits, err := s.Roster(ctx, a, f.Unit, f.Month)
	if err == nil && !edits {
		err = fault.New(fault.Forbidden, "staff.roster_right")
	}
	if err != nil {
		return nil, nil, err
	}
	have, bad, err := s.read(ctx, f)
	if err != nil || len(bad) > 0 {
		return nil, bad, err
	}
	days, _ := daysOf(m.Month)
	shifts, _, err := s.Shifts.Now(ctx)
	if err != nil {
		return nil, nil, err
	}
	source, err := s.duties(ctx, `unit = $1 AND state = 'published' AND day >= $2 AND day < $3`, f.Unit, int64(days[0])-int64(7*weeks), int64(days[0]))
	return copied(days, shifts, have, source, 7*weeks, s.works(ctx)), nil, err
}

// most lines of a roster in CSV.
const mostRosterLines = 2000

// ImportRoster reads a month from CSV (day, kind, people) over what is filled in.
// Faults: Invalid staff.csv_header, staff.csv_line with the line.
func (s *Service) ImportRoster(ctx context.Context, f Filled, r io.Reader) (Filled, error) {
	shifts, _, err := s.Shifts.Now(ctx)
	if err != nil {
		return f, err
	}
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	f.Cells = map[string]string{}
	for n := 1; ; n++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil || n > mostRosterLines {
			return f, fault.New(fault.Invalid, "staff.csv_line", "line", n).At("file").Because(err)
		}
		for i := range row {
			row[i] = strings.TrimSpace(strings.TrimPrefix(row[i], "\ufeff"))
		}
		if n == 1 {
			if !slices.Equal(row, []string{"day", "kind", "people"}) {
				return f, fault.New(fault.Invalid, "staff.csv_header").At("file")
			}
			continue
		}
		if len(row) != 3 {
			return f, fault.New(fault.Invalid, "staff.csv_line", "line", n).At("file")
		}
		day, err := clock.ParseDay(row[0])
		i := slices.IndexFunc(shifts, func(k Shift) bool { return k.ID == row[1] || k.Name["zh"] == row[1] || k.Name["en"] == row[1] })
		if err != nil || i < 0 || monthOf(day) != f.Month {
			return f, fault.New(fault.Invalid, "staff.csv_line", "line", n).At("file")
		}
		name := CellName(day, shifts[i].ID)
		f.Cells[name] = strings.TrimPrefix(f.Cells[name]+"、"+row[2], "、")
	}
}

// giveShift puts somebody else in the place of a person in a published shift.
func (s *Service) giveShift(ctx context.Context, id, from, to string) error {
	list, err := s.duties(ctx, `id = $1 AND state = 'published'`, id)
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].Person != from {
		if len(list) == 1 && list[0].Person == to {
			return nil // given before something broke
		}
		return fault.New(fault.NotFound, "staff.no_shift")
	}
	d := list[0]
	theirs, err := s.duties(ctx, `person = $1 AND state = 'published' AND ends > $2 AND begins < $3`, to, d.From, d.Until)
	if err != nil {
		return err
	}
	if len(theirs) > 0 {
		return fault.New(fault.Conflict, "staff.on_duty_then", "day", theirs[0].Day)
	}
	month := monthOf(d.Day)
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`UPDATE staff_roster SET person = $2 WHERE id = $1 AND person = $3 AND state = 'published'`, id, to, from)
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.Exec(`UPDATE staff_month SET version = version + 1 WHERE unit = $1 AND month = $2`, d.Unit, month)
		return err
	})
}
