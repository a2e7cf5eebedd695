package notify

import "fmt"

// Problem is one thing wrong in the file of senders.
type Problem struct {
	File  string
	Line  int
	Field string // as senders[0].url
	Text  string
}

// String is FILE:LINE: FIELD: text.
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Field, p.Text)
}

// secret says where a secret stands; its value is read once, at the start.
type secret struct {
	File string `yaml:"file"`
	Env  string `yaml:"env"`
}

// entry is one sender as the file writes it.
type entry struct {
	Name    string   `yaml:"name"`
	Type    string   `yaml:"type"`
	For     []string `yaml:"for"`
	Timeout string   `yaml:"timeout"`
	Rate    int      `yaml:"rate"`   // messages a second at most
	Unsure  string   `yaml:"unsure"` // again (default) or stop
	Secret  secret   `yaml:"secret"`

	URL       string            `yaml:"url"`
	Method    string            `yaml:"method"`
	Headers   map[string]string `yaml:"headers"`
	JSON      any               `yaml:"json"`
	Form      map[string]string `yaml:"form"`
	Templates map[string]string `yaml:"templates"`
	Sign      *signing          `yaml:"sign"`
	Success   *success          `yaml:"ok"`

	Host string `yaml:"host"`
	Port int    `yaml:"port"`
	TLS  string `yaml:"tls"`
	User string `yaml:"user"`
	From string `yaml:"from"`

	Folder string `yaml:"folder"`
}

// signing is a signature over parts of a message, available as {sign}.
type signing struct {
	Method string `yaml:"method"` // md5, sha1, sha256, hmac-sha1, hmac-sha256
	Of     string `yaml:"of"`
	As     string `yaml:"as"` // hex (default), HEX, base64
}

// success says by which sign an answer means that the message was taken.
type success struct {
	Status    []int    `yaml:"status"`    // default any 2xx
	Field     string   `yaml:"field"`     // path into the JSON answer, as data.code; "" = the status decides
	Values    []string `yaml:"values"`    // of that field: taken
	Duplicate []string `yaml:"duplicate"` // of that field: it was taken before under this id
	Again     []string `yaml:"again"`     // of that field: not now
	Permanent []string `yaml:"permanent"` // of that field: never; anything else is tried again
	Ref       string   `yaml:"ref"`       // path to the other side's name for the message
}

// The keys that each make of sender knows, beside those of all.
var (
	keysOfAll = []string{"name", "type", "for", "timeout", "rate", "unsure", "secret"}
	keysOf    = map[string][]string{
		"http":    {"url", "method", "headers", "json", "form", "templates", "sign", "ok"},
		"mail":    {"host", "port", "tls", "user", "from"},
		"webhook": {"url"},
		"file":    {"folder"},
	}
)
