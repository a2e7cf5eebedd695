package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
)

// asset is one static file, ready to send.
type asset struct {
	data, zipped []byte // zipped is nil where it saves nothing
	media, hash  string
}

// assets are the static files by name below static/.
type assets map[string]*asset

func loadAssets(files fs.FS) assets {
	all := assets{}
	// an embedded folder cannot fail to be read
	_ = fs.WalkDir(files, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		a := &asset{data: data, media: media(name), hash: hex.EncodeToString(sum[:5])}
		var z bytes.Buffer
		zw, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // the level is valid
		_, _ = zw.Write(data)                                  // a buffer takes all
		_ = zw.Close()
		if z.Len() < len(data)*9/10 {
			a.zipped = z.Bytes()
		}
		all[strings.TrimPrefix(name, "static/")] = a
		return nil
	})
	return all
}

// media does not ask the machine's own tables first: they differ.
func media(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".json", ".webmanifest":
		return "application/json"
	}
	if m := mime.TypeByExtension(path.Ext(name)); m != "" {
		return m
	}
	return "application/octet-stream"
}

// address of a static file with its hash in the name, so that it may be kept for
// a year: static/style.css is /static/style.1a2b3c4d5e.css.
func (a *assets) address(name string) (string, error) {
	f := (*a)[name]
	if f == nil {
		return "", fmt.Errorf("there is no static file %q", name)
	}
	ext := path.Ext(name)
	return "/static/" + strings.TrimSuffix(name, ext) + "." + f.hash + ext, nil
}

// find gives the file and whether the address carries its present hash.
func (a *assets) find(name string) (*asset, bool) {
	if f := (*a)[name]; f != nil {
		return f, false
	}
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	dot := strings.LastIndexByte(stem, '.')
	if dot < 0 {
		return nil, false
	}
	f := (*a)[stem[:dot]+ext]
	return f, f != nil && f.hash == stem[dot+1:]
}

// ServeHTTP sends a static file. A page of before an upgrade may ask for an old
// hash: it gets the present file, which nobody may keep.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, exact := a.find(r.PathValue("file"))
	if f == nil {
		httpx.Fail(w, r, fault.New(fault.NotFound, "web.page"))
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.media)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if exact {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	data, tag := f.data, `"`+f.hash+`"`
	if f.zipped != nil && httpx.AcceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		data, tag = f.zipped, `"`+f.hash+`-gz"`
	}
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(data)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(data)
	}
}
