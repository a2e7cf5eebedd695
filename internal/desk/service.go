package desk

import "linli/internal/casework"

// Service is the desk over the engine, whose verbs and views it offers as pages
// and API.
type Service struct {
	*casework.Service
	suggests map[string][]Suggest
}

// New puts a desk over the engine.
func New(cases *casework.Service) *Service { return &Service{Service: cases} }
