package identity

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"slices"
	"time"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
)

// Guessing codes: tries after one right password, and within a quarter of an hour
// from wherever.
const (
	stepTries   = 5
	stepLife    = 5 * time.Minute
	codeGuesses = 30
)

// Factor is how the second factor of a person stands.
type Factor struct {
	Set      bool          // it is asked for at sign-in
	Begun    bool          // a secret was made and waits for its first code
	Required bool          // one of the person's posts asks for it
	Due      clock.Instant // by when it must be set up; 0 where it need not be
	Left     int           // recovery codes that are left
}

type factorRow struct {
	secret    string
	confirmed int64
	step      int64
	due       clock.Instant
}

func (s *Service) readFactor(ctx context.Context, person string) (f factorRow, err error) {
	err = s.d.Reader().Row(ctx, `SELECT secret, confirmed, step, due FROM identity_factor WHERE person = $1`, person).Scan(&f.secret, &f.confirmed, &f.step, &f.due)
	if errors.Is(err, db.NoRows) {
		return factorRow{}, nil
	}
	return f, err
}

// asksFactor says whether one of the posts asks for the second factor.
func (s *Service) asksFactor(ctx context.Context, posts []Post) (bool, error) {
	if s.NoFactor {
		return false, nil
	}
	rights, err := s.Rights(ctx)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(posts, func(p Post) bool {
		k, ok := rights.Kind(p.Kind)
		return p.For == "" && ok && k.Second
	}), nil
}

// FactorOf is how one's own second factor stands.
func (s *Service) FactorOf(ctx context.Context, a Actor) (Factor, error) {
	row, err := s.readFactor(ctx, a.Person)
	if err != nil {
		return Factor{}, err
	}
	f := Factor{Set: row.confirmed != 0, Begun: row.secret != "" && row.confirmed == 0}
	if f.Required, err = s.asksFactor(ctx, a.Posts); err != nil {
		return f, err
	}
	if f.Required && !f.Set {
		f.Due = row.due
	}
	err = s.d.Reader().Row(ctx, `SELECT COUNT(*) FROM identity_recovery WHERE person = $1`, a.Person).Scan(&f.Left)
	return f, err
}

func factorContext(person string) []byte { return []byte("identity/factor/" + person) }

// BeginFactor makes a secret for oneself; it counts once ConfirmFactor has seen a
// code of it. Only a session may, not an API token. Fault: Conflict
// identity.factor_set.
func (s *Service) BeginFactor(ctx context.Context, a Actor) error {
	if !a.Known() || a.Token != "" {
		return fault.New(fault.Forbidden, "httpx.sign_in")
	}
	random := make([]byte, 20)
	_, _ = rand.Read(random)
	secret := base32Plain.EncodeToString(random)
	sealed := s.keys.Seal([]byte(secret), factorContext(a.Person))
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`INSERT INTO identity_factor(person, secret, confirmed, step, due) VALUES ($1,$2,0,0,0)
			ON CONFLICT (person) DO UPDATE SET secret = $2 WHERE identity_factor.confirmed = 0`, a.Person, sealed)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "identity.factor_set")
		}
		return err
	})
}

// FactorSecret is the secret that waits for its first code, as text and as the
// address of a QR code. Fault: NotFound identity.factor_none; once it is confirmed
// it is shown to nobody.
func (s *Service) FactorSecret(ctx context.Context, a Actor, issuer string) (secret, address string, err error) {
	row, err := s.readFactor(ctx, a.Person)
	if err != nil {
		return "", "", err
	}
	if row.secret == "" || row.confirmed != 0 || a.Token != "" {
		return "", "", fault.New(fault.NotFound, "identity.factor_none")
	}
	plain, err := s.keys.Open(row.secret, factorContext(a.Person))
	if err != nil {
		return "", "", err
	}
	p, err := s.Person(ctx, a.Person)
	return string(plain), factorAddress(issuer, p.Login, string(plain)), err
}

// ConfirmFactor takes the first code; from now on sign-in asks for one. The answer
// holds the recovery codes, shown once. Faults: Invalid identity.code_bad at code,
// NotFound, Busy.
func (s *Service) ConfirmFactor(ctx context.Context, a Actor, code string) ([]string, error) {
	if !a.Known() || a.Token != "" {
		return nil, fault.New(fault.Forbidden, "httpx.sign_in")
	}
	if err := s.Take(ctx, "factor", a.Person, guessesLogin, guessWindow); err != nil {
		return nil, err
	}
	row, err := s.readFactor(ctx, a.Person)
	if err != nil {
		return nil, err
	}
	if row.secret == "" || row.confirmed != 0 {
		return nil, fault.New(fault.NotFound, "identity.factor_none")
	}
	step, ok, err := s.matches(a.Person, row, plainDigits(code))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.New(fault.Invalid, "identity.code_bad").At("code")
	}
	codes := newRecovery()
	err = s.administer(ctx, a, func(by Actor, _ *tree, p *plan) error {
		now := s.clk.Now()
		p.do(`UPDATE identity_factor SET confirmed = $2, step = $3, due = 0 WHERE person = $1 AND confirmed = 0`, a.Person, now, step)
		s.writeRecovery(p, a.Person, codes)
		p.act(by, now, KindFactor, "set", map[string]string{"id": a.Person})
		return nil
	})
	return codes, err
}

func (s *Service) matches(person string, row factorRow, code string) (int64, bool, error) {
	secret, err := s.keys.Open(row.secret, factorContext(person))
	if err != nil {
		return 0, false, err
	}
	step, ok := matchStep(string(secret), code, s.clk.Now(), row.step)
	return step, ok, nil
}

func (s *Service) recoveryHash(person, code string) string {
	return s.keys.Keyed("recovery", person+" "+code)
}

func (s *Service) writeRecovery(p *plan, person string, codes []string) {
	p.do(`DELETE FROM identity_recovery WHERE person = $1`, person)
	for _, c := range codes {
		p.do(`INSERT INTO identity_recovery(person, hash) VALUES ($1, $2)`, person, s.recoveryHash(person, plainDigits(c)))
	}
}

// use plans the use of one code, a one-time or a recovery one; it is right at
// commit only, where it is used up, so that one code never opens twice.
func (s *Service) use(ctx context.Context, person, code string) (func(tx *db.Tx) error, error) {
	code = plainDigits(code)
	bad := fault.New(fault.Forbidden, "identity.code_bad").At("code")
	row, err := s.readFactor(ctx, person)
	if err != nil {
		return nil, err
	}
	if row.confirmed == 0 {
		return nil, bad
	}
	once := func(text string, args ...any) func(tx *db.Tx) error {
		return func(tx *db.Tx) error {
			n, err := tx.Exec(text, args...)
			if err == nil && n == 0 {
				err = bad
			}
			return err
		}
	}
	if len(code) == recoveryLength {
		return once(`DELETE FROM identity_recovery WHERE person = $1 AND hash = $2`, person, s.recoveryHash(person, code)), nil
	}
	step, ok, err := s.matches(person, row, code)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, bad
	}
	return once(`UPDATE identity_factor SET step = $2 WHERE person = $1 AND step < $2 AND confirmed <> 0`, person, step), nil
}

// RenewRecovery gives new recovery codes for one's own factor against a code; the
// old ones end.
func (s *Service) RenewRecovery(ctx context.Context, a Actor, code string) ([]string, error) {
	codes := newRecovery()
	err := s.ownFactor(ctx, a, code, func(p *plan) {
		s.writeRecovery(p, a.Person, codes)
	})
	return codes, err
}

// RemoveFactor takes one's own second factor away against a code, where no post
// asks for it. Fault: Unmet identity.factor_required.
func (s *Service) RemoveFactor(ctx context.Context, a Actor, code string) error {
	required, err := s.asksFactor(ctx, a.Posts)
	if err == nil && required {
		err = fault.New(fault.Unmet, "identity.factor_required")
	}
	if err != nil {
		return err
	}
	return s.ownFactor(ctx, a, code, func(p *plan) {
		p.do(`DELETE FROM identity_factor WHERE person = $1`, a.Person)
		p.do(`DELETE FROM identity_recovery WHERE person = $1`, a.Person)
		p.act(a, s.clk.Now(), KindFactor, "remove", map[string]string{"id": a.Person})
	})
}

func (s *Service) ownFactor(ctx context.Context, a Actor, code string, change func(p *plan)) error {
	if !a.Known() || a.Token != "" {
		return fault.New(fault.Forbidden, "httpx.sign_in")
	}
	if err := s.Take(ctx, "factor", a.Person, guessesLogin, guessWindow); err != nil {
		return err
	}
	use, err := s.use(ctx, a.Person, code)
	if err != nil {
		return err
	}
	return s.administer(ctx, a, func(_ Actor, _ *tree, p *plan) error {
		p.then(use)
		change(p)
		return nil
	})
}

// ResetFactor takes the second factor of a person away who has lost it, with a
// reason, and ends their sessions. By their administrator, never by themselves.
// The act stands in the log.
func (s *Service) ResetFactor(ctx context.Context, by Actor, person, reason string) error {
	reason, err := text.Clean(reason, LongestPurpose)
	if err != nil {
		return fault.Of(err).At("reason")
	}
	if reason == "" {
		return fault.New(fault.Invalid, "identity.reason_missing").At("reason")
	}
	if by.Person == person {
		return fault.New(fault.Forbidden, "identity.factor_own")
	}
	return s.administer(ctx, by, func(by Actor, t *tree, p *plan) error {
		if _, err := s.covered(ctx, by, t, person); err != nil {
			return err
		}
		now := s.clk.Now()
		p.do(`DELETE FROM identity_factor WHERE person = $1`, person)
		p.do(`DELETE FROM identity_recovery WHERE person = $1`, person)
		revoke(p, person, now)
		p.act(by, now, KindFactor, "reset", map[string]string{"id": person, "reason": reason})
		return nil
	})
}

// Code is the second half of signing in: the code for a step that a right password
// has made. Faults: Forbidden identity.step_over where the step has ended, else
// identity.code_bad; Busy.
func (s *Service) Code(ctx context.Context, step, code string, t Try) (Signed, error) {
	hash, now := seal.HashToken(step), s.clk.Now()
	over := fault.New(fault.Forbidden, "identity.step_over")
	var person string
	err := s.d.Reader().Row(ctx, `SELECT person FROM identity_step WHERE hash = $1 AND expires > $2`, hash, now).Scan(&person)
	if errors.Is(err, sql.ErrNoRows) {
		return Signed{}, over
	}
	if err != nil {
		return Signed{}, err
	}
	known, err := s.deviceKnown(ctx, t.Device, person)
	if err != nil {
		return Signed{}, err
	}
	if !known {
		if err := s.Take(ctx, "sign-in code", person, codeGuesses, guessWindow); err != nil {
			return Signed{}, err
		}
	}
	err = s.d.Commit(ctx, func(tx *db.Tx) error { // counted before it is looked at
		n, err := tx.Exec(`UPDATE identity_step SET tries = tries + 1 WHERE hash = $1 AND tries < $2`, hash, stepTries)
		if err == nil && n == 0 {
			err = over
		}
		return err
	})
	if err != nil {
		return Signed{}, err
	}
	use, err := s.use(ctx, person, code)
	if err != nil {
		return Signed{}, err
	}
	return s.begin(ctx, person, t, func(tx *db.Tx) error {
		if err := use(tx); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM identity_step WHERE hash = $1`, hash)
		return err
	})
}
