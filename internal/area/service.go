package area

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"

	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

//go:embed schema/*.sql
var schema embed.FS

// gridEpoch is the named number that moves on whenever a grid changes.
const gridEpoch = "area_grid"

// divisionEpoch moves on whenever a division changes.
const divisionEpoch = "area_division"

// Schema are the migrations of this room's tables.
func Schema() fs.FS {
	sub, err := fs.Sub(schema, "schema")
	if err != nil {
		panic(err) // only a malformed constant can fail
	}
	return sub
}

// Source gives the lists in force; *edition.Compiled[Lists] made with ReadLists
// is one, Fixed another.
type Source interface {
	Now(ctx context.Context) (Lists, int64, error)
}

// Fixed is a Source that never changes.
type Fixed struct{ Lists Lists }

// Now gives the lists; their number is 0.
func (f Fixed) Now(context.Context) (Lists, int64, error) { return f.Lists, 0, nil }

// Service is the room's door. It is safe for concurrent use.
type Service struct {
	d       *db.DB
	clk     clock.Clock
	lists   Source
	index   atomic.Pointer[index]
	looked  atomic.Int64 // instant of the last look at the epoch
	rebuild sync.Mutex
	tiles   *Tiles // below the map; nil: none
	public  string // address under which people reach this house, for QR codes
}

// New brings the room's tables up to date and builds the index of grids.
func New(ctx context.Context, d *db.DB, clk clock.Clock, lists Source) (*Service, error) {
	if err := d.Migrate(ctx, "area", Schema()); err != nil {
		return nil, err
	}
	s := &Service{d: d, clk: clk, lists: lists}
	if err := s.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("index of grids: %w", err)
	}
	return s, nil
}

// SetPublicAddress tells under which address people reach this house, for
// example "https://linli.example.cn"; grid QR codes carry it. Call it before
// serving.
func (s *Service) SetPublicAddress(address string) { s.public = address }

// SetTiles puts a source of tiles below the map. Call it before serving.
func (s *Service) SetTiles(t *Tiles) { s.tiles = t }

func (s *Service) today() clock.Day { return s.clk.Now().Day() }

// Get gives an area as it stands today or, where it has ended, as it was last.
// A grid's code gives the grid as an area. Faults: those of CheckCode,
// area.unknown (not found).
func (s *Service) Get(ctx context.Context, code string) (Area, error) {
	if LevelOf(code) == GridLevel {
		g, err := s.Grid(ctx, code)
		return Area{Code: g.Code, Name: g.Name, NameEn: g.NameEn, From: g.From, Until: g.Until}, err
	}
	if err := CheckCode(code); err != nil {
		return Area{}, err
	}
	a, ok, err := s.newest(ctx, code)
	if err != nil {
		return Area{}, err
	}
	if !ok {
		return Area{}, fault.New(fault.NotFound, "area.unknown", "code", code).At("code")
	}
	return a, nil
}

// Chain gives the areas that contain code, largest first, and the area itself
// last. Levels that are not in the table (a county loaded alone has no
// province) are left out. Faults: those of Get.
func (s *Service) Chain(ctx context.Context, code string) ([]Area, error) {
	self, err := s.Get(ctx, code)
	if err != nil {
		return nil, err
	}
	above, err := s.named(ctx, Above(code))
	if err != nil {
		return nil, err
	}
	var out []Area
	for _, c := range Above(code) {
		if a, ok := above[c]; ok {
			out = append(out, a)
		}
	}
	return append(out, self), nil
}

// Children lists the areas one level below code that stand today, in the order
// of their codes; of "" those of the highest level there is; of a community its
// grids.
func (s *Service) Children(ctx context.Context, code string) ([]Area, error) {
	switch LevelOf(code) {
	case Community:
		return s.gridsAsAreas(ctx, code)
	case GridLevel:
		return nil, nil
	case NoLevel:
		if code != "" {
			return nil, CheckCode(code)
		}
		top, err := s.topLevel(ctx)
		if err != nil || top == NoLevel {
			return nil, err
		}
		return s.Standing(ctx, "", top, s.today())
	}
	return s.Standing(ctx, code, LevelOf(code)+1, s.today())
}

// History lists every version of an area, the oldest first. Grids have their
// own, see GridHistory.
func (s *Service) History(ctx context.Context, code string) ([]Area, error) {
	if err := CheckCode(code); err != nil {
		return nil, err
	}
	out, err := s.versions(ctx, code)
	if err == nil && len(out) == 0 {
		err = fault.New(fault.NotFound, "area.unknown", "code", code).At("code")
	}
	return out, err
}

// Successors tells what took the place of code.
func (s *Service) Successors(ctx context.Context, code string) ([]Succession, error) {
	return s.successions(ctx, code)
}

// Succeed ends an area on the day and notes which areas take its place (a
// merger has one, a division several). The new ones must be known and not end
// before that day; the old row stays for what was recorded under it. Doing it
// again changes nothing. Faults: area.unknown, area.ended, area.reason_missing.
func (s *Service) Succeed(ctx context.Context, old string, by []string, day clock.Day, reason string) error {
	reason, err := oneLine(reason)
	if err != nil {
		return fault.Of(err).At("reason")
	}
	if reason == "" {
		return fault.New(fault.Invalid, "area.reason_missing").At("reason")
	}
	was, err := s.Get(ctx, old)
	if err != nil {
		return err
	}
	if was.Until != 0 && was.Until != day || was.From >= day {
		return fault.New(fault.Conflict, "area.ended", "code", old, "day", day).At("day")
	}
	for _, code := range by {
		a, err := s.Get(ctx, code)
		if err != nil {
			return err
		}
		if a.Ended(day) || code == old {
			return fault.New(fault.Conflict, "area.ended", "code", code, "day", day).At("by")
		}
	}
	return s.d.Commit(ctx, func(tx *db.Tx) error {
		if err := tx.BumpEpoch(divisionEpoch); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE area_area SET until_day = $3 WHERE code = $1 AND from_day = $2 AND until_day = 0`,
			old, was.From, day); err != nil {
			return err
		}
		for _, code := range by {
			if _, err := tx.Exec(`INSERT INTO area_succession(old_code, new_code, day, reason) VALUES ($1,$2,$3,$4)
				ON CONFLICT (old_code, new_code) DO NOTHING`, old, code, day, reason); err != nil {
				return err
			}
		}
		return nil
	})
}
