package duty

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
	"linli/internal/kit/text"
	"linli/web"
)

// Places finds areas by words; *area.Service is one.
type Places interface {
	Find(ctx context.Context, words, under string, limit int) ([]area.Found, error)
}

// edge draws this room's pages and answers its API.
type edge struct {
	*Service
	rd *web.Renderer
}

// Routes puts the room's pages and API on mux and api: the public page of who is
// responsible for what, and the staff page to import and publish a list.
func (s *Service) Routes(mux *http.ServeMux, api huma.API, pages *web.Renderer) {
	e := &edge{s, pages}
	mux.HandleFunc("GET /duty", e.getDuty)
	mux.HandleFunc("GET /duty/{file}", e.getTable)
	mux.HandleFunc("GET /duty/certificates", e.getCertificates)
	mux.HandleFunc("GET /duty/places", e.getPlaces)
	mux.HandleFunc("GET /duty/of/{area}", e.getPlace)
	mux.HandleFunc("GET /duty/versions/{list}", e.getVersions)
	mux.HandleFunc("GET /admin/duty", identity.SignedIn(e.getStaff))
	mux.HandleFunc("POST /admin/duty/check", httpx.Large(httpx.LargeBody, identity.SignedIn(e.postCheck)))
	mux.HandleFunc("POST /admin/duty/publish", httpx.Large(httpx.LargeBody, identity.SignedIn(e.postPublish)))
	mux.HandleFunc("GET /admin/duty/{list}", identity.SignedIn(e.getList))
	mux.HandleFunc("POST /admin/duty/{list}", identity.SignedIn(e.postItem))
	mux.HandleFunc("GET /admin/duty/{list}/{item}", identity.SignedIn(e.getItem))
	tags := []string{"duty"}
	httpx.Register(api, huma.Operation{OperationID: "find-classes", Method: http.MethodGet, Path: "/api/v1/classes", Tags: tags,
		Summary: "Classes of residents' matters by plain words, best first; without words all of them", Errors: []int{422}}, s.apiClasses)
	httpx.Register(api, huma.Operation{OperationID: "suggest-duty", Method: http.MethodGet, Path: "/api/v1/duty/suggest", Tags: tags,
		Summary: "Who should lead a matter at a place, by which item, and why", Errors: []int{404, 422}}, s.apiSuggest)
}

// ClassView is a class as programs see it.
type ClassView struct {
	ID        string    `json:"id"`
	Parent    string    `json:"parent,omitempty"`
	Zh        string    `json:"zh"`
	En        string    `json:"en"`
	Kind      string    `json:"kind,omitempty" doc:"Hint: consult, help, complaint, report or suggestion"`
	GB        []string  `json:"gb,omitempty" doc:"Matters of GB/T 47678.5-2026; transcribed, not checked against the official text"`
	Emergency []string  `json:"emergency,omitempty" doc:"Numbers to call at once"`
	Self      bool      `json:"self_settle,omitempty" doc:"A grid worker may settle it alone"`
	AboutUnit bool      `json:"complaint_about_unit,omitempty"`
	Ask       []AskView `json:"ask,omitempty" doc:"Fields that only this class asks"`
	Score     int       `json:"score,omitempty" doc:"Only for comparing within one answer"`
	Word      string    `json:"word,omitempty" doc:"The word of the class that was met"`
}

// AskView is a field of a class.
type AskView struct {
	Name string `json:"name"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
	Max  int    `json:"max"`
}

func viewOfClass(k Class) ClassView {
	v := ClassView{ID: k.ID, Parent: k.Parent, Zh: k.Title["zh"], En: k.Title["en"], Kind: k.Kind, GB: k.GB, Emergency: k.Emergency, Self: k.Self, AboutUnit: k.AboutUnit}
	for _, a := range k.Ask {
		v.Ask = append(v.Ask, AskView{a.Name, a.Label["zh"], a.Label["en"], a.Max})
	}
	return v
}

type classesIn struct {
	Q     string `query:"q" maxLength:"500" doc:"Plain words, Chinese or English"`
	Limit int    `query:"limit" minimum:"1" maximum:"300" default:"300"`
}

type classesOut struct {
	Body struct {
		Edition   int64       `json:"edition" doc:"Edition of the catalogue that answered"`
		Classes   []ClassView `json:"classes"`
		Emergency []string    `json:"emergency,omitempty" doc:"Numbers to call at once, by the words"`
	}
}

func (s *Service) apiClasses(ctx context.Context, in *classesIn) (*classesOut, error) {
	cat, number, err := s.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	out := &classesOut{}
	out.Body.Edition, out.Body.Classes = number, []ClassView{}
	if strings.TrimSpace(in.Q) == "" {
		for _, k := range cat.Classes.All() {
			out.Body.Classes = append(out.Body.Classes, viewOfClass(k))
		}
		out.Body.Classes = out.Body.Classes[:min(in.Limit, len(out.Body.Classes))]
		return out, nil
	}
	for _, m := range cat.Classes.Match(in.Q, in.Limit) {
		v := viewOfClass(m.Class)
		v.Score, v.Word = m.Score, m.Word
		out.Body.Classes = append(out.Body.Classes, v)
	}
	for _, d := range cat.Classes.Emergencies(in.Q) {
		out.Body.Emergency = append(out.Body.Emergency, d.Call)
	}
	return out, nil
}

// FoundView is an item with its units as programs see it.
type FoundView struct {
	List    string       `json:"list"`
	Version string       `json:"version,omitempty"`
	Example bool         `json:"example,omitempty" doc:"Of an invented list"`
	Item    string       `json:"item"`
	Kind    string       `json:"kind" enum:"basic,cooperating,taken_back,department,community"`
	Zh      string       `json:"zh"`
	En      string       `json:"en,omitempty"`
	Lead    *UnitView    `json:"lead,omitempty" doc:"Absent where no unit covers the place"`
	Role    string       `json:"role" doc:"FUNCTION, FUNCTION@LEVEL or unit:ID"`
	Helpers []HelperView `json:"helpers,omitempty"`
	Limit   *LimitView   `json:"limit,omitempty"`
	Basis   string       `json:"basis,omitempty" doc:"Absent: basis not given"`
	Remedy  *SaidView    `json:"remedy,omitempty"`
}

// UnitView names a unit.
type UnitView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	En   string `json:"name_en,omitempty"`
}

// HelperView is a helper's role and unit.
type HelperView struct {
	Role string    `json:"role"`
	Unit *UnitView `json:"unit,omitempty"`
}

// LimitView is a time to act within.
type LimitView struct {
	Length int    `json:"length"`
	Unit   string `json:"unit" enum:"hour,day,workday,month"`
}

// SaidView is a sentence in both languages.
type SaidView struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

func unitView(u identity.Unit) *UnitView {
	if u.ID == "" {
		return nil
	}
	return &UnitView{u.ID, u.Name, u.NameEn}
}

func viewOfFound(f Found) FoundView {
	i := f.Item
	v := FoundView{List: f.ListID, Version: f.Version, Example: f.Example, Item: i.ID, Kind: i.Kind, Zh: i.Title["zh"], En: i.Title["en"],
		Lead: unitView(f.Lead), Role: i.Lead.String(), Basis: i.Basis}
	if i.Limit.Length > 0 {
		v.Limit = &LimitView{i.Limit.Length, i.Limit.Unit}
	}
	if f.Remedy != nil {
		v.Remedy = &SaidView{f.Remedy.In(text.Chinese), f.Remedy.In(text.English)}
	}
	for _, h := range f.Helpers {
		v.Helpers = append(v.Helpers, HelperView{h.Role.String(), unitView(h.Unit)})
	}
	return v
}

type suggestIn struct {
	Class string `query:"class" required:"true" maxLength:"40"`
	Area  string `query:"area" required:"true" maxLength:"20" pattern:"^[0-9]+$" doc:"Code of the place: street, village or community, or grid"`
}

type suggestOut struct {
	Body struct {
		Edition int64       `json:"edition"`
		Class   ClassView   `json:"class"`
		Found   *FoundView  `json:"suggestion,omitempty" doc:"Absent where no list names the class"`
		Reason  SaidView    `json:"reason"`
		Others  []FoundView `json:"others,omitempty"`
	}
}

func (s *Service) apiSuggest(ctx context.Context, in *suggestIn) (*suggestOut, error) {
	_, number, err := s.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	got, err := s.Suggest(ctx, in.Class, in.Area, s.clk.Now().Day())
	if err != nil {
		return nil, err
	}
	out := &suggestOut{}
	out.Body.Edition, out.Body.Class = number, viewOfClass(got.Class)
	out.Body.Reason = SaidView{s.book().Say(text.Chinese, got.ReasonKey, got.ReasonArgs), s.book().Say(text.English, got.ReasonKey, got.ReasonArgs)}
	if got.Known() {
		v := viewOfFound(got.Found)
		out.Body.Found = &v
	}
	for _, f := range got.Others {
		out.Body.Others = append(out.Body.Others, viewOfFound(f))
	}
	return out, nil
}

// getTable serves a list in force as CSV: /duty/LIST.csv.
func (e *edge) getTable(w http.ResponseWriter, r *http.Request) {
	id, isTable := strings.CutSuffix(r.PathValue("file"), ".csv")
	cat, _, err := e.Catalogue(r.Context())
	if err != nil {
		httpx.Fail(w, r, err)
		return
	}
	l, known := cat.List(id)
	if !known || !isTable {
		httpx.Fail(w, r, fault.New(fault.NotFound, "duty.no_list", "id", id))
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+id+`.csv"`)
	_ = l.WriteTable(w) // the reader is gone, nothing to be done
}

// asked cuts what stands in a query to what a page looks at.
func asked(r *http.Request, name string) string {
	s := strings.TrimSpace(r.URL.Query().Get(name))
	if utf8.RuneCountInString(s) > 200 {
		s = string([]rune(s)[:200])
	}
	return s
}
