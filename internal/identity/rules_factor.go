package identity

import (
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"

	"linli/internal/kit/clock"
	"linli/internal/kit/seal"
)

// One-time codes by RFC 6238: six digits, thirty seconds, one step of grace on
// either side for clocks that differ.
const (
	codeSeconds = 30
	codeDigits  = 6
	codeSkew    = 1
)

// How many recovery codes there are, and their length without the hyphen (50
// random bits).
const (
	RecoveryCodes  = 10
	recoveryLength = 10
)

// FactorGrace is how long somebody whose post asks for the second factor may put
// off setting it up, from the first sign-in at which they are told.
const FactorGrace = 7 * 24 * time.Hour

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// plainDigits takes out what people put between the signs of a code, and reads
// full-width digits.
func plainDigits(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '\uff10' && r <= '\uff19':
			return r - '\uff10' + '0'
		case r == ' ' || r == '-' || r == '\u3000':
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(code)))
}

// matchStep finds the step of which the code is, if it is later than the last one
// that was used. All steps are compared, whichever fits.
func matchStep(secret, code string, now clock.Instant, last int64) (step int64, ok bool) {
	if len(code) != codeDigits || !digits(code) {
		return 0, false
	}
	at := now.Time().Unix() / codeSeconds
	for s := at - codeSkew; s <= at+codeSkew; s++ {
		want, err := hotp.GenerateCode(secret, uint64(s))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && s > last && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}

// factorAddress is what an authenticator app reads from the QR code.
func factorAddress(issuer, login, secret string) string {
	v := url.Values{"secret": {secret}, "issuer": {issuer}, "period": {"30"}, "digits": {"6"}, "algorithm": {"SHA1"}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+login) + "?" + strings.ReplaceAll(v.Encode(), "+", "%20")
}

// newRecovery makes recovery codes as they are shown, this once.
func newRecovery() []string {
	out := make([]string, RecoveryCodes)
	for i := range out {
		t := seal.Token()[:recoveryLength]
		out[i] = t[:recoveryLength/2] + "-" + t[recoveryLength/2:]
	}
	return out
}

// monthAfter is the first moment of the month that lies at least so many days ahead.
func monthAfter(now clock.Instant, days int) clock.Instant {
	y, m, _ := (now.Day() + clock.Day(days)).Date()
	return clock.Date(y, m+1, 1).Start()
}
