package web

import (
	"net/http"
	"slices"
	"strings"
)

// Display is how somebody wants pages to be shown, kept in cookies that say
// nothing about who it is.
type Display struct {
	Size    string // "", large, elder
	Look    string // "" as the device says, light, dark
	KeysOff bool   // single keys do nothing (WCAG 2.1.4)
}

// choice is one setting: the field of the form, the cookie, and what it may be.
// The first value is what holds without a cookie.
type choice struct {
	field, cookie string
	values        []string
}

var choices = []choice{
	{"size", "linli_size", []string{"normal", "large", "elder"}},
	{"look", "linli_look", []string{"auto", "light", "dark"}},
	{"keys", "linli_keys", []string{"on", "off"}},
}

// chosen is the value of c that r asks for; what is unknown counts as nothing.
func (c choice) chosen(r *http.Request) string {
	if k, err := r.Cookie(c.cookie); err == nil && slices.Contains(c.values, k.Value) {
		return k.Value
	}
	return c.values[0]
}

func displayed(r *http.Request) Display {
	d := Display{Size: choices[0].chosen(r), Look: choices[1].chosen(r), KeysOff: choices[2].chosen(r) == "off"}
	if d.Size == "normal" {
		d.Size = ""
	}
	if d.Look == "auto" {
		d.Look = ""
	}
	return d
}

// Elder says whether r asks for elder mode, for pages that then offer fewer
// choices.
func Elder(r *http.Request) bool { return displayed(r).Elder() }

// Elder says whether pages are to be large, plain, and read aloud.
func (d Display) Elder() bool { return d.Size == "elder" }

// Classes of the page's root.
func (d Display) Classes() string { return d.Size }

// Scheme tells the browser which colours its own controls should have.
func (d Display) Scheme() string {
	if d.Look == "" {
		return "light dark"
	}
	return d.Look
}

// Dark says for which media the dark tokens hold, "" for none.
func (d Display) Dark() string {
	switch d.Look {
	case "light":
		return ""
	case "dark":
		return "screen"
	}
	return "screen and (prefers-color-scheme: dark)"
}

// displayView is the page of choices.
type displayView struct{ Form Form }

func (rd *Renderer) getDisplay(w http.ResponseWriter, r *http.Request) {
	form := Form{
		Action: "/display", Submit: rd.Say(r, "web.display.save"), Hidden: []Option{{Label: "back", Value: back(r.URL.Query().Get("back"))}},
		Cancel: NavItem{Href: back(r.URL.Query().Get("back"))},
	}
	for _, c := range choices {
		if c.field == "keys" && (rd.Office == nil || !rd.Office(r)) {
			continue // single keys are the office's
		}
		f := Field{Name: c.field, Type: "choice", Required: true, Label: rd.Say(r, "web.display."+c.field), Value: c.chosen(r)}
		for _, v := range c.values {
			o := Option{Value: v, Label: rd.Say(r, "web.display."+c.field+"."+v)}
			if help := "web.display." + c.field + "." + v + ".help"; rd.has(r, help) {
				o.Help = rd.Say(r, help)
			}
			f.Options = append(f.Options, o)
		}
		form.Fields = append(form.Fields, f)
	}
	rd.Page(w, r, http.StatusOK, "design/display", displayView{form})
}

// postDisplay keeps each choice that was sent and leaves the others as they are.
func (rd *Renderer) postDisplay(w http.ResponseWriter, r *http.Request) {
	for _, c := range choices {
		v := strings.TrimSpace(r.PostFormValue(c.field))
		switch {
		case v == "":
		case v == c.values[0] || !slices.Contains(c.values, v):
			remember(w, r, c.cookie, "", -1)
		default:
			remember(w, r, c.cookie, v, year)
		}
	}
	http.Redirect(w, r, back(r.PostFormValue("back")), http.StatusSeeOther)
}
