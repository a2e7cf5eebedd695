package app

import (
	"context"
	"crypto/tls"
	"errors"
	"linli/internal/desk"
	"linli/internal/request"
	"linli/internal/whistle"
	"net"
	"net/http"
	"net/netip"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/web"
)

// LinkCookie carries the token of a link that a party opened.
const LinkCookie = request.LinkCookie

// SiteOptions say how the front door behaves.
type SiteOptions struct {
	Demo         bool           // the banner on every page
	Trusted      []netip.Prefix // proxies whose X-Forwarded-For is believed
	Tiles        *area.Tiles    // below the map; nil: none
	MetricsToken string         // opens /metrics to others than this machine
}

// Site is the house with its front door: pages, API and static files.
type Site struct {
	*House
	Desk  *desk.Service
	Pages *web.Renderer
	API   huma.API
	edge  *httpx.Server
}

// NewSite puts every room's routes behind one edge.
func NewSite(h *House, o SiteOptions) (*Site, error) {
	mux := http.NewServeMux()
	s := &Site{House: h, Desk: desk.New(h.Cases), Pages: web.New(h.Words), API: httpx.NewAPI(mux)}
	s.Pages.Demo = o.Demo
	s.Pages.Nav = s.nav
	s.Pages.Office = func(r *http.Request) bool { return identity.From(r.Context()).Known() }
	s.Pages.Banner = h.Notices.Banner(s.Pages)
	s.Pages.AboutProof = "/proof"
	s.Pages.Feedback = feedbackPath
	if err := s.Pages.Check(); err != nil {
		return nil, err
	}
	h.People.Home, h.People.NoFactor = "/", o.Demo
	h.People.CaseOf, h.People.FunctionName = s.caseOf, s.functionName
	s.suggest()
	h.Command.OnDuty = h.onDuty
	s.routes(mux)
	h.Areas.SetTiles(o.Tiles)
	s.edge = httpx.New(mux, httpx.Options{
		Pictures: o.Tiles.Origin(),
		Book:     h.Words, Log: h.Log, Page: s.Pages.Fault, Within: s.who, Trusted: o.Trusted, MetricsToken: o.MetricsToken,
		Ready: []httpx.Check{{Name: "database", Hold: h.answers}, {Name: "catalogue", Hold: h.inForce}},
	})
	return s, nil
}

// routes are those of the rooms and of the roof itself.
func (s *Site) routes(mux *http.ServeMux) {
	s.Pages.Routes(mux)
	s.Pages.Design(mux)
	s.People.Routes(mux, s.API, s.Pages)
	s.Staff.Routes(mux, s.Pages)
	s.Areas.Routes(mux, s.API, s.Pages)
	s.Duty.Routes(mux, s.API, s.Pages)
	s.Law.Routes(mux, s.API, s.Pages)
	s.Desk.Routes(mux, s.API, s.Pages, s.doors())
	s.Ballot.Places = s.ballotPlaces
	s.Ballot.Routes(mux, s.Pages)
	s.Requests.Routes(mux, s.API, s.Pages)
	s.Merging.Routes(mux, s.Pages)
	s.Matters.Routes(mux, s.Pages)
	s.Public.Routes(mux, s.Pages)
	s.Boards.Routes(mux, s.Pages)
	s.Search.Routes(mux, s.API, s.Pages)
	s.Command.Routes(mux, s.API, s.Pages)
	s.Notices.Routes(mux, s.Pages)
	s.Accounts.Routes(mux, s.Pages)
	s.Books.Routes(mux, s.Pages)
	s.Selfrule.Routes(mux, s.Pages)
	s.Assets.Routes(mux, s.Pages)
	s.Figures.Routes(mux, s.API, s.Pages)
	s.Coordination.Routes(mux, s.API, s.Pages)
	whistle.Routes(s.Coordination, mux, s.Pages)
	mux.HandleFunc("GET /{$}", s.getHome)
	s.Home.Routes(mux, s.Pages)
	s.Setup.Routes(mux, s.Pages)
	s.proofRoutes(mux)
	s.areaRoutes(mux)
	s.editionRoutes(mux)
}

// Handler is the whole front door.
func (s *Site) Handler() http.Handler { return s.edge.Handler() }

// Serve answers on l until ctx ends, then finishes what has begun.
func (s *Site) Serve(ctx context.Context, l net.Listener, conf *tls.Config) error {
	return s.edge.Serve(ctx, l, conf)
}

// who stands between the edge and the rooms: by session or token, else by the
// cookie of a party's link, it notes who asks.
func (s *Site) who(next http.Handler) http.Handler {
	return s.People.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie(LinkCookie); err == nil && c.Value != "" && !identity.From(r.Context()).Known() {
			party, err := s.Cases.PartyByToken(r.Context(), seal.HashToken(c.Value))
			switch {
			case err == nil:
				r = r.WithContext(identity.With(r.Context(), identity.Actor{Kind: identity.Link, Party: party}))
			case fault.Is(err, fault.NotFound): // a link that is no longer good opens nothing
				http.SetCookie(w, linkCookie(r, "", -1))
			default:
				httpx.Fail(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	}))
}

// linkCookie holds a link's token where no script reads it.
func linkCookie(r *http.Request, token string, seconds int) *http.Cookie {
	return &http.Cookie{Name: LinkCookie, Value: token, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"}
}

// answers says whether the database can be read.
func (h *House) answers(ctx context.Context) error {
	_, err := h.DB.Epochs(ctx)
	return err
}

var errNothingInForce = errors.New("no edition of the catalogue is in force")

func (h *House) inForce(context.Context) error {
	if h.Editions.Current() == 0 {
		return errNothingInForce
	}
	return nil
}
