// Package apptest gives tests the whole house with the fictitious county in it
// (catalog/demo/county.yaml), on a clock set by hand.
package apptest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/app"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/seal"
)

// Tuesday is the working day and hour (nine in China, 2026-11-24) at which the
// clock of a County stands at first.
var Tuesday = clock.Date(2026, 11, 24).Start().Add(9 * time.Hour)

// County is a house with the fictitious county in it.
type County struct {
	*app.House
	Hand   *clock.Hand
	Folder string // data folder: keys, attachments; not the database
	t      testing.TB
}

// hashed is the demo's password hashed once for all tests of a package.
var hashed sync.Map

// New opens the house on d, publishes the catalogue and loads the county. No
// job runs: tests call Ledger.Sequence and Cases.Scan themselves, or House.Run.
func New(t testing.TB, d *db.DB) *County {
	t.Helper()
	return NewIn(t, d, t.TempDir())
}

// NewIn is New with a data folder of the caller's.
func NewIn(t testing.TB, d *db.DB, folder string) *County {
	t.Helper()
	return NewAt(t, d, folder, Tuesday)
}

// NewAt is NewIn with the clock standing at an instant of the caller's.
func NewAt(t testing.TB, d *db.DB, folder string, start clock.Instant) *County {
	t.Helper()
	ctx := context.Background()
	c := &County{Hand: clock.NewHand(start), Folder: folder, t: t}
	var err error
	c.House, err = app.Open(ctx, app.Config{Folder: folder, DB: d, Clock: c.Hand, Catalog: catalog.Files, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("open the house: %v", err)
	}
	hash, _ := hashed.Load("demo")
	if hash == nil {
		if hash, err = c.People.HashPassword(ctx, app.DemoPassword, "demo"); err != nil {
			t.Fatal(err)
		}
		hashed.Store("demo", hash)
	}
	if err := c.LoadCounty(ctx, min(start.Day(), clock.Date(2026, 1, 1)), hash.(string)); err != nil {
		t.Fatalf("load the county: %v", err)
	}
	return c
}

// Actor is a person of the county by id, with the posts held now: "dispatch1",
// "h-lighting", "head1" … (see catalog/demo/county.yaml).
func (c *County) Actor(id string) identity.Actor {
	c.t.Helper()
	a, err := c.People.Actor(context.Background(), id)
	if err != nil {
		c.t.Fatalf("actor %s: %v", id, err)
	}
	return a
}

// Employ gives the county one more person, with a post in a unit; over an area
// where one is given.
func (c *County) Employ(id, kind, unit, area string) {
	c.t.Helper()
	ctx, system := context.Background(), identity.SystemActor()
	if _, _, err := c.People.AddPerson(ctx, system, identity.PersonDraft{ID: id, Name: id, Login: id + "-login", Hash: "x"}); err != nil {
		c.t.Fatalf("person %s: %v", id, err)
	}
	if _, err := c.People.AddPost(ctx, system, identity.Post{Person: id, Unit: unit, Kind: kind, Area: area}); err != nil {
		c.t.Fatalf("post of %s: %v", id, err)
	}
}

// Link is the actor whom a receipt's link token makes.
func (c *County) Link(token string) identity.Actor {
	c.t.Helper()
	p, err := c.Cases.PartyByToken(context.Background(), seal.HashToken(token))
	if err != nil {
		c.t.Fatalf("link: %v", err)
	}
	return identity.Actor{Kind: identity.Link, Party: p}
}

// Settle numbers every waiting leaf and moves every clock that is due.
func (c *County) Settle() {
	c.t.Helper()
	ctx := context.Background()
	if _, err := c.Cases.Scan(ctx); err != nil {
		c.t.Fatalf("scan: %v", err)
	}
	for {
		n, err := c.Ledger.Sequence(ctx)
		if err != nil {
			c.t.Fatalf("sequence: %v", err)
		}
		if n == 0 {
			return
		}
	}
}
