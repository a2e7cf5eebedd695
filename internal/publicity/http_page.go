package publicity

import (
	"net/http"
	"slices"
	"strconv"

	"linli/internal/area"
	"linli/internal/kit/blob"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/procedure"
	"linli/web"
)

// step is one line of a request's public story.
type step struct {
	Day    clock.Day
	Title  string
	By     string
	Texts  []string
	Photos []web.Photo
	Tone   web.Tone
}

// requestPage is a public request.
type requestPage struct {
	Title      string
	State      web.Tag
	Facts      []web.Fact
	Steps      []step
	Released   bool
	Rates      []string
	Voices     int64
	Voice      *web.Form
	Done       *web.Notice
	Map        *web.Map
	Place      string
	Back, Here string
	Review     string
}

func (e *edge) getRequest(w http.ResponseWriter, r *http.Request) {
	o, err := e.public(r.Context(), r.PathValue("ref"))
	if err != nil {
		guarded(w)
		httpx.Fail(w, r, err)
		return
	}
	if r.PathValue("ref") != o.Case { // the number on somebody's receipt leads here and is not shown
		http.Redirect(w, r, "/requests/"+o.Case, http.StatusSeeOther)
		return
	}
	p, err := e.requestPage(r, o)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.page(w, r, "publicity/request", p)
}

func (e *edge) requestPage(r *http.Request, o *open) (*requestPage, error) {
	ctx := r.Context()
	state := o.p.State(o.State)
	p := &requestPage{Title: o.copy.Title, State: web.Tag{Text: in(r, wordsOf(state.Words)), Tone: toneOf(o.Kind, o.State)}, Released: o.Release != "",
		Voices: o.Voices, Rates: e.rates(r, o.p, o.line), Back: "/requests", Here: "/requests?area=" + o.Area}
	class := e.class(r, o.Class)
	if p.Title == "" {
		p.Title = class
	}
	name, err := e.areaName(ctx, o.Area)
	if err != nil {
		return nil, err
	}
	if name == "" {
		name, p.Here = e.say(r, "community.none"), ""
	}
	p.Facts = []web.Fact{{Name: e.say(r, "class"), Value: class}, {Name: e.say(r, "community"), Value: name}, {Name: e.say(r, "opened"), Value: o.Opened.Day()}}
	if o.copy.Place != nil && o.copy.Place.Words != "" {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "place"), Value: o.copy.Place.Words})
	}
	if o.Unit != "" {
		unit, err := e.unitName(ctx, o.Unit)
		if err != nil {
			return nil, err
		}
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "unit"), Value: in(r, unit)})
	}
	if o.Settled != 0 {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, "settled"), Value: o.Settled.Day()})
	}
	for i, rate := range p.Rates {
		p.Facts = append(p.Facts, web.Fact{Name: e.say(r, []string{"rate.first", "rate.second"}[i]), Value: rate})
	}
	if p.Steps, err = e.steps(r, o); err != nil {
		return nil, err
	}
	p.Map = e.spot(r, o, name)
	e.voice(r, p, o)
	if MayReview(who(r)) {
		p.Review = "/publicity/review/" + o.Case
	}
	return p, nil
}

// told are the acts of the public story: what moved the case, by whom as a unit.
func (e *edge) steps(r *http.Request, o *open) ([]step, error) {
	var out []step
	shown := 0
	for _, a := range o.acts {
		if !a.Public || a.Words == nil || a.Annulled || a.Delta.Quiet && a.Act != ActRelease {
			continue
		}
		if a.Act == ActRelease && o.Release == "" {
			continue
		}
		one := step{Day: a.Happened.Day(), Title: in(r, wordsOf(a.Words)), Tone: stepTone(a.Delta.Kind)}
		switch {
		case a.Seq == 1 || a.Role == "reporter" || a.Behalf != "":
			one.By = e.say(r, "by.resident")
		case a.Role == "clock":
			one.By = e.say(r, "by.clock")
		case a.Unit != "":
			unit, err := e.unitName(r.Context(), a.Unit)
			if err != nil {
				return nil, err
			}
			one.By = in(r, unit)
		}
		for _, t := range o.copy.of(a.ID) {
			one.Texts = append(one.Texts, t.Text)
		}
		for i, ph := range o.copy.Photos {
			if ph.Act == a.ID {
				shown++
				src := "/requests/" + o.Case + "/photo/" + strconv.Itoa(i+1)
				one.Photos = append(one.Photos, web.Photo{Src: src, Full: src, Words: e.say(r, "photo", "n", i+1)})
			}
		}
		out = append(out, one)
	}
	out = append(out, e.besides(r, o, out)...)
	return out, nil
}

// besides are released words and photos of quiet acts, which have no line of
// their own in the story.
func (e *edge) besides(r *http.Request, o *open, told []step) []step {
	one := step{Title: e.say(r, "besides")}
	for _, a := range o.acts {
		if !a.Delta.Quiet || a.Act == ActRelease {
			continue
		}
		for _, t := range o.copy.of(a.ID) {
			one.Texts, one.Day = append(one.Texts, t.Text), a.Happened.Day()
		}
		for i, ph := range o.copy.Photos {
			if ph.Act == a.ID {
				src := "/requests/" + o.Case + "/photo/" + strconv.Itoa(i+1)
				one.Photos, one.Day = append(one.Photos, web.Photo{Src: src, Full: src, Words: e.say(r, "photo", "n", i+1)}), a.Happened.Day()
			}
		}
	}
	if len(told) == 0 || len(one.Texts) == 0 && len(one.Photos) == 0 {
		return nil
	}
	return []step{one}
}

func stepTone(kind string) web.Tone {
	switch kind {
	case procedure.Done:
		return web.Good
	case procedure.Waiting:
		return web.Warning
	}
	return web.Plain
}

// Scale of the map around a released place, in metres to a pixel.
const spotScale = 3

// spot draws the community, and the place itself where it was released.
func (e *edge) spot(r *http.Request, o *open, name string) *web.Map {
	if len(o.Area) < communityDigits || len(e.Areas.Grids(r.Context(), o.Area)) == 0 {
		return nil
	}
	req := area.PictureRequest{View: e.Areas.FitView(r.Context(), o.Area, mapWidth, mapHeight), Names: true}
	words := e.say(r, "map.community", "name", name)
	if at := o.copy.Place; at != nil && (at.Lon != 0 || at.Lat != 0) {
		point := geo.Point{Lon: at.Lon, Lat: at.Lat}
		req.View = geo.View{Center: point, MetersPerPixel: spotScale, W: mapWidth, H: mapHeight}
		req.Marks = []area.Mark{{Point: point}}
		words = e.say(r, "map.place", "name", name)
	}
	return &web.Map{Src: area.MapAddress("svg", req), Width: mapWidth, Height: mapHeight, Words: words}
}

// voice offers to add a voice where the procedure knows that act and the case is
// in a state for it. Room request takes it.
func (e *edge) voice(r *http.Request, p *requestPage, o *open) {
	act := o.p.Act(actVoice)
	if act == nil || !slices.Contains(act.From, o.State) {
		return
	}
	p.Voice = &web.Form{Action: "/requests/" + o.Case + "/voice", ID: "voice", Key: seal.Token(), Submit: in(r, wordsOf(act.Words)), Still: true}
	if r.URL.Query().Get("done") == actVoice {
		p.Done = &web.Notice{Tone: web.Good, Text: e.say(r, "voice.done")}
	}
}

// getReleased shows a masked photo while its copy stands.
func (e *edge) getReleased(w http.ResponseWriter, r *http.Request) {
	guarded(w)
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		httpx.Fail(w, r, fault.New(fault.NotFound, "publicity.no_photo"))
		return
	}
	data, sum, err := e.Photo(r.Context(), r.PathValue("ref"), n)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "private, no-cache") // asked for again each time: it may be taken back
	blob.Send(w, r, blob.Blob{Media: "image/jpeg", Size: int64(len(data)), SHA256: sum}, data, "photo.jpg")
}
