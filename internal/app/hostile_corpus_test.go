package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/kit/db"
	"linli/internal/kit/seal"
)

// What hostile callers send, the doors they send it to, and how it is seen that
// nothing was changed.

// door is one route of the house.
type door struct {
	method, path string
	op           *huma.Operation // of the API
}

func (d door) String() string { return d.method + " " + d.path }

var routeText = regexp.MustCompile(`"(GET|POST|PUT|PATCH|DELETE) (/[^" ]*)"`)

// doors are all routes of the house: those of the API by its own document, those
// of pages as the rooms' sources write them, so that no new one is forgotten.
func (w *town) doors() []door {
	w.t.Helper()
	var out []door
	for path, item := range w.site.API.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete} {
			if op != nil {
				out = append(out, door{method, path, op})
			}
		}
	}
	var files []string
	for _, pattern := range []string{"../*/http*.go", "../kit/httpx/service.go", "../../web/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			w.t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "http_socket.go") { // the socket is the machine's own
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, m := range routeText.FindAllStringSubmatch(string(text), -1) {
			d := door{method: m[1], path: strings.TrimSuffix(m[2], "{$}")}
			if !slices.ContainsFunc(out, func(o door) bool { return o.method == d.method && o.path == d.path }) {
				out = append(out, d)
			}
		}
	}
	slices.SortFunc(out, func(a, b door) int { return strings.Compare(a.String(), b.String()) })
	return out
}

var pathValue = regexp.MustCompile(`\{[^}]+\}`)

// at fills the path's values with one text.
func (d door) at(value string) string {
	return pathValue.ReplaceAllLiteralString(d.path, url.PathEscape(value))
}

// Texts that somebody types who wants the house to carry them out.
const mark = "<script>alert('linli')</script>"

var injections = []string{
	mark + `"'><img src=x onerror=alert(1)>`,
	`'; DROP TABLE casework_case; --`,
	`" OR 1=1 UNION SELECT password FROM identity_person --`,
	`{{template "layout"}}${7*7}#{7*7}%s%n`,
	`../../../../etc/passwd`,
	"javascript:alert(1)",
}

// broken are bodies that are no JSON of any schema.
var broken = map[string][]byte{
	"empty":          nil,
	"truncated":      []byte(`{"act": "acc`),
	"invalid UTF-8":  []byte("{\"words\": \"\xff\xfe\", \"act\": \"\xc3\"}"),
	"unknown field":  []byte(`{"nobody_knows_this": 1}`),
	"list":           []byte(`[]`),
	"text":           []byte(`"x"`),
	"null":           []byte(`null`),
	"operators":      []byte(`{"act": {"$gt": ""}, "procedure": {"$ne": 1}, "login": {"$ne": 1}, "words": {"$ne": 1}}`),
	"huge number":    []byte(`{"version": 1e309, "place": {"lon": 1e309}}`),
	"deep lists":     []byte(strings.Repeat("[", 100_000)),
	"deep objects":   []byte(strings.Repeat(`{"values":`, 50_000) + "1" + strings.Repeat("}", 50_000)),
	"two bodies":     []byte(`{"act":"accept"}{"act":"accept"}`),
	"xml":            []byte(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>`),
	"binary":         {0, 1, 2, 3, 0xff, 0xfe, 0x00},
	"twice the same": []byte(`{"act": 1, "act": 2, "procedure": 1, "login": 1, "words": 3}`),
}

// example is a body of the operation's schema with the given text in every text.
func (w *town) example(op *huma.Operation, text string) []byte {
	if op == nil || op.RequestBody == nil {
		return nil
	}
	media := op.RequestBody.Content["application/json"]
	if media == nil {
		return nil
	}
	raw, _ := json.Marshal(w.valueOf(media.Schema, text, 0))
	return raw
}

func (w *town) valueOf(s *huma.Schema, text string, depth int) any {
	if s != nil && s.Ref != "" {
		s = w.site.API.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	if s == nil || depth > 6 {
		return text
	}
	switch s.Type {
	case huma.TypeObject:
		out := map[string]any{}
		for name, p := range s.Properties {
			if !p.ReadOnly {
				out[name] = w.valueOf(p, text, depth+1)
			}
		}
		if len(s.Properties) == 0 {
			for _, name := range []string{"words", "class", "place", "photos", "reason", "lead", "answer", "text"} {
				out[name] = text
			}
		}
		return out
	case huma.TypeArray:
		return []any{w.valueOf(s.Items, text, depth+1)}
	case huma.TypeString:
		if len(s.Enum) > 0 {
			return s.Enum[0]
		}
		return text
	case huma.TypeInteger, huma.TypeNumber:
		return 1
	case huma.TypeBoolean:
		return true
	}
	return text
}

// formText is a form of a page as it stands in the HTML.
type formText struct {
	action, method string
	fields         []string
	hidden         url.Values
}

var (
	formPart  = regexp.MustCompile(`(?s)<form\b([^>]*)>(.*?)</form>`)
	fieldPart = regexp.MustCompile(`<(?:input|textarea|select|button)\b[^>]*>`)
	attribute = regexp.MustCompile(`\b(action|method|name|value|type)="([^"]*)"`)
)

func attributes(tag string) map[string]string {
	out := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
		out[m[1]] = html.UnescapeString(m[2])
	}
	return out
}

// forms are those of a page.
func forms(page []byte) []formText {
	var out []formText
	for _, m := range formPart.FindAllSubmatch(page, -1) {
		head := attributes(string(m[1]))
		f := formText{action: head["action"], method: head["method"], hidden: url.Values{}}
		for _, tag := range fieldPart.FindAllString(string(m[2]), -1) {
			a := attributes(tag)
			switch {
			case a["name"] == "":
			case a["type"] == "hidden":
				f.hidden.Add(a["name"], a["value"])
			default:
				f.fields = append(f.fields, a["name"])
			}
		}
		out = append(out, f)
	}
	return out
}

// filled is the form with the text in every field that somebody can type in.
func (f formText) filled(text string) url.Values {
	out := maps.Clone(f.hidden)
	for _, name := range f.fields {
		out.Set(name, text)
	}
	for _, key := range []string{"key", "_key"} { // each posting is its own
		if out.Has(key) {
			out.Set(key, seal.Token())
		}
	}
	return out
}

// picture is a small real photo.
func picture() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 32, 24))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	m.Set(1, 1, color.White)
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, nil) // a buffer takes everything
	return b.Bytes()
}

// bomb is a PNG of a few bytes that says it has four thousand million pixels.
func bomb() []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(name string, data []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data))) //nolint:gosec // a few bytes
		body := append([]byte(name), data...)
		b.Write(body)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	head := make([]byte, 13)
	binary.BigEndian.PutUint32(head, 65_000)
	binary.BigEndian.PutUint32(head[4:], 65_000)
	head[8], head[9] = 8, 6
	chunk("IHDR", head)
	chunk("IDAT", []byte{0x78, 0x9c, 0x63, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01})
	chunk("IEND", nil)
	return b.Bytes()
}

// pictures that are none, or too much.
func pictures() map[string][]byte {
	good := picture()
	return map[string][]byte{
		"empty":      nil,
		"text":       []byte("this is not a picture"),
		"html":       []byte("<html><script>alert(1)</script></html>"),
		"svg":        []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`),
		"heic":       append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 200)...),
		"truncated":  good[:len(good)/3],
		"heading":    []byte("\xff\xd8\xff\xe0\x00\x10JFIF"),
		"bomb":       bomb(),
		"gif bomb":   append([]byte("GIF89a\xff\xff\xff\xff\x80\x00\x00"), make([]byte, 64)...),
		"webp":       append([]byte("RIFF\xff\xff\xff\x7fWEBPVP8 \xff\xff\xff\x7f"), make([]byte, 64)...),
		"executable": append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 300)...),
		"zip":        append([]byte("PK\x03\x04"), make([]byte, 300)...),
	}
}

// multipartOf is a form with one file.
func multipartOf(field, name string, data []byte, values url.Values) (kind string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for key, all := range values {
		for _, v := range all {
			_ = w.WriteField(key, v) // to memory
		}
	}
	part, _ := w.CreateFormFile(field, name) // to memory
	_, _ = part.Write(data)
	_ = w.Close()
	return w.FormDataContentType(), b.Bytes()
}

// tables hashes the whole content of every table of the house.
func tables(t *testing.T, d *db.DB) map[string]string {
	t.Helper()
	list := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if d.Postgres() {
		list = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	}
	var names []string
	rows, err := d.Reader().Rows(ctx, list)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if rows.Err() != nil || len(names) < 20 {
		t.Fatalf("%d tables: %v", len(names), rows.Err())
	}
	out := map[string]string{}
	for _, name := range names {
		out[name] = content(t, d, name)
	}
	return out
}

// content is the number of rows of a table and a hash of them all.
func content(t *testing.T, d *db.DB, table string) string {
	t.Helper()
	rows, err := d.Reader().Rows(ctx, `SELECT * FROM "`+table+`"`)
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		values, at := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			at[i] = &values[i]
		}
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%q", values))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return fmt.Sprintf("%d rows, %s", len(lines), hex.EncodeToString(sum[:6]))
}

// problem reads a refusal of the API.
func problem(t *testing.T, what string, head http.Header, body []byte) (key, field string) {
	t.Helper()
	var p struct{ Key, Field, Type string }
	if kind := head.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
		t.Errorf("%s: refused with %q: %.200s", what, kind, body)
		return "", ""
	}
	if err := json.Unmarshal(body, &p); err != nil || p.Key == "" || p.Type != "urn:linli:fault:"+p.Key {
		t.Errorf("%s: not a problem: %s", what, body)
	}
	return p.Key, p.Field
}
