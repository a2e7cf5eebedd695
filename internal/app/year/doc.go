// Package year (一年) plays the second data set of the demo: a simulated county of
// thirty streets and a year of its tasks, whistles, refusals and requests, by the
// verbs of the house on a clock set by hand.
//
// Its shape is the hand-written profile catalog/demo/streets.yaml; every case draws
// from a source of its own that the seed and the case's number give, so that the
// same seed does the same acts at the same moments. What lies within one quarter of
// an hour is done at once, several cases at a time: it is one moment of the year,
// and the database commits it in groups.
package year
