package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"linli/catalog"
	"linli/internal/account"
	"linli/internal/area"
	"linli/internal/assets"
	"linli/internal/ballot"
	"linli/internal/casework"
	"linli/internal/command"
	"linli/internal/coordination"
	"linli/internal/deliberation"
	"linli/internal/desk"
	"linli/internal/disclosure"
	"linli/internal/duty"
	"linli/internal/edition"
	"linli/internal/evaluation"
	"linli/internal/finance"
	"linli/internal/home"
	"linli/internal/identity"
	"linli/internal/kit/blob"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/notify"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/internal/law"
	"linli/internal/ledger"
	"linli/internal/merging"
	"linli/internal/notice"
	"linli/internal/publicity"
	"linli/internal/request"
	"linli/internal/schedule"
	"linli/internal/search"
	"linli/internal/selfrule"
	"linli/internal/setup"
	"linli/internal/staff"
)

// Config says how a house is opened.
type Config struct {
	Folder   string         // data folder: keys, socket, attachments, and the database where URL is empty
	DB       *db.DB         // a database that is open already and stays the caller's; else one is opened
	URL      string         // postgres:// address, or ""
	Clock    clock.Clock    // nil = the machine's
	Catalog  fs.FS          // the catalogue to start from
	Public   string         // address under which people reach this house, for links and QR codes; "" = the one they used
	Origin   string         // name of the log in its checkpoints; "" = linli
	ReadOnly bool           // look only: no lock, no migration, no sequencing
	MaxPages int64          // tests of a full disk
	Senders  notify.Senders // by which notices leave the house; none: they stand in it only
	Trial    string         // address of a trial house: its notices lead there, and leave at once and at any hour
	Log      *slog.Logger   // nil = slog's default
}

// House is the whole program without its front door.
type House struct {
	Config   Config
	Log      *slog.Logger
	Clock    clock.Clock
	DB       *db.DB
	Keys     *seal.Keys
	Blobs    *blob.Store
	Ledger   *ledger.Service
	Editions *edition.Service
	Areas    *area.Service
	People   *identity.Service
	Law      *law.Service
	Duty     *duty.Service
	Cases    *casework.Service
	Schedule *schedule.Service
	Boards   *disclosure.Service
	Requests *request.Service
	Public   *publicity.Service
	Search   *search.Service
	Command  *command.Service
	Notices  *notice.Service
	Accounts *account.Service
	Assets   *assets.Service   // contracts, assets, resources
	Selfrule *selfrule.Service // rules of the village, the supervision committee
	Books    *finance.Service  // the money of villages, line by line
	Figures  *evaluation.Service
	Staff    *staff.Service
	Home     *home.Service
	Setup    *setup.Service
	Secured  bool // served encrypted, or behind a trusted proxy: told to the checklist
	Merging  *merging.Service
	Ballot   *ballot.Service
	Matters  *deliberation.Service
	Book     *edition.Compiled[*text.Book]

	Coordination *coordination.Service // tasks handed down, whistles

	built *text.Book // the words the program was built with, for before anything is in force
}

// Open opens the database and builds every room in floor order. On a fresh
// folder it makes the keys and publishes the first edition of the catalogue.
func Open(ctx context.Context, c Config) (h *House, err error) {
	h = &House{Config: c, Log: c.Log, Clock: c.Clock}
	if h.Log == nil {
		h.Log = slog.Default()
	}
	if h.Clock == nil {
		h.Clock = &clock.Wall{}
	}
	if !c.ReadOnly { // on PostgreSQL too there are keys, the socket and checkpoints to keep
		if err := os.MkdirAll(c.Folder, 0o700); err != nil {
			return nil, fmt.Errorf("data folder: %w", err)
		}
	}
	if h.DB = c.DB; h.DB == nil {
		if h.DB, err = db.Open(ctx, db.Options{Folder: c.Folder, URL: c.URL, ReadOnly: c.ReadOnly, MaxPages: c.MaxPages}); err != nil {
			return nil, err
		}
	}
	if err := h.build(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the house: %w", err), h.Close())
	}
	return h, nil
}

func (h *House) build(ctx context.Context) error {
	fresh, err := h.fresh(ctx)
	if err != nil {
		return err
	}
	if err := h.buildGround(ctx, fresh); err != nil {
		return err
	}
	if err := h.buildCommons(ctx); err != nil {
		return err
	}
	if err := h.lift(ctx); err != nil {
		return err
	}
	return h.buildRooms(ctx)
}

// lift brings the machine's clock up to the newest entry of the log: where it
// was set back while the house was shut, time goes on from there.
func (h *House) lift(ctx context.Context) error {
	wall, ok := h.Clock.(interface{ NotBefore(clock.Instant) })
	if !ok || h.Config.ReadOnly {
		return nil
	}
	newest, err := h.Ledger.Newest(ctx)
	if err != nil {
		return err
	}
	if ahead := newest.Sub(clock.At(time.Now())); ahead > time.Second {
		h.Log.Warn("the machine's clock is behind the newest entry of the log; time stands until it has caught up", "behind", ahead.Round(time.Second))
	}
	wall.NotBefore(newest)
	return nil
}

// fresh reports whether this database has never been used, so that keys may be
// made; beside a used database a missing key is refused.
func (h *House) fresh(ctx context.Context) (bool, error) {
	if h.Config.ReadOnly {
		return false, nil
	}
	epochs, err := h.DB.Epochs(ctx)
	return epochs["edition"] == 0, err
}

func (h *House) buildGround(ctx context.Context, fresh bool) (err error) {
	if h.Keys, err = seal.Open(h.Config.Folder, fresh); err != nil {
		return err
	}
	if h.Blobs, err = blob.Open(h.DB, h.Config.Folder); err != nil {
		return err
	}
	origin := h.Config.Origin
	if origin == "" {
		origin = "linli"
	}
	var key *ledger.Key
	if h.Config.ReadOnly {
		key, err = ledger.OpenVerifier(h.Config.Folder)
	} else {
		key, err = ledger.OpenKey(h.Config.Folder, origin, fresh)
	}
	if err != nil {
		return err
	}
	h.Ledger = ledger.New(h.DB, h.Clock, key, ledger.Options{Witness: filepath.Join(h.Config.Folder, ledger.WitnessFile)})
	return nil
}

func (h *House) buildCommons(ctx context.Context) error {
	if !h.Config.ReadOnly {
		for _, migrate := range []func(context.Context, *db.DB) error{
			ledger.Migrate,
			edition.Migrate,
			identity.Migrate,
			casework.Migrate,
			schedule.Migrate,
			ballot.Migrate,
			request.Migrate,
			merging.Migrate,
			publicity.Migrate,
			disclosure.Migrate,
			search.Migrate,
			setup.Migrate,
			desk.Migrate,
			command.Migrate,
			staff.Migrate,
			notice.Migrate,
			account.Migrate,
			finance.Migrate,
			evaluation.Migrate,
			deliberation.Migrate,
			coordination.Migrate,
		} {
			if err := migrate(ctx, h.DB); err != nil {
				return err
			}
		}
	}
	h.Editions = edition.New(h.DB, h.Clock, h.Ledger)
	h.Book = edition.Compile(h.Editions, text.Load)
	if h.Config.Catalog == nil {
		h.Config.Catalog = catalog.Files
	}
	built, err := text.Load(h.Config.Catalog)
	if err != nil {
		return fmt.Errorf("the program's own words: %w", err)
	}
	h.built = built
	h.People = identity.New(h.DB, h.Clock, h.Keys, h.Ledger, edition.Compile(h.Editions, identity.LoadRights))
	return nil
}

func (h *House) buildRooms(ctx context.Context) (err error) {
	h.Law = law.New(h.Editions)
	h.Cases = casework.New(casework.Parts{DB: h.DB, Clock: h.Clock, Keys: h.Keys, Ledger: h.Ledger, Editions: h.Editions, People: h.People, Log: h.Log})
	h.Schedule = schedule.New(schedule.Parts{DB: h.DB, Clock: h.Clock, Editions: h.Editions, People: h.People, Cases: h.Cases, Log: h.Log})
	h.Duty = duty.New(h.Editions, h.People, h.Clock, h.Words)
	for _, check := range []func(fs.FS) []edition.Problem{identity.CheckFiles, law.Check, duty.Check, ballot.CheckFiles, staff.CheckFiles, notice.CheckFiles, evaluation.Check} {
		h.Editions.OnCheck(check)
	}
	h.Ballot = ballot.New(ballot.Parts{DB: h.DB, Clock: h.Clock, Keys: h.Keys, People: h.People, Law: h.Law, Cases: h.Cases,
		Words: edition.Compile(h.Editions, ballot.LoadDictionary), Book: h.Words})
	h.Ballot.Offer(h.Cases)
	h.Requests = request.New(request.Parts{DB: h.DB, Clock: h.Clock, Keys: h.Keys, Blobs: h.Blobs, Ledger: h.Ledger, Editions: h.Editions,
		People: h.People, Duty: h.Duty, Cases: h.Cases, Book: h.Words, Address: h.Config.Public})
	h.Requests.Offer(h.Cases)
	h.Merging = merging.New(merging.Parts{DB: h.DB, Clock: h.Clock, Keys: h.Keys, People: h.People, Duty: h.Duty, Cases: h.Cases, Book: h.Words})
	h.Merging.Offer(h.Cases)
	h.Public = publicity.New(publicity.Parts{DB: h.DB, Clock: h.Clock, Keys: h.Keys, Blobs: h.Blobs, Ledger: h.Ledger, Editions: h.Editions,
		People: h.People, Duty: h.Duty, Cases: h.Cases, Book: h.Words, Log: h.Log, Address: h.Config.Public})
	h.Public.Offer(h.Cases)
	h.Boards = disclosure.New(disclosure.Parts{DB: h.DB, Clock: h.Clock, Blobs: h.Blobs, Ledger: h.Ledger, Editions: h.Editions, People: h.People,
		Cases: h.Cases, Book: h.Words, Log: h.Log, Address: h.Config.Public})
	h.Boards.Offer(h.Cases, h.Schedule)
	private := h.private()
	h.Books = finance.New(finance.Parts{DB: h.DB, Clock: h.Clock, Blobs: h.Blobs, Editions: h.Editions, People: h.People, Cases: h.Cases, Book: h.Words, Log: h.Log,
		Address: h.Config.Public, Private: private})
	h.Books.Offer(h.Cases)
	h.Coordination = coordination.New(coordination.Parts{Clock: h.Clock, People: h.People, Duty: h.Duty, Cases: h.Cases, Book: h.Words})
	h.Duty.Precedents = h.Coordination.ForItem
	h.Coordination.Offer(h.Cases)
	h.Matters = deliberation.New(deliberation.Parts{DB: h.DB, Clock: h.Clock, Keys: h.Keys, People: h.People, Cases: h.Cases, Book: h.Words, Address: h.Config.Public, Privacy: edition.Compile(h.Editions, deliberation.LoadPrivacy)})
	h.Matters.Offer(h.Cases)
	h.Assets = assets.New(assets.Parts{Clock: h.Clock, People: h.People, Cases: h.Cases, Private: func(ctx context.Context) (assets.Private, error) {
		find, err := private(ctx)
		return assets.Private(find), err
	}})
	h.Assets.Offer(h.Cases)
	h.Selfrule = selfrule.New(selfrule.Parts{Clock: h.Clock, People: h.People, Cases: h.Cases})
	h.Selfrule.Offer(h.Cases)
	h.Cases.OnErase(h.destroy)
	h.Staff = staff.New(staff.Parts{DB: h.DB, Clock: h.Clock, People: h.People, Cases: h.Cases, Shifts: edition.Compile(h.Editions, staff.LoadShifts), Log: h.Log})
	h.Staff.Holidays = h.dayOff
	if !h.Config.ReadOnly {
		if err := h.Editions.Start(ctx, h.Config.Catalog); err != nil {
			return err
		}
	}
	if err := h.Editions.Refresh(ctx); err != nil {
		return err
	}
	if h.Config.ReadOnly {
		return nil // looking needs no index of grids
	}
	if h.Areas, err = area.New(ctx, h.DB, h.Clock, edition.Compile(h.Editions, area.ReadLists)); err != nil {
		return err
	}
	h.Areas.SetPublicAddress(h.Config.Public)
	h.Merging.Areas, h.Requests.Areas, h.Duty.Places = h.Areas, h.Areas, h.Areas
	h.Public.Areas, h.Schedule.Areas, h.Boards.Areas = h.Areas, h.Areas, h.Areas
	h.Ballot.Areas, h.Books.Areas = h.Areas, h.Areas
	h.Matters.Areas, h.Selfrule.Areas, h.Assets.Areas, h.Coordination.Areas = h.Areas, h.Areas, h.Areas, h.Areas
	h.Home = home.New(home.Parts{Areas: h.Areas, People: h.People, Cases: h.Cases, Clock: h.Clock, Address: h.Config.Public})
	h.Setup = setup.New(setup.Parts{DB: h.DB, Clock: h.Clock, Areas: h.Areas, People: h.People, Law: h.Law, Duty: h.Duty,
		Rights: edition.Compile(h.Editions, identity.LoadRights), Book: h.Words, Serving: h.serving})
	h.buildNotices()
	h.buildAccounts()
	h.Search = search.New(search.Parts{DB: h.DB, Ledger: h.Ledger, Cases: h.Cases, People: h.People, Areas: h.Areas, Log: h.Log})
	h.Command = command.New(command.Parts{DB: h.DB, Clock: h.Clock, Ledger: h.Ledger, Cases: h.Cases, People: h.People, Areas: h.Areas, Duty: h.Duty, Log: h.Log})
	h.Figures = evaluation.New(evaluation.Parts{DB: h.DB, Clock: h.Clock, Ledger: h.Ledger, Editions: h.Editions, Cases: h.Cases, People: h.People,
		Areas: h.Areas, Duty: h.Duty, Log: h.Log})
	return nil
}

// serving is what the checklist of the first days is told of the way the house
// is served.
func (h *House) serving(ctx context.Context) (setup.Serving, error) {
	out := setup.Serving{Address: h.Config.Public, Secure: h.Secured, Senders: len(h.Config.Senders), Fallback: h.Config.Trial != ""}
	failing, err := h.Notices.Failing(ctx)
	out.Failing = len(failing)
	return out, err
}

// dayOff is what the law's calendar says of a day.
func (h *House) dayOff(ctx context.Context, day clock.Day) (bool, text.Words) {
	calendars, _, err := h.Law.Calendars(ctx)
	if err != nil {
		h.Log.Error("the calendar could not be read", "error", err)
	}
	works, _ := calendars.Working(day)
	name, _ := calendars.Holiday(day)
	return works, name
}

// private is the privacy check of what villages publish: what points to a person
// beyond doubt keeps a text back.
func (h *House) private() func(context.Context) (finance.Private, error) {
	lists := edition.Compile(h.Editions, publicity.LoadPrivacy)
	return func(ctx context.Context) (finance.Private, error) {
		rules, _, err := lists.Now(ctx)
		if err != nil {
			return nil, err
		}
		return func(text string) (kind, begins string) {
			found := rules.FindPublished(text)
			if len(found) == 0 {
				return "", ""
			}
			runes := []rune(text)
			return found[0].Kind, string(runes[found[0].From:min(found[0].From+3, found[0].To)])
		}, nil
	}
}

// destroy takes attachments away after their values were erased.
func (h *House) destroy(ctx context.Context, blobs []string) {
	for _, id := range blobs {
		if err := h.Blobs.Delete(ctx, id); err != nil {
			h.Log.Error("an erased attachment could not be destroyed", "blob", id, "error", err)
		}
	}
}

// Readers are the rooms that follow the log.
func (h *House) Readers() []*ledger.Follower {
	return []*ledger.Follower{h.Command.Follower, h.Notices.Follower, h.Public.Follower, h.Boards.Follower, h.Figures.Follower, h.Search.Follower}
}

// Words is the book of texts in force; where it cannot be read, the one the
// program was built with, since a page without words helps nobody.
func (h *House) Words() *text.Book {
	book, _, err := h.Book.Now(context.Background())
	if err != nil {
		return h.built
	}
	return book
}

// Close gives everything back; what was acknowledged is on the disk already.
func (h *House) Close() error {
	if h.Config.DB != nil {
		return nil
	}
	return h.DB.Close()
}
