package evaluation

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
)

type (
	// FilterIn is what both questions narrow by; exported, or its fields would not
	// be read.
	FilterIn struct {
		Procedure string `query:"procedure" maxLength:"64" doc:"Left out: the first of the catalogue"`
		Area      string `query:"area" maxLength:"15" doc:"Code, with all below; - for none"`
		Unit      string `query:"unit" maxLength:"64" doc:"With all below; - for none"`
		Class     string `query:"class" maxLength:"64" doc:"With all below; - for none"`
		Channel   string `query:"channel" maxLength:"64"`
		From      string `query:"from" maxLength:"7" doc:"Month, 2026-01; open where it is left out"`
		To        string `query:"to" maxLength:"7" doc:"Month, included"`
	}
	figuresIn struct {
		FilterIn
		By string `query:"by" enum:"month,area,unit,class,channel" default:"month"`
	}
	figure struct {
		Indicator string `json:"indicator"`
		N         int64  `json:"n" doc:"Of a count the count, of a share the numerator"`
		Of        *int64 `json:"of,omitempty" doc:"The denominator; 0 is no data"`
	}
	figureRow struct {
		Key     string   `json:"key" doc:"Month 202611, or code or id; earlier and later hold the stock outside the chosen months"`
		Figures []figure `json:"figures"`
	}
	figuresOut struct {
		Body struct {
			Behind int64       `json:"behind" doc:"Entries of the log not counted yet"`
			Fewest int64       `json:"fewest" doc:"A share of fewer cases is not to be shown as a percentage"`
			Total  []figure    `json:"total"`
			Rows   []figureRow `json:"rows"`
		}
	}
	burdenIn struct {
		Sender   string `query:"sender" maxLength:"64" doc:"Who asked, with all below; - for none"`
		Receiver string `query:"receiver" maxLength:"64" doc:"Who bears it, with all below; what tells of senders alone is left out then"`
		From     string `query:"from" maxLength:"7" doc:"Month, 2026-01; open where it is left out"`
		To       string `query:"to" maxLength:"7" doc:"Month, included"`
		By       string `query:"by" enum:"month,sender,receiver" default:"month"`
	}
	listIn struct {
		FilterIn
		Indicator string `query:"indicator" required:"true" maxLength:"64"`
		Side      string `query:"side" enum:"yes,miss" doc:"Of a share: the numerator, or what is not in it"`
		After     string `query:"after" maxLength:"64"`
		Limit     int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	listedCase struct {
		ID     string `json:"id"`
		Number string `json:"number"`
		State  string `json:"state"`
	}
	listOut struct {
		Body struct {
			Total  int64        `json:"total"`
			Cases  []listedCase `json:"cases"`
			Hidden int          `json:"hidden" doc:"Of this page, counted but not the caller's to see"`
			Next   string       `json:"next,omitempty" doc:"For after"`
		}
	}
)

func (s *Service) routesAPI(api huma.API) {
	httpx.Register(api, huma.Operation{OperationID: "figures", Method: http.MethodGet, Path: "/api/v1/figures", Tags: []string{"figures"},
		Summary: "Indicators of the cases that the caller may see counted", Errors: []int{401, 403, 422}}, s.apiFigures)
	httpx.Register(api, huma.Operation{OperationID: "figures-cases", Method: http.MethodGet, Path: "/api/v1/figures/cases", Tags: []string{"figures"},
		Summary: "The cases behind one figure, newest first", Errors: []int{401, 403, 422}}, s.apiCases)
	httpx.Register(api, huma.Operation{OperationID: "burden", Method: http.MethodGet, Path: "/api/v1/burden", Tags: []string{"figures"},
		Summary: "What was asked of streets and communities, by whom, and what became of it; for every official", Errors: []int{401, 403, 422}}, s.apiBurden)
}

func (in FilterIn) filter() (Filter, error) {
	f := Filter{Procedure: in.Procedure, Area: in.Area, Unit: in.Unit, Class: in.Class, Channel: in.Channel}
	for _, x := range []struct {
		name, raw string
		into      *int
	}{{"from", in.From, &f.From}, {"to", in.To, &f.To}} {
		if x.raw == "" {
			continue
		}
		month, ok := ParseMonth(x.raw)
		if !ok {
			return f, fault.New(fault.Invalid, "evaluation.month").At(x.name)
		}
		*x.into = month
	}
	return f, nil
}

func signedIn(ctx context.Context) (identity.Actor, error) {
	a := identity.From(ctx)
	if !a.Known() {
		return a, fault.New(fault.Forbidden, "httpx.sign_in")
	}
	return a, nil
}

func (s *Service) apiFigures(ctx context.Context, in *figuresIn) (*figuresOut, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	list, err := s.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	if f.Procedure == "" {
		f.Procedure = list.Procedures()[0]
	}
	got, err := s.Figures(ctx, a, f, By(in.By))
	if err != nil {
		return nil, err
	}
	state, err := s.State(ctx)
	if err != nil {
		return nil, err
	}
	out := &figuresOut{}
	out.fill(state, list.Fewest, list.Of(f.Procedure), got)
	return out, nil
}

// fill writes figures with those of the indicators that are meant.
func (out *figuresOut) fill(state State, fewest int64, indicators []Indicator, got Figures) {
	figures := func(sums map[string]Sum) []figure {
		all := []figure{}
		for _, i := range indicators {
			x := figure{Indicator: i.ID, N: sums[i.ID].N}
			if i.Rate() {
				of := sums[i.ID].Of
				x.Of = &of
			}
			all = append(all, x)
		}
		return all
	}
	out.Body.Behind, out.Body.Fewest, out.Body.Total, out.Body.Rows = state.Behind, fewest, figures(got.Total), []figureRow{}
	for _, r := range got.Rows {
		out.Body.Rows = append(out.Body.Rows, figureRow{r.Key, figures(r.Sums)})
	}
}

func (s *Service) apiBurden(ctx context.Context, in *burdenIn) (*figuresOut, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	f, err := FilterIn{Unit: in.Receiver, From: in.From, To: in.To}.filter()
	if err != nil {
		return nil, err
	}
	f.Other = in.Sender
	list, err := s.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	got, err := s.Burden(ctx, a, f, map[string]By{"month": ByMonth, "sender": ByOther, "receiver": ByUnit}[in.By])
	if err != nil {
		return nil, err
	}
	state, err := s.State(ctx)
	out := &figuresOut{}
	out.fill(state, list.Fewest, list.Burden(), got)
	return out, err
}

func (s *Service) apiCases(ctx context.Context, in *listIn) (*listOut, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	found, err := s.Cases(ctx, a, f, in.Indicator, Share(in.Side), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listOut{}
	out.Body.Total, out.Body.Hidden, out.Body.Next, out.Body.Cases = found.Total, found.Hidden, found.Next, []listedCase{}
	for _, r := range found.Rows {
		out.Body.Cases = append(out.Body.Cases, listedCase{r.ID, r.Number, r.State})
	}
	return out, nil
}
