package ballot

import (
	"context"
	"embed"
	"io/fs"
	"sync"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/law"
)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB     *db.DB
	Clock  clock.Clock
	Keys   *seal.Keys
	Areas  *area.Service
	People *identity.Service
	Law    *law.Service
	Cases  *casework.Service
	Words  *edition.Compiled[*Dictionary]
	Book   func() *text.Book
	Places func(context.Context, identity.Actor) ([]Place, error) // villages and communities an actor works for
}

// Service is the room's door. It is safe for concurrent use.
type Service struct {
	Parts
	shown sync.Map // person, roll and day of a reading that is on the read log already
}

// New makes the service.
func New(p Parts) *Service { return &Service{Parts: p} }

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "ballot", files)
}

// keepers are the kinds of post that keep the rolls of an area and run its
// meetings; viewers may look as well.
var (
	keepers = []string{"clerk", "committee-head", "party-secretary"}
	viewers = append([]string{"supervision-head", "auditor"}, keepers...)
)

// over says whether one of the actor's posts of these kinds is over the area.
func over(a identity.Actor, code string, kinds []string) bool {
	for _, kind := range kinds {
		if (identity.Relation{Name: identity.RelArea, As: kind}).Holds(a, identity.Subject{Area: code}) {
			return true
		}
	}
	return false
}

// Keeps says whether the actor keeps the rolls of an area.
func (s *Service) Keeps(a identity.Actor, code string) bool { return over(a, code, keepers) }

// MayKeep says whether the actor keeps rolls anywhere, for the navigation.
func MayKeep(a identity.Actor) bool {
	for _, kind := range viewers {
		if a.Known() && a.Has(kind) {
			return true
		}
	}
	return false
}

// noRoll is what somebody learns of a roll that is not there or not theirs.
func noRoll() error { return fault.New(fault.NotFound, "ballot.no_roll") }
