package request

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"linli/internal/area"
	"linli/internal/casework"
	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
	"linli/web"
)

// The three doors that share one page.
const (
	modePublic = "public"
	modeStaff  = "staff" // on somebody's behalf
	modeGrid   = "grid"  // a grid worker's own finding
)

var actions = map[string]string{modePublic: "/report", modeStaff: "/staff/requests/new", modeGrid: "/staff/grid/new"}

// mayUse keeps a door for those whose work it is.
func mayUse(mode string, a identity.Actor) error {
	if mode == modeStaff && !has(a, "intake", "dispatcher") || mode == modeGrid && !has(a, "grid-worker", "clerk") {
		return fault.New(fault.Forbidden, "request.door_"+mode)
	}
	return nil
}

func (e *edge) getReport(mode string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := mayUse(mode, actor(r)); err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		d := newDraft("")
		if code := r.URL.Query().Get("grid"); code != "" {
			if _, err := e.Areas.Grid(r.Context(), code); err != nil {
				e.rd.Fault(w, r, err)
				return
			}
			d.Area = code
		}
		d.Class = r.URL.Query().Get("class")
		if mode == modePublic && !actor(r).Known() {
			w.Header().Set("Linli-Shell", "yes") // a phone may keep the page to open it without a network
		}
		e.show(w, r, http.StatusOK, mode, d, nil)
	}
}

func (e *edge) postReport(mode string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := mayUse(mode, actor(r)); err != nil {
			e.rd.Fault(w, r, err)
			return
		}
		f, err := readForm(r)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		d := draftOf(f)
		err = e.work(r, mode, &d, f)
		switch {
		case err != nil && asksJSON(r):
			httpx.Fail(w, r, err)
		case err != nil:
			e.show(w, r, httpx.Status(fault.Of(err)), mode, d, err)
		case d.Do != "send" || !d.Checked:
			d.Checked = d.Checked || d.Do == "check" || d.Do == "send" || d.Do == ""
			e.show(w, r, http.StatusOK, mode, d, nil)
		case mode == modeGrid:
			e.sendFound(w, r, d)
		default:
			e.send(w, r, mode, d)
		}
	}
}

// work takes up what the form brings besides words: pictures, a place that was
// picked, the map's buttons.
func (e *edge) work(r *http.Request, mode string, d *draft, f posted) error {
	ctx := r.Context()
	if (len(f.jpegs) > 0 || f.voice != nil) && mode == modePublic {
		if err := e.take(ctx, limitPhoto, httpx.Address(r)); err != nil {
			return err
		}
	}
	if _, err := e.photosOf(d.Key, d.Photos); err != nil {
		d.Photos = nil
		return err
	}
	for _, jpeg := range f.jpegs {
		if len(d.Photos) >= mostPhotos {
			return fault.New(fault.Invalid, "request.photos_many", "most", mostPhotos).At("photos")
		}
		ticket, err := e.keep(ctx, d.Key, jpeg)
		if err != nil {
			return err
		}
		if !contains(d.Photos, ticket) {
			d.Photos = append(d.Photos, ticket)
		}
	}
	if f.voice != nil {
		ticket, err := e.keepAs(ctx, voiceKind, d.Key, f.voice, f.media)
		if err != nil {
			return err
		}
		d.Voice = ticket
	}
	if _, ok := e.ours(voiceKind, d.Key, []string{d.Voice}); d.Voice != "" && !ok {
		d.Voice = ""
		return fault.New(fault.Invalid, "request.recording_not_yours").At(voiceField)
	}
	if err := d.choose(f.Get("place.choice")); err != nil {
		return err
	}
	if d.Do == "forget" {
		d.Place.Lon, d.Place.Lat, d.Place.Accuracy, d.Area = "", "", "", ""
	}
	if err := d.onMap(f, func() geo.View { return e.firstView(ctx, d) }); err != nil {
		return err
	}
	if f.wrong != nil {
		return f.wrong
	}
	if d.Do == "check" || d.Do == "send" || d.Do == "" {
		return e.whole(ctx, d)
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// whole says what is missing before the summary is shown.
func (e *edge) whole(ctx context.Context, d *draft) error {
	if d.Words == "" && d.Class == "" && d.Voice == "" {
		return fault.New(fault.Invalid, "request.what_missing").At("words")
	}
	p, err := e.Cases.Procedure(ctx, Procedure)
	if err != nil {
		return err
	}
	for field, raw := range map[string]any{"words": d.Words, "phone": d.Phone, "class": d.Class, "place": d.place()} {
		if m, isPlace := raw.(map[string]any); isPlace && len(m) == 0 {
			continue
		}
		if _, err := p.Field(field).Decode(raw); err != nil {
			return err
		}
	}
	if d.Class != "" {
		if _, err := e.Duty.Class(ctx, d.Class); err != nil {
			return err
		}
	}
	at, known, err := d.placed()
	if err != nil || !known {
		return err
	}
	_, err = e.Service.placed(ctx, at)
	return err
}

// firstView is the map before it was moved: around the place, the grid, or the
// whole county.
func (e *edge) firstView(ctx context.Context, d *draft) geo.View {
	if p, _, ok, err := d.point(); ok && err == nil {
		return geo.View{Center: p, MetersPerPixel: 3, W: mapWidth, H: mapHeight}
	}
	under := d.Area
	if under == "" {
		under, _ = e.root(ctx) // without a root the picture shows all grids
	}
	return e.Areas.FitView(ctx, under, mapWidth, mapHeight)
}

// report is the draft as the room takes it in.
func (e *edge) report(r *http.Request, mode string, d draft) (Report, error) {
	out := Report{Key: d.Key, Words: d.Words, Class: d.Class, Place: d.place(), Photos: d.Photos, Voice: d.Voice, Phone: d.Phone, AboutUnit: d.AboutUnit, Channel: "web"}
	if d.AboutUnit {
		out.Complained = d.Complained
	}
	if mode == modeStaff {
		out.Channel = d.Channel
		if !contains([]string{"phone", "counter", "paper"}, d.Channel) {
			return out, fault.New(fault.Invalid, "request.channel_missing").At("channel")
		}
	}
	if d.Class == "" {
		return out, nil
	}
	class, err := e.Duty.Class(r.Context(), d.Class)
	if err != nil {
		return out, err
	}
	var lines []string
	for _, ask := range class.Ask {
		if v := d.Asked.Get(ask.Name); v != "" {
			if len([]rune(v)) > ask.Max {
				return out, fault.New(fault.Invalid, "text.too_long", "max", ask.Max, "length", len([]rune(v))).At("ask." + ask.Name)
			}
			lines = append(lines, e.Book().Say("zh-CN", "request.detail", map[string]any{"label": ask.Label, "value": v}))
		}
	}
	out.Details = strings.Join(lines, "\n")
	return out, nil
}

func (e *edge) send(w http.ResponseWriter, r *http.Request, mode string, d draft) {
	in, err := e.report(r, mode, d)
	if err == nil && mode == modePublic {
		err = e.take(r.Context(), limitSend, httpx.Address(r))
	}
	var receipt casework.Receipt
	if err == nil {
		receipt, err = e.Send(r.Context(), actor(r), in)
	}
	switch {
	case err != nil && asksJSON(r):
		httpx.Fail(w, r, err)
	case err != nil:
		e.show(w, r, httpx.Status(fault.Of(err)), mode, d, err)
	case asksJSON(r): // the page's script, which asks for the receipt next
		answerJSON(w, http.StatusOK, map[string]string{"number": receipt.Number})
	default:
		e.showReceipt(w, r, mode, receipt, in)
	}
}

func (e *edge) sendFound(w http.ResponseWriter, r *http.Request, d draft) {
	in, err := e.report(r, modeGrid, d)
	var receipt casework.Receipt
	if err == nil {
		receipt, err = e.Found(r.Context(), actor(r), in)
	}
	if err != nil {
		e.show(w, r, httpx.Status(fault.Of(err)), modeGrid, d, err)
		return
	}
	http.Redirect(w, r, "/cases/"+receipt.Number, http.StatusSeeOther)
}

// receiptPage is what the sender keeps.
type receiptPage struct {
	Mode, Number, Link, QR, Act, Leaf string
	Key                               string // of the report, which the phone need not keep any longer
	Facts                             []web.Fact
	Danger                            *danger
	Remains                           []string
	Links                             []web.NavItem
	Account                           *web.Form // puts the case onto the account of who is signed in
}

func (e *edge) showReceipt(w http.ResponseWriter, r *http.Request, mode string, receipt casework.Receipt, sent Report) {
	v := receiptPage{Mode: mode, Key: sent.Key, Number: receipt.Number, Act: receipt.Act, Leaf: receipt.Leaf, Link: e.base(r) + "/q/" + receipt.Token, QR: "/q/" + receipt.Token + "/qr.png"}
	view, err := e.Cases.Get(r.Context(), identity.SystemActor(), receipt.Case)
	if err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	if v.Account, err = e.receiptAccount(r, mode, receipt); err != nil {
		e.rd.Fault(w, r, err)
		return
	}
	c := view.Case
	v.Facts = append(v.Facts, web.Fact{Name: e.say(r, "when"), Value: receipt.Recorded})
	if class, err := e.Duty.Class(r.Context(), c.Class); err == nil {
		v.Facts = append(v.Facts, web.Fact{Name: e.say(r, "class"), Value: in(r, class.Title)})
	}
	if name, err := e.fullName(r.Context(), c.Area); err == nil && name != "" {
		v.Facts = append(v.Facts, web.Fact{Name: e.say(r, "where"), Value: name})
	}
	if k, ok := c.Clocks()["intake"]; ok {
		v.Facts = append(v.Facts, web.Fact{Name: e.say(r, "next"), Value: e.say(r, "next.received", "by", e.until(r, k.Acceptance))})
	}
	if flag, _ := c.Values["emergency"].(bool); flag {
		v.Danger = &danger{Calls: duty.Calls()}
	}
	v.Remains = append(v.Remains, e.say(r, "remains.kept"))
	if sent.Phone != "" {
		v.Remains = append(v.Remains, e.say(r, "remains.phone"))
	} else {
		v.Remains = append(v.Remains, e.say(r, "remains.anonymous"))
	}
	if len(sent.Photos) > 0 {
		v.Remains = append(v.Remains, e.say(r, "remains.photos", "n", strconv.Itoa(len(sent.Photos))))
	}
	if sent.Voice != "" {
		v.Remains = append(v.Remains, e.say(r, "remains.voice"))
	}
	v.Remains = append(v.Remains, e.say(r, "remains.address"))
	if mode == modeStaff {
		v.Links = []web.NavItem{{Href: "/cases/" + receipt.Number, Text: e.say(r, "open_case")}, {Href: actions[modeStaff], Text: e.say(r, "another")}}
	} else {
		v.Links = []web.NavItem{{Href: "/q/" + receipt.Token, Text: e.say(r, "follow_now")}}
	}
	e.rd.Page(w, r, http.StatusOK, "request/receipt", v)
}

// asksJSON says whether the page's own script asks.
func asksJSON(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }

// isGrid says whether a code is a grid's.
func isGrid(code string) bool { return area.LevelOf(code) == area.GridLevel }
