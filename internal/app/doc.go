// Package app is the roof: it opens the database, builds every room in floor
// order, registers the checks, effects and readers they offer each other, and
// holds configuration, commands and the server.
//
// It decides nothing about cases, places or people; what it knows is only which
// room stands on which.
package app
