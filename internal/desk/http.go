package desk

import (
	"context"
	"linli/internal/casework"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/seal"
	"linli/internal/kit/text"
	"linli/web"
)

// Doors are what other rooms put into the pages of this one. The zero value
// works: codes are then shown as codes, and files cannot be added.
type Doors struct {
	// Upload keeps the files that a multipart form posts for one field and gives
	// their ids. The form is parsed already; fields without files give none.
	Upload func(ctx context.Context, r *http.Request, field string) (ids []string, err error)
	// File gives the addresses of an attachment of a case, small and whole; ""
	// where the asker may not see it.
	File func(ctx context.Context, caseID, id string) (small, whole string)
	// Area names the place of an area code, empty where it is not known.
	Area func(ctx context.Context, code string) text.Words
	// Areas are the codes an actor may want to choose from in a field of type area.
	Areas func(ctx context.Context, a identity.Actor) ([]Choice, error)
	// Class names a class, empty where it is not known.
	Class func(ctx context.Context, id string) text.Words
	// Classes are what a field of type class offers.
	Classes func(ctx context.Context) ([]Choice, error)
	// Called is what a room calls a value that a case holds by its id; "" has none,
	// and the value itself is shown.
	Called func(ctx context.Context, field, value, lang string) string
	// Find gives the cases that fit some words; nil looks in titles and numbers.
	Find func(ctx context.Context, a identity.Actor, words string) (ids []string, err error)
	// Elsewhere is the address of a page that another room has for an opening
	// act; "" has the generic page.
	Elsewhere func(procedure, act string) string
	// ActPage is the address of a page that another room has for an act of a case,
	// where the generic form would not do; "" has the form.
	ActPage func(procedure, act, caseID string) string
	// Limit holds who has no account to a number of openings; see LimitOpenings.
	Limit func(ctx context.Context, r *http.Request) error
	// Address is under which people reach this house, for codes on paper; "" is the
	// one the asker used.
	Address string
	// Beside is what other rooms tell on the page of a case, above its acts.
	Beside func(r *http.Request, v *casework.View) ([]web.Notice, error)
	// Together are the buttons for cases that are ticked in a list; each posts them
	// as "case" to its address.
	Together func(r *http.Request) []web.NavItem
	// Link is the address that opens a party's case; nil is /q/TOKEN.
	Link func(r *http.Request, token string) string
}

// Choice is one thing to choose from in a form.
type Choice struct {
	Value        string
	Label, Group text.Words
}

// Suggestion is a value that another room proposes for a field of an act, and why.
type Suggestion struct {
	Field, Value, Label, Reason string
}

// Suggest proposes values for an act of the case that is looked at.
type Suggest func(ctx context.Context, v *casework.View) ([]Suggestion, error)

// OnSuggest has fn propose values for the form of an act: the name of the act,
// or PROCEDURE/ACT for one procedure only. The roof calls it before Routes.
func (s *Service) OnSuggest(act string, fn Suggest) {
	if s.suggests == nil {
		s.suggests = map[string][]Suggest{}
	}
	s.suggests[act] = append(s.suggests[act], fn)
}

// LimitOpenings is a Doors.Limit: so many openings from one address within window.
func (s *Service) LimitOpenings(most int, window time.Duration) func(context.Context, *http.Request) error {
	return func(ctx context.Context, r *http.Request) error {
		return s.People.Take(ctx, "desk.open", httpx.Address(r), most, window)
	}
}

// edge draws this room's pages and answers its API.
type edge struct {
	*Service
	rd     *web.Renderer
	o      Doors
	rights *edition.Compiled[identity.Rights]
}

// Routes puts the room's pages and API on the mux.
func (s *Service) Routes(mux *http.ServeMux, api huma.API, pages *web.Renderer, o Doors) {
	e := &edge{Service: s, rd: pages, o: o, rights: edition.Compile(s.Editions, identity.LoadRights)}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /cases":                           identity.SignedIn(e.getCases),
		"GET /new":                             e.getOpenings,
		"GET /new/{procedure}":                 e.getOpening,
		"POST /new/{procedure}":                httpx.Large(httpx.LargeBody, e.postOpening),
		"GET /new/{procedure}/{act}":           e.getOpening,
		"POST /new/{procedure}/{act}":          httpx.Large(httpx.LargeBody, e.postOpening),
		"POST /cases/batch":                    identity.SignedIn(httpx.Large(httpx.LargeBody, e.postBatch)),
		"POST /cases/slips.pdf":                identity.SignedIn(e.postSlips),
		"POST /cases/filters":                  identity.SignedIn(e.postFilter),
		"GET /cases/templates":                 identity.SignedIn(e.getTemplates),
		"POST /cases/templates":                identity.SignedIn(e.postTemplate),
		"POST /cases/templates/{id}/drop":      identity.SignedIn(e.postTemplateDrop),
		"GET /cases/export":                    identity.SignedIn(e.getExport),
		"POST /cases/export":                   identity.SignedIn(e.postExport),
		"GET /cases/{id}/slip.pdf":             identity.SignedIn(e.getSlip),
		"GET /new/{procedure}/paper.pdf":       e.getPaper,
		"GET /new/{procedure}/{act}/paper.pdf": e.getPaper,
		"GET /cases/{id}":                      e.known(e.getCase),
		"POST /cases/{id}/acts":                e.known(httpx.Large(httpx.LargeBody, e.postAct)),
		"POST /cases/{id}/reveal":              e.known(e.postReveal),
		"POST /cases/{id}/seen":                identity.SignedIn(e.postSeen),
		"GET /notices":                         e.getNotices,
		"GET /notices/{number}":                e.getNotice,
	} {
		mux.HandleFunc(pattern, unseen(h))
	}
	e.routesAPI(api)
}

// unseen leaves no log line of those who have no account: when they report and
// look is nobody's business.
func unseen(h http.HandlerFunc) http.HandlerFunc {
	quiet := httpx.Quiet(h)
	return func(w http.ResponseWriter, r *http.Request) {
		if identity.From(r.Context()).Known() {
			h(w, r)
			return
		}
		quiet(w, r)
	}
}

// known keeps a page for people with an account and for holders of a link.
func (e *edge) known(h http.HandlerFunc) http.HandlerFunc {
	in := identity.SignedIn(h)
	return func(w http.ResponseWriter, r *http.Request) {
		if identity.From(r.Context()).Kind == identity.Link {
			h(w, r)
			return
		}
		in(w, r)
	}
}

// freshKey is the idempotency key that a form carries.
func freshKey() string { return seal.Token() }

// parseForm reads a form of either kind.
func parseForm(r *http.Request) error {
	err := r.ParseMultipartForm(4 << 20)
	if err == http.ErrNotMultipart { //nolint:errorlint // the standard library returns it bare
		err = r.ParseForm()
	}
	if err != nil {
		return httpx.BodyFault(err)
	}
	return nil
}

// formKey reads the idempotency key of a posted form; a form without one is
// taken once for each posting.
func formKey(r *http.Request) (string, error) {
	s := r.PostForm.Get("_key")
	if s == "" {
		return "", nil
	}
	return httpx.ParseKey(s)
}

// formHappened reads when an act is said to have happened; 0 is now.
func formHappened(r *http.Request) (clock.Instant, error) {
	s := r.PostForm.Get("_happened")
	if s == "" {
		return 0, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, clock.China); err == nil {
			return clock.At(t), nil
		}
	}
	return 0, fault.New(fault.Invalid, "procedure.value_moment").At("_happened")
}
