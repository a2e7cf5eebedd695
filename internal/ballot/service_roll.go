package ballot

import (
	"context"
	"slices"
	"strconv"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/law"
)

// villageDigits is how long the code of a village or community is.
const villageDigits = 12

// Importing asks for a new version of a roll out of a file.
type Importing struct {
	Area  string
	Body  Body
	Group string
	AsOf  clock.Day // 0 = today
	File  string
	Data  []byte
}

// head checks to whom a roll belongs.
func (s *Service) head(a identity.Actor, code string, b Body, group string) (string, error) {
	if len(code) != villageDigits || !over(a, code, keepers) {
		return "", fault.New(fault.Forbidden, "ballot.not_yours").At("area")
	}
	if !b.Known() {
		return "", fault.New(fault.Invalid, "ballot.body").At("body")
	}
	group, err := text.Clean(group, mostWord)
	if err != nil {
		return "", fault.Of(err).At("group")
	}
	if (group == "") == (b == VillagerGroup) {
		return "", fault.New(fault.Invalid, "ballot.group", "body", b.Key()).At("group")
	}
	return group, nil
}

// Import reads a roll out of a workbook or CSV and makes it the newest version.
// Where a row is bad nothing is kept and the report says which. Faults: Forbidden
// ballot.not_yours; Invalid ballot.body, ballot.group, ballot.no_head,
// ballot.id_column, ballot.bad_rows, ballot.nobody and those of kit/sheet.
func (s *Service) Import(ctx context.Context, a identity.Actor, in Importing) (Roll, Report, error) {
	group, err := s.head(a, in.Area, in.Body, in.Group)
	if err != nil {
		return Roll{}, Report{}, err
	}
	if in.AsOf == 0 {
		in.AsOf = s.Clock.Now().Day()
	}
	words, _, err := s.Words.Now(ctx)
	if err != nil {
		return Roll{}, Report{}, err
	}
	lines, report, err := words.parse(in.Data, in.Body, in.AsOf)
	if err != nil {
		return Roll{}, report, err
	}
	if n := len(report.Bad) + report.MoreBad; n > 0 {
		return Roll{}, report, fault.New(fault.Invalid, "ballot.bad_rows", "n", n).At("file")
	}
	if err := in.Body.enough(count(in.Body, lines)); err != nil {
		return Roll{}, report, err
	}
	source, err := text.Clean(in.File, 100)
	if err != nil {
		source = ""
	}
	r, err := s.publish(ctx, a, Roll{Area: in.Area, Body: in.Body, Group: group, AsOf: in.AsOf, Source: source, lines: lines}, "")
	return r, report, err
}

// publish writes a roll as the newest version of its body. after is the version
// it was made from, which must still be the newest; "" for a new list.
func (s *Service) publish(ctx context.Context, a identity.Actor, r Roll, after string) (Roll, error) {
	now := s.Clock.Now()
	r.ID, r.Salt, r.Made, r.MadeBy, r.Frozen = db.NewID(now), seal.Token(), now, a.Person, 0
	r.Counts, r.Hash = count(r.Body, r.lines), digest(r)
	rows, err := s.sealed(r)
	if err != nil {
		return r, err
	}
	return r, s.DB.Commit(ctx, func(tx *db.Tx) error { return write(tx, &r, rows, after) })
}

// Change puts a line in the place of the one with its number, or adds it where the
// number is 0, and makes that the next version: the one it was made from stays as
// it was. Faults: NotFound ballot.no_roll, ballot.no_line; Stale ballot.not_newest;
// Invalid at a column.
func (s *Service) Change(ctx context.Context, a identity.Actor, id string, l Line, reason string) (Roll, error) {
	return s.revise(ctx, a, id, reason, func(r *Roll) error {
		if err := l.clean(); err != nil {
			return err
		}
		if err := r.Body.fits(l); err != nil {
			return err
		}
		at := r.at(l.No)
		switch {
		case l.No == 0:
			for _, x := range r.lines {
				l.No = max(l.No, x.No)
			}
			l.No++
			r.lines = append(r.lines, l)
		case at < 0:
			return fault.New(fault.NotFound, "ballot.no_line", "line", l.No)
		default:
			r.lines[at] = l
		}
		if f := whole(r.lines)[l.No]; f != nil {
			return f
		}
		return nil
	})
}

// Strike takes a line out, in a next version. Faults as of Change.
func (s *Service) Strike(ctx context.Context, a identity.Actor, id string, no int64, reason string) (Roll, error) {
	return s.revise(ctx, a, id, reason, func(r *Roll) error {
		at := r.at(no)
		if at < 0 {
			return fault.New(fault.NotFound, "ballot.no_line", "line", no)
		}
		r.lines = slices.Delete(r.lines, at, at+1)
		return r.Body.enough(count(r.Body, r.lines))
	})
}

func (r Roll) at(no int64) int {
	return slices.IndexFunc(r.lines, func(l Line) bool { return l.No == no })
}

func (s *Service) revise(ctx context.Context, a identity.Actor, id, reason string, change func(*Roll) error) (Roll, error) {
	r, err := s.roll(ctx, id)
	if err != nil {
		return r, err
	}
	if !over(a, r.Area, keepers) {
		return r, noRoll()
	}
	if reason, err = text.Clean(reason, 200); err != nil {
		return r, fault.Of(err).At("reason")
	}
	if reason == "" {
		return r, fault.New(fault.Invalid, "ballot.no_reason").At("reason")
	}
	if err := s.load(ctx, &r); err != nil {
		return r, err
	}
	if err := change(&r); err != nil {
		return r, err
	}
	r.Reason = reason
	return s.publish(ctx, a, r, id)
}

// List gives the newest versions of the rolls that the actor may see, by area and
// body.
func (s *Service) List(ctx context.Context, a identity.Actor) ([]Roll, error) {
	all, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r Roll) bool { return !over(a, r.Area, viewers) }), nil
}

// Show gives a version of a roll with its lines to who may see them; the reading
// goes on the read log, once for each day.
func (s *Service) Show(ctx context.Context, a identity.Actor, id string) (Roll, []Line, error) {
	r, err := s.roll(ctx, id)
	if err != nil {
		return r, nil, err
	}
	if !over(a, r.Area, viewers) {
		return r, nil, noRoll()
	}
	if err := s.noteReading(ctx, a, r); err != nil {
		return r, nil, err
	}
	err = s.load(ctx, &r)
	return r, r.lines, err
}

// noteReading writes the read log before names are shown.
func (s *Service) noteReading(ctx context.Context, a identity.Actor, r Roll) error {
	key := a.Person + " " + r.ID + " " + strconv.Itoa(int(s.Clock.Now().Day()))
	if _, done := s.shown.Load(key); done {
		return nil
	}
	purpose := s.Book().Say(text.Chinese, "ballot.read_purpose", map[string]any{"body": r.Body.Key(), "version": r.Version})
	if err := s.People.ReadLog(ctx, a, r.ID, "names", purpose); err != nil {
		return err
	}
	s.shown.Store(key, true)
	return nil
}

// Composition is what the law says of how a body is made up; nil where it says
// nothing.
func (s *Service) Composition(ctx context.Context, r Roll) (*law.Decision, error) {
	rule, facts := r.Body.composition(r.Counts)
	if rule == "" {
		return nil, nil
	}
	d, err := s.Law.Decide(ctx, s.Book(), rule, s.Clock.Now().Day(), r.Area, facts)
	if fault.Is(err, fault.Invalid) { // no representatives at all: the counts say it
		return nil, nil
	}
	return &d, err
}
