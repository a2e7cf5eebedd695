package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	mostAnswer    = 64 << 10 // bytes of an answer that are read
	mostRedirects = 3
	mostRef       = 100 // characters of the other side's name
	longestWait   = time.Hour
)

// errElsewhere ends a redirect that leads away.
var errElsewhere = errors.New("a redirect leads elsewhere")

// client follows redirects only within one host and only over the same scheme.
func client(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: timeout, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > mostRedirects || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
				return errElsewhere
			}
			return nil
		},
	}
}

// gateway sends by a request that the file of senders describes.
type gateway struct {
	url, method string
	headers     map[string]string
	json        any
	form        map[string]string
	templates   map[string]string
	sign        *signing
	ok          success
	secret      string
	client      *http.Client
}

// Send makes the request and reads the answer by the file's sign of success.
func (g *gateway) Send(ctx context.Context, m Message) (string, error) {
	values := g.values(m, time.Now())
	r, err := g.request(ctx, values)
	if err != nil {
		return "", &Failure{Class: Permanent, Code: "request", Own: true, Cause: errors.New("the request cannot be made")}
	}
	r.Header.Set("Idempotency-Key", m.ID)
	for k, v := range g.headers {
		r.Header.Set(k, fill(v, values))
	}
	status, body, wait, f := do(g.client, r)
	if f != nil {
		return "", f
	}
	return g.judge(status, body, wait)
}

func (g *gateway) values(m Message, now time.Time) map[string]string {
	v := map[string]string{"to": m.To, "text": m.Text, "title": m.Title, "link": m.Link, "id": m.ID, "kind": m.Kind, "template": g.templates[m.Kind],
		"secret": g.secret, "timestamp": strconv.FormatInt(now.Unix(), 10), "millis": strconv.FormatInt(now.UnixMilli(), 10)}
	for k, p := range m.Params {
		v["param."+k] = p
	}
	if g.sign != nil {
		v["sign"] = signed(g.sign, fill(g.sign.Of, v), g.secret)
	}
	return v
}

func (g *gateway) request(ctx context.Context, values map[string]string) (*http.Request, error) {
	if g.form != nil {
		form := url.Values{}
		for k, v := range g.form {
			form.Set(k, fill(v, values))
		}
		if g.method == http.MethodGet {
			u, err := url.Parse(g.url)
			if err != nil {
				return nil, err
			}
			u.RawQuery = form.Encode()
			return http.NewRequestWithContext(ctx, g.method, u.String(), nil)
		}
		r, err := http.NewRequestWithContext(ctx, g.method, g.url, strings.NewReader(form.Encode()))
		if err == nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		return r, err
	}
	raw, err := json.Marshal(filled(g.json, values))
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, g.method, g.url, bytes.NewReader(raw))
	if err == nil {
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	return r, err
}

// judge reads the answer.
func (g *gateway) judge(status int, body []byte, wait time.Duration) (string, error) {
	good := status >= 200 && status < 300
	if len(g.ok.Status) > 0 {
		good = slices.Contains(g.ok.Status, status)
	}
	var answer any
	if g.ok.Field != "" || g.ok.Ref != "" {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if d.Decode(&answer) != nil {
			answer = nil
		}
	}
	said, known := "", false
	if g.ok.Field != "" {
		said, known = at(answer, g.ok.Field)
	}
	switch {
	case known && slices.Contains(g.ok.Duplicate, said): // it was taken before: as good as success
	case !good:
		return "", byStatus(status, wait)
	case g.ok.Field == "":
	case !known:
		return "", &Failure{Class: Unsure, Code: "answer_unreadable", Own: true}
	case slices.Contains(g.ok.Values, said):
	case slices.Contains(g.ok.Permanent, said):
		return "", &Failure{Class: Permanent, Code: code(said)}
	case slices.Contains(g.ok.Again, said):
		return "", &Failure{Class: Again, Code: code(said), After: wait}
	default:
		return "", &Failure{Class: Again, Code: code(said), Own: true, After: wait}
	}
	ref := ""
	if g.ok.Ref != "" {
		ref, _ = at(answer, g.ok.Ref)
	}
	return cut(ref), nil
}

// do sends a request and reads the answer to a bound. A request that did not
// leave is tried again; one that left and was not answered may have been served.
func do(c *http.Client, r *http.Request) (status int, body []byte, wait time.Duration, f *Failure) {
	var left atomic.Bool
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{WroteHeaders: func() { left.Store(true) }}))
	answer, err := c.Do(r)
	if err != nil {
		return 0, nil, 0, failed(err, left.Load())
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err != nil {
		return 0, nil, 0, failed(err, true)
	}
	return answer.StatusCode, body, retryAfter(answer.Header.Get("Retry-After")), nil
}

// failed names what went wrong on the way, without the address: it may hold a
// receiver or a secret.
func failed(err error, left bool) *Failure {
	f := &Failure{Class: Again, Code: "unreachable", Own: true}
	var n net.Error
	switch {
	case errors.Is(err, errElsewhere):
		f.Code, f.Cause = "redirect", errElsewhere
		return f
	case errors.Is(err, context.Canceled):
		f.Code = "stopped"
	case errors.As(err, &n) && n.Timeout():
		f.Code = "timeout"
	}
	if left {
		f.Class = Unsure
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	f.Cause = err
	return f
}

// byStatus says what a status that is no success means.
func byStatus(status int, wait time.Duration) *Failure {
	f := &Failure{Class: Permanent, Code: "http_" + strconv.Itoa(status), After: wait}
	switch {
	case status == http.StatusTooManyRequests || status == http.StatusTooEarly || status == http.StatusServiceUnavailable:
		f.Class, f.Own = Again, true
	case status == http.StatusRequestTimeout || status >= 500:
		f.Class, f.Own = Unsure, true
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound ||
		status == http.StatusMethodNotAllowed || status == http.StatusProxyAuthRequired || status < 400:
		f.Class, f.Own = Again, true // the sender is set up wrongly; the message is good
	}
	return f
}

func retryAfter(s string) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n > 0 {
		return min(time.Duration(min(n, 1<<20))*time.Second, longestWait)
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(time.Until(t), 0), longestWait)
	}
	return 0
}

// plain is a JSON value as text; lists and objects are none.
func plain(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case bool:
		return strconv.FormatBool(x), true
	}
	return "", false
}

// code keeps a value of the other side short and harmless in lists.
func code(said string) string {
	out := strings.Map(func(r rune) rune {
		if r < 128 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-:", r)) {
			return r
		}
		return -1
	}, said)
	return "answer_" + out[:min(len(out), 40)]
}

func cut(s string) string {
	s = strings.ToValidUTF8(s, "")
	if r := []rune(s); len(r) > mostRef {
		return string(r[:mostRef])
	}
	return s
}
