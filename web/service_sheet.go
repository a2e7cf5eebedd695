package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A page that somebody opens from outside (a QR code, a message, a bookmark)
// carries its style sheets in itself: on a slow phone the round trip for them
// costs more than their few kilobytes. Within the house they are linked and kept.

var between = regexp.MustCompile(`(?s)/\*.*?\*/|\n[ \t]+`)

// sheet is a style sheet as it stands in a page, and how the policy names it.
type sheet struct {
	text, hash string
}

func (a assets) sheets() map[string]sheet {
	out := map[string]sheet{}
	for name, f := range a {
		if !strings.HasSuffix(name, ".css") || strings.Contains(name, "/") {
			continue
		}
		said := strings.TrimSpace(between.ReplaceAllStringFunc(string(f.data), func(s string) string {
			if s[0] == '\n' {
				return "\n"
			}
			return ""
		}))
		sum := sha256.Sum256([]byte(said))
		out[name] = sheet{text: said, hash: "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"}
	}
	return out
}

// linked is a sheet that the browser fetches, or has.
func (rd *Renderer) linked(name string, media ...string) (template.HTML, error) {
	address, err := rd.assets.address(name)
	return template.HTML(fmt.Sprintf(`<link rel="stylesheet" href="%s"%s>`, address, inMedia(media))), err
}

// inlined is the same sheet in the page itself.
func (rd *Renderer) inlined(name string, media ...string) (template.HTML, error) {
	s, known := rd.sheets[name]
	if !known {
		return "", fmt.Errorf("there is no style sheet %q", name)
	}
	return template.HTML("<style" + inMedia(media) + ">" + s.text + "</style>"), nil
}

func inMedia(media []string) string {
	if len(media) == 0 || media[0] == "" {
		return ""
	}
	return ` media="` + template.HTMLEscapeString(media[0]) + `"`
}

// later has a sheet fetched for the next page, when this one has been drawn: one
// for no media at all blocks nothing.
func (rd *Renderer) later(name string) (template.HTML, error) { return rd.linked(name, "not all") }

func never(string) template.HTML { return "" }

// FromOutside says whether a visitor comes to the house with this page: it then
// carries its style sheets within itself, named in the policy of the answer. Who
// keeps a drawn page keeps the two apart, each with its policy.
func (rd *Renderer) FromOutside(r *http.Request) bool {
	if r.Method != http.MethodGet || rd.Office != nil && rd.Office(r) {
		return false
	}
	u, err := url.Parse(r.Referer())
	return err != nil || u.Host == "" || u.Host != r.Host
}

// allow adds the sheets to the policy of this answer, each by its hash.
func (rd *Renderer) allow(h http.Header) {
	const own = "style-src 'self'"
	var hashes []string
	for _, s := range rd.sheets {
		hashes = append(hashes, s.hash)
	}
	slices.Sort(hashes)
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), own, own+" "+strings.Join(hashes, " "), 1))
}
