package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

// Bounds of a password, in characters. There is no forced rotation and no rule
// on kinds of signs: length is what resists guessing.
const (
	ShortestPassword = 10
	LongestPassword  = 256
)

// Cost of a password hash (argon2id): 19 MiB and two passes, about 30 ms.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32
)

var loginForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._@-]{1,63}$`)

// cleanLogin brings a login name to the one form in which it is stored: folded,
// so that full-width and upper-case writings are the same name.
func cleanLogin(login string) (string, error) {
	if _, err := text.Clean(login, 64); err != nil {
		return "", fault.Of(err).At("login")
	}
	login = text.Fold(login)
	if !loginForm.MatchString(login) {
		return "", fault.New(fault.Invalid, "identity.login_form").At("login")
	}
	return login, nil
}

// checkPassword applies the rules to a new password.
func checkPassword(password, login string) error {
	at := func(f *fault.Fault) error { return f.At("password") }
	if !utf8.ValidString(password) {
		return at(fault.New(fault.Invalid, "text.not_utf8"))
	}
	switch n := utf8.RuneCountInString(norm.NFC.String(password)); {
	case n < ShortestPassword:
		return at(fault.New(fault.Invalid, "identity.password_short", "min", ShortestPassword))
	case n > LongestPassword:
		return at(fault.New(fault.Invalid, "identity.password_long", "max", LongestPassword))
	}
	if text.Fold(password) == text.Fold(login) {
		return at(fault.New(fault.Invalid, "identity.password_is_login"))
	}
	return nil
}

// hashPassword gives the PHC text of a password. Slow on purpose: callers go
// through a gate.
func hashPassword(password string) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt)
	key := argon2.IDKey([]byte(norm.NFC.String(password)), salt, argonTime, argonMemory, argonLanes, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// rightPassword compares in constant time. A stored text of another form or cost
// than ours is no match: nothing in the database can make this expensive.
func rightPassword(stored, password string) bool {
	part := strings.Split(stored, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) ||
		part[3] != fmt.Sprintf("m=%d,t=%d,p=%d", argonMemory, argonTime, argonLanes) {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(part[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(part[5])
	if err != nil || len(want) != argonKey {
		return false
	}
	got := argon2.IDKey([]byte(norm.NFC.String(password)), salt, argonTime, argonMemory, argonLanes, argonKey)
	return subtle.ConstantTimeCompare(got, want) == 1
}

// gate lets few password hashes run at once, so that a flood of sign-ins costs
// 2 x 19 MiB and no more; who finds a long queue is told to come back.
type gate struct {
	slots   chan struct{}
	waiting atomic.Int64
	most    int64
}

// The width of the gate: two hash at once, forty more wait (about 0.6 s).
const (
	gateWidth = 2
	gateQueue = 40
)

func newGate() *gate {
	return &gate{slots: make(chan struct{}, gateWidth), most: gateWidth + gateQueue}
}

// do runs fn when a slot is free. Fault: Busy identity.sign_in_busy.
func (g *gate) do(ctx context.Context, fn func()) error {
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.most {
		return fault.New(fault.Busy, "identity.sign_in_busy")
	}
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.slots }()
	fn()
	return nil
}
