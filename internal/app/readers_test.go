package app_test

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/command"
	"linli/internal/evaluation"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/ledger"
	"linli/internal/notice"
	"linli/internal/publicity"
	"linli/internal/search"
)

// What rooms had parked in tables of their own is parked in the ledger's after an
// upgrade.
func TestParkedSurvivesTheUpgrade(t *testing.T) {
	const columns = `case_id, act_id, number, tries, problem, recorded`
	rooms := map[string]func(*db.DB) error{
		"search":     func(d *db.DB) error { return search.Migrate(ctx, d) },
		"command":    func(d *db.DB) error { return command.Migrate(ctx, d) },
		"notice":     func(d *db.DB) error { return notice.Migrate(ctx, d) },
		"evaluation": func(d *db.DB) error { return evaluation.Migrate(ctx, d) },
		"publicity":  func(d *db.DB) error { return publicity.Migrate(ctx, d) },
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := ledger.Migrate(ctx, d); err != nil {
			t.Fatal(err)
		}
		for room, migrate := range rooms {
			if err := d.Migrate(ctx, room, before(t, room)); err != nil {
				t.Fatal(err)
			}
			had := columns
			values := `'case', 'act', 7, 3, 'cannot be read', 5`
			if room == "publicity" { // it kept no act
				had, values = strings.Replace(had, "act_id, ", "", 1), strings.Replace(values, "'act', ", "", 1)
			}
			if err := d.Commit(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(fmt.Sprintf(`INSERT INTO %s_parked(%s) VALUES (%s)`, room, had, values))
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if err := migrate(d); err != nil {
				t.Fatal(err)
			}
			want := "case case act 7 3 cannot be read 5"
			switch room {
			case "notice":
				want = "act case act 7 3 cannot be read 5"
			case "publicity":
				want = "case case  7 3 cannot be read 5"
			}
			var item, id, act, problem string
			var number, tries, recorded int64
			if err := d.Reader().Row(ctx, `SELECT item, `+columns+` FROM ledger_parked WHERE reader = $1`, room).Scan(&item, &id, &act, &number, &tries, &problem, &recorded); err != nil {
				t.Fatal(room, err)
			}
			if got := fmt.Sprintf("%s %s %s %d %d %s %d", item, id, act, number, tries, problem, recorded); got != want {
				t.Errorf("%s: %s, wanted %s", room, got, want)
			}
		}
	})
}

// before is a room's schema as it stood when it had a table of parked cases.
func before(t *testing.T, room string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	files, err := os.ReadDir("../" + room + "/schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile("../" + room + "/schema/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name(), "_parked.sql") {
			return out // and nothing that came later
		}
		out[f.Name()] = &fstest.MapFile{Data: raw}
	}
	t.Fatalf("%s moves no parked cases", room)
	return nil
}

// Every reader can be read anew by its name, beside the others; a wrong name
// tells which there are.
func TestRebuildEveryReader(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := apptest.New(t, d)
		for i := range 20 {
			if _, err := c.Cases.Open(ctx, identity.Actor{Kind: identity.Anyone}, casework.Opening{Procedure: "service-request", Act: "report",
				Values: map[string]any{"words": fmt.Sprintf("第%d盏路灯不亮", i), "class": "street-light"}}); err != nil {
				t.Fatal(err)
			}
		}
		for n := 1; n > 0; {
			var err error
			if n, err = c.Ledger.Sequence(ctx); err != nil {
				t.Fatal(err)
			}
		}
		var names []string
		for _, r := range c.Readers() {
			names = append(names, r.Name())
			if err := app.Rebuild(c.House, r.Name()); err != nil {
				t.Fatal(r.Name(), err)
			}
			st, err := r.Standing(ctx)
			if err != nil || st.Behind != 0 || st.Parked != 0 {
				t.Errorf("%+v %v", st, err)
			}
		}
		for _, name := range []string{"search", "command", "notice", "evaluation", "publicity"} {
			if !slices.Contains(names, name) {
				t.Errorf("%s is no reader", name)
			}
		}
		err := app.Rebuild(c.House, "figures")
		if !fault.Is(err, fault.Invalid) || !strings.Contains(c.Words().Say("en", "fault."+fault.Of(err).Key, map[string]any{"readers": fault.Of(err).Args["readers"]}), "evaluation") {
			t.Errorf("a reader that is none: %v", err)
		}
		found, err := c.Search.Find(ctx, c.Actor("dispatch1"), "路灯", casework.Filter{}, 100)
		if err != nil || len(found.Rows) != 20 {
			t.Errorf("%d found: %v", len(found.Rows), err)
		}
	})
}
