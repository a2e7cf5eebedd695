// Package privacy finds in words what points to a person: identity numbers,
// telephones, accounts, plates, names, doors. It knows no language by itself: the
// words by which it finds stand in a catalogue. It strikes what a person marks.
//
// It errs on the careful side: what it finds a person looks at, and what it does
// not find is no proof that nothing is there.
package privacy
