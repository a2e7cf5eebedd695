package request

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"linli/internal/area"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// Bounds of what the report page offers.
const (
	mostClasses = 6
	mostPlaces  = 6
)

// reportPage is the report form, before and after the check.
type reportPage struct {
	Mode, Action, Title, Lead string
	Checked                   bool
	Errors                    web.Form // only to list what is wrong
	Hidden                    []web.Option
	Words, Class, Find        web.Field
	Place, Photos, Phone      web.Field
	Voice                     *web.Field
	VoiceKept                 string // ticket of a voice note that was taken
	Pick                      bool   // the list of classes is shown
	Script                    *reportScript
	About, Complained         *web.Field
	Channel                   *web.Field
	Asks                      []web.Field
	Kept                      []keptPhoto
	Map                       *mapPart
	Danger                    *danger
	Where                     *web.Notice
	Similar                   []similarLine
	Office                    string // who keeps the data
	Elder                     bool   // fewer things at once: the rest is folded away
}

// reportScript is what the page's island has to know; nil where the page works
// without it (after the check).
type reportScript struct {
	Words, County, Grid string // Words is JSON
	Keeps, Shell        bool   // the phone keeps drafts; and the page itself
}

// islandWords are what the island says, by the keys request.island.*.
var islandWords = strings.Fields(`class class_none danger danger_text call_110 call_119 call_120 call_122 near near_text near_line near_area near_same near_voice near_people
	found inside border gap outside several unsure map_label map_in map_out map_loading map_failed
	photo photo_empty photo_heic photo_huge photo_kind photos_many remove remove_photo uploaded uploading upload_wait upload_failed retry take_away n_photos
	voice voice_empty record record_stop recording no_microphone sending sending_photos send_failed kept not_kept send_now throw_away throw_sure
	sent open_receipt seen restored empty colon`)

func (e *edge) script(r *http.Request, mode string, d draft) (*reportScript, error) {
	words := make(map[string]string, len(islandWords))
	for _, key := range islandWords {
		words[key] = e.say(r, "island."+key)
	}
	raw, err := json.Marshal(words)
	if err != nil {
		return nil, err
	}
	county, err := e.root(r.Context())
	public := mode == modePublic
	return &reportScript{Words: string(raw), County: county, Grid: d.Area, Keeps: public, Shell: public && !actor(r).Known()}, err
}

// similarLine is an open request that may be the same matter; Case is under which
// a voice is added to it.
type similarLine struct{ Text, Heard, Case string }

type keptPhoto struct {
	Ticket, Src string
	N           int
}

// mapPart is the picture to click on.
type mapPart struct {
	Src           string
	Width, Height int
}

// danger points to the emergency numbers; Calls are those that fit.
type danger struct{ Calls []string }

// show draws the report page with what was typed, and what is wrong with it.
func (e *edge) show(w http.ResponseWriter, r *http.Request, status int, mode string, d draft, err error) {
	f := fault.Of(err)
	if f != nil {
		if f.Kind == fault.Internal || f.Kind == fault.Forbidden {
			httpx.Fail(w, r, err)
			return
		}
		httpx.Note(r, f)
		if wait := httpx.RetryAfter(f); wait > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(wait))
		}
	}
	v, drawErr := e.page(r, mode, d)
	if drawErr != nil {
		httpx.Fail(w, r, drawErr)
		return
	}
	e.mark(r, &v, f)
	e.rd.Page(w, r, status, "request/report", v)
}

// mark puts a fault onto the field it names.
func (e *edge) mark(r *http.Request, v *reportPage, f *fault.Fault) {
	if f == nil {
		return
	}
	fields := []*web.Field{&v.Words, &v.Class, &v.Place, &v.Photos, &v.Phone, v.About, v.Complained, v.Channel, v.Voice}
	for i := range v.Asks {
		fields = append(fields, &v.Asks[i])
	}
	said := e.rd.Explain(r, f)
	for _, field := range fields {
		if field == nil || f.Field == "" || field.Name != f.Field {
			continue
		}
		field.Error = said
		v.Errors.Fields = append(v.Errors.Fields, *field)
		return
	}
	v.Errors.Problem = said
}

func (e *edge) page(r *http.Request, mode string, d draft) (reportPage, error) {
	ctx := r.Context()
	v := reportPage{Mode: mode, Elder: web.Elder(r), Action: actions[mode], Checked: d.Checked, Title: e.say(r, "report.title."+mode), Lead: e.say(r, "report.lead."+mode)}
	v.Hidden = []web.Option{{Label: "key", Value: d.Key}, {Label: "area", Value: d.Area}}
	if d.Checked {
		v.Hidden = append(v.Hidden, web.Option{Label: "checked", Value: "yes"})
	}
	for _, t := range d.Photos {
		id, _, _ := strings.Cut(t, ".")
		v.Kept = append(v.Kept, keptPhoto{Ticket: t, Src: "/report/photo/" + e.draftPhoto(id), N: len(v.Kept) + 1})
	}
	lists, _, err := e.Duty.Catalogue(ctx)
	if err != nil {
		return v, err
	}
	chosen := e.classes(r, &v, lists.Classes, mode, d)
	if err := e.wherePart(r, &v, mode, d); err != nil {
		return v, err
	}
	e.rest(r, &v, mode, d)
	if mode != modeGrid && (d.AboutUnit || !d.Checked) {
		if err := e.aboutPart(r, &v, d); err != nil {
			return v, err
		}
	}
	if !d.Checked {
		if v.Script, err = e.script(r, mode, d); err != nil {
			return v, err
		}
	}
	v.Pick = d.Checked || mode != modePublic || d.Class != "" || r.URL.Query().Get("pick") == "1"
	e.dangerPart(&v, lists.Classes, chosen, d.Words)
	if d.Checked {
		err = e.similarPart(r, &v, chosen, d)
	}
	return v, err
}

// classes draws words and class: before the check a list to choose from, after
// it the classes that the words suggest. It gives the class as far as it is known.
func (e *edge) classes(r *http.Request, v *reportPage, classes *duty.Classes, mode string, d draft) duty.Class {
	v.Words = web.Field{Name: "words", Type: "lines", Label: e.say(r, "what"), Help: e.say(r, "what.help"), Value: d.Words, Max: mostWords, Required: d.Class == "" && d.Voice == "", Rows: 3}
	v.Class = web.Field{Name: "class", Type: "choice", Label: e.say(r, "class")}
	if d.Class != "" {
		v.Class.Value = d.Class
	}
	chosen, _ := classes.Class(d.Class)
	if !d.Checked && mode == modePublic && d.Class == "" && r.URL.Query().Get("pick") != "1" {
		return chosen // the list is long, and few want it
	}
	if !d.Checked {
		v.Class.Label, v.Class.Help = e.say(r, "class.pick"), e.say(r, "class.pick.help")
		for _, k := range classes.All() {
			if k.Parent == "" {
				continue
			}
			group, _ := classes.Class(topOf(classes, k.ID))
			v.Class.Options = append(v.Class.Options, web.Option{Value: k.ID, Label: in(r, k.Title), Group: in(r, group.Title)})
		}
		return chosen
	}
	v.Class.Help = e.say(r, "class.help")
	found := classes.Match(d.Words, mostClasses-1)
	guess, certain := sure(found)
	if chosen.ID != "" {
		v.Class.Options = append(v.Class.Options, web.Option{Value: chosen.ID, Label: in(r, chosen.Title)})
	} else if certain {
		chosen = guess
	}
	for _, m := range found {
		if m.Class.ID != d.Class && len(v.Class.Options) < mostClasses-1 {
			v.Class.Options = append(v.Class.Options, web.Option{Value: m.Class.ID, Label: in(r, m.Class.Title), Selected: d.Class == "" && certain && m.Class.ID == guess.ID})
		}
	}
	v.Class.Options = append(v.Class.Options, web.Option{Value: "", Label: e.say(r, "class.unsure"), Selected: d.Class == "" && !certain})
	for _, ask := range chosen.Ask {
		v.Asks = append(v.Asks, web.Field{Name: "ask." + ask.Name, Type: "text", Label: in(r, ask.Label), Max: int64(ask.Max), Value: d.Asked.Get(ask.Name), ID: "f-ask-" + ask.Name})
	}
	return chosen
}

func topOf(c *duty.Classes, id string) string {
	up := c.Up(id)
	return up[len(up)-1]
}

// wherePart draws the place: words, position, suggestions and the map.
func (e *edge) wherePart(r *http.Request, v *reportPage, mode string, d draft) error {
	ctx := r.Context()
	place := d.Place
	v.Place = web.Field{Name: "place", Type: "place", Label: e.say(r, "where"), Help: e.say(r, "where.help"), Required: mode == modeGrid, Place: &place}
	if d.Area != "" {
		name, err := e.fullName(ctx, d.Area)
		if err != nil {
			return err
		}
		key := "where.area"
		if isGrid(d.Area) {
			key = "where.grid"
		}
		v.Where = &web.Notice{Tone: web.Good, Text: e.say(r, key, "name", name)}
	}
	if d.Map {
		v.Hidden = append(v.Hidden, web.Option{Label: "map", Value: "yes"})
		for name, values := range d.View.Query() {
			v.Hidden = append(v.Hidden, web.Option{Label: name, Value: values[0]})
		}
		v.Map = &mapPart{Src: d.mapAddress(), Width: mapWidth, Height: mapHeight}
	}
	if mode == modeGrid && d.Area == "" && d.Place.Lon == "" {
		return e.ownGrids(r, &place)
	}
	if !d.Checked {
		return nil
	}
	p, _, ok, err := d.point()
	switch {
	case err != nil:
		return nil //nolint:nilerr // it is told at the field already
	case ok:
		return e.locatePart(r, v, &place, p, d)
	case d.Area == "" && d.Place.Words != "":
		return e.findPart(r, &place, d)
	}
	return nil
}

// locatePart says in which grid a point lies, or asks.
func (e *edge) locatePart(r *http.Request, v *reportPage, place *web.Place, p area.Point, d draft) error {
	_, meters, _, _ := d.point()
	at, err := e.Areas.Locate(r.Context(), p, meters)
	if err != nil {
		return nil //nolint:nilerr // it is told at the field already
	}
	if at.Status == area.Inside {
		name, err := e.fullName(r.Context(), at.Grid)
		v.Where = &web.Notice{Tone: web.Good, Text: e.say(r, "where.grid", "name", name)}
		return err
	}
	if d.Area != "" {
		return nil
	}
	v.Where = &web.Notice{Tone: web.Warning, Text: e.say(r, "where.status."+string(at.Status))}
	for _, g := range at.Suggestions {
		far := (at.Status == area.Border || at.Status == area.Several) && g.Meters > max(meters, nearMeters)
		if far || len(place.Suggestions) == mostPlaces {
			break // nearest first
		}
		name, err := e.nameOf(r.Context(), g.Community)
		if err != nil {
			return err
		}
		o := web.Option{Value: "a:" + g.Grid, Label: g.Name, Help: name}
		if g.Meters >= 1 {
			o.Help = e.say(r, "where.meters", "name", name, "meters", int(g.Meters+0.5))
		}
		place.Suggestions = append(place.Suggestions, o)
	}
	if len(place.Suggestions) > 0 {
		place.Suggestions = append(place.Suggestions, web.Option{Value: "", Label: e.say(r, "where.unsure"), Selected: true})
	}
	return nil
}

// findPart offers the places, grids and areas that bear the words.
func (e *edge) findPart(r *http.Request, place *web.Place, d draft) error {
	root, err := e.root(r.Context())
	if err != nil {
		return err
	}
	found, err := e.Areas.Find(r.Context(), d.Place.Words, root, mostPlaces)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	above := len(area.Above(root)) + 1 // everybody knows in which county they are
	for _, f := range found {
		o := web.Option{Value: "a:" + f.Code, Label: f.Name, Help: strings.Join(f.Within[min(above, len(f.Within)):], " ")}
		if f.Kind == area.FoundPlace && f.Point != nil {
			o.Value = fmt.Sprintf("p:%.6f,%.6f,%s", f.Point.Lon, f.Point.Lat, f.Name)
		}
		place.Suggestions = append(place.Suggestions, o)
	}
	if len(place.Suggestions) > 0 {
		place.Suggestions = append(place.Suggestions, web.Option{Value: "", Label: e.say(r, "where.other"), Selected: true})
	}
	return nil
}

// ownGrids offers a grid worker the grids of the own posts.
func (e *edge) ownGrids(r *http.Request, place *web.Place) error {
	for _, p := range actor(r).Posts {
		if p.Area == "" || p.Kind != "grid-worker" && p.Kind != "clerk" {
			continue
		}
		for _, g := range e.Areas.Grids(r.Context(), p.Area) {
			if len(place.Suggestions) < 30 {
				place.Suggestions = append(place.Suggestions, web.Option{Value: "a:" + g.Code, Label: g.Name})
			}
		}
	}
	return nil
}

// fullName names an area with those above it, the root left out.
func (e *edge) fullName(ctx context.Context, code string) (string, error) {
	chain, err := e.Areas.Chain(ctx, code)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return code, nil
	}
	if err != nil {
		return "", err
	}
	var names []string
	for _, a := range chain {
		if a.Level() > area.County {
			names = append(names, a.Name)
		}
	}
	if len(names) == 0 {
		names = append(names, chain[len(chain)-1].Name)
	}
	return strings.Join(names, " "), nil
}

// rest draws photos, phone, the tick of a complaint and the channel.
func (e *edge) rest(r *http.Request, v *reportPage, mode string, d draft) {
	v.Photos = web.Field{Name: "photos", Type: "photos", Label: e.say(r, "photos"), Help: e.say(r, "photos.help", "most", mostPhotos), Max: int64(mostPhotos - len(d.Photos)), Multiple: true}
	if p, err := e.Cases.Procedure(r.Context(), Procedure); err == nil && p.Field(voiceField) != nil && d.Voice == "" {
		v.Voice = &web.Field{Name: voiceField, Type: "recording", Label: e.say(r, "voice"), Help: e.say(r, "voice.help")}
	}
	v.VoiceKept = d.Voice
	v.Phone = web.Field{Name: "phone", Type: "phone", Label: e.say(r, "phone"), Value: d.Phone} // why it is asked stands before it
	v.Office = e.say(r, "office")
	if root, err := e.rootUnit(r.Context()); err == nil && root.Name != "" {
		v.Office = in(r, text.Words{"zh": root.Name, "en": root.NameEn})
	}
	if mode != modeGrid {
		v.About = &web.Field{Name: "about_unit", Type: "yes", Label: e.say(r, "about_unit"), Help: e.say(r, "about_unit.help"), Value: d.AboutUnit}
	}
	if mode == modeStaff {
		v.Channel = &web.Field{Name: "channel", Type: "choice", Label: e.say(r, "channel"), Required: true, Value: d.Channel}
		for _, c := range []string{"phone", "counter", "paper"} {
			v.Channel.Options = append(v.Channel.Options, web.Option{Value: c, Label: e.say(r, "channel."+c)})
		}
	}
}

func (s *Service) rootUnit(ctx context.Context) (identity.Unit, error) {
	units, err := s.People.Units(ctx)
	if err != nil {
		return identity.Unit{}, err
	}
	for _, u := range units {
		if u.Parent == "" && u.Open(s.Clock.Now()) {
			return u, nil
		}
	}
	return identity.Unit{}, nil
}

// aboutPart asks which unit the complaint is about; nobody has to know.
func (e *edge) aboutPart(r *http.Request, v *reportPage, d draft) error {
	units, err := e.People.Units(r.Context())
	if err != nil {
		return err
	}
	v.Complained = &web.Field{Name: "complained", Type: "unit", Label: e.say(r, "complained"), Help: e.say(r, "complained.help"), Value: d.Complained}
	for _, u := range units {
		if u.Parent != "" && u.Open(e.Clock.Now()) {
			v.Complained.Options = append(v.Complained.Options, web.Option{Value: u.ID, Label: in(r, text.Words{"zh": u.Name, "en": u.NameEn})})
		}
	}
	return nil
}

// dangerPart points to the emergency numbers where class or words call for them.
func (e *edge) dangerPart(v *reportPage, classes *duty.Classes, class duty.Class, words string) {
	var calls []string
	for _, d := range classes.Emergencies(words) {
		if !contains(calls, d.Call) {
			calls = append(calls, d.Call)
		}
	}
	for _, c := range class.Emergency {
		if !contains(calls, c) {
			calls = append(calls, c)
		}
	}
	if len(calls) > 0 {
		v.Danger = &danger{Calls: calls}
	}
}

// similarPart tells of open requests of the same class nearby.
func (e *edge) similarPart(r *http.Request, v *reportPage, class duty.Class, d draft) error {
	at, known, err := d.placed()
	if err != nil || !known || class.ID == "" {
		return nil //nolint:nilerr // it is told at the field already
	}
	near, err := e.Near(r.Context(), class.ID, at)
	if err != nil {
		return nil //nolint:nilerr // a place that cannot be read is told at the field already
	}
	for _, s := range near {
		key := "similar.line"
		if s.Meters < 0 {
			key = "similar.line_area"
		}
		line := similarLine{Case: s.Case, Text: e.say(r, key, "class", s.Title, "community", s.Name, "meters", s.Meters, "state", s.StateText, "days", s.Days)}
		if s.People > 0 {
			line.Heard = e.say(r, "similar.people", "n", s.People)
		}
		v.Similar = append(v.Similar, line)
	}
	return nil
}
