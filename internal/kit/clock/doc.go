// Package clock gives every room its time: instants in UTC microseconds, civil
// days of China, and a clock that tests and the demo set by hand.
package clock
