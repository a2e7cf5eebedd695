package duty

import (
	"net/http"
	"strings"

	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// certificatesPage is what duty/certificates.html shows.
type certificatesPage struct {
	Form  web.Form
	Lead  string
	Table web.Table
	Links []web.NavItem
}

// getCertificates shows which certificates nobody may ask of a village or community,
// and where it is known instead. It prints on paper as it stands.
func (e *edge) getCertificates(w http.ResponseWriter, r *http.Request) {
	cat, _, err := e.Catalogue(r.Context())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	say := func(key string, args ...any) string { return e.rd.Say(r, "duty.certificates."+key, args...) }
	lang, q := text.Language(r.Context()), asked(r, "q")
	p := certificatesPage{
		Form: web.Form{Action: "/duty/certificates", Method: "get", Submit: e.rd.Say(r, "duty.page.find"), Fields: []web.Field{
			{Name: "q", Type: "text", Label: say("search"), Help: say("search_help"), Value: q, Max: 60}}},
		Lead: say("lead", "n", len(cat.Certificates)),
		Table: web.Table{Caption: say("title"), Columns: []web.Column{{Text: say("name")}, {Text: say("instead")}, {Text: say("source")}, {Text: e.rd.Say(r, "duty.page.basis")}},
			Empty: web.Empty{Title: say("none_title"), Text: say("none")}},
		Links: []web.NavItem{{Href: "/duty", Text: e.rd.Say(r, "duty.page.title")}, {Href: e.ReportPath + "?class=staff-conduct", Text: say("asked_all_the_same")}},
	}
	for _, k := range cat.Certificates {
		if !cat.speaksOf(k, q) {
			continue
		}
		source := k.Source
		if source == "" {
			source = say("not_verified")
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: k.Title.In(lang)}, {Text: k.Instead.In(lang)}, {Text: source}, {Text: k.Norm}})
	}
	e.rd.Page(w, r, http.StatusOK, "duty/certificates", p)
}

// speaksOf says whether a certificate is what the words look for; "" looks for all.
func (c *Catalogue) speaksOf(k Certificate, q string) bool {
	if q == "" {
		return true
	}
	found, known := c.Certificate(q)
	if known && found.ID == k.ID {
		return true
	}
	for _, said := range append([]string{k.Title["zh"], k.Title["en"]}, k.Words...) {
		if strings.Contains(text.Fold(said), text.Fold(q)) {
			return true
		}
	}
	return false
}
