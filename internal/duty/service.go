package duty

import (
	"context"
	"io/fs"
	"slices"
	"strings"

	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Units gives all units; *identity.Service is one.
type Units interface {
	Units(ctx context.Context) ([]identity.Unit, error)
}

// Service answers whose business a matter is. It has no tables of its own: what
// it knows is an edition of the catalogue.
type Service struct {
	// Places lets the public page find a place by its name; nil: codes only. Set
	// by the roof before the first request, as is ReportPath, the page on which
	// residents report.
	Places     Places
	ReportPath string

	// Precedents gives what decided disputes proposed for an item, for the pages of
	// its list; nil: there are none. Set by the roof.
	Precedents func(ctx context.Context, item string) ([]Precedent, error)

	editions *edition.Service
	units    Units
	clk      clock.Clock
	book     func() *text.Book
	lists    *edition.Compiled[*Catalogue]
}

// New makes the room. book gives the words in force.
func New(editions *edition.Service, units Units, clk clock.Clock, book func() *text.Book) *Service {
	return &Service{ReportPath: "/report", editions: editions, units: units, clk: clk, book: book, lists: edition.Compile(editions, compile)}
}

func compile(files fs.FS) (*Catalogue, error) {
	cat, bad := ParseCatalogue(files)
	if len(bad) > 0 {
		return nil, fault.New(fault.Internal, "duty.catalogue", "file", bad[0].File, "line", bad[0].Line)
	}
	return cat, nil
}

// Catalogue gives classes and lists in force, and the number of their edition.
func (s *Service) Catalogue(ctx context.Context) (*Catalogue, int64, error) { return s.lists.Now(ctx) }

// At gives classes and lists of one edition: what a case was dispatched by.
func (s *Service) At(ctx context.Context, number int64) (*Catalogue, error) {
	return s.lists.At(ctx, number)
}

// Class finds a class of the edition in force. Fault: NotFound duty.class.
func (s *Service) Class(ctx context.Context, id string) (Class, error) {
	cat, _, err := s.Catalogue(ctx)
	if err != nil {
		return Class{}, err
	}
	k, known := cat.Classes.Class(id)
	if !known {
		return Class{}, fault.New(fault.NotFound, "duty.class", "class", id).At("class")
	}
	return k, nil
}

// Match finds the classes that fit a resident's words; see Classes.Match.
func (s *Service) Match(ctx context.Context, words string, limit int) ([]ClassMatch, error) {
	cat, _, err := s.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	return cat.Classes.Match(words, limit), nil
}

// Suggest says who should lead a matter of the class in the area on the day, who
// helps, within which time, on which basis, and why: by the nearest list that
// names the class or one above it, and the unit with the line of work whose area
// is the smallest that covers the place. Where no list names it, or no unit
// covers the place, the suggestion says so and a dispatcher decides. area "" asks
// without a place. Faults: NotFound duty.class, Invalid duty.area.
func (s *Service) Suggest(ctx context.Context, class, areaCode string, day clock.Day) (Suggestion, error) {
	cat, o, err := s.looked(ctx, day)
	if err != nil {
		return Suggestion{}, err
	}
	return cat.suggest(class, areaCode, o)
}

// Responsible is Suggest for somebody who returns a case and must name who is
// responsible by which item: every item that fits, the suggested one first.
func (s *Service) Responsible(ctx context.Context, class, areaCode string, day clock.Day) ([]Found, error) {
	said, err := s.Suggest(ctx, class, areaCode, day)
	if err != nil || !said.Known() {
		return nil, err
	}
	return append([]Found{said.Found}, said.Others...), nil
}

// Item finds an item of a list by its id, in the nearest list that holds in the
// area on the day. Fault: NotFound duty.class.
func (s *Service) Item(ctx context.Context, id, areaCode string, day clock.Day) (Found, error) {
	cat, o, err := s.looked(ctx, day)
	if err != nil {
		return Found{}, err
	}
	m, known := cat.byItem(id, areaCode, day)
	if !known {
		return Found{}, fault.New(fault.NotFound, "duty.class", "class", id).At("item")
	}
	return cat.found(m, o, areaCode), nil
}

// MayLead refuses a unit that lists and norms keep from leading a matter; matter
// is the id of a class or of an item. Faults, all Unmet with their norm:
// duty.forbidden_community, duty.not_community, duty.taken_back, duty.only_helps,
// duty.not_street, duty.not_listed_street, duty.not_listed_community; NotFound
// duty.class.
func (s *Service) MayLead(ctx context.Context, matter, areaCode string, unit identity.Unit, day clock.Day) error {
	cat, o, err := s.looked(ctx, day)
	if err != nil {
		return err
	}
	return cat.mayLead(matter, areaCode, unit, o)
}

// Level says whether a unit stands on the level of the county, the street or the
// community, however deep in its tree; a stationed unit stands where its owner does.
func (s *Service) Level(ctx context.Context, unit identity.Unit) (string, error) {
	units, err := s.units.Units(ctx)
	if err != nil {
		return "", err
	}
	return newOffices(units, s.clk.Now().Day()).levelOf(unit), nil
}

func (s *Service) looked(ctx context.Context, day clock.Day) (*Catalogue, offices, error) {
	cat, _, err := s.Catalogue(ctx)
	if err != nil {
		return nil, offices{}, err
	}
	units, err := s.units.Units(ctx)
	return cat, newOffices(units, day), err
}

// Nearest is the id of the list that speaks first in an area on a day; "" for none.
func (s *Service) Nearest(ctx context.Context, areaCode string, day clock.Day) (string, error) {
	cat, _, err := s.Catalogue(ctx)
	if err != nil {
		return "", err
	}
	for _, l := range cat.Lists {
		if l.Holds(areaCode, day) {
			return l.ID, nil
		}
	}
	return "", nil
}

// Changed is when a list became what it is; 0 where there is none of the id.
func (s *Service) Changed(ctx context.Context, list string) (clock.Instant, error) {
	versions, err := s.editions.Versions(ctx, listFile(list))
	if err != nil || len(versions) == 0 {
		return 0, err
	}
	return versions[0].Published, nil
}

// Check is the room's checker of a catalogue (see edition.OnCheck): classes,
// intake, functions and every duty list, by file and line.
func Check(files fs.FS) []edition.Problem {
	_, bad := ParseCatalogue(files)
	if len(bad) == 0 {
		return nil
	}
	book, err := text.Load(files)
	var out []edition.Problem
	for _, b := range bad {
		said := b.Key
		if err == nil { // a broken book of texts is told by its own checker
			said = b.Say(book, text.Chinese) + " / " + b.Say(book, text.English)
		}
		out = append(out, edition.Problem{File: b.File, Line: b.Line, Text: said})
	}
	return out
}

// Say is the remark in words.
func (r Remark) Say(book *text.Book, lang string) string { return book.Say(lang, r.Key, r.Args) }

// mayDraft says whether the actor may see what a change would do: who keeps the whole
// county, and who heads or leads it. Only the former publishes.
func mayDraft(a identity.Actor) bool {
	return topAdministrator(a) || a.Known() && slices.ContainsFunc(a.Posts, func(p identity.Post) bool {
		return (p.Kind == "leader" || p.Kind == "head") && strings.Count(p.UnitPath, "/") == 2
	})
}

// topAdministrator says whether the actor keeps the whole county: the house
// itself, or who administers a unit that has none above it.
func topAdministrator(a identity.Actor) bool {
	return a.Kind == identity.System || a.Known() && slices.ContainsFunc(a.Posts, func(p identity.Post) bool {
		return p.Kind == "administrator" && strings.Count(p.UnitPath, "/") == 2
	})
}
