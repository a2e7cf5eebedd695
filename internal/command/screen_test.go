package command_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"linli/internal/command"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
)

// A pass opens while it lasts and its maker has a post; only those who lead make
// one, and only their maker stops it.
func TestPassesOfWallScreens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		sc := command.Scope{Area: "999901"}
		if _, _, err := r.room.NewScreen(ctx, r.who["handler"], "大厅", sc, 10); !fault.Is(err, fault.Forbidden) {
			t.Error("a handler made a pass", err)
		}
		for field, c := range map[string]struct {
			name string
			days int
		}{"name": {"", 10}, "days": {"大厅", 0}} {
			if _, _, err := r.room.NewScreen(ctx, r.who["chief"], c.name, sc, c.days); fault.Of(err) == nil || fault.Of(err).Field != field {
				t.Error(field, err)
			}
		}
		made, token, err := r.room.NewScreen(ctx, r.who["chief"], "大厅 <b>", sc, 10)
		r.ok(err)
		got, a, err := r.room.ScreenBy(ctx, token)
		if err != nil || got != made || a.Person != "chief" {
			t.Fatal(got, a.Person, err)
		}
		closed := func(what, token string) {
			t.Helper()
			if _, _, err := r.room.ScreenBy(ctx, token); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", what, err)
			}
		}
		closed("forged", token+"x")
		closed("none", "")
		if err := r.room.StopScreen(ctx, r.who["dispatcher"], made.ID); !fault.Is(err, fault.NotFound) {
			t.Error("somebody else stopped it", err)
		}
		r.clk.Advance(10 * 24 * time.Hour)
		closed("its days are over", token)
		again, token, err := r.room.NewScreen(ctx, r.who["chief"], "大厅", sc, 366)
		r.ok(err)
		r.ok(r.room.StopScreen(ctx, r.who["chief"], again.ID))
		closed("stopped", token)
		_, token, err = r.room.NewScreen(ctx, r.who["chief"], "大厅", sc, 366)
		r.ok(err)
		r.ok(r.ids.ClosePerson(ctx, identity.SystemActor(), "chief"))
		closed("its maker is gone", token)
	})
}

// A screen opened by its pass shows counts and nothing of a case, hears events,
// sees its own scope whatever the address says, and opens no other page.
func TestAScreenOpensOnlyItself(t *testing.T) {
	h := newHouse(t)
	if err := h.open(hostile); err != nil {
		t.Fatal(err)
	}
	made, token, err := h.Command.NewScreen(ctx, h.Actor("leader1"), "大厅", command.Scope{Area: "999901"}, 30)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{}}
	read := func(path string) (string, int, string) {
		t.Helper()
		res, err := client.Get(h.server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.Request.URL.Path, res.StatusCode, string(raw)
	}
	if _, status, _ := read("/command/screen"); status != http.StatusForbidden {
		t.Errorf("without a pass: %d", status)
	}
	at, status, page := read("/command/screen/open/" + token)
	if at != "/command/screen" || status != 200 || !strings.Contains(page, "wall-numbers") || strings.Contains(page, "/cases/") || strings.Contains(page, "alert(1)") {
		t.Fatalf("%s %d %.1500s", at, status, page)
	}
	if _, _, other := read("/command/screen?area=999901001&wall="); !strings.Contains(other, "data-wall") || strings.Contains(other, "area=999901001") {
		t.Errorf("the address changed what a screen shows: %.1500s", other)
	}
	for path, want := range map[string]int{"/command/screen/list": 200, "/command/screen/picture.svg": 200} {
		if _, status, body := read(path); status != want || strings.Contains(body, "/cases/") {
			t.Errorf("%s: %d", path, status)
		}
	}
	for _, path := range []string{"/command", "/cases", "/command/points?bbox=0,0,1,1&zoom=3"} {
		if at, _, _ := read(path); at != "/sign-in" {
			t.Errorf("a screen's pass opened %s", at)
		}
	}
	h.Command.Beat(20 * time.Millisecond)
	events := make(chan event, 10)
	end := make(chan error, 1)
	streaming, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		end <- h.stream(streaming, client, "/command/screen/events", http.Header{}, func(e event) { events <- e })
	}()
	if e := <-events; e.name != "open" && e.name != "change" {
		t.Fatalf("%+v", e)
	}
	if err := h.Command.StopScreen(ctx, h.Actor("leader1"), made.ID); err != nil {
		t.Fatal(err)
	}
	for e := range events {
		if e.name == "ended" {
			break
		}
	}
	if err := <-end; err != nil {
		t.Fatal(err)
	}
}
