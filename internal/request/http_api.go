package request

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"linli/internal/procedure"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/httpx"
)

func (e *edge) api(api huma.API) {
	tags := []string{"requests"}
	quiet := map[string]any{"quiet": true}
	httpx.Register(api, huma.Operation{OperationID: "report", Method: http.MethodPost, Path: "/api/v1/requests", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Report a matter; the receipt's link is told once", Errors: []int{403, 409, 422, 429}, Metadata: quiet}, e.postRequest)
	httpx.Register(api, huma.Operation{OperationID: "nearby-requests", Method: http.MethodGet, Path: "/api/v1/requests/nearby", Tags: tags,
		Summary: "Open requests of a class within 300 m and 14 days: class, community, distance and state only", Errors: []int{404, 422}, Metadata: quiet}, e.getNearby)
	for _, up := range [][3]string{{photoKind, "/api/v1/photos", "Send one photo (JPEG, PNG, GIF, WebP); it is drawn anew, so that position and camera are gone"},
		{voiceKind, "/api/v1/recordings", "Send one voice note of at most 60 s (WebM, Ogg, MP4, AMR, WAV); it is kept as it was recorded, for who handles the case, and never public"}} {
		e.describeUpload(api, tags, up[0], up[1], up[2])
	}
}

func (e *edge) describeUpload(api huma.API, tags []string, kind, path, summary string) {
	answer := &huma.Response{Description: "The ticket, good for a report with the same Idempotency-Key", Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{kind: {Type: huma.TypeString}}, Required: []string{kind}}}}}
	api.OpenAPI().AddOperation(&huma.Operation{OperationID: "upload-" + kind, Method: http.MethodPost, Path: path, Tags: tags,
		Summary:     summary,
		Parameters:  []*huma.Param{{Name: "Idempotency-Key", In: "header", Required: true, Schema: &huma.Schema{Type: huma.TypeString, MinLength: ptr(leastKey), MaxLength: ptr(64)}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{kind: {Type: huma.TypeString, Format: "binary"}}, Required: []string{kind}}}}},
		Responses:   map[string]*huma.Response{"201": answer}})
}

func ptr[T any](v T) *T { return &v }

// PlaceBody is where something is.
type PlaceBody struct {
	Lon    *float64 `json:"lon,omitempty" minimum:"-180" maximum:"180" doc:"Longitude in degrees"`
	Lat    *float64 `json:"lat,omitempty" minimum:"-90" maximum:"90" doc:"Latitude in degrees"`
	Datum  string   `json:"datum,omitempty" maxLength:"20" doc:"WGS-84, CGCS2000, GCJ-02 or BD-09; mandatory where coordinates are given, it is never guessed"`
	Meters *float64 `json:"meters,omitempty" minimum:"0" maximum:"1000000" doc:"Metres within which the true place lies"`
	Words  string   `json:"words,omitempty" maxLength:"200"`
	Area   string   `json:"area,omitempty" maxLength:"20" doc:"Code of a grid, community, street or county"`
}

// decoded is the place as casework reads it.
func (p *PlaceBody) decoded() map[string]any {
	out := map[string]any{}
	if p == nil {
		return out
	}
	if p.Lon != nil {
		out["lon"] = *p.Lon
	}
	if p.Lat != nil {
		out["lat"] = *p.Lat
	}
	if p.Meters != nil && (p.Lon != nil || p.Lat != nil) {
		out["meters"] = *p.Meters
	}
	for name, v := range map[string]string{"datum": p.Datum, "words": p.Words, "area": p.Area} {
		if v != "" {
			out[name] = v
		}
	}
	return out
}

// asking keeps the request itself, for its address.
type asking struct{ r *http.Request }

// Resolve keeps the request; it refuses nothing.
func (a *asking) Resolve(ctx huma.Context) []error {
	a.r, _ = humago.Unwrap(ctx)
	return nil
}

type reportInput struct {
	asking
	Key  string `header:"Idempotency-Key" required:"true" minLength:"22" maxLength:"64" doc:"128 random bits; the same key with the same body gives the same receipt"`
	Body struct {
		Words      string     `json:"words,omitempty" maxLength:"2000"`
		Class      string     `json:"class,omitempty" maxLength:"64"`
		Details    string     `json:"details,omitempty" maxLength:"1000"`
		Place      *PlaceBody `json:"place,omitempty"`
		Voice      string     `json:"recording,omitempty" maxLength:"64" doc:"Ticket of upload-recording under the same key"`
		Photos     []string   `json:"photos,omitempty" maxItems:"9" doc:"Tickets of upload-photo under the same key"`
		Phone      string     `json:"phone,omitempty" maxLength:"30" doc:"Optional; kept sealed, used to reach the reporter about this matter only"`
		AboutUnit  bool       `json:"about_unit,omitempty" doc:"A complaint about a unit or its people"`
		Complained string     `json:"complained,omitempty" maxLength:"64" doc:"The unit complained about, where known"`
	}
}

// ReceiptAnswer is what a program gets for a report.
type ReceiptAnswer struct {
	Body struct {
		Number   string `json:"number"`
		Link     string `json:"link" doc:"Opens the case for its reporter; told here and nowhere else"`
		Leaf     string `json:"leaf" doc:"Hash of the entry in the log, 64 hexadecimal digits"`
		State    string `json:"state"`
		Recorded string `json:"recorded"`
	}
}

func (e *edge) postRequest(ctx context.Context, in *reportInput) (*ReceiptAnswer, error) {
	a := identity.From(ctx)
	if in.Body.Place != nil && (in.Body.Place.Lon != nil || in.Body.Place.Lat != nil) && in.Body.Place.Datum == "" {
		return nil, fault.New(fault.Invalid, "request.datum_missing").At("place.datum")
	}
	if !a.Known() {
		if err := e.take(ctx, limitSend, httpx.Address(in.r)); err != nil {
			return nil, err
		}
	}
	b := in.Body
	receipt, err := e.Send(ctx, a, Report{Key: in.Key, Words: b.Words, Class: b.Class, Details: b.Details, Place: b.Place.decoded(), Photos: b.Photos, Voice: b.Voice,
		Phone: b.Phone, AboutUnit: b.AboutUnit, Complained: b.Complained, Channel: "program"})
	if err != nil {
		return nil, err
	}
	out := &ReceiptAnswer{}
	out.Body.Number, out.Body.Leaf, out.Body.State, out.Body.Recorded = receipt.Number, receipt.Leaf, receipt.State, receipt.Recorded.String()
	out.Body.Link = e.base(in.r) + "/q/" + receipt.Token
	return out, nil
}

type nearInput struct {
	Class string  `query:"class" required:"true" maxLength:"64"`
	Lon   float64 `query:"lon"`
	Lat   float64 `query:"lat"`
	Area  string  `query:"area" maxLength:"20" doc:"Instead of a point: code of a grid or community"`
	Datum string  `query:"datum" maxLength:"20" doc:"WGS-84, CGCS2000, GCJ-02 or BD-09; must be stated"`
}

// NearAnswer lists similar open requests.
type NearAnswer struct {
	Body struct {
		Requests []Similar `json:"requests"`
	}
}

func (e *edge) getNearby(ctx context.Context, in *nearInput) (*NearAnswer, error) {
	place := procedure.Place{Area: in.Area}
	if in.Area == "" {
		datum, err := geo.ParseDatum(in.Datum)
		if err != nil {
			return nil, err
		}
		p, err := geo.To(area.Point{Lon: in.Lon, Lat: in.Lat}, datum)
		if err != nil {
			return nil, err
		}
		place.Lon, place.Lat = p.Lon, p.Lat
	}
	near, err := e.Near(ctx, in.Class, place)
	if err != nil {
		return nil, err
	}
	out := &NearAnswer{}
	out.Body.Requests = append([]Similar{}, near...)
	return out, nil
}

// postUpload takes one photo or voice note as a multipart form with one part of
// that name. It reads the parts itself, so that a picture with its position never
// lies on the disk.
func (e *edge) postUpload(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ticket, err := e.uploaded(r, kind)
		if err != nil {
			httpx.Fail(w, r, err)
			return
		}
		answerJSON(w, http.StatusCreated, map[string]string{kind: ticket})
	}
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a reader who went away needs no answer
}

func (e *edge) uploaded(r *http.Request, kind string) (string, error) {
	key := r.Header.Get("Idempotency-Key")
	if len(key) < leastKey || len(key) > 64 {
		return "", fault.New(fault.Invalid, "request.key_short", "least", leastKey).At("Idempotency-Key")
	}
	if !actor(r).Known() {
		if err := e.take(r.Context(), limitPhoto, httpx.Address(r)); err != nil {
			return "", err
		}
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return "", fault.New(fault.Invalid, "httpx.media").Because(err)
	}
	part, err := parts.NextPart()
	if errors.Is(err, io.EOF) {
		return "", fault.New(fault.Invalid, "request."+kind+"_missing").At(kind)
	}
	if err != nil {
		return "", broken(err)
	}
	if part.FormName() != kind {
		return "", fault.New(fault.Invalid, "request.form_broken").At(part.FormName())
	}
	if kind == voiceKind {
		data, media, err := heard(part)
		if err != nil {
			return "", broken(err)
		}
		return e.keepAs(r.Context(), kind, key, data, media)
	}
	jpeg, err := drawn(part)
	if err != nil {
		return "", broken(err)
	}
	return e.keep(r.Context(), key, jpeg)
}
