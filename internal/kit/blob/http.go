package blob

import (
	"bytes"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// Send answers with a blob. A picture is shown, a recording played; anything else is only offered for
// saving under name, and may run nothing even if a browser opens it. It is kept
// by the reader's own browser only, for an hour, unless the handler said
// otherwise in Cache-Control.
func Send(w http.ResponseWriter, r *http.Request, b Blob, data []byte, name string) {
	h := w.Header()
	h.Set("Content-Type", b.Media)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("ETag", `"`+b.SHA256+`"`)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, max-age=3600")
	}
	shown := strings.HasPrefix(b.Media, "image/") || strings.HasPrefix(b.Media, "audio/")
	if !shown || b.Media == "image/svg+xml" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": safeName(name, b.ID)}))
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// safeName keeps folders and characters that mean something to a shell or a
// dialog out of a file name.
func safeName(name, instead string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`<>:"|?*\/`, r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '_'
		}
		return r
	}, path.Base(strings.ReplaceAll(name, `\`, "/")))
	if name = strings.Trim(name, ". "); name == "" || name == "_" {
		return instead
	}
	return name
}
