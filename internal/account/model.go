package account

import (
	"context"
	"log/slog"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/seal"
)

// Coder sends a one-time code to a telephone. purposeKey is the text key of what
// it is for. Who sends it bounds how many one telephone gets.
type Coder interface {
	Send(ctx context.Context, phone, code, purposeKey string) error
}

// Cases finds out who somebody is in a case; the room of requests does.
type Cases interface {
	// PartyOfLink is whose link a token is, with the case's number.
	PartyOfLink(ctx context.Context, address, token string) (identity.Party, string, error)
	// PartyOfNumber is who left this very telephone in the case of a number.
	PartyOfNumber(ctx context.Context, address, number, phone string) (identity.Party, error)
}

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB      *db.DB
	Clock   clock.Clock
	Keys    *seal.Keys
	People  *identity.Service
	Cases   *casework.Service
	Parties Cases
	Log     *slog.Logger
	Coder   Coder // nil: no code can be sent, and accounts are not offered
}

// Service is the room's door. It is safe for concurrent use.
type Service struct{ Parts }

// New makes the room; Migrate has brought its tables up to date.
func New(p Parts) *Service { return &Service{p} }

// Bounds of an account.
const (
	codeLife    = 5 * time.Minute
	codeTries   = 5
	sessionLife = 30 * 24 * time.Hour
	unusedLife  = 365 * 24 * time.Hour // an account into which nobody signs for so long is deleted
	mostCases   = 300
	onePage     = 20
	mostReads   = 50 // of one case
	longestLink = 300
)

// The limits of the doors. One address may be a whole village hall.
const (
	codesByPhone   = 5
	codesByAddress = 60
	triesByAddress = 120
	addsByAccount  = 30
)

// purpose is what a code's message says that it is for.
const purpose = "account.purpose"

// Account is somebody who is signed in.
type Account struct {
	ID      string
	Created clock.Instant
	Until   clock.Instant // when it is deleted if nobody signs in again
	sealed  string
	mark    string
}

// Kept is one case on an account.
type Kept struct {
	Number string
	Party  identity.Party
	Weak   bool // put there by number and the verified telephone: it reads and adds, but takes nothing back
	Added  clock.Instant
}
