package procedure

import (
	"bytes"
	"encoding/json"
	"strings"

	"linli/internal/law"
)

// ReadValue reads a value back from its canonical JSON. It knows the type from
// the JSON alone, so that acts can be replayed without the procedure of their day.
func ReadValue(raw json.RawMessage) (any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	switch raw[0] {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case '[':
		var l []string
		err := json.Unmarshal(raw, &l)
		return l, err
	case '{':
		if bytes.HasPrefix(raw, []byte(`{"rule":`)) {
			var d law.Decision
			err := json.Unmarshal(raw, &d)
			return d, err
		}
		var p Place
		err := json.Unmarshal(raw, &p)
		return p, err
	case 't', 'f':
		var b bool
		err := json.Unmarshal(raw, &b)
		return b, err
	}
	var n int64
	err := json.Unmarshal(raw, &n)
	return n, err
}

// Column is how a value stands in the column of a listed field: words, or a number; ok is false for what has none.
func Column(value any) (words string, number int64, ok bool) {
	switch x := value.(type) {
	case nil:
		return "", 0, false
	case int64:
		number = x
	case bool:
		if x {
			number = 1
		}
	case string:
		words = x
	case Place:
		words = x.Words
	case law.Decision:
		words = x.Word()
	case []string:
		words = strings.Join(x, " ")
	default: // sealed, or erased
		return "", 0, false
	}
	if runes := []rune(words); len(runes) > 200 { // an index is for finding, the value itself is whole
		words = string(runes[:200])
	}
	return words, number, true
}
