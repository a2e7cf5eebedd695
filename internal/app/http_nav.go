package app

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"linli/internal/identity"
	"linli/web"
)

// shortName is how long a name may be to head its fold; a longer one stands in it.
const shortName = 5

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
		groups[navMe] = append([]web.NavItem{{Text: a.Name}}, groups[navMe]...)
		groups[navMe] = append(groups[navMe], web.NavItem{Href: "/sign-out", Text: s.Pages.Say(r, "app.nav.sign_out"), Post: true})
	}
	items := groups[navTop]
	for _, g := range navGroups {
		if len(groups[g]) == 0 {
			continue
		}
		fold := web.NavItem{Text: s.Pages.Say(r, "app.nav.group."+string(g)), Items: groups[g], Within: at >= 0 && mine[at].Group == g}
		if g == navMe && utf8.RuneCountInString(a.Name) <= shortName {
			fold.Text = a.Name
		}
		items = append(items, fold)
	}
	return items
}
