package publicity

import (
	"context"
	"linli/internal/kit/privacy"
	"log/slog"
	"slices"
	"sync"

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

// Names of what this room reads and offers.
const (
	Reader       = "publicity"       // under which it follows the log
	Procedure    = "service-request" // whose cases it shows
	Feedback     = "platform-feedback"
	ActRelease   = "release"
	ActUnrelease = "unrelease"
	actVoice     = "voice"
	epoch        = "publicity" // moves with every change of what is public
)

// Parts are the rooms and tools this room stands on.
type Parts struct {
	DB       *db.DB
	Clock    clock.Clock
	Keys     *seal.Keys
	Blobs    *blob.Store
	Ledger   *ledger.Service
	Editions *edition.Service
	Areas    *area.Service // may be set after New, before the first page
	People   *identity.Service
	Duty     *duty.Service
	Cases    *casework.Service
	Book     func() *text.Book
	Log      *slog.Logger
	Outbox   Outbox // nil: nothing can be sent, and subscriptions are by feed only

	// Address under which people reach this house, for links in messages and the
	// feed; "" takes the one by which the page was asked.
	Address string
}

// Service is the room's door; its follower keeps the public lines. It is safe for
// concurrent use.
type Service struct {
	Parts
	*ledger.Follower
	privacy *edition.Compiled[*Privacy]
	holder  string
	spoil   func(id string) error // tests make a case poisonous with it

	mu    sync.Mutex
	at    string // what the kept pages stand on
	pages map[string]any
}

// Message is something to be sent to one who subscribed.
type Message struct {
	Kind        string // "phone" or "mail"
	To          string
	Title, Text string
	Key         string // the same message is sent once
}

// Outbox sends messages outside; the roof sets it where a sender is there.
type Outbox interface {
	Send(ctx context.Context, m Message) error
}

// line is what everybody may know of one request, and what stands released.
type line struct {
	Case      string
	Acts      int64
	Shown     bool
	Class     string
	Area      string // to the community, never nearer
	State     string
	Kind      string
	Edition   int64
	Unit      string
	Opened    clock.Instant
	Settled   clock.Instant
	Solved    string
	Satisfied string
	Voices    int64
	Imported  bool
	Asks      bool
	Release   string
	Digest    string
	Released  clock.Instant
}

// Levels at which a place is released.
const (
	LevelCommunity = "community"
	LevelPlace     = "place"
)

// Copy is what is released of a request: words as struck, the place where it was
// released, photos as masked. Its JSON is what the digest is of.
type Copy struct {
	Title  string      `json:"title,omitempty"`
	Texts  []CopyText  `json:"texts,omitempty"`
	Place  *CopyPlace  `json:"place,omitempty"`
	Photos []CopyPhoto `json:"photos,omitempty"`
}

// CopyText is one text of an act, struck.
type CopyText struct {
	Act   string `json:"act"`
	Field string `json:"field"`
	Text  string `json:"text"`
}

// CopyPlace is the exact place.
type CopyPlace struct {
	Words string  `json:"words,omitempty"`
	Lon   float64 `json:"lon,omitempty"`
	Lat   float64 `json:"lat,omitempty"`
}

// CopyPhoto is a masked photo.
type CopyPhoto struct {
	Blob   string `json:"blob"`
	Act    string `json:"act"`
	SHA256 string `json:"sha256"`
}

// of are the texts of one act.
func (c *Copy) of(act string) []CopyText {
	return slices.DeleteFunc(slices.Clone(c.Texts), func(t CopyText) bool { return t.Act != act })
}

// Source is a text of the case that could be released.
type Source struct {
	Key    string // act and field, or "title", "place"
	Act    string
	Field  string
	Text   string
	Label  text.Words
	Office bool // the office's own words
}

// SourcePhoto is a photo of the case that could be released.
type SourcePhoto struct {
	Blob, Act string
	Words     text.Words // of the act
}

// Draft is where a person has got to with a case: what is used, what is struck,
// what is masked. It holds no words.
type Draft struct {
	Texts  map[string]DraftText  `json:"texts"`
	Photos map[string]DraftPhoto `json:"photos"`
	Level  string                `json:"level"`
}

// DraftText says of one text whether it is released, and what of it is struck.
type DraftText struct {
	Use   bool           `json:"use"`
	Marks []privacy.Mark `json:"marks,omitempty"`
}

// DraftPhoto says of one photo whether it is released, and what is masked.
type DraftPhoto struct {
	Use     bool  `json:"use"`
	Regions []Box `json:"regions,omitempty"`
}
