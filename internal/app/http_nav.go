package app

import (
	"net/http"
	"strings"

	"linli/internal/identity"
	"linli/web"
)

// nav is the header by who asks: the table of pages, folded into its groups.
func (s *Site) nav(r *http.Request) []web.NavItem {
	a := identity.From(r.Context())
	var mine []navEntry
	for _, e := range navigation {
		if e.Sees(a) {
			mine = append(mine, e)
		}
	}
	at := here(mine, r.URL.Path)
	groups := map[navGroup][]web.NavItem{}
	for i, e := range mine {
		path, _, _ := strings.Cut(e.Path, "?")
		item := web.NavItem{Href: e.Path, Text: s.Pages.Say(r, e.Key), Current: r.URL.Path == path, Within: i == at}
		if path == "/notice" {
			item.Count = s.Notices.Count(r, a)
		}
		groups[e.Group] = append(groups[e.Group], item)
	}
	if a.Known() {
		// names are of any length: the person's own stands inside the fold
		groups[navMe] = append([]web.NavItem{{Text: a.Name}}, groups[navMe]...)
		groups[navMe] = append(groups[navMe], web.NavItem{Href: "/sign-out", Text: s.Pages.Say(r, "app.nav.sign_out"), Post: true})
	}
	items := groups[navTop]
	for _, g := range navGroups {
		if len(groups[g]) == 0 {
			continue
		}
		fold := web.NavItem{Text: s.Pages.Say(r, "app.nav.group."+string(g)), Items: groups[g], Within: at >= 0 && mine[at].Group == g}
		items = append(items, fold)
	}
	return items
}
