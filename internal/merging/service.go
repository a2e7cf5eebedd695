package merging

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
)

// Requests is the procedure whose cases this room merges.
const Requests = "service-request"

// Names of the acts of that procedure.
const (
	joinAct  = "join"
	voiceAct = "voice"
)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB     *db.DB
	Clock  clock.Clock
	Keys   *seal.Keys
	Areas  *area.Service
	People *identity.Service
	Duty   *duty.Service
	Cases  *casework.Service
	Book   func() *text.Book
}

// Service is the room's door. It is safe for concurrent use.
type Service struct{ Parts }

// New makes the service.
func New(p Parts) *Service { return &Service{p} }

//go:embed schema/*.sql
var schema embed.FS

// Migrate brings the tables of this room up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "merging", files)
}

// Offer registers the check that the procedure names. The roof calls it before
// the catalogue is put in force.
func (s *Service) Offer(cases *casework.Service) {
	cases.RegisterCheck("request.same_matter", s.sameMatter)
}

// Bounds of the doors: voices of one address, and of one address on one request.
// One stairwell behind one address may all have the same matter; hundreds have not.
const (
	mostVoices     = 60
	voicesWithin   = time.Hour
	mostVoicesCase = 30
	caseWithin     = 24 * time.Hour
	visitTime      = 12 * time.Hour // how long a link once opened stays open
)

// allowed counts a voice against both bounds.
func (s *Service) allowed(ctx context.Context, address, number string) error {
	if err := s.People.Take(ctx, "merging.voice", address, mostVoices, voicesWithin); err != nil {
		return err
	}
	return s.People.Take(ctx, "merging.voice.case", address+" "+number, mostVoicesCase, caseWithin)
}

// community is the part of a code that is public; "" above a community.
func community(code string) string {
	if len(code) < 12 {
		return ""
	}
	return code[:12]
}

// nameOf is an area's name, "" where it is not known.
func (s *Service) nameOf(ctx context.Context, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	a, err := s.Areas.Get(ctx, code)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return "", nil
	}
	return a.Name, err
}

// unitName is a unit's name in a language, "" where it is not known.
func (s *Service) unitName(ctx context.Context, id, lang string) (string, error) {
	if id == "" {
		return "", nil
	}
	u, err := s.People.Unit(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	return text.Words{"zh": u.Name, "en": u.NameEn}.In(lang), err
}
