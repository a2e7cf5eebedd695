package command

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
)

// Screen is the pass of a wall screen that nobody watches: it opens the wall
// screen of one scope and nothing else, without anybody's session.
type Screen struct {
	ID, Name string
	Area     string
	Unit     string
	Person   string // who made it; the screen sees what their posts see
	Created  clock.Instant
	Until    clock.Instant
}

const (
	mostScreens    = 20 // passes of one person that still open
	longestScreen  = 366
	screenName     = 60
	screensHistory = 50 // passes listed, ended ones too
)

// screenMakers are the kinds of post that put up a screen.
var screenMakers = []string{"leader", "head", "dispatcher", "committee-head", "party-secretary"}

// MayScreen says whether somebody may make passes of wall screens.
func MayScreen(a identity.Actor) bool {
	return a.Known() && a.Token == "" && slices.ContainsFunc(screenMakers, a.Has)
}

// NewScreen makes a pass for days days; the token is shown once. Faults:
// Forbidden command.screen_right; Invalid at name or days; Conflict
// command.screens for too many.
func (s *Service) NewScreen(ctx context.Context, a identity.Actor, name string, sc Scope, days int) (Screen, string, error) {
	if !MayScreen(a) {
		return Screen{}, "", fault.New(fault.Forbidden, "command.screen_right")
	}
	name, err := text.Clean(name, screenName)
	switch {
	case err != nil:
		return Screen{}, "", fault.Of(err).At("name")
	case name == "":
		return Screen{}, "", fault.New(fault.Invalid, "command.screen_name").At("name")
	case days < 1 || days > longestScreen:
		return Screen{}, "", fault.New(fault.Invalid, "command.screen_days", "most", longestScreen).At("days")
	}
	list, err := s.Screens(ctx, a)
	if err != nil {
		return Screen{}, "", err
	}
	now := s.clk.Now()
	list = slices.DeleteFunc(list, func(o Screen) bool { return o.Until <= now })
	if len(list) >= mostScreens {
		return Screen{}, "", fault.New(fault.Conflict, "command.screens", "most", mostScreens)
	}
	token := seal.Token()
	out := Screen{ID: db.NewID(now), Name: name, Area: sc.Area, Unit: sc.Unit, Person: a.Person, Created: now, Until: now.Add(time.Duration(days) * 24 * time.Hour)}
	hash := seal.HashToken(token)
	err = s.d.Commit(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO command_screen(id, hash, name, area, unit, person, created, until) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
			out.ID, hash, out.Name, out.Area, out.Unit, out.Person, out.Created, out.Until)
		return err
	})
	return out, token, err
}

const screenColumns = `SELECT id, name, area, unit, person, created, until FROM command_screen `

func scanScreen(row scanner) (c Screen, err error) {
	err = row.Scan(&c.ID, &c.Name, &c.Area, &c.Unit, &c.Person, &c.Created, &c.Until)
	return c, err
}

// Screens are the passes that somebody made, the newest first.
func (s *Service) Screens(ctx context.Context, a identity.Actor) ([]Screen, error) {
	rows, err := s.d.Reader().Rows(ctx, screenColumns+`WHERE person = $1 ORDER BY created DESC, id DESC LIMIT $2`, a.Person, screensHistory)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Screen
	for rows.Next() {
		c, err := scanScreen(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// StopScreen ends one of one's own passes now. Fault: NotFound.
func (s *Service) StopScreen(ctx context.Context, a identity.Actor, id string) error {
	now := s.clk.Now()
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		var until clock.Instant
		err := tx.Row(`UPDATE command_screen SET until = CASE WHEN until < $3 THEN until ELSE $4 END WHERE id = $1 AND person = $2 RETURNING until`, id, a.Person, now, now).Scan(&until)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "command.no_screen")
		}
		return err
	})
}

// ScreenBy finds the pass of a token and who it sees for: its maker with the
// posts they hold now. Fault: Forbidden command.screen_over for one that is not
// known, has ended, or whose maker has no post any more.
func (s *Service) ScreenBy(ctx context.Context, token string) (Screen, identity.Actor, error) {
	over := fault.New(fault.Forbidden, "command.screen_over")
	c, err := scanScreen(s.d.Reader().Row(ctx, screenColumns+`WHERE hash = $1`, seal.HashToken(token)))
	if errors.Is(err, sql.ErrNoRows) || err == nil && c.Until <= s.clk.Now() {
		return c, identity.Actor{}, over
	}
	if err != nil {
		return c, identity.Actor{}, err
	}
	a, err := s.people.Actor(ctx, c.Person)
	if fault.Is(err, fault.NotFound) || err == nil && len(a.Posts) == 0 {
		return c, a, over
	}
	return c, a, err
}
