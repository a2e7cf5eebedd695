package disclosure

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"linli/internal/casework"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/privacy"
	"linli/internal/ledger"
	"linli/internal/procedure"
	"linli/internal/schedule"
)

// Service is the room's door. Its follower keeps the rows of the board and the
// list of what is due. It is safe for concurrent use.
type Service struct {
	*ledger.Follower
	Parts
	items *edition.Compiled[*Catalogue]
	plans *schedule.Service
	check *edition.Compiled[*privacy.Check]

	mu     sync.Mutex
	boards map[string]kept // by area
	pages  map[string]page // drawn, by area and language
	at     int64           // the epoch of what is kept
}

// privacyFile is where the catalogue says what the privacy check looks for.
const privacyFile = "publicity/privacy.yaml"

// New makes the room; Migrate and Offer belong to it.
func New(p Parts) *Service {
	if p.Log == nil {
		p.Log = slog.Default()
	}
	s := &Service{Parts: p, items: edition.Compile(p.Editions, load), check: edition.Compile(p.Editions, loadPrivacy)}
	s.forget(0)
	s.Follower = p.Ledger.Follower(ledger.Reader{Name: Reader, Begin: s.begin, Clear: clear, Log: p.Log})
	return s
}

// Offer registers what the procedures name. The roof calls it before the
// catalogue is put in force.
func (s *Service) Offer(cases *casework.Service, plans *schedule.Service) {
	cases.RegisterEffect("disclosure.enter", s.enter)
	cases.RegisterEffect("disclosure.asked", s.asked)
	cases.RegisterCheck("disclosure.nothing_personal", s.nothingPersonal)
	cases.RegisterCheck("disclosure.another_looks", s.anotherLooks)
	cases.RegisterCheck("disclosure.all_looked", s.allLooked)
	cases.RegisterCheck("disclosure.right_checker", rightChecker)
	cases.RegisterCheck("disclosure.right_approver", rightApprover)
	cases.RegisterCheck("disclosure.stood", s.stood)
	cases.OnAct(s.touched)
	plans.RegisterPlan("disclosure.catalogue", Plan)
	s.plans = plans
	s.Editions.OnCheck(CheckFiles)
}

// catalogue of the edition in force.
func (s *Service) catalogue(ctx context.Context) (*Catalogue, error) {
	c, _, err := s.items.Now(ctx)
	return c, err
}

// ItemTitle is what the catalogue calls an item, "" where it has none of the name.
func (s *Service) ItemTitle(ctx context.Context, id, lang string) string {
	c, err := s.catalogue(ctx)
	if err != nil {
		return ""
	}
	i, _ := c.Item(id)
	return i.Words.In(lang)
}

// touched has every board drawn anew after an act that may change one: at once,
// in the act's own transaction.
func (s *Service) touched(tx *db.Tx, name string, row casework.ActRow) error {
	own := name == Procedure || name == Questions
	if row.Delta.Publish || row.Delta.Unpublish || row.Erases != "" || own && !row.Delta.Quiet {
		return tx.BumpEpoch(epoch)
	}
	return nil
}

// enter gives a case what the catalogue says of its item.
func (s *Service) enter(ctx context.Context, m *casework.Moment) error {
	c, err := s.catalogue(ctx)
	if err != nil {
		return err
	}
	i, known := c.Item(m.Values.Text(fieldItem))
	if !known || i.Procedure != Procedure {
		return fault.New(fault.Invalid, "disclosure.no_item").At(fieldItem)
	}
	if !procedure.AtLevel(m.Values.Text(fieldVillage), i.For) {
		return fault.New(fault.Invalid, "disclosure.other_level").At(fieldItem)
	}
	m.Set(fieldColumn, i.Column)
	m.Set(fieldSubject, i.Words["zh"])
	m.Set("within", i.Within.String())
	m.Set("stands", i.Stands.String())
	if m.Values.Text(fieldPeriod) == "" {
		m.Set(fieldPeriod, m.Happened.Day().String())
	}
	if i.Persons {
		m.Set(fieldPersons, true)
		m.Set("term", i.Term.String())
	}
	return nil
}

// asked gives a question the place and subject of what it is about.
func (s *Service) asked(ctx context.Context, m *casework.Moment) error {
	n, err := s.Cases.Notice(ctx, m.Values.Text(fieldAbout))
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Invalid, "disclosure.nothing_published").At(fieldAbout)
	}
	if err != nil {
		return err
	}
	m.Set(fieldAbout, n.ID)
	m.Set(fieldVillage, n.Area)
	m.Set(fieldSubject, n.Subject)
	if m.Values.Text("kind") == "" {
		m.Set("kind", "question")
	}
	m.PlaceAt(n.Area)
	return nil
}

// nothingPersonal holds words back that point to a person.
func (s *Service) nothingPersonal(ctx context.Context, m *casework.Moment) error {
	check, _, err := s.check.Now(ctx)
	if err != nil {
		return err
	}
	if found := privateIn(check, m.Procedure, m.Values); len(found) > 0 {
		return held(found, m.Act.Norm)
	}
	return nil
}

// anotherLooks lets nobody confirm a file that they brought themselves.
func (s *Service) anotherLooks(ctx context.Context, m *casework.Moment) error {
	_, _, acts, err := s.Cases.History(ctx, m.Case.ID)
	if err != nil {
		return err
	}
	by, there := files(acts)[m.Given.Text(fieldFile)]
	switch {
	case m.Given.Text(fieldFile) == "":
		return nil // only asked whether it could be
	case !there:
		return fault.New(fault.Invalid, "disclosure.no_file").At(fieldFile)
	case by == m.Actor.Person || m.Actor.Person == "":
		return fault.New(fault.Forbidden, "disclosure.own_file").At(fieldFile)
	}
	return nil
}

// allLooked lets nothing go out with a file that nobody else has looked at.
func (s *Service) allLooked(ctx context.Context, m *casework.Moment) error {
	list := m.Values.List(fieldDocument)
	if len(list) == 0 {
		return nil
	}
	_, _, acts, err := s.Cases.History(ctx, m.Case.ID)
	if err != nil {
		return err
	}
	seen := looked(acts)
	list = slices.DeleteFunc(slices.Clone(list), func(id string) bool { return seen[id] })
	if len(list) > 0 {
		return fault.New(fault.Unmet, "disclosure.not_looked", "n", len(list)).At(fieldDocument)
	}
	return nil
}

// rightChecker: the supervision committee checks village affairs and finance;
// Party affairs may be checked by another member of the committee as well.
func rightChecker(_ context.Context, m *casework.Moment) error {
	if m.Values.Text(fieldColumn) != Party && m.Post.Kind != "supervision-head" {
		return fault.New(fault.Forbidden, "disclosure.checker").Under(m.Act.Norm)
	}
	return nil
}

// rightApprover: the secretary approves Party affairs, the head of the committee
// the others.
func rightApprover(_ context.Context, m *casework.Moment) error {
	want := "committee-head"
	if m.Values.Text(fieldColumn) == Party {
		want = "party-secretary"
	}
	if m.Post.Kind != want {
		return fault.New(fault.Forbidden, "disclosure.approver."+want).Under(m.Act.Norm)
	}
	return nil
}

// stood lets nothing come down before what was said last has stood as long as
// the norm asks: a correction too.
func (s *Service) stood(ctx context.Context, m *casework.Moment) error {
	_, _, acts, err := s.Cases.History(ctx, m.Case.ID)
	if err != nil {
		return err
	}
	days := floor
	if l, err := procedure.ParseLength(m.Values.Text("stands")); err == nil {
		days = max(days, l.N)
	}
	var last clock.Day
	for _, a := range acts {
		if a.Delta.Publish && !a.Annulled {
			last = max(last, a.Happened.Day())
		}
	}
	if until := last + clock.Day(days); last > 0 && m.Happened.Day() <= until {
		return fault.New(fault.Unmet, "disclosure.stands", "days", days, "day", until).Under(m.Act.Norm)
	}
	return nil
}

// Mask strikes words out of everything that a case and the questions about it
// say, in every version, at once. Faults: NotFound where the actor may not see
// the case or nothing holds the words, Forbidden, Invalid at words or reason.
func (s *Service) Mask(ctx context.Context, a identity.Actor, ref string, words []string, reason, key string) (casework.Receipt, error) {
	check, _, err := s.check.Now(ctx)
	if err != nil {
		return casework.Receipt{}, err
	}
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return len(bare(w)) < 2 })
	if len(words) == 0 {
		return casework.Receipt{}, fault.New(fault.Invalid, "disclosure.no_words").At("words")
	}
	struck := strike(check, words)
	if _, repeats := struck("reason", reason); repeats || len(check.FindPublished(reason)) > 0 {
		return casework.Receipt{}, fault.New(fault.Invalid, "disclosure.reason_repeats").At("reason")
	}
	c, _, err := s.Cases.Seen(ctx, a, ref)
	if err != nil {
		return casework.Receipt{}, err
	}
	mask := func(id string) (casework.Receipt, error) {
		return s.Cases.Do(ctx, a, casework.Asking{Case: id, Act: casework.ActMask, Reason: reason, Key: key, Strike: struck})
	}
	receipt, err := mask(c.ID)
	if err != nil {
		return receipt, err
	}
	about, err := s.about(ctx, c.ID)
	if err != nil {
		return receipt, err
	}
	key = ""
	for _, id := range about {
		if _, err := mask(id); err != nil && !fault.Is(err, fault.NotFound) { // most questions do not repeat it
			return receipt, err
		}
	}
	return receipt, nil
}
