package search

// Spoil has the words of some cases refuse to be read.
func (s *Service) Spoil(fn func(id string) error) { s.spoil = fn }

// Tokens cuts text as the index does.
var Tokens = tokens
