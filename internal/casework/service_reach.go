package casework

import (
	"context"

	"linli/internal/kit/fault"
)

// Reach opens the telephone or address that one act of a case left, for the
// machinery that sends a message to whom it belongs, or compares it with the one
// that somebody has verified as theirs. No person sees it, so it is
// no line of the read log; the sender accounts for it message by message (see
// internal/notice). It opens fields of the type phone only. Faults: NotFound
// where there is no such value or it was erased; seal.key_lost.
func (s *Service) Reach(ctx context.Context, id, act, field string) (string, error) {
	none := fault.New(fault.NotFound, "casework.nothing_sealed").At(field)
	c, err := s.load(ctx, id)
	if err != nil {
		return "", err
	}
	p, err := s.ProcedureAt(ctx, c.Procedure, c.Edition)
	if err != nil {
		return "", err
	}
	def := p.Field(field)
	a, err := scanAct(s.DB.Reader().Row(ctx, `SELECT `+actColumns+` FROM casework_act WHERE id = $1 AND case_id = $2`, act, c.ID))
	if err != nil || def == nil || def.Type != "phone" || a.Body[field].Seal == "" {
		return "", none.Because(err)
	}
	clear, err := s.Unseal(field, Sealed{Text: a.Body[field].Seal})
	if err != nil {
		return "", err
	}
	text, _ := clear.(string)
	return text, nil
}
