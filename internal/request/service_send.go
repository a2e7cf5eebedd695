package request

import (
	"context"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// Report is a request or grid event as a door took it in.
type Report struct {
	Key        string // idempotency key, 128 random bits
	Words      string
	Class      string
	Details    string
	Place      map[string]any // as casework reads a place
	Photos     []string       // tickets of this key
	Voice      string         // ticket of this key, or ""
	Phone      string
	AboutUnit  bool
	Complained string
	Channel    string // "" = web
}

// Send takes a report in and gives its receipt; the same key twice gives the
// same receipt. Faults: Invalid at the field, Conflict for a key used with
// another body.
func (s *Service) Send(ctx context.Context, a identity.Actor, in Report) (casework.Receipt, error) {
	photos, err := s.attached(ctx, in.Key, in.Photos)
	if err != nil {
		return casework.Receipt{}, err
	}
	voice, err := s.voiceOf(ctx, in.Key, in.Voice)
	if err != nil {
		return casework.Receipt{}, err
	}
	channel := in.Channel
	if channel == "" {
		channel = "web"
	}
	values := map[string]any{"channel": channel}
	for field, v := range map[string]string{"words": in.Words, "class": in.Class, "details": in.Details, "phone": in.Phone, "complained": in.Complained} {
		if strings.TrimSpace(v) != "" {
			values[field] = v
		}
	}
	if len(in.Place) > 0 {
		values["place"] = in.Place
	}
	if len(photos) > 0 {
		values["photos"] = photos
	}
	if len(voice) > 0 {
		values[voiceField] = voice
	}
	if in.AboutUnit {
		values["about_unit"] = true
	}
	receipt, err := s.Cases.Open(ctx, a, casework.Opening{Procedure: Procedure, Act: "report", Values: values, Key: in.Key})
	if err != nil {
		return receipt, err
	}
	return receipt, s.bind(ctx, receipt.Case, append(photos, voice...))
}

// Found takes in what a grid worker found. Faults as of Send, Forbidden outside
// the own area.
func (s *Service) Found(ctx context.Context, a identity.Actor, in Report) (casework.Receipt, error) {
	photos, err := s.attached(ctx, in.Key, in.Photos)
	if err != nil {
		return casework.Receipt{}, err
	}
	voice, err := s.voiceOf(ctx, in.Key, in.Voice)
	if err != nil {
		return casework.Receipt{}, err
	}
	if len(in.Place) == 0 {
		return casework.Receipt{}, fault.New(fault.Invalid, "request.place_missing").At("place")
	}
	values := map[string]any{"place": in.Place}
	for field, v := range map[string]string{"words": in.Words, "class": in.Class} {
		if strings.TrimSpace(v) != "" {
			values[field] = v
		}
	}
	if len(photos) > 0 {
		values["photos"] = photos
	}
	if len(voice) > 0 {
		values[voiceField] = voice
	}
	receipt, err := s.Cases.Open(ctx, a, casework.Opening{Procedure: GridEvent, Act: "report", Values: values, Key: in.Key})
	if err != nil {
		return receipt, err
	}
	return receipt, s.bind(ctx, receipt.Case, append(photos, voice...))
}
