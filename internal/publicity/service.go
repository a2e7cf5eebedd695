package publicity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"linli/internal/kit/privacy"
	"log/slog"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/edition"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
	"linli/internal/procedure"
)

// New makes the room; Migrate and Offer belong to it.
func New(p Parts) *Service {
	if p.Log == nil {
		p.Log = slog.Default()
	}
	s := &Service{Parts: p, privacy: edition.Compile(p.Editions, LoadPrivacy), holder: db.NewID(p.Clock.Now()), pages: map[string]any{}}
	s.Follower = p.Ledger.Follower(ledger.Reader{Name: Reader, Begin: s.begin, Clear: s.clear, Log: p.Log, Tend: func(ctx context.Context) error {
		_, err := s.Tidy(ctx)
		return err
	}})
	return s
}

// Offer registers what the procedures name and what may not wait for the log.
// The roof calls it before the catalogue is put in force.
func (s *Service) Offer(cases *casework.Service) {
	cases.RegisterCheck("publicity.may_release", s.mayRelease)
	cases.RegisterCheck("publicity.stands", s.stands)
	cases.RegisterEffect("publicity.to_operator", s.toOperator)
	cases.OnAct(Touched)
	s.Editions.OnCheck(CheckFiles)
}

// leads are acts after which a request may no longer be public; the reader looks
// again whether it may.
var leads = []string{"name_unit", "classify", "withdraw", "close_intake", "supply_first", "join", casework.ActAnnul, casework.ActMove}

// Touched takes back in an act's own transaction what may not be public any more.
func Touched(tx *db.Tx, name string, row casework.ActRow) error {
	switch {
	case name != Procedure:
		return nil
	case row.Act == ActUnrelease || row.Act == casework.ActErase:
		return empty(tx, row.CaseID, row.Seq)
	case slices.Contains(leads, row.Act):
		return hide(tx, row.CaseID, row.Seq)
	}
	return nil
}

// lists of the edition in force.
func (s *Service) rules(ctx context.Context) (*Privacy, error) {
	p, _, err := s.privacy.Now(ctx)
	return p, err
}

// why says why the public may know nothing of a case, "" where it may.
func (s *Service) why(ctx context.Context, c *casework.Case) (string, error) {
	p, err := s.rules(ctx)
	if err != nil {
		return "", err
	}
	cat, _, err := s.Duty.Catalogue(ctx)
	if err != nil {
		return "", err
	}
	var up []duty.Class
	for _, id := range cat.Classes.Up(c.Class) {
		if k, ok := cat.Classes.Class(id); ok {
			up = append(up, k)
		}
	}
	var calls []string
	if flagged, _ := c.Values["emergency"].(bool); flagged {
		for _, d := range cat.Classes.Emergencies(c.Values.Text("words") + " " + c.Values.Text("details")) {
			calls = append(calls, d.Call)
		}
	}
	return p.hidden(c, up, calls), nil
}

// read reads of a case what everybody may know. A copy that is not what the act
// named, or that is not there any more, does not stand.
func (s *Service) read(ctx context.Context, id string) (line, *casework.Case, *procedure.Procedure, []casework.Entry, error) {
	if s.spoil != nil {
		if err := s.spoil(id); err != nil {
			return line{}, nil, nil, nil, err
		}
	}
	c, p, acts, err := s.Cases.History(ctx, id)
	if err != nil {
		return line{}, nil, nil, nil, err
	}
	if c.Procedure != Procedure {
		return line{Case: c.ID, Acts: c.Acts}, c, p, acts, nil
	}
	why, err := s.why(ctx, c)
	if err != nil {
		return line{}, nil, nil, nil, err
	}
	l := fold(c, p, acts, why)
	_, ever, err := s.Cases.Following(ctx, c.ID) // whoever reported the same has it too
	if err != nil {
		return line{}, nil, nil, nil, err
	}
	l.Voices += int64(ever)
	if l.Release != "" {
		row, there, err := s.copyByID(ctx, s.DB.Reader(), l.Release)
		if err != nil {
			return line{}, nil, nil, nil, err
		}
		if !there || !row.whole(c.ID, l.Digest) {
			l.Release, l.Released = "", 0
		}
	}
	return l, c, p, acts, nil
}

// whole says whether a copy is the case's and is what the act named.
func (c copyRow) whole(id, digest string) bool {
	return c.Case == id && c.Body != "" && c.Digest == digest && digestOf(c.Body) == digest
}

func digestOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

func (c copyRow) content() (*Copy, error) {
	out := &Copy{}
	if c.Body == "" {
		return out, nil
	}
	if err := json.Unmarshal([]byte(c.Body), out); err != nil {
		return nil, fmt.Errorf("copy %s: %w", c.ID, err)
	}
	return out, nil
}

// mayRelease holds a release to what may be public at all and to the copy it
// names: made for this case, unchanged, with nothing hard in clear.
func (s *Service) mayRelease(ctx context.Context, m *casework.Moment) error {
	why, err := s.why(ctx, m.Case)
	if err != nil {
		return err
	}
	if why != "" {
		return fault.New(fault.Unmet, "publicity.never."+why)
	}
	if m.Given.Text("copy") == "" {
		return nil // only asked whether it could be
	}
	id, digest, _ := strings.Cut(m.Given.Text("copy"), " ")
	row, there, err := s.copyByID(ctx, m.Read, id)
	if err != nil {
		return err
	}
	if !there || !row.whole(m.Case.ID, digest) {
		return fault.New(fault.Invalid, "publicity.no_copy").At("copy")
	}
	body, err := row.content()
	if err != nil {
		return err
	}
	p, err := s.rules(ctx)
	if err != nil {
		return err
	}
	return p.clear(body)
}

// clear refuses a copy that still has something hard in clear.
func (p *Privacy) clear(c *Copy) error {
	all := []Source{{Field: "title", Text: c.Title}}
	if c.Place != nil {
		all = append(all, Source{Field: "place", Text: c.Place.Words})
	}
	for _, t := range c.Texts {
		all = append(all, Source{Field: t.Field, Text: t.Text, Office: textFields[t.Field]})
	}
	for _, one := range all {
		if open := p.open(one, nil); len(open) > 0 {
			return hard(one.Text, open[0])
		}
	}
	return nil
}

// hard is the refusal for one finding: it names the kind and its place, and
// shows no more than the first signs.
func hard(text string, f privacy.Finding) error {
	runes := []rune(text)
	return fault.New(fault.Unmet, "publicity.found."+f.Kind, "at", f.From+1, "begins", string(runes[f.From:min(f.From+3, f.To)])).At("copy")
}

// stands holds taking back to a case with something released.
func (s *Service) stands(ctx context.Context, m *casework.Moment) error {
	_, _, acts, err := s.Cases.History(ctx, m.Case.ID)
	if err != nil {
		return err
	}
	if id, _, _ := standing(acts); id == "" {
		return fault.New(fault.Unmet, "publicity.nothing_released")
	}
	return nil
}
