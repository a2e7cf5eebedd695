package selfrule_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/casework"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
)

var ctx = context.Background()

const village = "999901100201" // 石桥村

type rig struct {
	*apptest.County
	t    testing.TB
	site *app.Site
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{County: apptest.New(t, d), t: t}
	for _, p := range [][3]string{{"guide", "township-affairs", "shiqiao"}, {"member", "supervision-member", "v-shiqiao"}} {
		r.Employ(p[0], p[1], p[2], "")
	}
	var err error
	r.site, err = app.NewSite(r.House, app.SiteOptions{})
	r.ok(err)
	return r
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) open(who, procedure, act string, values map[string]any) (casework.Receipt, error) {
	r.Hand.Advance(time.Minute)
	return r.Cases.Open(ctx, r.Actor(who), casework.Opening{Procedure: procedure, Act: act, Values: values})
}

func (r *rig) do(who, id, act string, values map[string]any) casework.Receipt {
	r.t.Helper()
	r.Hand.Advance(time.Minute)
	got, err := r.Cases.Do(ctx, r.Actor(who), casework.Asking{Case: id, Act: act, Values: values})
	if err != nil {
		r.t.Fatalf("%s by %s: %v", act, who, err)
	}
	return got
}

func (r *rig) refused(who, id, act string, values map[string]any, kind fault.Kind, key string) {
	r.t.Helper()
	_, err := r.Cases.Do(ctx, r.Actor(who), casework.Asking{Case: id, Act: act, Values: values})
	wrong(r.t, err, kind, key)
}

func wrong(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Key != key {
		t.Fatalf("want %s %s, got %v", kind, key, err)
	}
}

func (r *rig) get(path string) (int, string) {
	w := httptest.NewRecorder()
	r.site.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}
