package duty

import "linli/internal/kit/text"

// Certificate is a certificate (证明) that nobody may ask of a village or community.
type Certificate struct {
	ID      string
	Title   text.Words
	Words   []string   // by which it is known again when somebody asks for it in other words
	Instead text.Words // who issues it, or how it is known without one
	Source  string     // the norm in which Instead was read; "" where it was not verified
	Norm    string     // by which it may not be asked for
	File    string
	Line    int
}
