package command_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/identity"
	"linli/internal/kit/db/dbtest"
)

// TestTownIsWhatItsPostsSee: the head of a street sees its units, stations and
// communities; who works elsewhere is told that there is no such page.
func TestTownIsWhatItsPostsSee(t *testing.T) {
	c := apptest.New(t, dbtest.SQLite(t))
	site, err := app.NewSite(c.House, app.SiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	actor := func(id string) identity.Actor {
		a, err := c.House.People.Actor(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	town, err := c.House.Command.Town(t.Context(), actor("head1"), "qinghe")
	if err != nil || len(town.Stations) != 1 || town.Stations[0].ID != "qinghe-ju" || len(town.Below) != 2 || len(town.Offices) < 3 {
		t.Fatalf("%v: %d stations, %d below, %d offices", err, len(town.Stations), len(town.Below), len(town.Offices))
	}
	if _, err := c.House.Command.Town(t.Context(), actor("head1"), "dongshan"); err == nil {
		t.Error("the head of one street looks at another's page")
	}
	if towns, err := c.House.Command.Towns(t.Context(), actor("leader1")); err != nil || len(towns) != 3 {
		t.Errorf("the county sees %d townships, %v", len(towns), err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/town", nil)
	w := httptest.NewRecorder()
	site.Handler().ServeHTTP(w, r)
	if w.Code == http.StatusOK || strings.Contains(w.Body.String(), "qinghe-ju") {
		t.Errorf("somebody unknown got %d", w.Code)
	}
}
