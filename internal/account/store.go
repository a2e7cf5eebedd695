package account

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"embed"
	"errors"
	"io/fs"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
)

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "account", files)
}

// none tells an empty answer from a failure.
func none(err error) (bool, error) {
	if errors.Is(err, db.NoRows) {
		return false, nil
	}
	return err == nil, err
}

// sent is a code as it is kept.
type sent struct {
	id, phone, mark, hash string
	until                 clock.Instant
}

// asked says whether a page's code was sent and can still be entered.
func (s *Service) asked(ctx context.Context, id string) (bool, error) {
	var one int64
	return none(s.DB.Reader().Row(ctx, `SELECT 1 FROM account_code WHERE id = $1 AND until > $2 AND tries < $3`, id, s.Clock.Now(), int64(codeTries)).Scan(&one))
}

// keepCode says whether it was kept: the same page may ask twice at once.
func (s *Service) keepCode(ctx context.Context, c sent) (fresh bool, err error) {
	now := s.Clock.Now()
	err = s.DB.Commit(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`INSERT INTO account_code(id, phone, mark, hash, until, tries) VALUES ($1,$2,$3,$4,$5,0)
			ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, until = excluded.until, tries = 0
			WHERE account_code.until <= $6 OR account_code.tries >= $7`, c.id, c.phone, c.mark, c.hash, c.until, now, int64(codeTries))
		fresh = n == 1
		return err
	})
	return fresh, err
}

func (s *Service) dropCode(ctx context.Context, id string) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM account_code WHERE id = $1`, id)
		return err
	})
}

// entry is one try at a code, with what is written where it is good.
type entry struct {
	code, want, account, session string
	now                          clock.Instant
}

// enter counts the try and, where the code is good, uses it up, makes the account
// where none stands, and a session.
func (s *Service) enter(ctx context.Context, e entry) (good bool, err error) {
	err = s.DB.Commit(ctx, func(tx *db.Tx) error {
		good = false
		var c sent
		var tries int64
		ok, err := none(tx.Row(`UPDATE account_code SET tries = tries + 1 WHERE id = $1 RETURNING phone, mark, hash, until, tries`, e.code).
			Scan(&c.phone, &c.mark, &c.hash, &c.until, &tries))
		if err != nil || !ok || c.until <= e.now || tries > codeTries || subtle.ConstantTimeCompare([]byte(c.hash), []byte(e.want)) != 1 {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM account_code WHERE mark = $1`, c.mark); err != nil {
			return err
		}
		var id string
		if err := tx.Row(`INSERT INTO account_account(id, phone, mark, created, until) VALUES ($1,$2,$3,$4,$5)
			ON CONFLICT (mark) DO UPDATE SET until = excluded.until RETURNING id`, e.account, c.phone, c.mark, e.now, e.now.Add(unusedLife)).Scan(&id); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO account_session(hash, account, expires) VALUES ($1,$2,$3)`, e.session, id, e.now.Add(sessionLife)); err != nil {
			return err
		}
		good = true
		return nil
	})
	return good, err
}

// BySession is the account whose session a token is; nil where it is none.
func (s *Service) BySession(ctx context.Context, token string) (*Account, error) {
	var a Account
	ok, err := none(s.DB.Reader().Row(ctx, `SELECT a.id, a.phone, a.mark, a.created, a.until FROM account_session s
		JOIN account_account a ON a.id = s.account WHERE s.hash = $1 AND s.expires > $2`, seal.HashToken(token), s.Clock.Now()).
		Scan(&a.ID, &a.sealed, &a.mark, &a.Created, &a.Until))
	if err != nil || !ok {
		return nil, err
	}
	return &a, nil
}

// SignOut ends one session, or all of the account's where token is "".
func (s *Service) SignOut(ctx context.Context, a *Account, token string) error {
	hash := seal.HashToken(token)
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		if token == "" {
			_, err := tx.Exec(`DELETE FROM account_session WHERE account = $1`, a.ID)
			return err
		}
		_, err := tx.Exec(`DELETE FROM account_session WHERE hash = $1 AND account = $2`, hash, a.ID)
		return err
	})
}

// lock holds an account's row, so that nothing is written to one that is being
// deleted; false where it is gone.
func lock(tx *db.Tx, id string) (bool, error) {
	n, err := tx.Exec(`UPDATE account_account SET until = until WHERE id = $1`, id)
	return n == 1, err
}

// Keep puts a case onto the account. By the link is never made less by number.
// Faults: Conflict account.many; NotFound where the account was deleted meanwhile.
func (s *Service) Keep(ctx context.Context, a *Account, k Kept) error {
	now := s.Clock.Now()
	weak := int64(0)
	if k.Weak {
		weak = 1
	}
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		there, err := lock(tx, a.ID)
		if err != nil {
			return err
		}
		if !there {
			return fault.New(fault.NotFound, "account.gone")
		}
		var n int64
		if err := tx.Row(`SELECT COUNT(*) FROM account_case WHERE account = $1 AND case_id <> $2`, a.ID, k.Party.Case).Scan(&n); err != nil {
			return err
		}
		if n >= mostCases {
			return fault.New(fault.Conflict, "account.many", "most", mostCases)
		}
		_, err = tx.Exec(`INSERT INTO account_case(account, case_id, number, role, party, weak, added) VALUES ($1,$2,$3,$4,$5,$6,$7)
			ON CONFLICT (account, case_id) DO UPDATE SET role = excluded.role, party = excluded.party, weak = excluded.weak
			WHERE excluded.weak <= account_case.weak`, a.ID, k.Party.Case, k.Number, k.Party.Role, k.Party.ID, weak, now)
		return err
	})
}

// sessions are until when the account's browsers are signed in.
func (s *Service) sessions(ctx context.Context, a *Account) (out []clock.Instant, _ error) {
	rows, err := s.DB.Reader().Rows(ctx, `SELECT expires FROM account_session WHERE account = $1 AND expires > $2 ORDER BY expires`, a.ID, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var at clock.Instant
		if err := rows.Scan(&at); err != nil {
			return nil, err
		}
		out = append(out, at)
	}
	return out, rows.Err()
}

// Remove takes a case off the account; the case itself stays.
func (s *Service) Remove(ctx context.Context, a *Account, number string) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`DELETE FROM account_case WHERE account = $1 AND number = $2`, a.ID, number)
		return err
	})
}

const keptColumns = `number, case_id, role, party, weak, added`

func scanKept(row interface{ Scan(...any) error }) (k Kept, err error) {
	var weak int64
	err = row.Scan(&k.Number, &k.Party.Case, &k.Party.Role, &k.Party.ID, &weak, &k.Added)
	k.Weak = weak == 1
	return k, err
}

func (s *Service) keptBy(ctx context.Context, account, number string) (Kept, bool, error) {
	k, err := scanKept(s.DB.Reader().Row(ctx, `SELECT `+keptColumns+` FROM account_case WHERE account = $1 AND number = $2`, account, number))
	ok, err := none(err)
	return k, ok, err
}

// Kept lists an account's cases, the newest case first, after one of them ("" from
// the start), at most most.
func (s *Service) Kept(ctx context.Context, a *Account, after string, most int) ([]Kept, error) {
	q, args := `SELECT `+keptColumns+` FROM account_case WHERE account = $1`, []any{a.ID, int64(most)}
	if after != "" {
		q, args = q+` AND case_id < $3`, append(args, after)
	}
	rows, err := s.DB.Reader().Rows(ctx, q+` ORDER BY case_id DESC LIMIT $2`, args...)
	return collect(rows, err)
}

func collect(rows *sql.Rows, err error) (out []Kept, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		k, err := scanKept(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

// remains are the tables in which something of an account lies.
var remains = []string{
	`DELETE FROM account_session WHERE account = $1`,
	`DELETE FROM account_case WHERE account = $1`,
}

// Delete takes the account away at once: telephone, codes, sessions and the list.
func (s *Service) Delete(ctx context.Context, a *Account) error {
	return s.DB.Commit(ctx, func(tx *db.Tx) error { return destroy(tx, a.ID, a.mark) })
}

func destroy(tx *db.Tx, id, mark string) error {
	if _, err := tx.Exec(`DELETE FROM account_account WHERE id = $1`, id); err != nil {
		return err
	}
	for _, q := range remains {
		if _, err := tx.Exec(q, id); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`DELETE FROM account_code WHERE mark = $1`, mark)
	return err
}

// Tidy forgets what is over: codes, sessions, and accounts that nobody used for a year.
func (s *Service) Tidy(ctx context.Context) error {
	now := s.Clock.Now()
	return s.DB.Commit(ctx, func(tx *db.Tx) error {
		for _, q := range []string{
			`DELETE FROM account_code WHERE until <= $1`,
			`DELETE FROM account_session WHERE expires <= $1`,
			`DELETE FROM account_case WHERE account IN (SELECT id FROM account_account WHERE until <= $1)`,
			`DELETE FROM account_session WHERE account IN (SELECT id FROM account_account WHERE until <= $1)`,
			`DELETE FROM account_account WHERE until <= $1`,
		} {
			if _, err := tx.Exec(q, now); err != nil {
				return err
			}
		}
		return nil
	})
}
