package httpx

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// client finds who asks: the peer of the connection, or, when that peer is a
// trusted proxy, the last address in X-Forwarded-For that is not one.
func client(r *http.Request, trusted []netip.Prefix) string {
	peer, ok := address(r.RemoteAddr)
	if !ok {
		return "local" // a socket in the file system
	}
	if !within(peer, trusted) {
		return network(peer)
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := address(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		peer = hop
		if !within(hop, trusted) {
			break
		}
	}
	return network(peer)
}

// network is what one asker holds: an IPv4 address, or a whole /64 of IPv6, in
// which a caller can take a new address for every request.
func network(a netip.Addr) string {
	if a.Is4() || a.IsLoopback() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}

func address(s string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap().WithZone(""), err == nil
}

func within(a netip.Addr, all []netip.Prefix) bool {
	for _, p := range all {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// readable says whether path and query hold only valid text without controls.
func readable(u *url.URL) bool {
	if !clean(u.Path) {
		return false
	}
	if !strings.ContainsRune(u.RawQuery, '%') {
		return clean(u.RawQuery)
	}
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		s, err := url.QueryUnescape(part)
		if err != nil || !clean(s) {
			return false
		}
	}
	return true
}

func clean(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
	}
	return true
}

// AcceptsGzip says whether the asker takes gzip.
func AcceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" || name == "*" {
			q := strings.TrimPrefix(strings.ReplaceAll(rest, " ", ""), "q=")
			return rest == "" || strings.Trim(q, "0.") != ""
		}
	}
	return false
}

// mayZip says whether an answer to r may be compressed on its way.
//
// The length of a compressed page that holds a secret beside words of an
// attacker's choosing tells something of the secret (BREACH). The attack needs
// many requests which somebody else's page makes in the victim's browser with the
// victim's cookies, and an eye on the encrypted line. So what another site caused
// is not compressed when it came with cookies; what the person asked for, or our
// own pages did, is, and so is everything without a cookie. A browser that does
// not say who caused a request (Sec-Fetch-Site, sent over HTTPS only) gets the
// same care; over plain HTTP there is nothing to guess, for all can be read.
// Static files are compressed once, at the start, and hold no secret.
func mayZip(r *http.Request) bool {
	if r.Method == http.MethodHead || !AcceptsGzip(r) {
		return false
	}
	if r.Header.Get("Cookie") == "" {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		return r.TLS == nil && r.Header.Get("X-Forwarded-Proto") != "https"
	}
	return false
}

// squeezable says whether a media type gains from compression.
func squeezable(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	switch media {
	case "application/json", "application/problem+json", "application/geo+json", "application/xml", "application/manifest+json", "image/svg+xml":
		return true
	case "text/event-stream":
		return false
	}
	return strings.HasPrefix(media, "text/")
}

// wantsProblem says whether a refusal goes to a program rather than a person.
func wantsProblem(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		return true
	}
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}
