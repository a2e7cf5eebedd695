package app

import (
	"context"

	"linli/internal/app/show"
	"linli/internal/kit/seal"
)

// attach adds drawn photos to an act's values.
func (f *filling) attach(ctx context.Context, r *run, s *storyStep, values map[string]any) error {
	var ids []any
	for range s.Photos {
		picture, err := show.Picture(r.Rand)
		if err != nil {
			return err
		}
		id, err := f.Requests.Keep(ctx, seal.Token(), picture)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if len(ids) > 0 {
		values["photos"] = ids
	}
	return nil
}
