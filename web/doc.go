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
//	asset "style.css"        the address of a static file, with its hash
//	dict "A" 1 "B" 2, list … small data for components
//	lang                     the page's language
//
// Components, each with the type it draws: form (Form), form-errors and
// form-fields (Form), form-field (Field), table (Table), case-list ([]CaseLine),
// tag (Tag), timeline ([]Event), clock (Clock), notice (Notice), tabs ([]Tab),
// pager (Pager), empty (Empty), map (Map), facts ([]Fact), confirm (Confirm),
// photos ([]Photo). /design shows all of them.
//
// What must always be true: every page works without script and without pictures;
// no page carries inline script or style (the Content-Security-Policy forbids
// both); every control has a name that can be read aloud; nothing scrolls
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
