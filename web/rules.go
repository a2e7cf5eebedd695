package web

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/text"
)

// funcs are the template functions in one language.
func (rd *Renderer) funcs(lang string) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, args ...any) (string, error) {
			m, err := dict(args...)
			return rd.book().Say(lang, key, m), err
		},
		"thas":   func(key string) bool { return rd.book().Has(lang, key) },
		"in":     func(w text.Words) string { return w.In(lang) },
		"lang":   func() string { return lang },
		"when":   func(i clock.Instant) string { return rd.book().Moment(lang, i) },
		"day":    func(v any) (string, error) { return rd.day(lang, v) },
		"iso":    iso,
		"span":   func(minutes int64) string { return rd.book().Span(lang, minutes) },
		"show":   func(v any) any { return rd.show(lang, v) },
		"money":  Money,
		"asset":  rd.assets.address,
		"sheet":  rd.linked,
		"later":  never,
		"dict":   dict,
		"list":   func(v ...any) []any { return v },
		"value":  value,
		"holds":  holds,
		"field":  func(f Field) Field { return f },
		"upto":   upto,
		"add":    func(a, b int) int { return a + b },
		"number": number,
		"abs":    func(n int64) int64 { return max(n, -n) },
	}
}

func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("names and values must alternate")
	}
	if len(pairs) == 0 {
		return nil, nil
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("%v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

func (rd *Renderer) day(lang string, v any) (string, error) {
	switch v := v.(type) {
	case clock.Day:
		return rd.book().Day(lang, v), nil
	case clock.Instant:
		if v == 0 {
			return "", nil
		}
		return rd.book().Day(lang, v.Day()), nil
	case string:
		d, err := clock.ParseDay(v)
		if err != nil {
			return v, nil
		}
		return rd.book().Day(lang, d), nil
	}
	return "", fmt.Errorf("%T is no day", v)
}

func (rd *Renderer) show(lang string, v any) any {
	switch v := v.(type) {
	case template.HTML:
		return v
	case Judged:
		e := template.HTMLEscapeString
		return template.HTML(`<span class="judged"><b class="tag ` + string(v.Tone) + `">` + e(v.Outcome) + `</b> <span>` + e(v.Sentence) + `</span></span>`)
	case bool:
		if v {
			return rd.book().Say(lang, "web.yes", nil)
		}
		return rd.book().Say(lang, "web.no", nil)
	}
	return rd.book().Show(lang, v)
}

func iso(v any) string {
	switch v := v.(type) {
	case clock.Instant:
		return v.String()
	case clock.Day:
		return v.String()
	}
	return fmt.Sprint(v)
}

// Money writes fen as yuan with two places and no sign of currency.
func Money(fen int64) string {
	sign := ""
	if fen < 0 {
		sign = "-"
	}
	// work on the text, so that the smallest int64 is written as well
	digits := strings.TrimPrefix(strconv.FormatInt(fen, 10), "-")
	if len(digits) < 3 {
		digits = strings.Repeat("0", 3-len(digits)) + digits
	}
	return sign + digits[:len(digits)-2] + "." + digits[len(digits)-2:]
}

// value writes a field's value as its control wants it.
func value(f Field) string {
	switch v := f.Value.(type) {
	case nil:
		return ""
	case string:
		return v
	case clock.Instant:
		if v == 0 {
			return ""
		}
		return v.Time().Format("2006-01-02T15:04")
	case int64:
		if f.Type == "money" {
			return Money(v)
		}
	case bool:
		if v {
			return "yes"
		}
		return ""
	case []string:
		return strings.Join(v, "\n")
	case Place, *Place:
		return f.Where().Words
	}
	return fmt.Sprint(f.Value)
}

// holds says whether the option is chosen, by its own mark or by the value.
func holds(f Field, o Option) bool {
	if o.Selected {
		return true
	}
	switch v := f.Value.(type) {
	case []string:
		for _, each := range v {
			if each == o.Value {
				return true
			}
		}
		return false
	case nil:
		return false
	}
	return value(f) == o.Value
}

// upto says whether a choice is short enough for radio buttons.
func upto(n int, options []Option) bool { return len(options) <= n }

// Groups cuts options into runs of the same Group.
func (f Field) Groups() [][]Option {
	var out [][]Option
	for i, o := range f.Options {
		if i == 0 || o.Group != f.Options[i-1].Group {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], o)
	}
	return out
}

// Quarters gives n quarters as options, the one that holds from first, then
// backwards in time.
func Quarters(from clock.Day, n int) []Option {
	y, m, _ := from.Date()
	q := (int(m) - 1) / 3
	out := make([]Option, 0, n)
	for range n {
		s := fmt.Sprintf("%d-Q%d", y, q+1)
		out = append(out, Option{Value: s, Label: s})
		if q--; q < 0 {
			q, y = 3, y-1
		}
	}
	return out
}

// has says whether there are words for key in the request's language.
func (rd *Renderer) has(r *http.Request, key string) bool {
	return rd.book().Has(text.Language(r.Context()), key)
}

// Whence says which kind of page a path is of, for a question about that page:
// what could name or open a case, a person or a link is left out.
func Whence(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if len(p) > 32 || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz-_") != "" {
			parts[i] = "*"
		}
	}
	return strings.Join(parts[:min(len(parts), 6)], "/")
}
