package procedure

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"linli/internal/law"
)

// Values are a case's or an act's values in clear: string, int64, bool,
// []string, Place, law.Decision; a sealed one is a Sealed.
type Values map[string]any

// Sealed is an encrypted value; opening it is an act of reading with a purpose.
type Sealed struct{ Text string }

// Gone is a value erased by an act of the named case.
type Gone struct{ By string }

// Text gives a value as text, "" where there is none or it is sealed.
func (v Values) Text(name string) string {
	switch x := v[name].(type) {
	case string:
		return x
	case Place:
		return x.Words
	case law.Decision:
		return x.Word()
	case []string:
		if len(x) == 1 {
			return x[0]
		}
	}
	return ""
}

// List gives a value that holds several texts.
func (v Values) List(name string) []string {
	switch x := v[name].(type) {
	case []string:
		return x
	case string:
		if x != "" {
			return []string{x}
		}
	}
	return nil
}

// Body is an act's values as stored: each with its salt, or sealed, or gone.
type Body map[string]Kept

// Kept is one stored value. Gone beside a value says that an act struck something
// out of it: the value is what was left. The salt of a sealed value is sealed with it, so
// that a copy of the database without the key cannot try out phone numbers
// against the commitment in the log.
type Kept struct {
	Value json.RawMessage `json:"v,omitempty"`
	Salt  []byte          `json:"n,omitempty"`
	Seal  string          `json:"s,omitempty"`
	Gone  string          `json:"gone,omitempty"`
}

// Names under which an act keeps and commits what is no value of the case: its
// own record, the title it gives, the reason of an annulment or erasure, and what
// was left of values that it struck.
const (
	ActItself   = "_act"
	TitleField  = "_title"
	ReasonField = "_reason"
	StruckField = "_struck." // and then ACT:FIELD
)

// Take lays an act's values over the case's. What begins with "_" is the engine's
// own and no value of the case.
func (v Values) Take(body Body) error {
	for name, kept := range body {
		switch {
		case strings.HasPrefix(name, "_"):
		case kept.Gone != "" && len(kept.Value) == 0:
			v[name] = Gone{By: kept.Gone}
		case kept.Seal != "":
			v[name] = Sealed{Text: kept.Seal}
		case string(kept.Value) == "null":
			delete(v, name)
		default:
			value, err := ReadValue(kept.Value)
			if err != nil {
				return err
			}
			v[name] = value
		}
	}
	return nil
}

// Stored writes the case's current values without salts, for the case row, in
// the form of a Body. It is written by hand since it is written with every act.
func (v Values) Stored() (string, error) {
	b := append(make([]byte, 0, 512), '{')
	for i, name := range slices.Sorted(maps.Keys(v)) {
		if i > 0 {
			b = append(b, ',')
		}
		word, value := "v", v[name]
		switch x := value.(type) {
		case Sealed:
			word, value = "s", x.Text
		case Gone:
			word, value = "gone", x.By
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return "", err
		}
		b = append(strconv.AppendQuote(b, name), ":{\""...)
		b = append(b, word...)
		b = append(append(b, "\":"...), raw...)
		b = append(b, '}')
	}
	return string(append(b, '}')), nil
}

// ValuesFrom reads what Stored wrote.
func ValuesFrom(raw string) (Values, error) {
	var body Body
	if err := json.Unmarshal([]byte(raw), &body); err != nil {
		return nil, err
	}
	v := make(Values, len(body))
	return v, v.Take(body)
}

// Into lays the open values over the names of a guard.
func (v Values) Into(env map[string]any) {
	for name, value := range v {
		switch x := value.(type) {
		case int64:
			env[name] = int(x)
		case Place:
			env[name] = x.Words
		case law.Decision:
			env[name] = x.Word()
		case Sealed, Gone:
		default:
			env[name] = x
		}
	}
}
