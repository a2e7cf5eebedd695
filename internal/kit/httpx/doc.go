// Package httpx is the edge of the house: one way to serve, to refuse and to
// count requests. It has no word of the domain.
//
// A Server wraps a ServeMux with, from the outside in: request record (id, log
// line, figures), security headers, checks of the address, load shedding,
// language, protection against cross-origin writes, body limit, compression,
// recovery. Every wrapper keeps these promises:
//
//   - a panic becomes an internal fault with the request's id; the log has the
//     stack, never a body, a query string, an address or a token;
//   - a route marked Quiet leaves no line of its own: such requests are counted
//     by hour and status only;
//   - a body is at most 1 MiB (BodyLimit), on a route marked Large up to 32 MiB
//     (LargeBody), and a request that is not read in time is dropped;
//   - text in paths and queries is valid UTF-8 without control characters.
//
// # Faults at the edge
//
// Kinds of fault become statuses as follows; both the page for people and the
// problem+json (RFC 9457) for programs come from here.
//
//	invalid    422   (httpx.too_large 413, httpx.media 415, httpx.method 405)
//	not_found  404
//	forbidden  403   (httpx.sign_in 401)
//	conflict   409
//	stale      409   (told from conflict by "kind" and "key")
//	unmet      422   with "norm"
//	busy       503, or 429 when the fault says how long this asker must wait in
//	           its argument "retry_after" (seconds); both with Retry-After
//	internal   500   (never with a cause)
//
// A body that is no JSON, an unknown field and a value outside its bounds are all
// 422: for the sender they are the same thing, a body to be mended.
package httpx
