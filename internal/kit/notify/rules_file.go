package notify

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	mostSecret     = 8 << 10
	shortestTime   = time.Second
	longestTime    = time.Minute
	defaultTime    = 10 * time.Second
	mostRate       = 1000
	shortestSecret = 16 // of a webhook, in characters
)

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,30}$`)

// reading collects what is wrong while the file is read.
type reading struct {
	file     string
	folder   string // for file senders without a folder of their own
	problems []Problem
}

func (r *reading) wrong(line int, field, format string, args ...any) {
	r.problems = append(r.problems, Problem{r.file, max(line, 1), field, fmt.Sprintf(format, args...)})
}

// Parse reads a file of senders. outbox is where a file sender writes that names
// no folder. Where there are problems no sender is given.
func Parse(file string, raw []byte, outbox string) (Senders, []Problem) {
	r := &reading{file: file, folder: outbox}
	var root yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(raw)).Decode(&root); err != nil {
		r.wrong(1, "yaml", "%v", err)
		return nil, r.problems
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		r.wrong(1, "senders", "the file is a mapping with the key senders")
		return nil, r.problems
	}
	var list *yaml.Node
	for i, top := 0, root.Content[0].Content; i < len(top); i += 2 {
		if top[i].Value == "senders" && list == nil {
			list = top[i+1]
		} else {
			r.wrong(top[i].Line, top[i].Value, "unknown key")
		}
	}
	if list == nil || list.Kind != yaml.SequenceNode {
		r.wrong(root.Content[0].Line, "senders", "a list of senders is wanted")
		return nil, r.problems
	}
	var out Senders
	names := map[string]bool{}
	for i, n := range list.Content {
		if s, ok := r.sender(fmt.Sprintf("senders[%d]", i), n); ok {
			if names[s.Name] {
				r.wrong(n.Line, fmt.Sprintf("senders[%d].name", i), "%q stands twice", s.Name)
			}
			names[s.Name] = true
			out = append(out, s)
		}
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return out, nil
}

// place is where in the file one sender's keys stand.
type place struct {
	*reading
	path  string
	line  int
	lines map[string]int
}

func (p *place) bad(key, format string, args ...any) {
	line := p.lines[strings.SplitN(key, ".", 2)[0]]
	if line == 0 {
		line = p.line
	}
	p.wrong(line, p.path+"."+key, format, args...)
}

func (r *reading) sender(path string, n *yaml.Node) (Named, bool) {
	before := len(r.problems)
	p := &place{reading: r, path: path, line: n.Line, lines: map[string]int{}}
	if n.Kind != yaml.MappingNode {
		r.wrong(n.Line, path, "a mapping is wanted")
		return Named{}, false
	}
	make := ""
	for i := 0; i < len(n.Content); i += 2 {
		p.lines[n.Content[i].Value] = n.Content[i].Line
		if n.Content[i].Value == "type" {
			make = n.Content[i+1].Value
		}
	}
	known, ok := keysOf[make]
	if !ok {
		p.bad("type", "one of %s", strings.Join(slices.Sorted(maps.Keys(keysOf)), ", "))
		return Named{}, false
	}
	for _, key := range slices.Sorted(maps.Keys(p.lines)) {
		if !slices.Contains(keysOfAll, key) && !slices.Contains(known, key) {
			p.bad(key, "unknown key of a sender of type %s", make)
		}
	}
	var e entry
	if err := n.Decode(&e); err != nil {
		r.wrong(n.Line, path, "%v", err)
		return Named{}, false
	}
	s := p.shared(e)
	build := map[string]func(entry, time.Duration, string) Sender{"http": p.http, "mail": p.mail, "webhook": p.webhook, "file": p.outbox}[make]
	s.Sender = build(e, p.timeout(e), p.secret(e.Secret))
	return s, len(r.problems) == before
}

// shared checks the keys of every sender.
func (p *place) shared(e entry) Named {
	if !namePattern.MatchString(e.Name) {
		p.bad("name", "small letters, digits, - and _, at most 31, beginning with a letter")
	}
	if len(e.For) == 0 {
		p.bad("for", "name at least one channel")
	}
	for _, c := range e.For {
		if !namePattern.MatchString(c) {
			p.bad("for", "%q is no name of a channel", c)
		}
	}
	s := Named{Name: e.Name, Make: e.Type, For: e.For, Unsure: e.Unsure}
	switch e.Unsure {
	case "":
		s.Unsure = "again"
	case "again", "stop":
	default:
		p.bad("unsure", "again or stop")
	}
	if e.Rate < 0 || e.Rate > mostRate {
		p.bad("rate", "0 to %d messages a second", mostRate)
	} else if e.Rate > 0 {
		s.Every = time.Second / time.Duration(e.Rate)
	}
	return s
}

func (p *place) timeout(e entry) time.Duration {
	if e.Timeout == "" {
		return defaultTime
	}
	d, err := time.ParseDuration(e.Timeout)
	if err != nil || d < shortestTime || d > longestTime {
		p.bad("timeout", "a time from %v to %v, as 10s", shortestTime, longestTime)
	}
	return d
}

// secret reads a secret from where the file says; it is never part of a problem.
func (p *place) secret(s secret) string {
	switch {
	case s.File != "" && s.Env != "":
		p.bad("secret", "either file or env")
	case s.Env != "":
		v := os.Getenv(s.Env)
		if v == "" {
			p.bad("secret.env", "the variable %s is empty", s.Env)
		}
		return v
	case s.File != "":
		info, err := os.Stat(s.File)
		if err != nil {
			p.bad("secret.file", "cannot be read")
			return ""
		}
		if info.Size() > mostSecret {
			p.bad("secret.file", "longer than %d bytes", mostSecret)
			return ""
		}
		if info.Mode().Perm()&0o077 != 0 {
			p.bad("secret.file", "others may read it; chmod 600")
		}
		raw, err := os.ReadFile(s.File)
		if err != nil {
			p.bad("secret.file", "cannot be read")
		}
		v := strings.TrimSpace(string(raw))
		if v == "" {
			p.bad("secret.file", "is empty")
		}
		return v
	}
	return ""
}

// address checks where a sender calls: over TLS, or this machine.
func (p *place) address(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "":
		p.bad("url", "an address as https://gateway.example/send is wanted")
	case u.User != nil:
		p.bad("url", "no password in the address; use secret")
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()):
		return s
	default:
		p.bad("url", "https, or http to this machine only")
	}
	return ""
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (p *place) http(e entry, timeout time.Duration, key string) Sender {
	g := &gateway{url: p.address(e.URL), method: e.Method, headers: e.Headers, json: e.JSON, form: e.Form, templates: e.Templates, sign: e.Sign, secret: key, client: client(timeout)}
	if e.Success != nil {
		g.ok = *e.Success
	}
	switch g.method {
	case "":
		g.method = "POST"
	case "POST", "PUT", "GET":
	default:
		p.bad("method", "POST, PUT or GET")
	}
	if (e.JSON == nil) == (e.Form == nil) {
		p.bad("json", "either json or form says what is sent")
	}
	if g.method == "GET" && e.JSON != nil {
		p.bad("json", "GET carries a form only")
	}
	if e.Sign != nil && !signs(e.Sign) {
		p.bad("sign", "method md5, sha1, sha256, hmac-sha1 or hmac-sha256, and as hex, HEX or base64")
	}
	if g.ok.Field != "" && len(g.ok.Values) == 0 {
		p.bad("ok.values", "say which values of %s mean success", g.ok.Field)
	}
	if g.ok.Field == "" && len(g.ok.Values)+len(g.ok.Duplicate)+len(g.ok.Again)+len(g.ok.Permanent) > 0 {
		p.bad("ok.field", "say which field holds the values")
	}
	all := texts(e.JSON)
	all = append(all, slices.Collect(maps.Values(e.Form))...)
	if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, "{to}") }) {
		p.bad("json", "the receiver {to} stands nowhere in what is sent")
	}
	all = append(all, slices.Collect(maps.Values(e.Headers))...)
	if e.Sign != nil {
		all = append(all, e.Sign.Of)
	}
	for _, s := range all {
		for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
			if !knownPlaceholder(m[1]) {
				p.bad("json", "unknown placeholder %s", m[0])
			}
			if m[1] == "secret" && key == "" {
				p.bad("secret", "{secret} is used and none is given")
			}
			if m[1] == "sign" && e.Sign == nil {
				p.bad("sign", "{sign} is used and none is given")
			}
		}
	}
	return g
}

func (p *place) mail(e entry, timeout time.Duration, key string) Sender {
	if e.Host == "" {
		p.bad("host", "the name of the mail server is wanted")
	}
	if a, err := mail.ParseAddress(e.From); err != nil || !strings.Contains(a.Address, "@") {
		p.bad("from", "an address is wanted, as Name <office@example.cn>")
	}
	m := &mailer{host: e.Host, port: e.Port, tls: e.TLS, user: e.User, secret: key, from: e.From, timeout: timeout}
	switch e.TLS {
	case "", "starttls":
		m.tls = "starttls"
		m.port = orPort(e.Port, 587)
	case "tls":
		m.port = orPort(e.Port, 465)
	case "none":
		m.port = orPort(e.Port, 25)
		if !loopback(e.Host) {
			p.bad("tls", "none is for a server on this machine only")
		}
	default:
		p.bad("tls", "starttls, tls or none")
	}
	if m.port < 1 || m.port > 65535 {
		p.bad("port", "1 to 65535")
	}
	if (e.User == "") != (key == "") {
		p.bad("user", "user and secret go together")
	}
	return m
}

func orPort(given, standard int) int {
	if given == 0 {
		return standard
	}
	return given
}

func (p *place) webhook(e entry, timeout time.Duration, key string) Sender {
	if len(key) < shortestSecret {
		p.bad("secret", "a secret of at least %d characters is wanted: it signs what is sent", shortestSecret)
	}
	return &hook{url: p.address(e.URL), secret: key, client: client(timeout)}
}

func (p *place) outbox(e entry, _ time.Duration, _ string) Sender {
	folder := e.Folder
	if folder == "" {
		folder = p.folder
	}
	return &Outbox{Folder: filepath.Clean(folder)}
}
