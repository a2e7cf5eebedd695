package account

import (
	"net/url"
	"regexp"
	"strings"

	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

var (
	mobile = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	token  = regexp.MustCompile(`^[a-z2-9]{26}$`)
	askID  = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
)

// ParsePhone brings a mobile number of the mainland to its eleven digits. Fault:
// Invalid account.phone at phone.
func ParsePhone(s string) (string, error) {
	s, err := text.Clean(s, 40)
	if err != nil {
		return "", fault.Of(err).At("phone")
	}
	s = strings.NewReplacer(" ", "", "-", "").Replace(text.Fold(s))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "+86"), "0086")
	if !mobile.MatchString(s) {
		return "", fault.New(fault.Invalid, "account.phone").At("phone")
	}
	return s, nil
}

// ParseLink finds the token in a query link as people paste it: the whole address,
// its end, or the token alone. Fault: Invalid account.link at link.
func ParseLink(s string) (string, error) {
	wrong := fault.New(fault.Invalid, "account.link").At("link")
	s, err := text.Clean(s, longestLink)
	if err != nil {
		return "", fault.Of(err).At("link")
	}
	if u, err := url.Parse(s); err == nil && strings.Contains(u.Path, "/") {
		before, last, _ := strings.Cut(u.Path, "/q/")
		if strings.Contains(before, "/") || last == "" {
			return "", wrong
		}
		s = last
	}
	if s = strings.TrimSuffix(s, "/"); !token.MatchString(s) {
		return "", wrong
	}
	return s, nil
}

// masked shows enough of a telephone for its owner to know it.
func masked(phone string) string {
	if len(phone) < 7 {
		return "****"
	}
	return phone[:3] + "****" + phone[len(phone)-4:]
}
