package identity

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
)

// How long a session lives at most, how long without use, and how often its use
// is noted at most.
const (
	SessionLife = 12 * time.Hour
	SessionIdle = 2 * time.Hour
	idleStep    = 5 * time.Minute
)

// Guessing: wrong passwords within a quarter of an hour. They are counted by login
// name and address together, so that nobody can lock a colleague out from their
// own desk; by address, since offices share one; and by login name from wherever,
// against many machines that guess at once. A browser in which the person has
// signed in before is counted by itself and is kept out by none of these.
const (
	guessesLogin   = 10
	guessesAddress = 60
	guessesAll     = 300
	guessWindow    = 15 * time.Minute
)

// Try is one attempt to sign in, and where it comes from; address and device are
// used for the limits only.
type Try struct {
	Login, Password string
	Address         string
	Device          string // the token of a browser in which somebody signed in before
}

// Signed is what came of it: a session, or the step at which a code is asked for.
type Signed struct {
	Token  string
	Actor  Actor
	Step   string // the one-time code is still missing
	Device string // for the browser to keep
	Asked  bool   // the person's post asks for the second factor, which is not set up
}

// SignIn checks login and password and opens a session; the token goes into the
// cookie, only its hash is kept. address is where the request came from, used
// for the limit only. Faults: Forbidden identity.sign_in_refused (the same for
// an unknown name, a closed account and a wrong password), identity.code_needed
// where a one-time code is asked for (SignInFrom), Busy.
func (s *Service) SignIn(ctx context.Context, login, password, address string) (string, Actor, error) {
	out, err := s.SignInFrom(ctx, Try{Login: login, Password: password, Address: address})
	if err == nil && out.Step != "" {
		err = fault.New(fault.Forbidden, "identity.code_needed").At("code")
	}
	return out.Token, out.Actor, err
}

// SignInFrom checks login and password. It opens a session, or, for who has a
// second factor, a step of five minutes in which Code is asked for.
func (s *Service) SignInFrom(ctx context.Context, t Try) (Signed, error) {
	login, err := cleanLogin(t.Login)
	if err != nil {
		login = "" // nobody's; the answer is the same, and it counts
	}
	person, err := s.prove(ctx, login, t)
	if err != nil {
		return Signed{}, err
	}
	factor, err := s.readFactor(ctx, person.ID)
	if err != nil {
		return Signed{}, err
	}
	if factor.confirmed == 0 {
		return s.begin(ctx, person.ID, t, func(*db.Tx) error { return nil })
	}
	step := seal.Token()
	hash, until := seal.HashToken(step), s.clk.Now().Add(stepLife)
	err = s.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO identity_step(hash, person, tries, expires) VALUES ($1,$2,0,$3)`, hash, person.ID, until)
		return err
	})
	return Signed{Step: step}, err
}

// begin opens a session for a person who has proved who they are, together with
// what else must hold at that moment.
func (s *Service) begin(ctx context.Context, person string, t Try, also func(tx *db.Tx) error) (Signed, error) {
	a, err := s.Actor(ctx, person)
	if err != nil {
		return Signed{}, refused() // closed in the same moment
	}
	asked, err := s.asksFactor(ctx, a.Posts)
	if err != nil {
		return Signed{}, err
	}
	out, now := Signed{Token: seal.Token(), Device: t.Device}, s.clk.Now()
	if len(out.Device) != len(out.Token) {
		out.Device = seal.Token()
	}
	hash, device, until := seal.HashToken(out.Token), seal.HashToken(out.Device), monthAfter(now, deviceDays)
	err = s.d.Commit(ctx, func(tx *db.Tx) error {
		if err := also(tx); err != nil {
			return err
		}
		if asked {
			_, err := tx.Exec(`INSERT INTO identity_factor(person, secret, confirmed, step, due) VALUES ($1,'',0,0,$2)
				ON CONFLICT (person) DO UPDATE SET due = $2 WHERE identity_factor.confirmed = 0 AND identity_factor.due = 0`, person, now.Add(FactorGrace))
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO identity_device(hash, person, until) VALUES ($1,$2,$3) ON CONFLICT (hash, person) DO UPDATE SET until = $3`, device, person, until)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO identity_session(hash, person, expires, idle) VALUES ($1,$2,$3,$4)`,
			hash, person, now.Add(SessionLife), now.Add(SessionIdle))
		return err
	})
	if err != nil {
		return Signed{}, err
	}
	var ok bool
	if out.Actor, ok, err = s.session(ctx, out.Token); err == nil && !ok { // closed in the same moment
		err = refused()
	}
	if asked && err == nil {
		f, readErr := s.readFactor(ctx, person)
		out.Asked, err = f.confirmed == 0, readErr
	}
	return out, err
}

// deviceDays is how long a browser is known, at least.
const deviceDays = 180

// deviceKnown says whether the person has signed in in this browser before.
func (s *Service) deviceKnown(ctx context.Context, device, person string) (bool, error) {
	if device == "" || person == "" || len(device) > 64 {
		return false, nil
	}
	var n int64
	err := s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM identity_device WHERE hash = $1 AND person = $2 AND until > $3`, seal.HashToken(device), person, s.clk.Now()).Scan(&n)
	return n > 0, err
}

func refused() error { return fault.New(fault.Forbidden, "identity.sign_in_refused") }

// prove checks a password under the limits. Every try is counted before the
// password is looked at, so that parallel guesses cannot slip through, and given
// back when it was right.
func (s *Service) prove(ctx context.Context, login string, t Try) (Person, error) {
	person, hash, err := s.password(ctx, login)
	if err != nil {
		return Person{}, err
	}
	known, err := s.deviceKnown(ctx, t.Device, person.ID)
	if err != nil {
		return Person{}, err
	}
	limits := []Limit{
		s.limit("sign-in login", login+" "+t.Address, guessesLogin, guessWindow),
		s.limit("sign-in address", t.Address, guessesAddress, guessWindow),
		s.limit("sign-in all", login, guessesAll, guessWindow),
	}
	if known {
		limits = []Limit{s.limit("sign-in device", login+" "+t.Device, guessesLogin, guessWindow)}
	}
	for _, l := range limits { // a read first: a flood shall not become a flood of writes
		if err := s.free(ctx, l); err != nil {
			return Person{}, err
		}
	}
	err = s.d.Commit(ctx, func(tx *db.Tx) error {
		for _, l := range limits {
			if err := l.take(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Person{}, err
	}
	right := false
	err = s.gate.do(ctx, func() {
		switch {
		case len(t.Password) > 4*LongestPassword:
		case hash == "" || !person.Open(s.clk.Now()):
			rightPassword(s.dummy(), t.Password) // the same time for a name that is not there
		default:
			right = rightPassword(hash, t.Password)
		}
	})
	if right || fault.Is(err, fault.Busy) { // not looked at is not a guess
		back := s.d.Commit(ctx, func(tx *db.Tx) error {
			for _, l := range limits {
				if err := l.giveBack(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			err = back
		}
	}
	if err == nil && !right {
		err = refused()
	}
	return person, err
}

// session finds who a session token stands for; ok is false for a token that is
// forged, ended or expired, or whose account was closed. One query tells session,
// person and epoch; posts come from memory while the epoch stands.
func (s *Service) session(ctx context.Context, token string) (Actor, bool, error) {
	if len(token) == 0 || len(token) > 64 {
		return Actor{Kind: Anyone}, false, nil
	}
	hash := seal.HashToken(token)
	v, ok, err := s.readSession(ctx, hash)
	if err != nil || !ok {
		return Actor{Kind: Anyone}, false, err
	}
	a, ok, err := s.actor(ctx, v)
	if ok && err == nil {
		s.stay(ctx, hash, v)
	}
	return a, ok, err
}

func (s *Service) actor(ctx context.Context, v signed) (Actor, bool, error) {
	now := s.clk.Now()
	if now >= v.expires || now >= v.idle || v.revoked != 0 || v.until != 0 {
		return Actor{Kind: Anyone}, false, nil
	}
	a := Actor{Person: v.person, Name: v.name, Kind: Staff, MustChange: v.must != 0, Token: v.token, only: v.post}
	if err := s.equip(ctx, &a, v.postsAsOf); err != nil || v.due == 0 || now < v.due || v.token != "" {
		return a, true, err
	}
	must, err := s.asksFactor(ctx, a.Posts)
	a.MustFactor = must
	return a, true, err
}

// stay moves the end by idleness on, at most every five minutes. It keeps until
// when the session lives, not when it was used, and no session outlives its row.
func (s *Service) stay(ctx context.Context, hash string, v signed) {
	now := s.clk.Now()
	next := min(now.Add(SessionIdle), v.expires)
	if next.Sub(v.idle) < idleStep {
		return
	}
	err := s.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE identity_session SET idle = $2 WHERE hash = $1`, hash, next)
		return err
	})
	if err != nil { // the request goes on; the session ends a little early
		slog.WarnContext(ctx, "a session could not be prolonged", "error", err)
	}
}

// SignOut ends a session; its token is worth nothing from now on.
func (s *Service) SignOut(ctx context.Context, token string) error {
	hash := seal.HashToken(token)
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM identity_session WHERE hash = $1`, hash)
		return err
	})
}

// RevokeAll ends every session and API token of a person: their own, or by their
// administrator.
func (s *Service) RevokeAll(ctx context.Context, by Actor, person string) error {
	if !by.Known() || by.Person != person {
		epoch, err := s.epoch(ctx)
		if err != nil {
			return err
		}
		t, err := s.treeAt(ctx, epoch)
		if err != nil {
			return err
		}
		if _, err := s.covered(ctx, by, t, person); err != nil {
			return err
		}
	}
	var p plan
	revoke(&p, person, s.clk.Now())
	return s.d.Commit(ctx, p.run)
}

func (p *plan) run(tx *db.Tx) error {
	for _, step := range p.steps {
		if err := step(tx); err != nil {
			return err
		}
	}
	return nil
}

// ChangePassword changes one's own password and ends one's other sessions; keep
// is the token of the session that stays. Faults: Invalid at "old" or
// "password", Busy.
func (s *Service) ChangePassword(ctx context.Context, a Actor, old, fresh, keep string) error {
	if !a.Known() {
		return fault.New(fault.Forbidden, "httpx.sign_in")
	}
	if err := s.Take(ctx, "password", a.Person, guessesLogin, guessWindow); err != nil {
		return err
	}
	person, err := s.Person(ctx, a.Person)
	if err != nil {
		return err
	}
	_, hash, err := s.password(ctx, person.Login)
	if err != nil {
		return err
	}
	right := false
	if err := s.gate.do(ctx, func() { right = rightPassword(hash, old) }); err != nil {
		return err
	}
	if !right {
		return fault.New(fault.Invalid, "identity.password_wrong").At("old")
	}
	if old == fresh {
		return fault.New(fault.Invalid, "identity.password_same").At("password")
	}
	made, err := s.HashPassword(ctx, fresh, person.Login)
	if err != nil {
		return err
	}
	kept := seal.HashToken(keep)
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`UPDATE identity_person SET password = $2, must_change = 0 WHERE id = $1 AND password = $3`, a.Person, made, hash)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Stale, "identity.password_moved")
		}
		_, err = tx.Exec(`DELETE FROM identity_session WHERE person = $1 AND hash <> $2`, a.Person, kept)
		return err
	})
}

// Token is an API token: how a program calls as a person, or as one of their
// posts.
type Token struct {
	ID, Person, Post, Name    string
	Created, Expires, Revoked clock.Instant
}

// tokenMark begins every API token, so that one found in a log or a script is
// recognised for what it is.
const tokenMark = "linli_"

// LongestToken is how long an API token may live.
const LongestToken = 366 * day

// NewToken makes an API token for oneself; the secret is shown once. post
// restricts it to one of one's posts. Only a session makes tokens, a token does
// not. Faults: Invalid at name, post or days.
func (s *Service) NewToken(ctx context.Context, a Actor, name, post string, life time.Duration) (Token, string, error) {
	if !a.Known() || a.Token != "" {
		return Token{}, "", fault.New(fault.Forbidden, "httpx.sign_in")
	}
	name, err := cleanName(name, "name", 60)
	if err != nil {
		return Token{}, "", err
	}
	if life <= 0 || life > LongestToken {
		return Token{}, "", fault.New(fault.Invalid, "identity.token_life", "max", int(LongestToken/day)).At("days")
	}
	if post != "" {
		found := false
		for _, p := range a.Posts {
			found = found || p.ID == post
		}
		if !found {
			return Token{}, "", fault.New(fault.Invalid, "identity.no_post").At("post")
		}
	}
	now, secret := s.clk.Now(), tokenMark+seal.Token()
	t := Token{ID: db.NewID(now), Person: a.Person, Post: post, Name: name, Created: now, Expires: now.Add(life)}
	hash := seal.HashToken(secret)
	err = s.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO identity_token(id, hash, person, post, name, created, expires, revoked) VALUES ($1,$2,$3,$4,$5,$6,$7,0)`,
			t.ID, hash, t.Person, t.Post, t.Name, t.Created, t.Expires)
		return err
	})
	return t, secret, err
}

// RevokeToken ends one of one's own API tokens.
func (s *Service) RevokeToken(ctx context.Context, a Actor, id string) error {
	now := s.clk.Now()
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`UPDATE identity_token SET revoked = $3 WHERE id = $1 AND person = $2 AND revoked = 0`, id, a.Person, now)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "identity.no_token")
		}
		return err
	})
}

// Tokens are a person's API tokens, revoked ones until they are swept.
func (s *Service) Tokens(ctx context.Context, person string) ([]Token, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT id, person, post, name, created, expires, revoked FROM identity_token WHERE person = $1 ORDER BY id`, person)
	return collect(rows, err, func(r *sql.Rows) (t Token, err error) {
		err = r.Scan(&t.ID, &t.Person, &t.Post, &t.Name, &t.Created, &t.Expires, &t.Revoked)
		return t, err
	})
}

// bearer finds who a bearer token stands for: an API token, or that of a session.
func (s *Service) bearer(ctx context.Context, secret string) (Actor, bool, error) {
	if !strings.HasPrefix(secret, tokenMark) {
		return s.session(ctx, secret)
	}
	if len(secret) > 64 {
		return Actor{Kind: Anyone}, false, nil
	}
	v, ok, err := s.readToken(ctx, seal.HashToken(secret))
	if err != nil || !ok {
		return Actor{Kind: Anyone}, false, err
	}
	return s.actor(ctx, v)
}
