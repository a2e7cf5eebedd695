package app

import (
	"strings"

	"linli/internal/ballot"
	"linli/internal/evaluation"
	"linli/internal/identity"
	"linli/internal/publicity"
)

// navGroup is one fold of the navigation. The entries of the top group stand
// in the row itself.
type navGroup string

// The groups, in the order in which they stand. The last one carries the
// person's own name and ends with signing out.
const (
	navTop     navGroup = ""
	navWork    navGroup = "work"    // cases: inbox, search, new ones
	navCommand navGroup = "command" // command page, figures
	navLists   navGroup = "lists"   // what is in force and what is public
	navAdmin   navGroup = "admin"   // units, people, areas, settings
	navMore    navGroup = "more"    // of the public: what is needed less often
	navMe      navGroup = "me"      // the person's own things
)

var navGroups = []navGroup{navWork, navCommand, navLists, navAdmin, navMore, navMe}

// navEntry is one page of the navigation.
type navEntry struct {
	Path  string // of the page; a query does not count when the present page is sought
	Key   string // of its words, in both languages
	Group navGroup
	Sees  func(identity.Actor) bool
}

// Who sees an entry. A page that somebody may not open is not offered; the page
// itself checks the right all the same.
func visitor(a identity.Actor) bool     { return !a.Known() }
func signedIn(a identity.Actor) bool    { return a.Known() }
func withAnyPost(a identity.Actor) bool { return a.Known() && len(a.Posts) > 0 }
func seesWith(kinds ...string) func(identity.Actor) bool {
	return func(a identity.Actor) bool {
		for _, kind := range kinds {
			if a.Known() && a.Has(kind) {
				return true
			}
		}
		return false
	}
}

// navigation is the one table of all pages that the header leads to. A room adds
// its line here: path, key of the words, group, who sees it. Within a group the
// order is that of the table. For the public at most five stand in the top row.
var navigation = []navEntry{
	{"/report", "app.nav.report", navTop, visitor},
	{"/query", "app.nav.query", navTop, visitor},
	{"/grid", "app.nav.grid", navTop, visitor},
	{"/duty", "app.nav.duty", navTop, visitor},

	{"/requests", "app.nav.requests", navMore, visitor},
	{"/topics", "app.nav.topics", navMore, visitor},
	{"/board", "app.nav.board", navMore, visitor},
	{"/notices", "app.nav.notices", navMore, visitor},
	{"/books", "app.nav.books", navMore, visitor},
	{"/rules", "app.nav.rules", navMore, visitor},
	{"/assets", "app.nav.assets", navMore, visitor},
	{"/figures/public", "app.nav.figures_public", navMore, visitor},
	{"/proof", "app.nav.proof", navMore, visitor},
	{"/account", "app.nav.account", navMore, visitor},
	{"/sign-in", "app.nav.sign_in", navMore, visitor},

	{"/cases", "app.nav.inbox", navWork, withAnyPost},
	{"/tasks", "app.nav.tasks", navWork, withAnyPost},
	{"/notice", "app.nav.notice", navTop, withAnyPost},
	{"/search", "app.nav.search", navWork, withAnyPost},
	{"/new", "app.nav.new", navWork, withAnyPost},
	{"/staff/requests/new", "app.nav.behalf", navWork, seesWith("intake", "dispatcher")},
	{"/staff/grid/new", "app.nav.found", navWork, seesWith("grid-worker", "clerk")},
	{"/rolls", "app.nav.rolls", navWork, ballot.MayKeep},
	{"/publicity/review", "app.nav.publicity", navWork, publicity.MayReview},
	{"/whistles", "app.nav.whistles", navWork, withAnyPost},
	{"/due", "app.nav.due", navWork, seesWith("clerk", "committee-head", "committee-member", "supervision-head", "party-secretary", "leader", "head")},

	{"/command", "app.nav.command", navCommand, withAnyPost},
	{"/town", "app.nav.town", navCommand, seesWith("leader", "head", "dispatcher", "handler")},
	{"/supervision", "app.nav.supervision", navCommand, withAnyPost},
	{"/figures", "app.nav.figures", navCommand, seesWith("leader", "head", "dispatcher", identity.Administrator, identity.Auditor)},
	{"/burden", "app.nav.burden", navCommand, evaluation.MaySeeBurden},

	{"/duty", "app.nav.duty", navLists, signedIn},
	{"/precedents", "app.nav.precedents", navLists, withAnyPost},
	{"/requests", "app.nav.requests", navLists, signedIn},
	{"/topics", "app.nav.topics", navLists, signedIn},
	{"/board", "app.nav.board", navLists, signedIn},
	{"/notices", "app.nav.notices", navLists, signedIn},
	{"/books", "app.nav.books", navLists, signedIn},
	{"/rules", "app.nav.rules", navLists, signedIn},
	{"/assets", "app.nav.assets", navLists, signedIn},
	{"/grid", "app.nav.grid", navLists, signedIn},
	{"/calendars", "app.nav.calendars", navLists, signedIn},

	{"/setup", "app.nav.setup", navAdmin, seesWith(identity.Administrator)},
	{"/admin/units", "app.nav.units", navAdmin, seesWith(identity.Administrator)},
	{"/admin/people", "app.nav.people", navAdmin, seesWith(identity.Administrator)},
	{"/admin/areas", "app.nav.areas", navAdmin, seesWith(identity.Administrator)},
	{"/admin/duty", "app.nav.lists", navAdmin, seesWith(identity.Administrator)},
	{"/admin/editions", "app.nav.editions", navAdmin, seesWith(identity.Administrator)},
	{"/notice/log", "app.nav.notice_log", navAdmin, seesWith(identity.Administrator)},
	{"/rights", "app.nav.rights", navAdmin, seesWith(identity.Administrator, identity.Auditor)},
	{"/read-log", "app.nav.read_log", navAdmin, seesWith(identity.Auditor)},

	{"/me", "app.nav.me", navMe, signedIn},
	{"/staff/absence", "app.nav.absence", navMe, withAnyPost},
	{"/staff/handover", "app.nav.handover", navMe, withAnyPost},
	{"/staff/roster", "app.nav.roster", navMe, withAnyPost},
	{"/notice/preferences", "app.nav.notice_prefs", navMe, signedIn},
}

// here finds the entry that a path belongs to: itself, or else the longest one
// above it, so that a case lies in the inbox. -1 where there is none.
func here(entries []navEntry, path string) int {
	best, length := -1, 0
	for i, e := range entries {
		at, _, _ := strings.Cut(e.Path, "?")
		if (path == at || strings.HasPrefix(path, at+"/")) && len(at) > length {
			best, length = i, len(at)
		}
	}
	return best
}
