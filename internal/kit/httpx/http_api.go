package httpx

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"linli/internal/kit/fault"
)

// Version of the API in its OpenAPI document.
const Version = "1"

var once sync.Once

// NewAPI puts an API on mux, with its OpenAPI 3.1 document at /api/openapi.json.
// Unknown fields, invalid UTF-8 and values outside their schema are refused with
// a Problem.
func NewAPI(mux *http.ServeMux) huma.API {
	// huma keeps its error types in package variables
	once.Do(func() {
		huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
			return refused(ctx.Context(), status, msg, errs)
		}
		huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
			return refused(context.Background(), status, msg, errs)
		}
	})
	c := huma.DefaultConfig("Linli", Version)
	c.OpenAPIPath = "/api/openapi"
	c.SchemasPath = "/api/schemas"
	c.DocsPath = ""     // its page loads script from elsewhere
	c.CreateHooks = nil // no $schema field in every answer
	c.RejectUnknownQueryParameters = true
	f := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	c.Formats = map[string]huma.Format{"application/json": f, "json": f}
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	return humago.New(mux, c)
}

// schemaName puts the package before the type: two rooms may each have a view of
// the same name.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		t = t.Elem()
	}
	pkg := t.PkgPath()
	if pkg = pkg[strings.LastIndexByte(pkg, '/')+1:]; pkg == "" || t.Name() == "" {
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

func unmarshal(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("the body is not valid UTF-8")
	}
	return json.Unmarshal(data, v)
}

// refused turns huma's own refusals into problems. Places are told, the values
// that were sent are not repeated.
func refused(ctx context.Context, status int, msg string, errs []error) huma.StatusError {
	var f *fault.Fault
	switch {
	case status == http.StatusRequestEntityTooLarge:
		f = fault.New(fault.Invalid, "httpx.too_large", "mib", BodyLimit>>20)
	case status == http.StatusUnsupportedMediaType || status == http.StatusNotAcceptable:
		f = fault.New(fault.Invalid, "httpx.media")
	case status == http.StatusRequestTimeout:
		f = fault.New(fault.Busy, "httpx.cut_off")
	case status >= http.StatusInternalServerError:
		f = fault.New(fault.Internal, "internal").Because(errors.Join(append([]error{errors.New(msg)}, errs...)...))
	case status >= http.StatusBadRequest || status == 0:
		f = fault.New(fault.Invalid, "httpx.schema", "n", max(len(errs), 1))
	default: // a redirect or "not modified" is no fault
		return &plain{status}
	}
	var places []FieldError
	for _, err := range errs {
		var big *http.MaxBytesError
		var own *fault.Fault
		var at huma.ErrorDetailer
		switch {
		case errors.As(err, &big):
			f = edge(ctx, err)
		case errors.As(err, &own):
			f = own
		case errors.As(err, &at):
			d := at.ErrorDetail()
			places = append(places, FieldError{Location: d.Location, Message: d.Message})
		case f.Kind != fault.Internal && err != nil:
			places = append(places, FieldError{Location: "body", Message: "cannot be read"})
		}
	}
	if len(places) > 0 && f.Field == "" {
		f = f.At(places[0].Location)
	}
	NoteIn(ctx, f)
	p := problem(ctx, f)
	p.Errors = places
	return p
}

// plain is a status without a fault.
type plain struct{ status int }

// Error is never shown.
func (p *plain) Error() string { return http.StatusText(p.status) }

// GetStatus is for huma.
func (p *plain) GetStatus() int { return p.status }

// Register puts an operation on the API. Faults that fn returns become problems
// in the caller's language; any other error is an internal fault. An operation
// with op.MaxBodyBytes above BodyLimit may take a body of that size; one with
// Metadata {"quiet": true} leaves no log line of its own (see Quiet).
func Register[I, O any](api huma.API, op huma.Operation, fn func(context.Context, *I) (*O, error)) {
	quiet, _ := op.Metadata["quiet"].(bool)
	if op.BodyReadTimeout == 0 {
		op.BodyReadTimeout = smallBodyTime
	}
	large := op.MaxBodyBytes
	if large > BodyLimit {
		op.BodyReadTimeout = largeBodyTime
	}
	op.Middlewares = append(huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		if rec := recordOf(r.Context()); rec != nil && quiet {
			rec.hidden = true
		}
		if large > BodyLimit {
			allow(w, r, large)
		}
		next(ctx)
	}}, op.Middlewares...)
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := fn(ctx, in)
		if err == nil {
			return out, nil
		}
		var ready huma.StatusError
		if errors.As(err, &ready) && !isFault(err) {
			return nil, err
		}
		f := edge(ctx, err)
		NoteIn(ctx, f)
		return nil, problem(ctx, f)
	})
}

func isFault(err error) bool {
	var f *fault.Fault
	return errors.As(err, &f)
}

// ReadWithin gives a handler more or less time to read its body than the server's.
func ReadWithin(w http.ResponseWriter, d time.Duration) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(d)) // not every writer has deadlines
}
