package request

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"strings"

	"linli/internal/kit/blob"
	"linli/internal/kit/fault"
)

// voiceField is the value that holds a voice note; it is kept as it was recorded
// and never public.
const voiceField = "recording"

// heard reads one recording from a part of a form and checks its container.
func heard(part io.Reader) (data []byte, media string, err error) {
	data, err = io.ReadAll(io.LimitReader(part, blob.MaxVoice+1))
	if err != nil {
		return nil, "", err
	}
	media, err = blob.Voice(data)
	if err != nil {
		return nil, "", fault.Of(err).At(voiceField)
	}
	return data, media, nil
}

// voiceOf is the id of a voice note's ticket, in a list as values hold it.
// Faults: Invalid at voice for a ticket that is not of this key, or one that lay
// longer than a day.
func (s *Service) voiceOf(ctx context.Context, key, ticket string) ([]string, error) {
	if ticket == "" {
		return nil, nil
	}
	ids, ok := s.ours(voiceKind, key, []string{ticket})
	if !ok {
		return nil, fault.New(fault.Invalid, "request.recording_not_yours").At(voiceField)
	}
	n, err := s.keptPhotos(ctx, ids)
	if err == nil && n != len(ids) {
		err = fault.New(fault.Invalid, "request.recording_gone").At(voiceField)
	}
	return ids, err
}

// uploadVoice keeps the recording that a generic page posts.
func (s *Service) uploadVoice(ctx context.Context, key string, files []*multipart.FileHeader) ([]string, error) {
	var ids []string
	for _, f := range files {
		if f.Size == 0 {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return ids, err
		}
		data, media, err := heard(in)
		if err = errors.Join(err, in.Close()); err != nil {
			return ids, err
		}
		ticket, err := s.keepAs(ctx, voiceKind, key, data, media)
		if err != nil {
			return ids, err
		}
		id, _, _ := strings.Cut(ticket, ".")
		ids = append(ids, id)
	}
	return ids, nil
}

// soundName is a file name for a recording of a media type.
func soundName(media string) string {
	_, kind, _ := strings.Cut(media, "/")
	if kind == "mp4" {
		kind = "m4a"
	}
	return "voice." + kind
}
