package year_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"linli/catalog"
	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/app/year"
	"linli/internal/evaluation"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

var ctx = context.Background()

// fill plays one of so many cases of the year.
func fill(t testing.TB, d *db.DB, seed uint64, portion int) (*app.House, year.Done) {
	t.Helper()
	until := apptest.Tuesday
	hand := clock.NewHand(until.Add(-year.Days * 24 * time.Hour))
	h, err := app.Open(ctx, app.Config{Folder: t.TempDir(), DB: d, Clock: hand, Catalog: catalog.Files, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	done, err := h.FillYear(ctx, hand, until, seed, "x", portion)
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

// The same seed does the same acts, another one others; nothing is refused, and the
// burden account has of everything.
func TestYear(t *testing.T) {
	h, _ := fill(t, dbtest.SQLite(t), 1, 30)
	again, _ := fill(t, dbtest.SQLite(t), 1, 30)
	other, _ := fill(t, dbtest.SQLite(t), 2, 30)
	a, b := told(t, h), told(t, again)
	if !slices.Equal(a, b) {
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				t.Errorf("the same seed gives %d and %d acts, first %q", len(a), len(b), a[i])
				break
			}
		}
	}
	if slices.Equal(a, told(t, other)) {
		t.Error("another seed gives the same acts")
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

// The whole year takes a minute and more, and is played where it is asked for:
// LINLI_YEAR=1 go test ./internal/app/year -run Whole -v -timeout 20m
func TestWholeYear(t *testing.T) {
	if os.Getenv("LINLI_YEAR") == "" {
		t.Skip("LINLI_YEAR is not set")
	}
	fill(t, dbtest.SQLite(t), 1, 1)
}
