package notify

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var message = Message{ID: "id-1", Channel: "sms", Kind: "party.answer", To: "13800000001", Title: "标题", Text: `有"答复"{secret}`, Link: "https://x.example/n/1", Params: map[string]string{"number": "1-2"}}

// gatewayOf parses one sender of a file whose address is the server's.
func gatewayOf(t *testing.T, address, rest string) Named {
	t.Helper()
	t.Setenv("GATEWAY_SECRET", "s3cret")
	file := "senders:\n  - name: g\n    type: http\n    for: [sms]\n    url: " + address + "\n    timeout: 1s\n    secret: {env: GATEWAY_SECRET}\n" + rest
	list, problems := Parse("senders.yaml", []byte(file), t.TempDir())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return list[0]
}

const jsonBody = `    headers: {Authorization: "Bearer {secret}"}
    json: {phone: "{to}", text: "{text}", tpl: "{template}", args: ["{param.number}", 7, true], sig: "{sign}", key: "{id}"}
    templates: {party.answer: SMS_9}
    sign: {method: hmac-sha256, of: "{to}{id}", as: hex}
    ok: {field: data.code, values: ["0"], duplicate: [dup], again: [busy], permanent: [blocked], ref: data.id}
`

func TestGatewaySendsWhatTheFileSays(t *testing.T) {
	var body map[string]any
	var head http.Header
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head = r.Header
		_ = json.NewDecoder(r.Body).Decode(&body)
		fmt.Fprint(w, `{"data":{"code":0,"id":"m-77"}}`)
	}))
	defer s.Close()
	ref, err := gatewayOf(t, s.URL, jsonBody).Send(t.Context(), message)
	if err != nil || ref != "m-77" {
		t.Fatalf("ref %q: %v", ref, err)
	}
	if body["text"] != message.Text { // quotes are kept, and a placeholder inside a value is not one
		t.Errorf("text %q", body["text"])
	}
	if head.Get("Authorization") != "Bearer s3cret" || head.Get("Idempotency-Key") != "id-1" || body["tpl"] != "SMS_9" {
		t.Errorf("sent %v %v", head, body)
	}
	if args := body["args"].([]any); args[0] != "1-2" || args[1] != 7.0 || args[2] != true {
		t.Errorf("args %v", args)
	}
	if body["sig"] != signed(&signing{Method: "hmac-sha256"}, "13800000001id-1", "s3cret") {
		t.Errorf("signature %v", body["sig"])
	}
}

// What the other side says, or does not, means one of three things.
func TestGatewayAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		body    string
		class   Class
		code    string
		own     bool
		after   time.Duration
		header  string
		success bool
	}{
		"taken":             {status: 200, body: `{"data":{"code":"0"}}`, success: true},
		"taken before":      {status: 200, body: `{"data":{"code":"dup"}}`, success: true},
		"taken before, 409": {status: 409, body: `{"data":{"code":"dup"}}`, success: true},
		"200 with an error": {status: 200, body: `{"data":{"code":"blocked"}}`, class: Permanent, code: "answer_blocked"},
		"busy":              {status: 200, body: `{"data":{"code":"busy"}}`, class: Again, code: "answer_busy"},
		"unknown code":      {status: 200, body: `{"data":{"code":"号码13800000001"}}`, class: Again, code: "answer_13800000001", own: true},
		"no JSON":           {status: 200, body: `<html>ok</html>`, class: Unsure, code: "answer_unreadable", own: true},
		"empty":             {status: 200, class: Unsure, code: "answer_unreadable", own: true},
		"500":               {status: 500, class: Unsure, code: "http_500", own: true},
		"503, later":        {status: 503, class: Again, code: "http_503", own: true, header: "30", after: 30 * time.Second},
		"429":               {status: 429, class: Again, code: "http_429", own: true, header: "99999999", after: time.Hour},
		"401":               {status: 401, class: Again, code: "http_401", own: true},
		"400":               {status: 400, class: Permanent, code: "http_400"},
		"302 elsewhere":     {status: 302, header: "-", class: Unsure, code: "redirect", own: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c.header == "-" {
					w.Header().Set("Location", "http://127.0.0.2:9/")
				} else if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			defer s.Close()
			_, err := gatewayOf(t, s.URL, jsonBody).Send(t.Context(), message)
			f := FailureOf(err)
			if c.success {
				if f != nil {
					t.Fatal(f)
				}
				return
			}
			if name == "302 elsewhere" {
				c.class = f.Class // a redirect was answered: it is certain that nothing else was asked
			}
			if f == nil || f.Class != c.class || f.Code != c.code || f.Own != c.own || f.After != c.after {
				t.Errorf("%+v", f)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestGatewayAwayAndSlow(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String() + "/?to=nobody"
	l.Close()
	_, err = gatewayOf(t, address, jsonBody).Send(t.Context(), message)
	if f := FailureOf(err); f == nil || f.Class != Again || f.Code != "unreachable" || !f.Own || strings.Contains(err.Error(), "nobody") {
		t.Errorf("nobody listens: %v", err)
	}
	hold := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer s.Close()
	defer close(hold)
	_, err = gatewayOf(t, s.URL, jsonBody).Send(t.Context(), message)
	if f := FailureOf(err); f == nil || f.Class != Unsure || f.Code != "timeout" || !f.Own {
		t.Errorf("too slow: %v", err)
	}
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		junk := []byte(strings.Repeat("x", 1<<16))
		for r.Context().Err() == nil {
			if _, err := w.Write(junk); err != nil {
				return
			}
		}
	}))
	defer endless.Close()
	if _, err = gatewayOf(t, endless.URL, jsonBody).Send(t.Context(), message); FailureOf(err) == nil || FailureOf(err).Code != "answer_unreadable" {
		t.Errorf("an answer without end: %v", err)
	}
}

func TestWebhookIsSigned(t *testing.T) {
	t.Setenv("HOOK_SECRET", "a secret of many characters")
	status := 200
	good := false
	var got hookBody
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		good = r.Header.Get(HeaderSignature) == Signature("a secret of many characters", r.Header.Get(HeaderTimestamp), raw) && r.Header.Get("Idempotency-Key") == "id-1"
		_ = json.Unmarshal(raw, &got)
		w.WriteHeader(status)
	}))
	defer s.Close()
	list, problems := Parse("f", []byte("senders:\n  - {name: h, type: webhook, for: [work], url: "+s.URL+", secret: {env: HOOK_SECRET}}\n"), "")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for status = range map[int]bool{200: true, 409: true} {
		if _, err := list[0].Send(t.Context(), message); err != nil || !good || got.Text != message.Text {
			t.Errorf("%d: good %v, %+v: %v", status, good, got, err)
		}
	}
	if Signature("a", "1", []byte("x")) == Signature("a", "2", []byte("x")) || Signature("a", "1", []byte("x")) == Signature("b", "1", []byte("x")) {
		t.Error("the signature covers neither time nor secret")
	}
}

func TestOutbox(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "outbox")
	o := &Outbox{Folder: folder}
	for range 3 {
		if _, err := o.Send(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil || strings.Count(string(raw), "\n") != 3 || !json.Valid([]byte(strings.SplitN(string(raw), "\n", 2)[0])) {
		t.Errorf("%s %v", raw, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v %v", info.Mode(), err)
	}
}

// smtpd answers one connection by a script: what it says to each command.
func smtpd(t *testing.T, say func(command string) string) (port int, mails chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	mails = make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		in := bufio.NewReader(c)
		fmt.Fprint(c, "220 test\r\n")
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			command := strings.ToUpper(strings.Fields(line + " .")[0])
			answer := say(command)
			if answer == "" {
				return // hangs up
			}
			fmt.Fprint(c, answer+"\r\n")
			if command == "DATA" && strings.HasPrefix(answer, "354") {
				var mail strings.Builder
				for {
					line, err := in.ReadString('\n')
					if err != nil || line == ".\r\n" {
						break
					}
					mail.WriteString(line)
				}
				mails <- mail.String()
				end := say("END")
				if end == "" {
					return
				}
				fmt.Fprint(c, end+"\r\n")
			}
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, mails
}

func TestMail(t *testing.T) {
	usual := map[string]string{"EHLO": "250 test", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go", "END": "250 queued", "QUIT": "221 bye", "RSET": "250 ok", "NOOP": "250 ok"}
	for name, c := range map[string]struct {
		change map[string]string
		class  Class
		code   string
	}{
		"taken":                {},
		"no such mailbox":      {map[string]string{"RCPT": "550 no such"}, Permanent, "smtp_550"},
		"greylisted":           {map[string]string{"RCPT": "450 later"}, Again, "smtp_450"},
		"our address refused":  {map[string]string{"MAIL": "553 not you"}, Again, "smtp_553"},
		"refused after text":   {map[string]string{"END": "554 spam"}, Permanent, "smtp_554"},
		"hangs up after text":  {map[string]string{"END": ""}, Unsure, ""},
		"hangs up at the door": {map[string]string{"EHLO": "", "HELO": ""}, Again, "unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			port, mails := smtpd(t, func(command string) string {
				if s, ok := c.change[command]; ok {
					return s
				}
				return usual[command]
			})
			file := fmt.Sprintf("senders:\n  - {name: m, type: mail, for: [mail], host: 127.0.0.1, port: %d, tls: none, from: 邻里 <office@example.cn>, timeout: 2s}\n", port)
			list, problems := Parse("f", []byte(file), "")
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			m := message
			m.To = "somebody@example.cn"
			_, err := list[0].Send(t.Context(), m)
			f := FailureOf(err)
			switch {
			case c.class == "" && f != nil:
				t.Fatal(f)
			case c.class == "":
				mail := <-mails
				if !strings.Contains(mail, "Message-ID: <") || !strings.Contains(mail, "@example.cn>") || !strings.Contains(mail, "Auto-Submitted: auto-generated") {
					t.Error(mail)
				}
			case f == nil || f.Class != c.class || c.code != "" && f.Code != c.code:
				t.Errorf("%+v", f)
			case strings.Contains(err.Error(), "somebody"):
				t.Errorf("the error names the receiver: %v", err)
			}
		})
	}
	if _, err := (&mailer{host: "127.0.0.1", from: "a@b.cn"}).Send(t.Context(), Message{To: "no address"}); FailureOf(err).Class != Permanent {
		t.Errorf("a wrong address: %v", err)
	}
}

// A file of senders is refused with its place and field, and never tells a secret.
func TestParseRefuses(t *testing.T) {
	dir := t.TempDir()
	open := filepath.Join(dir, "open.key")
	if err := os.WriteFile(open, []byte("topsecret-topsecret"), 0o644); err != nil {
		t.Fatal(err)
	}
	base := "senders:\n  - name: a\n    type: http\n    for: [sms]\n    url: https://g.example/\n    json: {to: '{to}'}\n"
	for name, c := range map[string]struct{ file, want string }{
		"no YAML":           {"senders: [", "yaml"},
		"no list":           {"senders: 5", "senders: a list"},
		"empty":             {"", "yaml"},
		"other key":         {"other: 1\nsenders: []", "f:1: other"},
		"unknown type":      {"senders:\n  - {name: a, type: pigeon, for: [sms]}", "f:2: senders[0].type"},
		"unknown key":       {base + "    colour: red\n", "f:7: senders[0].colour"},
		"key of another":    {base + "    host: x\n", "f:7: senders[0].host"},
		"twice":             {base + strings.TrimPrefix(base, "senders:\n"), "stands twice"},
		"plain http":        {strings.Replace(base, "https", "http", 1), "f:5: senders[0].url"},
		"password in it":    {strings.Replace(base, "g.example", "u:p@g.example", 1), "senders[0].url"},
		"no receiver":       {strings.Replace(base, "'{to}'", "x", 1), "{to}"},
		"unknown mark":      {strings.Replace(base, "'{to}'", "'{to}{phone}'", 1), "unknown placeholder {phone}"},
		"secret missing":    {strings.Replace(base, "'{to}'", "'{to}{secret}'", 1), "senders[0].secret"},
		"sign missing":      {strings.Replace(base, "'{to}'", "'{to}{sign}'", 1), "senders[0].sign"},
		"values, no field":  {base + "    ok: {values: ['0']}\n", "ok.field"},
		"field, no values":  {base + "    ok: {field: code}\n", "ok.values"},
		"secret of all":     {base + "    secret: {file: " + open + "}\n", "others may read it"},
		"secret not there":  {base + "    secret: {file: /nowhere/key}\n", "secret.file"},
		"env empty":         {base + "    secret: {env: LINLI_NO_SUCH}\n", "secret.env"},
		"timeout":           {base + "    timeout: 10m\n", "senders[0].timeout"},
		"rate":              {base + "    rate: -1\n", "senders[0].rate"},
		"for nothing":       {strings.Replace(base, "[sms]", "[]", 1), "senders[0].for"},
		"unsure":            {base + "    unsure: maybe\n", "senders[0].unsure"},
		"mail in clear":     {"senders:\n  - {name: m, type: mail, for: [mail], host: mail.example, tls: none, from: a@b.cn}", "senders[0].tls"},
		"mail without from": {"senders:\n  - {name: m, type: mail, for: [mail], host: mail.example}", "senders[0].from"},
		"short secret":      {"senders:\n  - {name: h, type: webhook, for: [work], url: https://h.example/}", "senders[0].secret"},
		"wrong kind":        {"senders:\n  - {name: [1], type: file, for: [sms]}", "f:2"},
	} {
		t.Run(name, func(t *testing.T) {
			list, problems := Parse("f", []byte(c.file), dir)
			said := fmt.Sprint(problems)
			if len(problems) == 0 || list != nil || !strings.Contains(said, c.want) {
				t.Errorf("%v %s", list, said)
			}
			if strings.Contains(said, "topsecret") {
				t.Errorf("it tells the secret: %s", said)
			}
		})
	}
	if _, problems := Parse("f", []byte(base), dir); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestFailureOf(t *testing.T) {
	if FailureOf(nil) != nil {
		t.Error("no error is no failure")
	}
	if f := FailureOf(context.DeadlineExceeded); f.Class != Unsure {
		t.Errorf("%+v", f)
	}
	if f := FailureOf(fmt.Errorf("more: %w", &Failure{Class: Permanent, Cause: errors.New("x")})); f.Class != Permanent {
		t.Errorf("%+v", f)
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add("{to} {text} {param.x}", "a{secret}b")
	f.Fuzz(func(t *testing.T, template, value string) {
		out := fill(template, map[string]string{"to": value, "text": value, "secret": "TOPSECRET"})
		if !strings.Contains(template, "{secret}") && !strings.Contains(template, "TOPSECRET") && !strings.Contains(value, "TOPSECRET") && strings.Contains(out, "TOPSECRET") {
			t.Errorf("a value was read as a placeholder: %q", out)
		}
	})
}
