package finance

import (
	"context"

	"linli/internal/identity"
	"linli/internal/ledger"
)

// LinesChanged is what verification finds of a book whose lines are not those
// that were imported.
const LinesChanged ledger.FindingKind = "lines_changed"

// Finding is a book whose lines are not those that an act of the log names.
type Finding struct {
	Book, Case, Act string
	Period          Period
}

// Verify hashes every bound book again and compares it with the fingerprint of
// the act by which its case took it.
func (s *Service) Verify(ctx context.Context) (looked int, found []Finding, err error) {
	list, err := s.books(ctx, `state = '`+Bound+`' ORDER BY id`)
	if err != nil {
		return 0, nil, err
	}
	for _, b := range list {
		digest, err := s.digest(ctx, s.DB.Reader(), b)
		if err != nil {
			return looked, found, err
		}
		looked++
		act, named, err := s.named(ctx, b)
		if err != nil {
			return looked, found, err
		}
		if act == "" || named != digest {
			found = append(found, Finding{Book: b.ID, Case: b.Case, Act: act, Period: b.Period})
		}
	}
	return looked, found, nil
}

// named is the act that gave a book to its case, and the fingerprint it carries.
func (s *Service) named(ctx context.Context, b Book) (act, digest string, err error) {
	_, _, acts, err := s.Cases.History(ctx, b.Case)
	if err != nil {
		return "", "", err
	}
	for _, e := range acts {
		if e.Values.Text("book") == b.ID && !e.Annulled {
			act, digest = e.ID, e.Values.Text("fingerprint")
		}
	}
	return act, digest, nil
}

// villages are those whose books somebody may bring, by code.
func (s *Service) villages(ctx context.Context, a identity.Actor) ([]string, error) {
	var out []string
	for _, p := range a.Posts {
		if p.Kind != bookkeeper && p.Kind != clerk {
			continue
		}
		area := p.Area
		if area == "" {
			var err error
			if area, err = s.People.AreaOf(ctx, p.Unit); err != nil {
				return nil, err
			}
		}
		if err := s.communities(ctx, area, &out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mostVillages bounds a list to choose from.
const mostVillages = 300

func (s *Service) communities(ctx context.Context, code string, out *[]string) error {
	if code == "" || len(*out) >= mostVillages {
		return nil
	}
	if len(code) >= 12 {
		*out = append(*out, code[:12])
		return nil
	}
	list, err := s.Areas.Children(ctx, code)
	if err != nil {
		return err
	}
	for _, one := range list {
		if err := s.communities(ctx, one.Code, out); err != nil {
			return err
		}
	}
	return nil
}
