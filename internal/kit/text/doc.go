// Package text holds the words a person reads, in every language of the
// catalogue, and the few operations on text that every room needs: cleaning what
// came in, folding it for comparison and cutting it for Chinese search.
//
// The words stand in catalog/text/<language>/<room>.yaml as flat pairs of key and
// text; a text may have {name} placeholders. What must always be true: a key that
// is missing never breaks a page (the key itself is shown and counted), and no
// text is ever built from pieces in Go.
package text
