// Package web draws every page of the house: layout, design system, components,
// static files and the templates of all rooms, embedded.
//
// A room's pages are web/<room>/<page>.html. A page defines "title" and "main",
// both executed with the data the handler gave:
//
//	{{define "title"}}{{t "request.report.title"}}{{end}}
//	{{define "main"}}<h1>{{t "request.report.title"}}</h1>{{template "form" .Form}}{{end}}
//
// and may define "wide" (any text) for the dense staff width. Functions of the
// templates:
//
//	t "key" "name" value …   the words of the page's language
//	thas "key"               whether there are such words
//	in .Words                text.Words in the page's language
//	when .Instant, day .Day  written out for people; iso … for datetime=""
//	span .Minutes            "2 days 3 hours"
//	money .Fen               yuan with two places
//	show .Any                one value as people write it (also lists, Key, Words)
//	asset "icon.svg"         the address of a static file, with its hash
//	sheet "report.css"       a style sheet: linked, or within the page where somebody
//	                         comes from outside (see service_sheet.go)
//	dict "A" 1 "B" 2, list … small data for components
//	lang                     the page's language
//
// Components, each with the type it draws: form (Form), form-errors and
// form-fields (Form), form-field (Field), table (Table), case-list ([]CaseLine),
// tag (Tag), timeline ([]Event), clock (Clock), notice (Notice), tabs ([]Tab),
// pager (Pager), empty (Empty), map (Map), facts ([]Fact), confirm (Confirm),
// photos ([]Photo), steps ([]Step: what is done, now, next), tiles (ways on, each
// with Href, Icon, Title, Text), and of office.css: chart (Chart), spark (Spark),
// figures ([]Figure) and figure, toolbar (Toolbar). /design shows all of them.
//
// office.css is linked on every page of who is signed in. A public page with a
// chart or figures links it itself:
//
//	{{define "head"}}{{sheet "office.css"}}{{end}}
//
// A chart needs an ID that is once on its page. A list whose lines are ticked is
// a form with the id of Toolbar.Ticks; the tick boxes are named case. dark.css
// holds the dark tokens and nothing else; keys.js the single keys of the office
// (lists are worked as table.worklist or ul.cases); aloud.js reads in elder mode.
//
// The header's entries stand in one table, internal/app/model_nav.go: a room adds
// its line there. web.Elder(r) says whether a page should offer fewer choices.
//
// What must always be true: every page works without script and without pictures;
// no page carries inline script, nor any style but our own sheets, which the
// Content-Security-Policy names by their hash; every control has a name that can be read aloud; nothing scrolls
// sideways at 360 px; every page leads on (no dead ends) and has the feedback
// link. Norms: 无障碍环境建设法 32, GB/T 37668-2019; feedback entry 国办函〔2026〕12号.
//
// # Names in a posted form
//
// A field named n of type place sends n.words, n.lon, n.lat, n.accuracy, n.datum
// and, by a click on the picture, n.x and n.y; choices sends n once per choice;
// yes sends n=yes; photos and files send parts named n. Every other type sends n.
// day is 2006-01-02, moment 2006-01-02T15:04 (China), month 2006-01, quarter
// 2006-Q1, money yuan with at most two places.
package web
