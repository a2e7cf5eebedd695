package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"

	"linli/internal/kit/fault"
)

// FileName is the name of the key file in the data folder.
const FileName = "seal.key"

const (
	heading  = "linli-seal/1"
	keyBytes = 32
	idLength = 8
)

// code is lower-case base32 without padding: no sign in it needs escaping in a
// link, and it survives being read over the telephone better than base64.
var code = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// root is one line of the key file: 256 random bits and the name they go by.
type root struct {
	use    string // "seal" or "index"
	id     string // first letters of the hash of the secret: a damaged line shows
	secret []byte
}

// newRoot draws a fresh secret.
func newRoot(use string) root {
	secret := make([]byte, keyBytes)
	_, _ = rand.Read(secret) // never fails since Go 1.24: the program ends instead
	return root{use: use, id: rootID(use, secret), secret: secret}
}

func rootID(use string, secret []byte) string {
	sum := sha256.Sum256(append([]byte("linli/seal/id\x00"+use+"\x00"), secret...))
	return code.EncodeToString(sum[:])[:idLength]
}

// writeRoots gives the text of a key file.
func writeRoots(roots []root) []byte {
	var b bytes.Buffer
	b.WriteString(heading + "\n")
	for _, r := range roots {
		fmt.Fprintf(&b, "%s %s %s\n", r.use, r.id, base64.StdEncoding.EncodeToString(r.secret))
	}
	return b.Bytes()
}

// parseRoots reads a key file; a damaged line is named by its number, never
// quoted, because it may hold most of a secret.
func parseRoots(text []byte) ([]root, error) {
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if lines[0] != heading {
		return nil, damaged(1)
	}
	var roots []root
	count := map[string]int{}
	for i, line := range lines[1:] {
		part := strings.Fields(line)
		if len(part) != 3 || (part[0] != "seal" && part[0] != "index") {
			return nil, damaged(i + 2)
		}
		secret, err := base64.StdEncoding.DecodeString(part[2])
		if err != nil || len(secret) != keyBytes || rootID(part[0], secret) != part[1] {
			return nil, damaged(i + 2)
		}
		roots = append(roots, root{use: part[0], id: part[1], secret: secret})
		count[part[0]]++
	}
	if count["seal"] == 0 || count["index"] != 1 {
		return nil, damaged(len(lines))
	}
	return roots, nil
}

func damaged(line int) error {
	return fault.New(fault.Internal, "seal.key_file_damaged", "file", FileName, "line", line)
}

// Token gives 128 random bits as 26 lower-case letters and digits, none of
// which look alike. It is what sessions, links and one-time codes are made of.
func Token() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return code.EncodeToString(b)
}

// HashToken is what is stored of a token. A token has 128 bits, so one plain
// SHA-256 is enough: there is no dictionary to try.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte("linli/token\x00" + token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
