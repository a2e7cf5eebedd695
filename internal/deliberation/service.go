package deliberation

import (
	"context"
	"embed"
	"io/fs"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/privacy"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/procedure"
)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB      *db.DB
	Clock   clock.Clock
	Keys    *seal.Keys
	Areas   *area.Service
	People  *identity.Service
	Cases   *casework.Service
	Book    func() *text.Book
	Address string // under which people reach this house, for codes on paper; "" = the one they used
	// Privacy finds what points to a person; the lists in force say how it looks.
	Privacy *edition.Compiled[*privacy.Check]
}

// Service is the room's door. It is safe for concurrent use.
type Service struct{ Parts }

// LoadPrivacy reads the lists by which personal data are found.
func LoadPrivacy(files fs.FS) (*privacy.Check, error) {
	return privacy.Load(files, "publicity/privacy.yaml")
}

// New makes the service.
func New(p Parts) *Service { return &Service{p} }

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "deliberation", files)
}

// Offer registers what the procedures name. The roof calls it before the
// catalogue is put in force.
func (s *Service) Offer(cases *casework.Service) {
	for name, check := range map[string]casework.Check{
		"body_of_area": s.bodyOfArea, "committee_of_area": s.committeeOfArea, "own_matter": s.ownMatter, "requests": s.requests, "paper": s.paper, "heads": heads,
		"some_signed": s.someSigned, "signature": s.signature, "all_judged": s.allJudged,
		"statement": s.statement, "all_looked_at": s.allLookedAt,
		"text_as_voted": s.textAsVoted, "money_adds_up": s.moneyAddsUp, "delegation": s.mayDelegate,
	} {
		cases.RegisterCheck("deliberation."+name, check)
	}
	for name, effect := range map[string]casework.Effect{
		"keep_from": s.keepFrom, "sign": s.sign, "count": s.count, "from_petition": comes("petition"), "from_consultation": comes("consultation"),
		"gather": s.gather, "delegated": s.delegated, "voted": s.voted, "judged": s.judged,
	} {
		cases.RegisterEffect("deliberation."+name, effect)
	}
	for name, fact := range map[string]casework.Fact{
		"people":          s.signed(func(c Count) int64 { return c.People }),
		"households":      s.signed(func(c Count) int64 { return c.Households }),
		"representatives": s.signed(func(c Count) int64 { return c.Representatives }),
		"body":            bodyFact, "delegated": s.delegatedFact,
	} {
		cases.RegisterFact("deliberation."+name, fact)
	}
	cases.OnAct(Touched)
}

// comes notes where a matter that a case opens comes from.
func comes(from string) casework.Effect {
	return func(_ context.Context, m *casework.Moment) error {
		m.Set("source", from)
		return nil
	}
}

// bodyOfArea holds a meeting to the area whose it is: villagers decide in a
// village, residents in a community.
func (s *Service) bodyOfArea(_ context.Context, m *casework.Moment) error {
	body := m.Values.Text("body")
	if body == "" {
		return nil
	}
	kind, _ := area.KindOf(m.Area())
	village := kind == area.KindVillagers || kind == area.KindLikeVillagers
	if len(m.Area()) < 12 || strings.HasPrefix(body, "village") != village {
		return fault.New(fault.Unmet, "deliberation.body").At("body").Under(m.Act.Norm)
	}
	return nil
}

// committeeOfArea holds the unit that must call the meeting to the village's own.
func (s *Service) committeeOfArea(ctx context.Context, m *casework.Moment) error {
	u, err := s.People.Unit(ctx, m.Values.Text("committee"))
	if err != nil {
		return fault.Of(err).At("committee")
	}
	if u.Area != m.Area() || u.Kind != "village" && u.Kind != "community" {
		return fault.New(fault.Unmet, "deliberation.committee").At("committee").Under(m.Act.Norm)
	}
	return nil
}

// mostRequests bounds the requests that are named with a matter.
const mostRequests = 30

// requests holds the numbers that a matter names to requests that whoever names
// them may see, of that area.
func (s *Service) requests(ctx context.Context, m *casework.Moment) error {
	numbers := strings.Fields(strings.NewReplacer(",", " ", "\uff0c", " ", "\u3001", " ").Replace(m.Given.Text("requests")))
	if len(numbers) > mostRequests {
		return fault.New(fault.Invalid, "deliberation.many_requests", "most", mostRequests).At("requests")
	}
	for _, n := range numbers {
		c, _, err := s.Cases.Seen(ctx, m.Actor, n)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err != nil || c.Procedure != "service-request" || !strings.HasPrefix(c.Area, m.Area()) || c.Sealed != "" {
			return fault.New(fault.Invalid, "deliberation.no_request", "number", n).At("requests")
		}
	}
	return nil
}

// paper asks for the signed paper where a step is entered on a later day than that
// on which it was taken.
func (s *Service) paper(_ context.Context, m *casework.Moment) error {
	if m.Happened.Day() == m.Now.Day() {
		return nil
	}
	field := ""
	for _, f := range m.Act.Fill {
		if def := m.Procedure.Field(f.Field); def.Type == "files" {
			if files, _ := m.Given[f.Field].([]string); len(files) > 0 {
				return nil
			}
			field = f.Field
		}
	}
	return fault.New(fault.Unmet, "deliberation.paper", "day", m.Happened.Day()).At(field)
}

// bodies are the fields in which each of the first three steps counts heads.
var bodies = map[string]string{"propose": "proposed", "consult": "consulted", "review": "reviewed"}

// heads holds the numbers of a step to each other. That more than half of those
// present must agree to the first two is the house's own order: no norm that was
// read says it, and none is cited; the third is judged by the law room.
func heads(_ context.Context, m *casework.Moment) error {
	of := bodies[m.Act.Name]
	n := func(what string) int64 { x, _ := m.Values[of+"_"+what].(int64); return x }
	switch {
	case n("present") > n("members"):
		return fault.New(fault.Invalid, "deliberation.heads").At(of + "_present")
	case n("favour") > n("present"):
		return fault.New(fault.Invalid, "deliberation.heads").At(of + "_favour")
	case of != "reviewed" && 2*n("favour") <= n("present"):
		return fault.New(fault.Unmet, "deliberation.not_agreed").At(of + "_favour")
	}
	return nil
}

// seen finds a case of one of this room's procedures by its number.
func (s *Service) seen(ctx context.Context, a identity.Actor, name, number string) (*casework.Case, *procedure.Procedure, error) {
	if len(number) > 64 {
		return nil, nil, errNoTopic
	}
	c, p, err := s.Cases.Seen(ctx, a, number)
	if fault.Is(err, fault.NotFound) || err == nil && c.Procedure != name {
		return nil, nil, errNoTopic
	}
	return c, p, err
}
