//go:build race

package area

// raced says that the race detector watches, which makes the embedded database
// twenty times slower: the national table is then cut.
const raced = true
