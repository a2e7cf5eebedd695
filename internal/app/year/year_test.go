package year_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/app/year"
	"linli/internal/evaluation"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

var ctx = context.Background()

// fill plays one of so many cases of the year; with no hash people can sign in.
func fill(t testing.TB, d *db.DB, portion int, hash string) (*app.House, year.Done) {
	t.Helper()
	until := apptest.Tuesday
	hand := clock.NewHand(until.Add(-year.Days * 24 * time.Hour))
	h, err := app.Open(ctx, app.Config{Folder: t.TempDir(), DB: d, Clock: hand, Catalog: catalog.Files, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if hash == "" {
		if hash, err = h.People.HashPassword(ctx, app.DemoPassword, "demo"); err != nil {
			t.Fatal(err)
		}
	}
	begun := time.Now()
	done, err := h.FillYear(ctx, hand, until, 1, hash, portion)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d acts of %v in %s", done.Acts, done.Cases, time.Since(begun).Round(time.Millisecond))
	for i, err := range done.Refused {
		if i < 20 {
			t.Error(err)
		}
	}
	return h, done
}

// told is every act of the house, without what is drawn at random: ids and numbers.
func told(t *testing.T, h *app.House) (out []string) {
	t.Helper()
	rows, err := h.DB.Reader().Rows(ctx, `SELECT c.procedure, c.title, c.unit, a.act, a.person, a.recorded FROM casework_act a JOIN casework_case c ON c.id = a.case_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var procedure, title, unit, act, person string
		var at clock.Instant
		if err := rows.Scan(&procedure, &title, &unit, &act, &person, &at); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(procedure, " ", title, " ", unit, " ", act, " ", person, " ", at.Day()))
	}
	slices.Sort(out)
	return out
}

// The same seed does the same acts; nothing is refused, and the
// burden account has of everything.
func TestYear(t *testing.T) {
	h, _ := fill(t, dbtest.SQLite(t), 30, "x")
	again, _ := fill(t, dbtest.SQLite(t), 30, "x")
	a, b := told(t, h), told(t, again)
	if !slices.Equal(a, b) {
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				t.Errorf("the same seed gives %d and %d acts, first %q", len(a), len(b), a[i])
				break
			}
		}
	}
	for n := 1; n > 0; {
		var err error
		if n, err = h.Figures.Follow(ctx); err != nil {
			t.Fatal(err)
		}
	}
	who, err := h.People.Actor(ctx, "h-s01-c1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Figures.Burden(ctx, who, evaluation.Filter{}, evaluation.ByOther)
	if err != nil {
		t.Fatal(err)
	}
	for _, indicator := range []string{"asked", "asked_fields", "door_refused", "admitted", "handed_down", "ran_out", "borne"} {
		if got.Total[indicator].N == 0 {
			t.Errorf("a year without %s: %v", indicator, got.Total)
		}
	}
	v, err := h.Verify(ctx, "")
	if err != nil || !v.Sound() {
		t.Errorf("the year does not verify: %v %v", err, v)
	}
}

// The whole year takes a minute and more, and is played where it is asked for; it
// prints how long pages take over HTTP:
// LINLI_YEAR=1 go test ./internal/app/year -run WholeYear -v -timeout 20m
func TestWholeYear(t *testing.T) {
	if os.Getenv("LINLI_YEAR") == "" {
		t.Skip("LINLI_YEAR is not set")
	}
	h, _ := fill(t, dbtest.SQLite(t), 1, "")
	for _, reader := range h.Readers() {
		for n := 1; n > 0; {
			var err error
			if n, err = reader.Follow(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	site, err := app.NewSite(h, app.SiteOptions{Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site.Handler())
	defer server.Close()
	token, _, err := h.People.SignIn(ctx, "leader1", app.DemoPassword, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/command", "/burden", "/burden?side=bears", "/burden?sender=civil", "/burden?side=bears&receiver=s01", "/burden/cases?indicator=borne"} {
		measure(t, server, token, path)
	}
}

// measure prints how long a page takes, half of the askings and 99 of a hundred.
func measure(t *testing.T, server *httptest.Server, token, path string) {
	t.Helper()
	var took []time.Duration
	for range 200 {
		q, err := http.NewRequest("GET", server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.AddCookie(&http.Cookie{Name: identity.Cookie, Value: token})
		begun := time.Now()
		answer, err := server.Client().Do(q)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatal(path, answer.Status, err)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	t.Logf("%s: p50 %s, p99 %s", path, took[100].Round(time.Millisecond), took[197].Round(time.Millisecond))
}
