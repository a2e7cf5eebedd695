package procedure

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/geo"
	"linli/internal/kit/text"
	"linli/internal/law"
)

// Longest are the default bounds of texts in characters.
var Longest = map[string]int{"text": 200, "lines": 4000}

// MostFiles bounds photos and files where the form does not.
const MostFiles = 9

var (
	phonePattern   = regexp.MustCompile(`^\+?[0-9]{5,15}$`)
	accountPattern = regexp.MustCompile(`^[0-9]{8,30}$`)
	quarterPattern = regexp.MustCompile(`^[0-9]{4}Q[1-4]$`)
	IDPattern      = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)
)

// Decode checks one submitted value against its field: from JSON (string,
// float64, json.Number, bool, lists, objects) or from a form (string, lists of
// strings, objects of strings). An empty value gives nil. Faults: Invalid at the
// field.
func (f *Field) Decode(raw any) (any, error) {
	if raw == nil || raw == "" {
		return nil, nil
	}
	switch f.Type {
	case "decision":
		return nil, f.wrong("procedure.value_decision")
	case "choices", "units", "photos", "files", "recording":
		return f.decodeList(raw)
	case "place":
		return f.decodePlace(raw)
	case "yes":
		return f.decodeYes(raw)
	case "number", "money":
		return f.decodeNumber(raw)
	}
	s, ok := raw.(string)
	if !ok {
		return nil, f.wrong("procedure.value_text")
	}
	return f.decodeText(s)
}

// Attached says whether the field holds attachments.
func (f *Field) Attached() bool {
	return f.Type == "photos" || f.Type == "files" || f.Type == "recording"
}

func (f *Field) wrong(key string, args ...any) error {
	return fault.New(fault.Invalid, key, append(args, "field", f.Name)...).At(f.Name)
}

func (f *Field) decodeText(raw string) (any, error) {
	most := f.Max
	if most == 0 {
		if most = Longest[f.Type]; most == 0 {
			most = 200
		}
	}
	s, err := text.Clean(raw, most)
	if err != nil {
		return nil, fault.Of(err).At(f.Name)
	}
	if s == "" {
		return nil, nil
	}
	switch f.Type {
	case "text":
		if strings.ContainsAny(s, "\n\t") {
			s = strings.Join(strings.Fields(s), " ")
		}
		return s, nil
	case "lines":
		return s, nil
	case "choice":
		if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == s }) {
			return nil, f.wrong("procedure.value_choice", "value", s)
		}
		return s, nil
	}
	return f.decodeCode(s)
}

func (f *Field) decodeCode(s string) (any, error) {
	fits := true
	switch f.Type {
	case "day":
		_, err := clock.ParseDay(s)
		fits = err == nil
	case "quarter":
		fits = quarterPattern.MatchString(s)
	case "phone":
		s = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(law.Normal(s))
		fits = phonePattern.MatchString(s)
	case "idnumber":
		s = law.Normal(s)
		if ok, reason := law.CheckID(s); !ok {
			return nil, f.wrong("law.code", "reason", text.Key(reason))
		}
	case "account":
		s = law.Normal(s)
		fits = accountPattern.MatchString(s)
	case "area":
		_, err := strconv.ParseUint(s, 10, 64)
		fits = err == nil && slices.Contains([]int{2, 4, 6, 9, 12, 15}, len(s))
	case "unit", "class", "case":
		fits = IDPattern.MatchString(s)
	case "length":
		l, err := ParseLength(s)
		if fits = err == nil; fits && f.Max > 0 && l.Days() > f.Max {
			return nil, f.wrong("procedure.value_longest", "days", f.Max)
		}
		s = l.String()
	}
	if !fits {
		return nil, f.wrong("procedure.value_" + f.Type)
	}
	return s, nil
}

func (f *Field) decodeYes(raw any) (any, error) {
	switch raw {
	case true, "on", "true", "yes", "1":
		return true, nil
	case false, "false", "no", "0":
		return false, nil
	}
	return nil, f.wrong("procedure.value_yes")
}

func (f *Field) decodeNumber(raw any) (any, error) {
	var n int64
	switch x := raw.(type) {
	case string:
		// A form gives money in yuan with at most two decimals; it is kept in fen.
		whole, part, _ := strings.Cut(strings.TrimSpace(x), ".")
		if f.Type == "money" {
			if len(part) > 2 || strings.ContainsAny(part, "+-") {
				return nil, f.wrong("procedure.value_money")
			}
			whole, part = whole+(part + "00")[:2], ""
		}
		v, err := strconv.ParseInt(whole, 10, 64)
		if err != nil || part != "" {
			return nil, f.wrong("procedure.value_" + f.Type)
		}
		n = v
	case float64:
		if x != math.Trunc(x) || math.Abs(x) > 1<<53 {
			return nil, f.wrong("procedure.value_" + f.Type)
		}
		n = int64(x)
	case json.Number:
		v, err := x.Int64()
		if err != nil {
			return nil, f.wrong("procedure.value_" + f.Type)
		}
		n = v
	case int64:
		n = x
	case int:
		n = int64(x)
	default:
		return nil, f.wrong("procedure.value_" + f.Type)
	}
	if n < int64(f.Min) || f.Max != 0 && n > int64(f.Max) {
		return nil, f.wrong("procedure.value_range", "min", f.Min, "max", f.Max)
	}
	return n, nil
}

func (f *Field) decodeList(raw any) (any, error) {
	var in []string
	switch x := raw.(type) {
	case string:
		in = []string{x}
	case []string:
		in = x
	case []any:
		for _, e := range x {
			s, ok := e.(string)
			if !ok {
				return nil, f.wrong("procedure.value_list")
			}
			in = append(in, s)
		}
	default:
		return nil, f.wrong("procedure.value_list")
	}
	most := f.Max
	if most == 0 {
		most = MostFiles
	}
	var out []string
	for _, s := range in {
		if s == "" {
			continue
		}
		if f.Type == "choices" && !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == s }) {
			return nil, f.wrong("procedure.value_choice", "value", s)
		}
		if !IDPattern.MatchString(s) || slices.Contains(out, s) {
			return nil, f.wrong("procedure.value_list")
		}
		out = append(out, s)
	}
	if len(out) > most {
		return nil, f.wrong("procedure.value_too_many", "most", most)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// decodePlace reads {lon, lat, datum, meters, words, area}. Coordinates need
// their datum: which one holds is never guessed. They are kept in WGS-84.
func (f *Field) decodePlace(raw any) (any, error) {
	if p, ok := raw.(Place); ok {
		return p, nil
	}
	m, ok := raw.(map[string]any)
	if !ok {
		return nil, f.wrong("procedure.value_place")
	}
	var out Place
	var err error
	for key := range m {
		if !slices.Contains([]string{"lon", "lat", "datum", "meters", "words", "area"}, key) {
			return nil, f.wrong("procedure.value_place_key", "key", key)
		}
	}
	words, _ := m["words"].(string)
	if out.Words, err = text.Clean(words, 200); err != nil {
		return nil, fault.Of(err).At(f.Name)
	}
	if code, _ := m["area"].(string); code != "" {
		area := Field{Name: f.Name, Type: "area"}
		v, err := area.Decode(code)
		if err != nil {
			return nil, err
		}
		out.Area = v.(string)
	}
	lon, hasLon, err1 := coordinate(m["lon"])
	lat, hasLat, err2 := coordinate(m["lat"])
	meters, _, err3 := coordinate(m["meters"])
	if err1 != nil || err2 != nil || err3 != nil || hasLon != hasLat || meters < 0 || meters > 1e6 {
		return nil, f.wrong("procedure.value_place")
	}
	if hasLon {
		name, _ := m["datum"].(string)
		datum, err := geo.ParseDatum(name)
		if err != nil {
			return nil, fault.Of(err).At(f.Name)
		}
		point, err := geo.To(geo.Point{Lon: lon, Lat: lat}, datum)
		if err != nil {
			return nil, fault.Of(err).At(f.Name)
		}
		// Seven decimals are a centimetre; more would pretend.
		out.Lon, out.Lat, out.Meters = math.Round(point.Lon*1e7)/1e7, math.Round(point.Lat*1e7)/1e7, meters
	}
	if out == (Place{}) {
		return nil, nil
	}
	return out, nil
}

func coordinate(raw any) (v float64, given bool, err error) {
	switch x := raw.(type) {
	case nil:
		return 0, false, nil
	case float64:
		v = x
	case json.Number:
		v, err = x.Float64()
	case string:
		if x == "" {
			return 0, false, nil
		}
		v, err = strconv.ParseFloat(x, 64)
	default:
		return 0, false, fmt.Errorf("no number")
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, false, fmt.Errorf("no number")
	}
	return v, err == nil, err
}

// Mask hides a sealed value but for what lets its owner recognise it.
func Mask(kind, clear string) string {
	runes := []rune(clear)
	keep := 2
	if kind == "phone" || kind == "account" || kind == "idnumber" {
		keep = 4
	}
	if len(runes) <= keep+2 {
		return strings.Repeat("*", len(runes))
	}
	return strings.Repeat("*", len(runes)-keep) + string(runes[len(runes)-keep:])
}
