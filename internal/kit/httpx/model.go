package httpx

import (
	"context"
	"encoding/hex"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// LanguageCookie remembers the language a person chose.
const LanguageCookie = "linli_lang"

// The limits of bodies, in bytes.
const (
	BodyLimit = 1 << 20
	LargeBody = 32 << 20
)

// shedWait is what a refused caller is told to wait, in seconds.
const shedWait = 2

// Problem is a fault as RFC 9457 problem+json, in the caller's language.
type Problem struct {
	Type     string         `json:"type" doc:"urn:linli:fault: followed by the key"`
	Title    string         `json:"title" doc:"The kind of fault in words"`
	Status   int            `json:"status" doc:"The HTTP status"`
	Detail   string         `json:"detail" doc:"What is wrong and what to do, in the caller's language"`
	Instance string         `json:"instance,omitempty" doc:"urn:linli:request: followed by the request id, for the operator's log"`
	Kind     string         `json:"kind" enum:"invalid,not_found,forbidden,conflict,stale,unmet,busy,internal" doc:"The kind of fault"`
	Key      string         `json:"key" doc:"The stable name of the fault"`
	Field    string         `json:"field,omitempty" doc:"The field of the input at fault"`
	Norm     string         `json:"norm,omitempty" doc:"Norm and article applied"`
	Args     map[string]any `json:"args,omitempty" doc:"The arguments of the text"`
	Errors   []FieldError   `json:"errors,omitempty" doc:"Every place at which a body broke its schema"`
	retry    int
}

// FieldError is one place at which a body or a parameter broke its schema. The
// message is English and technical: it is for the programmer of the client.
type FieldError struct {
	Location string `json:"location" doc:"For example body.place.lat"`
	Message  string `json:"message"`
}

// Error makes a problem an error; programs read the fields.
func (p *Problem) Error() string { return p.Key }

// GetStatus is for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders is for huma.
func (p *Problem) GetHeaders() http.Header {
	if p.retry == 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(p.retry)}}
}

// Status maps a fault to its HTTP status; see the package's page.
func Status(f *fault.Fault) int {
	switch f.Key {
	case "httpx.too_large":
		return http.StatusRequestEntityTooLarge
	case "httpx.media":
		return http.StatusUnsupportedMediaType
	case "httpx.method":
		return http.StatusMethodNotAllowed
	case "httpx.sign_in":
		return http.StatusUnauthorized
	}
	switch f.Kind {
	case fault.Invalid, fault.Unmet:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Conflict, fault.Stale:
		return http.StatusConflict
	case fault.Busy:
		if _, own := f.Args["retry_after"]; own {
			return http.StatusTooManyRequests
		}
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// RetryAfter is the seconds a busy fault asks to wait, 0 for other faults. The
// argument may be a number of seconds or a time.Duration.
func RetryAfter(f *fault.Fault) int {
	if f.Kind != fault.Busy {
		return 0
	}
	var seconds float64
	switch v := f.Args["retry_after"].(type) {
	case int:
		seconds = float64(v)
	case int64:
		seconds = float64(v)
	case float64:
		seconds = v
	case time.Duration:
		seconds = v.Seconds()
	default:
		return shedWait
	}
	return int(min(max(math.Ceil(seconds), 1), 86400))
}

// Words says what a fault means in lang, without its norm and next step.
func Words(b *text.Book, lang string, f *fault.Fault) string {
	key := "fault." + f.Key
	if f.Kind == fault.Internal && !b.Has(text.Chinese, key) {
		key = "fault.internal"
	}
	return b.Say(lang, key, f.Args)
}

// edge turns what the standard library reports about a request into faults; any
// other error is fault.Of(err).
func edge(ctx context.Context, err error) *fault.Fault {
	var f *fault.Fault
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &f) && f.Kind != fault.Internal:
		return f
	case db.Away(err):
		return fault.New(fault.Busy, "db.away").Because(err)
	case errors.As(err, &big):
		return fault.New(fault.Invalid, "httpx.too_large", "mib", max(big.Limit>>20, 1))
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return fault.New(fault.Busy, "httpx.cut_off").Because(err)
	}
	return fault.Of(err)
}

// BodyFault turns an error of reading a body (too large, cut off) into a fault;
// any other error becomes httpx.body.
func BodyFault(err error) error {
	f := edge(context.Background(), err)
	if err != nil && f.Kind == fault.Internal {
		return fault.New(fault.Invalid, "httpx.body").Because(err)
	}
	return f
}

// ParseKey reads an idempotency key of 128 bits: 32 hex digits, a UUID, or 26
// characters of base32 (RFC 4648 or Crockford), also in quotes. The result is one
// canonical form, in which hex and UUID spellings of the same key are equal.
// Anything else is the fault httpx.idempotency_key.
func ParseKey(s string) (string, error) {
	bad := fault.New(fault.Invalid, "httpx.idempotency_key").At("Idempotency-Key")
	if len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' {
		s = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	}
	switch len(s) {
	case 32:
		if _, err := hex.DecodeString(s); err == nil {
			return strings.ToLower(s), nil
		}
	case 26:
		s = strings.ToUpper(s)
		if strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == "" {
			return s, nil
		}
	}
	return "", bad
}

// Key reads the Idempotency-Key header; "" when there is none.
func Key(r *http.Request) (string, error) {
	s := strings.TrimSpace(r.Header.Get("Idempotency-Key"))
	if s == "" {
		return "", nil
	}
	return ParseKey(s)
}
