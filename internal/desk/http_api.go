package desk

import (
	"context"
	"linli/internal/casework"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
)

// asker keeps the request for what limits look at.
type asker struct{ r *http.Request }

// Resolve keeps the request; it refuses nothing.
func (a *asker) Resolve(ctx huma.Context) []error {
	a.r, _ = humago.Unwrap(ctx)
	return nil
}

// What the API takes. Instants are RFC 3339; money is in fen; values of fields
// are as docs/procedure.md says.
type (
	openingInput struct {
		asker
		Key  string `header:"Idempotency-Key" maxLength:"64" doc:"128 bits; the same key with the same body gives the same answer for 90 days"`
		Body struct {
			Procedure string         `json:"procedure" maxLength:"64"`
			Act       string         `json:"act,omitempty" maxLength:"64" doc:"The opening act, where the procedure has several"`
			Values    map[string]any `json:"values,omitempty" doc:"Values by field"`
			Happened  string         `json:"happened,omitempty" maxLength:"40" doc:"When it happened, where that is not now (RFC 3339)"`
		}
	}
	actInput struct {
		ID   string `path:"id" maxLength:"64" doc:"Id or number of the case"`
		Key  string `header:"Idempotency-Key" maxLength:"64" doc:"128 bits; the same key with the same body gives the same answer for 90 days"`
		Body struct {
			Act      string         `json:"act" maxLength:"64" doc:"An act of the procedure, _annul or _erase"`
			Version  int64          `json:"version,omitempty" minimum:"0" doc:"The version that was seen; another one is refused as stale"`
			Values   map[string]any `json:"values,omitempty" doc:"Values by field; of an opinion also \"verdict\": agree or object"`
			Happened string         `json:"happened,omitempty" maxLength:"40" doc:"When it happened, where that is not now (RFC 3339)"`
			Reason   string         `json:"reason,omitempty" maxLength:"2000" doc:"Of _annul and _erase"`
			Target   string         `json:"target,omitempty" maxLength:"64" doc:"Of _erase: only in this act"`
			Fields   []string       `json:"fields,omitempty" maxItems:"100" doc:"Of _erase: the fields"`
		}
	}
	caseInput struct {
		ID string `path:"id" maxLength:"64" doc:"Id or number of the case"`
	}
	revealInput struct {
		ID   string `path:"id" maxLength:"64" doc:"Id or number of the case"`
		Body struct {
			Field   string `json:"field" maxLength:"64"`
			Purpose string `json:"purpose" maxLength:"500" doc:"For what; it goes on the read log"`
		}
	}
	listInput struct {
		Box       string `query:"box" enum:"mine,unit,above,told,all" doc:"One box of the inbox; without it all"`
		Due       string `query:"due" enum:"today,overdue"`
		Kind      string `query:"kind" enum:"open,waiting,done,final" doc:"open is everything that is not done or final"`
		Procedure string `query:"procedure" maxLength:"64"`
		State     string `query:"state" maxLength:"64"`
		Class     string `query:"class" maxLength:"64"`
		Area      string `query:"area" maxLength:"15" doc:"This area and all below"`
		Unit      string `query:"unit" maxLength:"64"`
		Parent    string `query:"parent" maxLength:"26"`
		Words     string `query:"q" maxLength:"100" doc:"A number, or words of the title"`
		Field     string `query:"field" maxLength:"64" doc:"A listed field …"`
		Value     string `query:"value" maxLength:"200" doc:"… and its value"`
		After     string `query:"after" maxLength:"64" doc:"next of the page before"`
		Limit     int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	procedureInput struct {
		Name string `path:"name" maxLength:"64"`
	}
	nothing struct{}
)

// What the API gives.
type (
	private[T any] struct {
		Cache string `header:"Cache-Control"`
		Body  T
	}
	apiReceipt struct {
		Case     string   `json:"case" doc:"Id of the case"`
		Number   string   `json:"number"`
		Act      string   `json:"act" doc:"Id of the act; /api/v1/proofs/{id} proves it"`
		Leaf     string   `json:"leaf" doc:"Hash of the act's leaf in the log"`
		State    string   `json:"state"`
		Version  int64    `json:"version"`
		Recorded string   `json:"recorded"`
		Token    string   `json:"token,omitempty" doc:"Opens /q/TOKEN for the party; told once"`
		Children []string `json:"children,omitempty" doc:"Ids of cases that the act opened"`
	}
)

const noStore = "no-store"

func keep[T any](body T) *private[T] { return &private[T]{noStore, body} }

func (e *edge) routesAPI(api huma.API) {
	op := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/v1" + path, Summary: summary, Tags: []string{"cases"}, DefaultStatus: status,
			Errors: []int{403, 404, 409, 422}}
	}
	quiet := op("openCase", http.MethodPost, "/cases", "Open a case", 201)
	quiet.Metadata = map[string]any{"quiet": true}
	httpx.Register(api, quiet, e.apiOpen)
	httpx.Register(api, op("doAct", http.MethodPost, "/cases/{id}/acts", "Carry out an act of a case", 200), e.apiAct)
	httpx.Register(api, op("getCase", http.MethodGet, "/cases/{id}", "A case as the asker may see it", 200), e.apiCase)
	httpx.Register(api, op("listCases", http.MethodGet, "/cases", "Cases the asker may see, the earliest due first", 200), e.apiCases)
	httpx.Register(api, op("revealValue", http.MethodPost, "/cases/{id}/reveal", "Open one sealed value, on the read log", 200), e.apiReveal)
	httpx.Register(api, op("listProcedures", http.MethodGet, "/procedures", "The procedures in force", 200), e.apiProcedures)
	httpx.Register(api, op("getProcedure", http.MethodGet, "/procedures/{name}", "A procedure: form, states, clocks and acts", 200), e.apiProcedure)
}

// apiInstant reads an instant; "" is 0, which the engine takes for now.
func apiInstant(s string) (clock.Instant, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "procedure.value_moment").At("happened")
	}
	return clock.At(t), nil
}

func apiKey(s string) (string, error) {
	if s = strings.TrimSpace(s); s == "" {
		return "", nil
	}
	return httpx.ParseKey(s)
}

func (e *edge) apiOpen(ctx context.Context, in *openingInput) (*private[apiReceipt], error) {
	a := identity.From(ctx)
	if !a.Known() && e.o.Limit != nil {
		if err := e.o.Limit(ctx, in.r); err != nil {
			return nil, err
		}
	}
	key, err := apiKey(in.Key)
	if err != nil {
		return nil, err
	}
	happened, err := apiInstant(in.Body.Happened)
	if err != nil {
		return nil, err
	}
	r, err := e.Open(ctx, a, casework.Opening{Procedure: in.Body.Procedure, Act: in.Body.Act, Values: in.Body.Values, Happened: happened, Key: key})
	if err != nil {
		return nil, err
	}
	return keep(toReceipt(r)), nil
}

func (e *edge) apiAct(ctx context.Context, in *actInput) (*private[apiReceipt], error) {
	key, err := apiKey(in.Key)
	if err != nil {
		return nil, err
	}
	happened, err := apiInstant(in.Body.Happened)
	if err != nil {
		return nil, err
	}
	b := &in.Body
	r, err := e.Do(ctx, identity.From(ctx), casework.Asking{Case: in.ID, Act: b.Act, Version: b.Version, Values: b.Values, Happened: happened, Key: key,
		Reason: b.Reason, Target: b.Target, Fields: b.Fields})
	if err != nil {
		return nil, err
	}
	return keep(toReceipt(r)), nil
}

func toReceipt(r casework.Receipt) apiReceipt {
	return apiReceipt{r.Case, r.Number, r.Act, r.Leaf, r.State, r.Version, r.Recorded.String(), r.Token, r.Children}
}

func (e *edge) apiReveal(ctx context.Context, in *revealInput) (*private[struct {
	Value string `json:"value"`
}], error) {
	value, err := e.Reveal(ctx, identity.From(ctx), in.ID, in.Body.Field, in.Body.Purpose)
	if err != nil {
		return nil, err
	}
	return keep(struct {
		Value string `json:"value"`
	}{value}), nil
}
