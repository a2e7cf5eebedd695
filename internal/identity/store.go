package identity

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// collect reads all rows with scan.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func (s *Service) readUnits(ctx context.Context) ([]Unit, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT id, parent, path, name, name_en, kind, function, area, owner, commander, until FROM identity_unit`)
	return collect(rows, err, func(r *sql.Rows) (u Unit, err error) {
		err = r.Scan(&u.ID, &u.Parent, &u.Path, &u.Name, &u.NameEn, &u.Kind, &u.Function, &u.Area, &u.Owner, &u.Commander, &u.Until)
		return u, err
	})
}

// readPosts reads posts where a condition of this room's own text holds.
func (s *Service) readPosts(ctx context.Context, where string, args ...any) ([]Post, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT id, person, unit, kind, area, begins, ends FROM identity_post WHERE `+where+` ORDER BY id`, args...)
	return collect(rows, err, func(r *sql.Rows) (p Post, err error) {
		err = r.Scan(&p.ID, &p.Person, &p.Unit, &p.Kind, &p.Area, &p.From, &p.Until)
		return p, err
	})
}

// readStandings: for whom a person stands in. A closed account needs no deputy.
func (s *Service) readStandings(ctx context.Context, deputy string) ([]standing, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT person, post, begins, ends FROM identity_deputy
		WHERE deputy = $1 AND ends > $2 AND state = 'accepted' ORDER BY id`, deputy, s.clk.Now())
	return collect(rows, err, func(r *sql.Rows) (st standing, err error) {
		err = r.Scan(&st.person, &st.post, &st.from, &st.until)
		return st, err
	})
}

const personColumns = `id, name, login, must_change, created, until`

func scanPerson(r *sql.Rows) (p Person, err error) {
	var must int64
	err = r.Scan(&p.ID, &p.Name, &p.Login, &must, &p.Created, &p.Until)
	p.MustChange = must != 0
	return p, err
}

// Person finds an account, also a closed one. Fault: identity.no_person.
func (s *Service) Person(ctx context.Context, id string) (Person, error) {
	rows, err := s.d.Reader().Rows(ctx, `SELECT `+personColumns+` FROM identity_person WHERE id = $1`, id)
	list, err := collect(rows, err, scanPerson)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "identity.no_person")
	}
	if err != nil {
		return Person{}, err
	}
	return list[0], nil
}

// Names gives the names of people by id; who is not known is left out.
func (s *Service) Names(ctx context.Context, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for len(ids) > 0 {
		n := min(len(ids), 200)
		args := make([]any, n)
		for i, id := range ids[:n] {
			args[i] = id
		}
		ids = ids[n:]
		rows, err := s.d.Reader().Rows(ctx, `SELECT `+personColumns+` FROM identity_person WHERE id IN `+db.In(1, n), args...)
		list, err := collect(rows, err, scanPerson)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			out[p.ID] = p.Name
		}
	}
	return out, nil
}

// People lists accounts by name or login, closed ones too, in the order of their
// making after the given id; at most limit.
func (s *Service) People(ctx context.Context, words, after string, limit int) ([]Person, error) {
	text := `SELECT ` + personColumns + ` FROM identity_person WHERE id > $1`
	args := []any{after}
	if words != "" {
		args = append(args, "%"+escapeLike(words)+"%")
		text += ` AND (LOWER(name) LIKE $2 ESCAPE '\' OR login LIKE $2 ESCAPE '\')`
	}
	args = append(args, limit)
	rows, err := s.d.Reader().Rows(ctx, text+` ORDER BY id LIMIT $`+strconv.Itoa(len(args)), args...)
	return collect(rows, err, scanPerson)
}

func escapeLike(words string) string {
	var out []rune
	for _, r := range text.Fold(words) {
		if r == '%' || r == '_' || r == '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}

// Member is a person in a unit by a post.
type Member struct {
	Post Post
	Name string
}

// Members are the people of one unit whose posts count now, by post.
func (s *Service) Members(ctx context.Context, unit string) ([]Member, error) {
	return s.members(ctx, `p.unit = $1 AND p.begins <= $2 AND (p.ends = 0 OR p.ends > $2)`, unit, s.clk.Now())
}

// PostsOf are all posts a person has or will have, ended ones left out.
func (s *Service) PostsOf(ctx context.Context, person string) ([]Member, error) {
	return s.members(ctx, `p.person = $1 AND (p.ends = 0 OR p.ends > $2)`, person, s.clk.Now())
}

// PostHeld is one post that has not ended, with who holds it. Fault:
// identity.no_post.
func (s *Service) PostHeld(ctx context.Context, id string) (Member, error) {
	list, err := s.members(ctx, `p.id = $1 AND (p.ends = 0 OR p.ends > $2)`, id, s.clk.Now())
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "identity.no_post")
	}
	if err != nil {
		return Member{}, err
	}
	return list[0], nil
}

// PersonByLogin finds the account of a login name as it was typed; the zero
// Person where there is none. Fault: Invalid identity.login_form at login.
func (s *Service) PersonByLogin(ctx context.Context, login string) (Person, error) {
	login, err := cleanLogin(login)
	if err != nil {
		return Person{}, err
	}
	p, _, err := s.password(ctx, login)
	return p, err
}

func (s *Service) members(ctx context.Context, where string, args ...any) ([]Member, error) {
	t, err := s.now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.d.Reader().Rows(ctx, `SELECT p.id, p.person, p.unit, p.kind, p.area, p.begins, p.ends, o.name
		FROM identity_post p JOIN identity_person o ON o.id = p.person WHERE `+where+` ORDER BY p.unit, p.kind, p.id`, args...)
	return collect(rows, err, func(r *sql.Rows) (m Member, err error) {
		p := &m.Post
		err = r.Scan(&p.ID, &p.Person, &p.Unit, &p.Kind, &p.Area, &p.From, &p.Until, &m.Name)
		t.complete(p)
		return m, err
	})
}

// password reads what sign-in needs: the account of a login name and its hash.
func (s *Service) password(ctx context.Context, login string) (p Person, hash string, err error) {
	var must int64
	err = s.d.Reader().Row(ctx, `SELECT `+personColumns+`, password FROM identity_person WHERE login = $1`, login).
		Scan(&p.ID, &p.Name, &p.Login, &must, &p.Created, &p.Until, &hash)
	p.MustChange = must != 0
	if errors.Is(err, db.NoRows) {
		return Person{}, "", nil
	}
	return p, hash, err
}

// signed is what one query tells of a session or token: who, until when, and
// the epoch their posts are read by.
type signed struct {
	person, name       string
	post, token        string
	must, until        int64
	expires, idle      clock.Instant
	revoked, postsAsOf int64
	due                clock.Instant // of a second factor that is asked for and not set up
}

// readSession finds a session by the hash of its token; ok is false for none.
func (s *Service) readSession(ctx context.Context, hash string) (v signed, ok bool, err error) {
	var epoch, due sql.NullInt64
	err = s.d.Reader().Row(ctx, `SELECT s.person, p.name, p.must_change, p.until, s.expires, s.idle,
			(SELECT e.value FROM kit_epoch e WHERE e.name = 'grants'),
			(SELECT f.due FROM identity_factor f WHERE f.person = s.person AND f.confirmed = 0)
		FROM identity_session s JOIN identity_person p ON p.id = s.person WHERE s.hash = $1`, hash).
		Scan(&v.person, &v.name, &v.must, &v.until, &v.expires, &v.idle, &epoch, &due)
	v.postsAsOf, v.due = epoch.Int64, clock.Instant(due.Int64)
	if errors.Is(err, db.NoRows) {
		return signed{}, false, nil
	}
	return v, err == nil, err
}

// readToken finds an API token the same way.
func (s *Service) readToken(ctx context.Context, hash string) (v signed, ok bool, err error) {
	var epoch sql.NullInt64
	err = s.d.Reader().Row(ctx, `SELECT t.person, p.name, p.until, t.expires, t.revoked, t.post, t.id,
			(SELECT e.value FROM kit_epoch e WHERE e.name = 'grants')
		FROM identity_token t JOIN identity_person p ON p.id = t.person WHERE t.hash = $1`, hash).
		Scan(&v.person, &v.name, &v.until, &v.expires, &v.revoked, &v.post, &v.token, &epoch)
	v.postsAsOf, v.idle = epoch.Int64, v.expires
	if errors.Is(err, db.NoRows) {
		return signed{}, false, nil
	}
	return v, err == nil, err
}
