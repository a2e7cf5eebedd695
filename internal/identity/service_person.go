package identity

import (
	"context"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
)

// PersonDraft is a new account. Without a password one is made and must be
// changed at the first sign-in; Hash (of HashPassword) spares the demo the work
// of hashing one password many times.
type PersonDraft struct {
	ID         string // made when empty
	Name       string
	Login      string
	Password   string
	Hash       string
	MustChange bool
}

// HashPassword checks a password and gives what is stored of it. Slow on purpose.
func (s *Service) HashPassword(ctx context.Context, password, login string) (string, error) {
	if err := checkPassword(password, login); err != nil {
		return "", err
	}
	hash := ""
	err := s.gate.do(ctx, func() { hash = hashPassword(password) })
	return hash, err
}

// AddPerson makes an account. The answer holds the made password, shown once, or
// "" where one was given. Any administrator may: an account without a post opens
// nothing. Faults: Invalid at name, login or password; Conflict
// identity.login_taken; Forbidden.
func (s *Service) AddPerson(ctx context.Context, by Actor, d PersonDraft) (Person, string, error) {
	person := Person{ID: d.ID, MustChange: d.MustChange}
	made, err := "", error(nil)
	if person.Name, err = cleanName(d.Name, "name", LongestName); err != nil {
		return Person{}, "", err
	}
	if person.Login, err = cleanLogin(d.Login); err != nil {
		return Person{}, "", err
	}
	if d.Hash == "" && d.Password == "" {
		made = newPassword()
		d.Password, person.MustChange = made, true
	}
	if d.Hash == "" {
		if by.Kind != System && !by.Has(Administrator) { // before the expensive part
			return Person{}, "", NotAdministrator()
		}
		if d.Hash, err = s.HashPassword(ctx, d.Password, person.Login); err != nil {
			return Person{}, "", err
		}
	}
	person.Created = s.clk.Now()
	if person.ID == "" {
		person.ID = db.NewID(person.Created)
	}
	err = s.administer(ctx, by, func(by Actor, _ *tree, p *plan) error {
		if by.Kind != System && !by.Has(Administrator) {
			return NotAdministrator()
		}
		addPerson(p, person, d.Hash)
		p.act(by, person.Created, KindPerson, "add", person.fields())
		return nil
	})
	if db.IsUnique(err) {
		err = fault.New(fault.Conflict, "identity.login_taken", "login", person.Login).At("login")
	}
	if err != nil {
		return Person{}, "", err
	}
	return person, made, nil
}

func addPerson(p *plan, person Person, hash string) {
	p.do(`INSERT INTO identity_person(id, name, login, password, must_change, created, until) VALUES ($1,$2,$3,$4,$5,$6,0)`,
		person.ID, person.Name, person.Login, hash, flag(person.MustChange), person.Created)
}

// newPassword is 80 random bits in letters and digits that do not look alike.
func newPassword() string { return seal.Token()[:16] }

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (p Person) fields() map[string]string {
	return map[string]string{"id": p.ID, "name": p.Name, "login": p.Login, "until": number(p.Until)}
}

// ChangePerson changes name and login name.
func (s *Service) ChangePerson(ctx context.Context, by Actor, id, name, login string) error {
	name, err := cleanName(name, "name", LongestName)
	if err != nil {
		return err
	}
	if login, err = cleanLogin(login); err != nil {
		return err
	}
	err = s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		person, err := s.covered(ctx, by, t, id)
		if err != nil || person.Name == name && person.Login == login {
			return err
		}
		person.Name, person.Login = name, login
		p.do(`UPDATE identity_person SET name = $2, login = $3 WHERE id = $1`, id, name, login)
		p.act(by, s.clk.Now(), KindPerson, "change", person.fields())
		return nil
	})
	if db.IsUnique(err) {
		err = fault.New(fault.Conflict, "identity.login_taken", "login", login).At("login")
	}
	return err
}

// ResetPassword gives a person a new password, shown once and to be changed at
// the next sign-in, and ends all their sessions and API tokens.
func (s *Service) ResetPassword(ctx context.Context, by Actor, id string) (string, error) {
	epoch, err := s.epoch(ctx)
	if err != nil {
		return "", err
	}
	t, err := s.treeAt(ctx, epoch)
	if err != nil {
		return "", err
	}
	if _, err := s.covered(ctx, by, t, id); err != nil { // before the expensive part
		return "", err
	}
	made, hash := newPassword(), ""
	if err := s.gate.do(ctx, func() { hash = hashPassword(made) }); err != nil {
		return "", err
	}
	err = s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		person, err := s.covered(ctx, by, t, id)
		if err != nil {
			return err
		}
		now := s.clk.Now()
		p.do(`UPDATE identity_person SET password = $2, must_change = 1 WHERE id = $1`, id, hash)
		revoke(p, id, now)
		p.act(by, now, KindPerson, "reset", person.fields())
		return nil
	})
	if err != nil {
		return "", err
	}
	return made, nil
}

// ClosePerson closes an account for good: posts, sessions and tokens end with it.
func (s *Service) ClosePerson(ctx context.Context, by Actor, id string) error {
	return s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		person, err := s.covered(ctx, by, t, id)
		if err != nil {
			return err
		}
		if err := s.mayLeave(ctx, id, ""); err != nil {
			return err
		}
		now := s.clk.Now()
		posts, err := s.readPosts(ctx, `person = $1 AND (ends = 0 OR ends > $2)`, id, now)
		if err != nil {
			return err
		}
		for _, post := range posts {
			if err := s.endPost(ctx, by, t, p, post, now); err != nil {
				return err
			}
		}
		if err := s.endDeputies(ctx, by, p, id, now); err != nil {
			return err
		}
		person.Until = now
		p.do(`UPDATE identity_person SET until = $2 WHERE id = $1`, id, now)
		revoke(p, id, now)
		p.act(by, now, KindPerson, "close", person.fields())
		return nil
	})
}

// revoke ends every session and API token of a person.
func revoke(p *plan, person string, now clock.Instant) {
	p.do(`DELETE FROM identity_session WHERE person = $1`, person)
	p.do(`UPDATE identity_token SET revoked = $2 WHERE person = $1 AND revoked = 0`, person, now)
}

// covered finds an open account that the actor administers: all its posts lie
// in their subtree. Otherwise the administrator of a village could give the
// county's leader a new password.
func (s *Service) covered(ctx context.Context, by Actor, t *tree, id string) (Person, error) {
	person, err := s.Person(ctx, id)
	if err != nil {
		return Person{}, err
	}
	now := s.clk.Now()
	if !person.Open(now) {
		return Person{}, fault.New(fault.Conflict, "identity.person_closed")
	}
	if by.Kind == System {
		return person, nil
	}
	if !by.Has(Administrator) {
		return Person{}, NotAdministrator()
	}
	posts, err := s.readPosts(ctx, `person = $1 AND (ends = 0 OR ends > $2)`, id, now)
	if err != nil {
		return Person{}, err
	}
	for _, post := range posts {
		if !Administers(by, t.units[post.Unit].Path) {
			return Person{}, NotAdministrator()
		}
	}
	return person, nil
}
