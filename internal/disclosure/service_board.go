package disclosure

import (
	"context"
	"maps"
	"slices"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/procedure"
)

// Board is what one village or community shows, by column.
type Board struct {
	Area    area.Area
	Columns map[string][]*Entry // standing, the newest first
	Past    []*Entry            // taken down after their time; lists of persons are not among them
}

// Entry is one publication on a board.
type Entry struct {
	Case, Number string
	Area         string
	Item         Item // zero where the catalogue has it no more
	Known        bool
	Title        string
	Procedure    procedure.Words
	Period       string
	Persons      bool
	Until        clock.Day // stands at least until and with this day; 0 = not said
	Versions     []Version // the newest first
	Questions    []Answer
}

// Version is what one posting or correction said.
type Version struct {
	Act      string // id, for the proof
	Words    procedure.Words
	Posted   clock.Instant
	Recorded clock.Instant
	Texts    []Said
	Files    []File
	Masks    []Mask
}

// File is a published picture or document.
type File struct {
	ID      string
	Picture bool // shown on the page itself
}

// Said is one published field of words.
type Said struct {
	Field  string
	Label  procedure.Words
	Type   string
	Value  any
	Masked bool
}

// Mask says when and why something was struck.
type Mask struct {
	At     clock.Instant
	Reason string
}

// Answer is a question with its answer.
type Answer struct {
	Question, Answer, Decision string
	At                         clock.Instant
}

type kept struct {
	board *Board
	day   clock.Day
}

// forget drops what is kept of an older state.
func (s *Service) forget(now int64) {
	s.boards, s.pages, s.at = map[string]kept{}, map[string]page{}, now
}

// mostKept bounds how many boards one node keeps drawn.
const mostKept = 4000

// Board gives the board of a village or community. Fault: NotFound for what is
// neither.
func (s *Service) Board(ctx context.Context, code string) (*Board, error) {
	now, err := s.epochNow(ctx)
	if err != nil {
		return nil, err
	}
	today := s.Clock.Now().Day()
	s.mu.Lock()
	if s.at < now || len(s.boards) > mostKept {
		s.forget(now)
	}
	have, ok := s.boards[code]
	s.mu.Unlock()
	if ok && have.day == today {
		return have.board, nil
	}
	b, err := s.draw(ctx, code)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == now { // nothing was published meanwhile
		s.boards[code] = kept{b, today}
	}
	return b, nil
}

func (s *Service) draw(ctx context.Context, code string) (*Board, error) {
	if area.LevelOf(code) != area.Community {
		return nil, fault.New(fault.NotFound, "disclosure.no_board")
	}
	a, err := s.Areas.Get(ctx, code)
	if err != nil {
		return nil, err
	}
	c, err := s.catalogue(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.published(ctx, code)
	if err != nil {
		return nil, err
	}
	b := &Board{Area: a, Columns: map[string][]*Entry{}}
	for _, r := range rows {
		i, known := c.Item(r.Item)
		if !slices.Contains(Columns, r.Column) || known && i.Audience != Public {
			continue
		}
		e, over, err := s.entry(ctx, r, i, known)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		switch {
		case !over:
			b.Columns[r.Column] = append(b.Columns[r.Column], e)
		case !e.Persons:
			b.Past = append(b.Past, e)
		}
	}
	return b, nil
}

// entry reads one publication with its versions. Where it is public no longer:
// NotFound.
func (s *Service) entry(ctx context.Context, r row, i Item, known bool) (*Entry, bool, error) {
	c, p, acts, err := s.Cases.History(ctx, r.Case)
	if err != nil {
		return nil, false, err
	}
	if c.Published == 0 {
		return nil, false, fault.New(fault.NotFound, "casework.no_notice")
	}
	e := &Entry{Case: c.ID, Number: c.Number, Area: community(c.Area), Item: i, Known: known, Title: c.Title, Procedure: p.Title, Period: periodOf(p, c.Values), Persons: r.Persons || i.Persons}
	for _, k := range []string{"stand", "longer"} {
		if row, had := c.Clocks()[k]; had && row.Duty > 0 {
			e.Until = max(e.Until, (row.Duty - 1).Day())
		}
	}
	e.Versions = versionsOf(p, acts)
	if err := s.pictures(ctx, e.Versions); err != nil {
		return nil, false, err
	}
	about, err := s.about(ctx, c.ID)
	if err != nil {
		return nil, false, err
	}
	for _, id := range about {
		a, shown, err := s.answer(ctx, id)
		if err != nil {
			return nil, false, err
		}
		if shown {
			e.Questions = append(e.Questions, a)
		}
	}
	return e, c.Kind == procedure.Final, nil
}

// pictures finds out which files are pictures; one that is gone is left out.
func (s *Service) pictures(ctx context.Context, list []Version) error {
	for i, v := range list {
		var there []File
		for _, f := range v.Files {
			_, b, err := s.Blobs.Get(ctx, f.ID)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			f.Picture = picture(b.Media)
			there = append(there, f)
		}
		list[i].Files = there
	}
	return nil
}

// versionsOf replays the acts and keeps what each publication said.
func versionsOf(p *procedure.Procedure, acts []casework.Entry) (out []Version) {
	reasons := map[string]Mask{}
	for _, a := range acts {
		if a.Erases != "" {
			reasons[a.ID] = Mask{a.Recorded, textOf(a, procedure.ReasonField)}
		}
	}
	now, by := casework.Values{}, map[string]string{}
	for _, a := range acts {
		if a.Annulled || a.Erases != "" || a.Delta.Quiet {
			continue
		}
		for name, k := range a.Body {
			if by[name] = k.Gone; k.Gone == "" {
				delete(by, name)
			}
		}
		maps.Copy(now, a.Values)
		def := p.Act(a.Act)
		if !a.Delta.Publish || def == nil {
			continue
		}
		out = append(out, versionOf(p, def, a, now, by, reasons))
	}
	slices.Reverse(out)
	return out
}

// plainTypes are the types of what a board shows of a publication.
var plainTypes = []string{"text", "lines", "choice", "number", "money", "day", "yes", "decision"}

// shown is a value as the board shows it: a choice by its words.
func shown(f *procedure.Field, value any) any {
	if s, ok := value.(string); ok && f.Type == "choice" {
		for _, o := range f.Options {
			if o.Value == s {
				return text.Words(o.Label)
			}
		}
	}
	return value
}

func versionOf(p *procedure.Procedure, def *procedure.Act, a casework.Entry, now casework.Values, by map[string]string, reasons map[string]Mask) Version {
	v := Version{Act: a.ID, Words: def.Words, Posted: a.Happened, Recorded: a.Recorded}
	for _, name := range def.Publish {
		f := p.Field(name)
		value, has := now[name]
		_, gone := value.(casework.Gone)
		if m := reasons[by[name]]; m.At != 0 && !slices.Contains(v.Masks, m) {
			v.Masks = append(v.Masks, m)
		}
		switch {
		case f == nil || !has || gone:
		case f.Attached() && p.Name != Procedure: // other rooms show their own files
		case f.Attached():
			for _, id := range now.List(name) {
				v.Files = append(v.Files, File{ID: id})
			}
		case name == p.Subject || name == fieldPeriod:
		case slices.Contains(plainTypes, f.Type):
			v.Texts = append(v.Texts, Said{name, f.Label, f.Type, shown(f, value), by[name] != ""})
		}
	}
	return v
}

// textOf reads one of the engine's own values of an act.
func textOf(a casework.Entry, name string) string {
	v, err := procedure.ReadValue(a.Body[name].Value)
	s, _ := v.(string)
	if err != nil {
		return ""
	}
	return s
}

// answer reads a question that was answered; false while it is not.
func (s *Service) answer(ctx context.Context, id string) (Answer, bool, error) {
	c, _, _, err := s.Cases.History(ctx, id)
	if err != nil {
		return Answer{}, false, err
	}
	return Answer{c.Values.Text("question"), c.Values.Text("answer"), c.Values.Text("decision"), c.Published}, c.Published != 0, nil
}

// File gives a published file of a publication that stands. Fault: NotFound.
func (s *Service) File(ctx context.Context, ref, id string) (data []byte, media string, err error) {
	none := fault.New(fault.NotFound, "disclosure.no_file")
	c, p, acts, err := s.Cases.History(ctx, ref)
	if err != nil || c.Published == 0 || c.Kind == procedure.Final {
		return nil, "", none.Because(err)
	}
	if c.Procedure != Procedure || !looked(acts)[id] {
		return nil, "", none
	}
	for _, v := range versionsOf(p, acts) {
		if slices.ContainsFunc(v.Files, func(f File) bool { return f.ID == id }) {
			data, b, err := s.Blobs.Get(ctx, id)
			return data, b.Media, err
		}
	}
	return nil, "", none
}
