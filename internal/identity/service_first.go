package identity

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
)

// codeLife is how long a printed first-run code may be used.
const codeLife = 24 * time.Hour

// setupDone is the row that closes the first run for good.
const setupDone = "done"

// Founder is what the page of the first run asks.
type Founder struct {
	Code     string // printed on the console
	Name     string
	Login    string
	Password string
	Unit     string // name of the county or district, where no unit stands yet
	Area     string // its area code
}

// FirstRun says whether the house still lacks its first administrator, and gives
// a one-time code for the page that makes them. The caller prints it on the
// console and nowhere else; only its hash is kept, for a day. Every node that
// starts prints one of its own, all of them open the same single door.
func (s *Service) FirstRun(ctx context.Context) (code string, needed bool, err error) {
	if needed, err = s.FirstRunNeeded(ctx); err != nil || !needed {
		return "", false, err
	}
	code = seal.Token()[:16]
	hash, now := seal.HashToken(code), s.clk.Now()
	err = s.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO identity_setup(hash, expires) VALUES ($1, $2)`, hash, now.Add(codeLife))
		return err
	})
	return strings.Join([]string{code[:4], code[4:8], code[8:12], code[12:]}, "-"), true, err
}

// FirstRunNeeded says whether there is no administrator yet: never done, and nobody was ever made administrator otherwise
// (by the demo or a command).
func (s *Service) FirstRunNeeded(ctx context.Context) (bool, error) {
	var n int64
	err := s.d.Reader().Row(ctx, `SELECT (SELECT COUNT(*) FROM identity_setup WHERE hash = $1)
		+ (SELECT COUNT(*) FROM identity_post WHERE kind = $2)`, setupDone, Administrator).Scan(&n)
	return n == 0, err
}

// Found makes the first administrator by the printed code, with the first unit
// where none stands; after that the door is closed for good. Faults: Forbidden
// identity.code_wrong, Conflict identity.first_run_over, Invalid at the field.
func (s *Service) Found(ctx context.Context, f Founder, address string) (Person, error) {
	needed, err := s.FirstRunNeeded(ctx)
	if err != nil {
		return Person{}, err
	}
	if !needed {
		return Person{}, fault.New(fault.Conflict, "identity.first_run_over")
	}
	if err := s.Take(ctx, "first-run", address, guessesLogin, guessWindow); err != nil {
		return Person{}, err
	}
	hash := seal.HashToken(plainCode(f.Code))
	var expires clock.Instant
	err = s.d.Reader().Row(ctx, `SELECT expires FROM identity_setup WHERE hash = $1`, hash).Scan(&expires)
	if err == sql.ErrNoRows || err == nil && s.clk.Now() >= expires {
		return Person{}, fault.New(fault.Forbidden, "identity.code_wrong").At("code")
	}
	if err != nil {
		return Person{}, err
	}
	person := Person{Created: s.clk.Now()}
	if person.Name, err = cleanName(f.Name, "name", LongestName); err != nil {
		return Person{}, err
	}
	if person.Login, err = cleanLogin(f.Login); err != nil {
		return Person{}, err
	}
	made, err := s.HashPassword(ctx, f.Password, person.Login)
	if err != nil {
		return Person{}, err
	}
	person.ID = db.NewID(person.Created)
	err = s.administer(ctx, SystemActor(), func(by Actor, t *tree, p *plan) error {
		return s.found(by, t.draft(), p, f, person, made)
	})
	if db.IsUnique(err) { // somebody else was first
		err = fault.New(fault.Conflict, "identity.first_run_over")
	}
	return person, err
}

func (s *Service) found(by Actor, t *tree, p *plan, f Founder, person Person, hash string) error {
	now := s.clk.Now()
	root, stands := t.firstRoot(now)
	if !stands {
		var err error
		if root, err = addUnit(by, t, p, Unit{Name: f.Unit, Kind: "government", Area: strings.TrimSpace(f.Area)}, now); err != nil {
			fl := fault.Of(err)
			if fl.Field == "name" {
				fl = fl.At("unit")
			}
			return fl
		}
	}
	addPerson(p, person, hash)
	post := Post{ID: db.NewID(now), Person: person.ID, Unit: root.ID, Kind: Administrator, From: now}
	insertPost(p, post)
	p.act(by, now, KindPerson, "add", person.fields())
	p.act(by, now, KindPost, "add", post.fields())
	p.do(`INSERT INTO identity_setup(hash, expires) VALUES ($1, 0)`, setupDone)
	p.do(`DELETE FROM identity_setup WHERE hash <> $1`, setupDone)
	return nil
}

// firstRoot is the open root that comes first by path.
func (t *tree) firstRoot(now clock.Instant) (Unit, bool) {
	var best Unit
	for _, u := range t.units {
		if u.Parent == "" && u.Open(now) && (best.ID == "" || u.Path < best.Path) {
			best = u
		}
	}
	return best, best.ID != ""
}

// plainCode takes out what people put between the groups of a code.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '\u3000' {
			return -1
		}
		return r
	}, strings.ToLower(code))
}
