package request

import (
	"bytes"
	"context"
	"strings"
)

// Keep takes in one picture for a caller within the house and gives the id by
// which an act's values name it. It is drawn anew as every photo is, and
// destroyed after a day if no act names it. Faults: Invalid at photos.
func (s *Service) Keep(ctx context.Context, key string, picture []byte) (id string, err error) {
	jpeg, err := drawn(bytes.NewReader(picture))
	if err != nil {
		return "", err
	}
	ticket, err := s.keep(ctx, key, jpeg)
	id, _, _ = strings.Cut(ticket, ".")
	return id, err
}
