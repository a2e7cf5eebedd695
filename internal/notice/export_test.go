package notice

import (
	"context"

	"linli/internal/identity"
)

// Forget breaks off between sending and noting, as a crash would.
func (s *Service) Forget(fn func(bundle string) bool) { s.forgets = fn }

// Spoil makes acts poisonous.
func (s *Service) Spoil(fn func(act string) error) { s.spoil = fn }

// Hold gives the room the name of another node.
func (s *Service) Hold(name string) { s.holder = name }

// Path is the page to which a party's messages lead.
func (s *Service) Path(party identity.Party) string { return s.codeOf(party.ID).path() }

// Channels that are open for sending now.
func (s *Service) Open() ([]string, error) {
	open, _, err := s.open(context.Background())
	return open, err
}

// Begin is what is done before the log is read for the first time.
func (s *Service) Begin(ctx context.Context) error { return s.start(ctx) }
