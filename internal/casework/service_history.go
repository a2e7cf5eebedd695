package casework

import (
	"context"
	"linli/internal/procedure"
)

// History is a case with its procedure and all its acts, for rooms that read
// the log: no actor's rights are applied and nothing is opened. Leaf hashes are
// left out. Fault: NotFound.
func (s *Service) History(ctx context.Context, id string) (*Case, *procedure.Procedure, []Entry, error) {
	c, err := s.load(ctx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
	if err != nil {
		return nil, nil, nil, err
	}
	acts, err := s.actsOf(ctx, s.DB.Reader(), c.ID)
	if err != nil {
		return nil, nil, nil, err
	}
	entries, err := entriesOf(p, acts)
	return c, p, entries, err
}
