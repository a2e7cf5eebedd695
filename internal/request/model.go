package request

import (
	"context"
	"time"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/blob"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/ledger"
)

// Names of the two procedures whose story this room tells.
const (
	Procedure = "service-request"
	GridEvent = "grid-event"
	reporter  = "reporter"
)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB       *db.DB
	Clock    clock.Clock
	Keys     *seal.Keys
	Blobs    *blob.Store
	Ledger   *ledger.Service
	Editions *edition.Service
	Areas    *area.Service
	People   *identity.Service
	Duty     *duty.Service
	Cases    *casework.Service
	Book     func() *text.Book
	Messages Messages // nil: nothing is sent, and the follow page does not offer it
	Accounts Accounts // nil: residents have none

	// Address under which people reach this house, for links on paper and in QR
	// codes ("https://linli.example"); "" takes the one by which the page was asked.
	Address string
}

// Service is the room's door. It is safe for concurrent use.
type Service struct{ Parts }

// Statuses of a place beside those of area.Located.
const (
	placeNamed = "named" // an area, a grid or a place was named by a person
	placeNone  = "none"  // only words, or nothing
)

// Bounds of the doors.
const (
	mostPhotos   = 9
	mostWords    = 2000
	nearMeters   = 300
	nearDays     = 14
	mostSimilar  = 8
	visitTime    = 12 * time.Hour // how long a link once opened stays open
	keyLength    = 26             // characters of a form's own key (seal.Token)
	leastKey     = 22             // characters of a program's key: 128 bits in base64
	longestWords = 200            // of a place in words
)

// Limit is how often one address (or number) may use a door.
type limit struct {
	bucket string
	most   int
	within time.Duration
}

// The limits of the public doors. One address may be a whole village hall.
var (
	limitSend   = limit{"request.send", 80, time.Hour} // the page's script asks twice: to send, and for the receipt
	limitPhoto  = limit{"request.photo", 200, time.Hour}
	limitLink   = limit{"request.link", 30, time.Hour} // wrong links
	limitQuery  = limit{"request.query", 20, time.Hour}
	limitNumber = limit{"request.number", 5, 24 * time.Hour}
	limitAct    = limit{"request.act", 60, time.Hour}
)

func (s *Service) take(ctx context.Context, l limit, key string) error {
	return s.People.Take(ctx, l.bucket, key, l.most, l.within)
}

// Similar is an open request near another, without anything of its content.
type Similar struct {
	Case      string     `json:"case" doc:"Handle under which a voice is added; opens nothing"`
	People    int64      `json:"people" doc:"How many others have it too"`
	Class     string     `json:"class"`
	Title     text.Words `json:"title" doc:"The class in words"`
	Community string     `json:"community,omitempty" doc:"12-digit code"`
	Name      string     `json:"name,omitempty" doc:"The community's name"`
	Meters    int        `json:"meters" doc:"Rounded up to 50; -1 where the distance is not known"`
	State     string     `json:"state"`
	StateText text.Words `json:"state_text"`
	Days      int        `json:"days" doc:"Days since it was reported"`
}
