package publicity

import (
	"bytes"
	"crypto/subtle"
	"image/jpeg"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/web"
)

// maskPage is one photo: the picture to choose regions on, beside what would be
// released.
type maskPage struct {
	Title, Action, Original, Preview string
	Width, Height                    int
	Cells                            []cell
	Regions                          []regionLine
	Notices                          []web.Notice
	Error                            string
	Back                             string
	Alt, AltOut                      string
}

type cell struct {
	N     int
	Words string
}

type regionLine struct{ Value, Words string }

// lookLife is how long a look at a preview counts.
const lookLife = 12 * time.Hour

// lookCookie carries that this browser was sent a photo's preview. It is made of
// the photo's id, so that several may be fetched at one time.
func lookCookie(id string) string { return "linli_look_" + id[:min(len(id), 12)] }

// lookMark proves that this session was sent this version of the preview.
func (e *edge) lookMark(r *http.Request, v *Review, id, version string) string {
	session := ""
	if c, err := r.Cookie(identity.Cookie); err == nil {
		session = seal.HashToken(c.Value)
	}
	return e.Keys.Keyed("publicity look", strings.Join([]string{who(r).Person, session, v.Case.ID, id, version}, " "))
}

// looked is the version of a photo's preview that this session was sent, "" for
// none.
func (e *edge) looked(r *http.Request, v *Review, id string) string {
	c, err := r.Cookie(lookCookie(id))
	if err != nil {
		return ""
	}
	now := v.version(id)
	if subtle.ConstantTimeCompare([]byte(c.Value), []byte(e.lookMark(r, v, id, now))) != 1 {
		return ""
	}
	return now
}

// getPicture sends a photo as it would be released now, and notes in the
// browser's own cookie that it did.
func (e *edge) getPicture(w http.ResponseWriter, r *http.Request) {
	v, err := e.Review(r.Context(), who(r), r.PathValue("ref"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	id := r.PathValue("id")
	data, version, err := e.Look(r.Context(), v, id)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: lookCookie(id), Value: e.lookMark(r, v, id, version), Path: "/publicity/review/" + v.Case.ID, MaxAge: int(lookLife.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"})
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data) // a reader who went away needs no answer
}

func (e *edge) getMask(w http.ResponseWriter, r *http.Request) {
	v, err := e.Review(r.Context(), who(r), r.PathValue("ref"))
	if err == nil && v.May != nil {
		err = v.May
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	e.drawMask(w, r, http.StatusOK, v, nil)
}

func (e *edge) drawMask(w http.ResponseWriter, r *http.Request, status int, v *Review, wrong error) {
	id := r.PathValue("id")
	n := slices.IndexFunc(v.Photos, func(p SourcePhoto) bool { return p.Blob == id })
	if n < 0 {
		httpx.Fail(w, r, fault.New(fault.NotFound, "publicity.no_photo"))
		return
	}
	width, height, err := e.size(r, id)
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	at := "/publicity/review/" + v.Case.ID
	p := &maskPage{Title: e.say(r, "mask.title", "n", n+1), Action: at + "/photo/" + id, Original: "/photo/" + id + "?case=" + url.QueryEscape(v.Case.ID),
		Preview: at + "/photo/" + id + "/picture?v=" + url.QueryEscape(v.version(id)), Width: width, Height: height, Back: at + "#photos",
		Alt: e.say(r, "mask.alt", "n", n+1), AltOut: e.say(r, "mask.alt_out", "n", n+1)}
	rows := cellRows(width, height)
	for i := range rows * cellColumns {
		p.Cells = append(p.Cells, cell{i, e.say(r, "mask.cell", "row", i/cellColumns+1, "column", i%cellColumns+1)})
	}
	for i, b := range v.Draft.Photos[id].Regions {
		p.Regions = append(p.Regions, regionLine{b.String(), e.say(r, "mask.region", "n", i+1, "x", b.X/10, "y", b.Y/10, "w", (b.W+9)/10, "h", (b.H+9)/10)})
	}
	if r.URL.Query().Get("done") == "saved" {
		p.Notices = append(p.Notices, web.Notice{Tone: web.Good, Text: e.say(r, "mask.saved")})
	}
	if wrong != nil {
		p.Error = e.rd.Explain(r, wrong)
	}
	e.rd.Page(w, r, status, "publicity/mask", p)
}

// size is the size of a stored photo.
func (e *edge) size(r *http.Request, id string) (width, height int, err error) {
	data, _, err := e.Blobs.Get(r.Context(), id)
	if err != nil {
		return 0, 0, err
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return 0, 0, fault.New(fault.Internal, "blob.broken").Because(err)
	}
	return c.Width, c.Height, nil
}

// postMask keeps the regions of one photo: those that stay, cells that were
// ticked, and what a pointer drew.
func (e *edge) postMask(w http.ResponseWriter, r *http.Request) {
	v, err := e.reviewed(r)
	id := r.PathValue("id")
	if err == nil {
		if _, ok := v.photo(id); !ok {
			err = fault.New(fault.NotFound, "publicity.no_photo")
		}
	}
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	regions, err := e.regions(r, id)
	if err == nil {
		if v.Draft.Photos == nil {
			v.Draft.Photos = map[string]DraftPhoto{}
		}
		v.Draft.Photos[id] = DraftPhoto{Use: true, Regions: regions}
		err = e.Save(r.Context(), who(r), v)
	}
	if err != nil {
		if !again(err) {
			httpx.Fail(w, r, err)
			return
		}
		httpx.Note(r, fault.Of(err))
		e.drawMask(w, r, httpx.Status(fault.Of(err)), v, err)
		return
	}
	http.Redirect(w, r, "/publicity/review/"+v.Case.ID+"/photo/"+url.PathEscape(id)+"?done=saved", http.StatusSeeOther)
}

func (e *edge) regions(r *http.Request, id string) ([]Box, error) {
	var out []Box
	for _, s := range r.PostForm["region"] {
		b, err := ParseBox(s)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	if cells := r.PostForm["cell"]; len(cells) > 0 {
		width, height, err := e.size(r, id)
		if err != nil {
			return nil, err
		}
		rows := cellRows(width, height)
		for _, s := range cells {
			n, err := strconv.Atoi(s)
			b, ok := cellBox(n, rows)
			if err != nil || !ok {
				return nil, fault.New(fault.Invalid, "publicity.region").At("region")
			}
			if !slices.Contains(out, b) {
				out = append(out, b)
			}
		}
	}
	return out, nil
}
