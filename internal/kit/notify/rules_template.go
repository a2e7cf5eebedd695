package notify

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // some gateways sign so; TLS protects the way
	"crypto/sha1" //nolint:gosec // as above
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"regexp"
	"slices"
	"strings"
)

var placeholder = regexp.MustCompile(`\{([a-z][a-z0-9_.]*)\}`)

var placeholders = []string{"to", "text", "title", "link", "id", "kind", "template", "timestamp", "millis", "secret", "sign"}

func knownPlaceholder(name string) bool {
	return slices.Contains(placeholders, name) || strings.HasPrefix(name, "param.") && len(name) > len("param.")
}

// fill puts values for placeholders, once: what a value holds is never read as a
// placeholder again. One without a value becomes empty.
func fill(s string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(s, func(m string) string { return values[m[1:len(m)-1]] })
}

// filled is a JSON body with its texts filled; numbers, lists and the rest stay.
func filled(body any, values map[string]string) any {
	switch x := body.(type) {
	case string:
		return fill(x, values)
	case []any:
		out := make([]any, len(x))
		for i, v := range x {
			out[i] = filled(v, values)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, v := range x {
			out[k] = filled(v, values)
		}
		return out
	}
	return body
}

// texts are all texts of a JSON body.
func texts(body any) (out []string) {
	switch x := body.(type) {
	case string:
		out = append(out, x)
	case []any:
		for _, v := range x {
			out = append(out, texts(v)...)
		}
	case map[string]any:
		for _, v := range x {
			out = append(out, texts(v)...)
		}
	}
	return out
}

func signs(s *signing) bool {
	return slices.Contains([]string{"md5", "sha1", "sha256", "hmac-sha1", "hmac-sha256"}, s.Method) && slices.Contains([]string{"", "hex", "HEX", "base64"}, s.As)
}

// signed is the signature of a text.
func signed(s *signing, text, secret string) string {
	var h hash.Hash
	switch s.Method {
	case "md5":
		h = md5.New() //nolint:gosec // see above
	case "sha1":
		h = sha1.New() //nolint:gosec // see above
	case "sha256":
		h = sha256.New()
	case "hmac-sha1":
		h = hmac.New(sha1.New, []byte(secret))
	default:
		h = hmac.New(sha256.New, []byte(secret))
	}
	h.Write([]byte(text))
	sum := h.Sum(nil)
	switch s.As {
	case "base64":
		return base64.StdEncoding.EncodeToString(sum)
	case "HEX":
		return strings.ToUpper(hex.EncodeToString(sum))
	}
	return hex.EncodeToString(sum)
}

// at finds a value in a JSON answer by a path as data.0.code.
func at(answer any, path string) (string, bool) {
	for _, step := range strings.Split(path, ".") {
		switch x := answer.(type) {
		case map[string]any:
			v, ok := x[step]
			if !ok {
				return "", false
			}
			answer = v
		case []any:
			i := 0
			for _, r := range step {
				if r < '0' || r > '9' || i > 1000 {
					return "", false
				}
				i = i*10 + int(r-'0')
			}
			if step == "" || i >= len(x) {
				return "", false
			}
			answer = x[i]
		default:
			return "", false
		}
	}
	return plain(answer)
}
