package disclosure

import (
	"net/http"
	"net/url"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"

	"rsc.io/qr"
)

// edge draws this room's pages.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages on mux. None of them needs script.
func (s *Service) Routes(mux *http.ServeMux, pages *web.Renderer) {
	e := &edge{Service: s, rd: pages}
	for at, do := range map[string]http.HandlerFunc{
		"GET /board":                  e.getFinder,
		"GET /board/{area}":           e.getBoard,
		"GET /board/{area}/print":     e.getPrint,
		"GET /board/{area}/qr.png":    e.getBoardQR,
		"GET /board/qr/{case}/p.png":  e.getCaseQR,
		"GET /board/file/{case}/{id}": e.getFile,
		"GET /ask/{case}":             e.getAsk,
		"GET /due":                    identity.SignedIn(e.getDue),
		"GET /due/{area}":             identity.SignedIn(e.getVillage),
		"POST /due/begin":             identity.SignedIn(e.postBegin),
		"GET /due/case/{case}":        identity.SignedIn(e.getLook),
		"POST /due/case/{case}":       identity.SignedIn(e.postLook),
		"GET /mask/{case}":            identity.SignedIn(e.getMask),
		"POST /mask/{case}":           identity.SignedIn(e.postMask),
	} {
		mux.HandleFunc(at, do)
	}
}

// say gives words of this room in the page's language.
func (e *edge) say(r *http.Request, key string, args ...any) string {
	return e.rd.Say(r, "disclosure."+key, args...)
}

func lang(r *http.Request) string                    { return text.Language(r.Context()) }
func in(r *http.Request, w map[string]string) string { return text.Words(w).In(lang(r)) }
func who(r *http.Request) identity.Actor             { return identity.From(r.Context()) }

// base is the address under which people reach this house.
func (e *edge) base(r *http.Request) string {
	if e.Address != "" {
		return e.Address
	}
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// period writes a period as people say it; a name of another form stays as it is.
func (e *edge) period(r *http.Request, name string) string {
	if day, err := clock.ParseDay(name); err == nil {
		return e.rd.Show(r, day)
	}
	var form string
	args := []any{"year", name[:min(4, len(name))]}
	switch {
	case len(name) == len("2026Q3") && name[4] == 'Q':
		form, args = "period.quarter", append(args, "n", name[5:])
	case len(name) == len("2026-W48") && name[4:6] == "-W":
		form, args = "period.week", append(args, "n", name[6:])
	case len(name) == len("2026-11") && name[4] == '-':
		form, args = "period.month", append(args, "n", name[5:])
	case len(name) == len("2026"):
		form = "period.year"
	default:
		return name
	}
	return e.say(r, form, args...)
}

// scan sends a code that leads to an address of this house.
func scan(w http.ResponseWriter, r *http.Request, to string) {
	code, err := qr.Encode(to, qr.M)
	if err != nil {
		httpx.Fail(w, r, fault.New(fault.Internal, "internal").Because(err))
		return
	}
	code.Scale = 6
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(code.PNG()) // a reader who went away needs no answer
}

func (e *edge) getBoardQR(w http.ResponseWriter, r *http.Request) {
	b, err := e.Board(r.Context(), r.PathValue("area"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	scan(w, r, e.base(r)+"/board/"+b.Area.Code)
}

// getCaseQR leads to a publication with its versions and the proof of each.
func (e *edge) getCaseQR(w http.ResponseWriter, r *http.Request) {
	n, err := e.Cases.Notice(r.Context(), r.PathValue("case"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	scan(w, r, e.base(r)+"/notices/"+url.PathEscape(n.Number))
}

// getFile sends a published picture or document. A list of persons is not to be
// kept by anybody on the way.
func (e *edge) getFile(w http.ResponseWriter, r *http.Request) {
	data, media, err := e.File(r.Context(), r.PathValue("case"), r.PathValue("id"))
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, noarchive")
	h.Set("Cache-Control", "no-store")
	if !picture(media) {
		h.Set("Content-Disposition", "attachment")
	}
	_, _ = w.Write(data) // a reader who went away needs no answer
}

// picture says whether a file is shown on the page itself.
func picture(media string) bool {
	return media == "image/jpeg" || media == "image/png" || media == "image/webp"
}
