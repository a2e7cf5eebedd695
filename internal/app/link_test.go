package app_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/kit/db/dbtest"
)

// The link on the receipt of any procedure opens the case's page for its party,
// who goes on from there without an account.
func TestTheLinkOfAnyProcedureOpensItsCase(t *testing.T) {
	c := apptest.New(t, dbtest.SQLite(t))
	site, err := app.NewSite(c.House, app.SiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site.Handler())
	defer server.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	read := func(r *http.Response, err error) (string, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		raw, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode >= 400 {
			t.Fatalf("%s: %d %v", r.Request.URL.Path, r.StatusCode, err)
		}
		return r.Request.URL.Path, string(raw)
	}
	hidden := func(page, name string) string {
		m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("no %s on the page", name)
		}
		return m[1]
	}
	_, page := read(client.Get(server.URL + "/new/example-allowance/apply"))
	_, page = read(client.PostForm(server.URL+"/new/example-allowance/apply", url.Values{"_key": {hidden(page, "_key")}, "subject": {"临时困难"}, "name": {"张三"},
		"idnumber": {"999901190001010028"}, "account": {"6200000000000001"}, "home": {"999901001001"}, "household": {"3"}, "amount": {"1200.50"}, "reason": {"家中失火"}}))
	link := regexp.MustCompile(`/q/[A-Za-z0-9]{26}`).FindString(page)
	at, page := read(client.Get(server.URL + link))
	if !strings.HasPrefix(at, "/cases/") || !strings.Contains(page, "临时困难") || strings.Contains(page, "999901190001010028") {
		t.Fatalf("the link led to %s", at)
	}
	_, part, _ := strings.Cut(page, `value="withdraw"`)
	id := regexp.MustCompile(`/cases/([0-9A-Z]{26})/acts`).FindStringSubmatch(page)[1]
	at, page = read(client.PostForm(server.URL+"/cases/"+id+"/acts", url.Values{"_act": {"withdraw"}, "_version": {hidden(part, "_version")}, "_key": {hidden(page, "_key")}}))
	if at != "/cases/"+id || !strings.Contains(page, "已撤回") {
		t.Fatalf("after the withdrawal at %s", at)
	}
	// Nobody else gets in by knowing the address.
	other := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := other.Get(server.URL + "/cases/" + id)
	if err != nil || r.StatusCode != http.StatusSeeOther {
		t.Fatal(r.StatusCode, err)
	}
	_ = r.Body.Close()
}
