package request

import (
	"errors"
	"io"
	"linli/internal/procedure"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"linli/internal/area"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/seal"
	"linli/web"
)

// Bounds of a posted form.
const (
	mostParts = 300
	mostValue = 32 << 10 // bytes of one field
)

// posted is a form as it came: its fields and the pictures in it, drawn anew.
type posted struct {
	url.Values
	jpegs [][]byte
	voice []byte // a recording, and its media type
	media string
	wrong error // the first picture that could not be taken; the rest of the form is whole
}

// readForm reads a form of either kind part by part: no picture touches the disk
// before it is drawn anew.
func readForm(r *http.Request) (posted, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		if err := r.ParseForm(); err != nil {
			return posted{}, broken(err)
		}
		return posted{Values: r.PostForm}, nil
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return posted{}, broken(err)
	}
	out := posted{Values: url.Values{}}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, broken(err)
		}
		if n == mostParts {
			return out, fault.New(fault.Invalid, "request.form_broken")
		}
		if part.FileName() != "" {
			take := out.picture
			if part.FormName() == voiceField {
				take = out.recording
			}
			if err := take(part); err != nil {
				return out, err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, mostValue+1))
		if err != nil {
			return out, broken(err)
		}
		if len(value) > mostValue {
			return out, fault.New(fault.Invalid, "text.too_long", "max", mostValue, "length", len(value)).At(part.FormName())
		}
		out.Add(part.FormName(), string(value))
	}
}

// recording takes the voice note. One that is none spoils only itself.
func (p *posted) recording(part io.Reader) error {
	data, media, err := heard(part)
	var f *fault.Fault
	switch {
	case err == nil:
		p.voice, p.media = data, media
	case errors.As(err, &f) && f.Key == "blob.empty": // an empty file field
	case errors.As(err, &f):
		p.spoil(f)
	default:
		return broken(err)
	}
	return nil
}

// picture takes one file. A picture that is none spoils only itself.
func (p *posted) picture(part io.Reader) error {
	if len(p.jpegs) >= mostPhotos {
		p.spoil(fault.New(fault.Invalid, "request.photos_many", "most", mostPhotos).At("photos"))
		return nil
	}
	jpeg, err := drawn(part)
	var f *fault.Fault
	switch {
	case err == nil:
		p.jpegs = append(p.jpegs, jpeg)
	case errors.As(err, &f) && f.Key == "blob.empty":
	case errors.As(err, &f):
		p.spoil(f)
	default:
		return broken(err)
	}
	return nil
}

func (p *posted) spoil(err error) {
	if p.wrong == nil {
		p.wrong = err
	}
}

// broken keeps what is told already, and what the edge knows how to tell (a body
// that is too large).
func broken(err error) error {
	var big *http.MaxBytesError
	var told *fault.Fault
	if errors.As(err, &big) || errors.As(err, &told) && told.Kind != fault.Internal {
		return err
	}
	return fault.New(fault.Invalid, "request.form_broken").Because(err)
}

// mapSize is the picture to click on: it fits the smallest phones unscaled,
// because a browser tells the click in pixels of what it shows.
const (
	mapWidth  = 300
	mapHeight = 250
)

// draft is a report while it is being written. Everything of it stands in the
// form itself: nothing is kept here before it is sent.
type draft struct {
	Key        string
	Words      string
	Class      string
	Asked      url.Values // answers to the questions of the class
	Place      web.Place
	Area       string // code that was named: by a QR code, a choice or a search
	Photos     []string
	Voice      string // ticket
	Phone      string
	AboutUnit  bool
	Complained string
	Channel    string
	Checked    bool // the summary with suggestions was shown
	Map        bool // the map is open
	View       geo.View
	Do         string
}

// newDraft begins a report.
func newDraft(area string) draft { return draft{Key: seal.Token(), Area: area, Asked: url.Values{}} }

// draftOf reads a posted form.
func draftOf(f posted) draft {
	d := draft{
		Key: f.Get("key"), Words: strings.TrimSpace(f.Get("words")), Class: f.Get("class"), Area: f.Get("area"), Photos: slices.Clone(f.Values["photo"]), Voice: f.Get("recording_kept"),
		Phone: strings.TrimSpace(f.Get("phone")), AboutUnit: f.Get("about_unit") == "yes", Complained: f.Get("complained"),
		Channel: f.Get("channel"), Checked: f.Get("checked") == "yes", Map: f.Get("map") == "yes", Do: f.Get("do"), Asked: url.Values{},
		Place: web.Place{Words: strings.TrimSpace(f.Get("place.words")), Lon: f.Get("place.lon"), Lat: f.Get("place.lat"),
			Accuracy: f.Get("place.accuracy"), Datum: f.Get("place.datum")},
	}
	for name := range f.Values {
		if ask, ok := strings.CutPrefix(name, "ask."); ok {
			d.Asked.Set(ask, strings.TrimSpace(f.Get(name)))
		}
	}
	for _, gone := range f.Values["drop"] {
		d.Photos = slices.DeleteFunc(d.Photos, func(t string) bool { return t == gone })
		if d.Voice == gone {
			d.Voice = ""
		}
	}
	if len(d.Key) != keyLength {
		d.Key, d.Photos, d.Voice = seal.Token(), nil, ""
	}
	return d
}

// choose takes up the place that was picked from suggestions: "a:CODE" is an
// area or grid, "p:LON,LAT,NAME" a named place.
func (d *draft) choose(choice string) error {
	kind, value, _ := strings.Cut(choice, ":")
	switch kind {
	case "a":
		if d.Area != value {
			d.Area = value
		}
	case "p":
		at := strings.SplitN(value, ",", 3)
		if len(at) != 3 {
			return fault.New(fault.Invalid, "geo.point_unreadable").At("place")
		}
		if _, err := geo.ParsePoint(at[0] + "," + at[1]); err != nil {
			return fault.Of(err).At("place")
		}
		d.Place = web.Place{Words: at[2], Lon: at[0], Lat: at[1], Datum: string(geo.WGS84)}
		d.Area = ""
	}
	return nil
}

// point is where the draft says it is, in WGS-84; ok is false without a point.
func (d *draft) point() (p geo.Point, meters float64, ok bool, err error) {
	if d.Place.Lon == "" && d.Place.Lat == "" {
		return p, 0, false, nil
	}
	p, err = geo.ParsePoint(d.Place.Lon + "," + d.Place.Lat)
	if err != nil {
		return p, 0, false, fault.Of(err).At("place")
	}
	datum, err := geo.ParseDatum(d.Place.Datum)
	if err != nil {
		return p, 0, false, fault.Of(err).At("place")
	}
	if p, err = geo.To(p, datum); err != nil {
		return p, 0, false, fault.Of(err).At("place")
	}
	meters, _ = strconv.ParseFloat(d.Place.Accuracy, 64) // what is no number states no uncertainty
	return p, max(meters, 0), true, nil
}

// onMap works the map: opens it, moves it, takes up a click.
func (d *draft) onMap(f posted, start func() geo.View) error {
	if d.Do == "map" {
		d.Map = true
	}
	if !d.Map {
		return nil
	}
	view, err := geo.ParseView(f.Values)
	if err != nil || view.W != mapWidth || view.H != mapHeight {
		view = start()
	}
	at, clicked, err := view.Clicked(f.Values, "place")
	if err != nil {
		return err
	}
	if clicked {
		d.Place.Lon, d.Place.Lat = strconv.FormatFloat(at.Lon, 'f', 6, 64), strconv.FormatFloat(at.Lat, 'f', 6, 64)
		d.Place.Accuracy, d.Place.Datum = "", string(geo.WGS84)
		d.Area = ""
		d.Do = "clicked"
	}
	d.View = moved(view, d.Do)
	return nil
}

// moved is the view after one of the map's buttons.
func moved(v geo.View, button string) geo.View {
	const step = 0.4
	switch button {
	case "in":
		return v.Zoom(2)
	case "out":
		return v.Zoom(0.5)
	case "north":
		return v.Pan(0, step)
	case "south":
		return v.Pan(0, -step)
	case "west":
		return v.Pan(-step, 0)
	case "east":
		return v.Pan(step, 0)
	}
	return v
}

// place is what the draft says of the place, as casework reads it.
func (d *draft) place() map[string]any {
	out := map[string]any{}
	if d.Place.Words != "" {
		out["words"] = d.Place.Words
	}
	if d.Place.Lon != "" || d.Place.Lat != "" {
		out["lon"], out["lat"], out["datum"] = d.Place.Lon, d.Place.Lat, d.Place.Datum
		if d.Place.Accuracy != "" {
			out["meters"] = d.Place.Accuracy
		}
	}
	if d.Area != "" {
		out["area"] = d.Area
	}
	return out
}

// mapAddress is the picture with the place marked.
func (d *draft) mapAddress() string {
	req := area.PictureRequest{View: d.View, Names: true}
	if p, _, ok, err := d.point(); ok && err == nil {
		req.Marks = []area.Mark{{Point: p}}
	}
	if area.LevelOf(d.Area) == area.GridLevel {
		req.Highlight = []string{d.Area}
	}
	return area.MapAddress("svg", req)
}

// placed is the draft's place, for suggestions; false where it says nothing that
// can be found.
func (d *draft) placed() (procedure.Place, bool, error) {
	p, meters, ok, err := d.point()
	if err != nil {
		return procedure.Place{}, false, err
	}
	out := procedure.Place{Area: d.Area, Words: d.Place.Words}
	if ok {
		out.Lon, out.Lat, out.Meters = p.Lon, p.Lat, meters
	}
	return out, ok || d.Area != "", nil
}
