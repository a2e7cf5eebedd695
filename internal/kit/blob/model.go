package blob

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"

	"linli/internal/kit/fault"
)

// MaxSize is the most bytes one blob may have.
const MaxSize = 32 << 20

// Blob describes an attachment.
type Blob struct {
	ID     string // 26 characters of base32, random
	Media  string // media type
	Size   int64  // bytes
	SHA256 string // hex
}

var base = base32.StdEncoding.WithPadding(base32.NoPadding)

func newID() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails since Go 1.24
	return strings.ToLower(base.EncodeToString(raw[:]))
}

// validID keeps anything but our own ids away from file names.
func validID(id string) bool {
	return len(id) == 26 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// validMedia keeps line breaks and nonsense out of the file's first line.
func validMedia(m string) bool {
	kind, sub, ok := strings.Cut(m, "/")
	return ok && kind != "" && sub != "" && len(m) <= 127 &&
		strings.Trim(strings.ToLower(m), "abcdefghijklmnopqrstuvwxyz0123456789/.+-;=_ ") == ""
}

func none() *fault.Fault { return fault.New(fault.NotFound, "blob.none") }

// heading is the first line of a file: a file tells by itself what it is.
func (b Blob) heading() string {
	return fmt.Sprintf("linli-blob/1\t%s\t%d\t%s\n", b.Media, b.Size, b.SHA256)
}

func parseHeading(line string) (Blob, bool) {
	parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
	if len(parts) != 4 || parts[0] != "linli-blob/1" {
		return Blob{}, false
	}
	size, err := strconv.ParseInt(parts[2], 10, 64)
	return Blob{Media: parts[1], Size: size, SHA256: parts[3]}, err == nil
}
