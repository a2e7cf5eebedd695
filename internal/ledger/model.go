package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"golang.org/x/mod/sumdb/tlog"

	"linli/internal/kit/clock"
)

// Envelope is the public part of a leaf. It names no unit, area or person.
type Envelope struct {
	ID        string        // the act's id, also the leaf's
	Kind      string        // "act", "edition", …
	Case      string        // random case id, "" where there is no case
	Procedure string        // name of the procedure
	Act       string        // name of the act
	From, To  string        // states before and after
	Clocks    []string      // effects on clocks, in order
	Recorded  clock.Instant // when the server took it
	Annuls    string        // id of the act this one annuls, or ""
	Erases    string        // id of the act whose values this one erased, or ""
}

// Field is the salted commitment to one value of the act.
type Field struct {
	Name   string
	Digest [32]byte
}

// Leaf is one entry of the log as it is queued.
type Leaf struct {
	ID, Kind, Case string
	Erases         string
	Recorded       clock.Instant
	Text           []byte   // canonical text; what is hashed
	Hash           [32]byte // RFC 6962 leaf hash of Text
}

// Ref points to a leaf of the log. Number is -1 while the leaf waits for one.
type Ref struct {
	Number         int64
	ID, Kind, Case string
}

// Erasure says that the act ID (leaf Number, -1 while it waits) destroyed the
// values of the act Erases.
type Erasure struct {
	Ref
	Erases string
}

// Cursor says how far a reader has come: the number it reads next, and how many
// numbered leaves it is behind.
type Cursor struct {
	Reader string
	Next   int64
	Behind int64
}

// Commit is the commitment to one value: HMAC-SHA-256 under the act's salt over
// the field's name, a zero byte and the plaintext. Without the salt a short
// value cannot be guessed from it; with it, it binds.
func Commit(salt [16]byte, name string, plain []byte) [32]byte {
	m := hmac.New(sha256.New, salt[:])
	m.Write([]byte(name))
	m.Write([]byte{0})
	m.Write(plain)
	var out [32]byte
	m.Sum(out[:0])
	return out
}

// HashText is how a leaf's hash is shown to people: 64 hexadecimal digits.
func HashText(h [32]byte) string { return hex.EncodeToString(h[:]) }

// LeafHash is the RFC 6962 hash of a leaf's text.
func LeafHash(text []byte) [32]byte { return tlog.RecordHash(text) }
