// Package show plays what the demo shows beside its cases: who is on duty, who
// stands in for whom, how people are told, what they keep at hand, and what of the
// requests is public. Everything is done by the verbs of the rooms, at its moment
// on the demo's clock.
package show
