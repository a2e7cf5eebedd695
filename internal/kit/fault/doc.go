// Package fault holds the few kinds of refusal the house knows.
//
// A fault carries a text key with arguments, the field it concerns and the norm
// it rests on; the edge turns it into RFC 9457 problem+json or a readable page.
package fault
