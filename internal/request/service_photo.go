package request

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/blob"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
)

// mostPhoto is the most bytes of one picture that comes in.
const mostPhoto = 24 << 20

// owner is the keyed hash under which what somebody sends is kept: of the form's
// own key, or of a program's.
func (s *Service) owner(key string) string { return s.Keys.Keyed("request photo", key) }

// kinds of what is sent along.
const (
	photoKind = "photo"
	voiceKind = "recording"
)

// ticket is the id of a photo or voice note as it travels in a form: signed for
// the key of that form, so that nobody can attach somebody else's, and for its
// kind, so that a voice note is never shown as a photo.
func (s *Service) ticket(kind, key, id string) string {
	return id + "." + s.Keys.Keyed("request ticket", kind+" "+key+" "+id)[:20]
}

// ours are the ids of tickets of one kind and key; false where one is not.
func (s *Service) ours(kind, key string, tickets []string) ([]string, bool) {
	var out []string
	for _, t := range tickets {
		id, _, _ := strings.Cut(t, ".")
		if key == "" || subtle.ConstantTimeCompare([]byte(t), []byte(s.ticket(kind, key, id))) != 1 {
			return nil, false
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, true
}

// photosOf are the ids of tickets of one key. Fault: Invalid at photos for a
// ticket that is not of this key.
func (s *Service) photosOf(key string, tickets []string) ([]string, error) {
	out, ok := s.ours(photoKind, key, tickets)
	if !ok {
		return nil, fault.New(fault.Invalid, "request.photo_not_yours").At("photos")
	}
	if len(out) > mostPhotos {
		return nil, fault.New(fault.Invalid, "request.photos_many", "most", mostPhotos).At("photos")
	}
	return out, nil
}

// attached are the ids of tickets whose photos are still there. Faults: those of
// photosOf, Invalid at photos for a form that lay longer than a day.
func (s *Service) attached(ctx context.Context, key string, tickets []string) ([]string, error) {
	ids, err := s.photosOf(key, tickets)
	if err != nil || len(ids) == 0 {
		return ids, err
	}
	n, err := s.keptPhotos(ctx, ids)
	if err == nil && n != len(ids) {
		err = fault.New(fault.Invalid, "request.photo_gone").At("photos")
	}
	return ids, err
}

// drawn reads one picture from a part of a form and draws it anew: position,
// camera and owner are gone.
func drawn(part io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(part, mostPhoto+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > mostPhoto {
		return nil, fault.New(fault.Invalid, "blob.too_large", "mib", mostPhoto>>20).At("photos")
	}
	out, err := blob.Photo(raw, blob.Pixels)
	if err != nil {
		return nil, fault.Of(err).At("photos")
	}
	return out, nil
}

// keep stores a picture for the holder of a key and gives its ticket. The same
// picture under the same key is the same photo, so that a form sent twice asks
// for the same.
func (s *Service) keep(ctx context.Context, key string, jpeg []byte) (string, error) {
	return s.keepAs(ctx, photoKind, key, jpeg, "image/jpeg")
}

func (s *Service) keepAs(ctx context.Context, kind, key string, data []byte, media string) (string, error) {
	sum := sha256.Sum256(data)
	id, err := s.keepBlob(ctx, s.owner(key), hex.EncodeToString(sum[:]), data, media)
	if err != nil {
		return "", err
	}
	return s.ticket(kind, key, id), nil
}

// Upload keeps the pictures that a form posts for one field and gives their ids:
// casework's generic pages use it (desk.Doors). The form's own key is "_key".
func (s *Service) Upload(ctx context.Context, r *http.Request, field string) ([]string, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	who := identity.From(ctx)
	key := r.PostForm.Get("_key") + " " + who.Person + " " + who.Party.ID
	if !who.Known() {
		if err := s.take(ctx, limitPhoto, httpx.Address(r)); err != nil {
			return nil, err
		}
	}
	files := r.MultipartForm.File[field]
	if field == voiceField {
		return s.uploadVoice(ctx, key, files)
	}
	if len(files) > mostPhotos {
		return nil, fault.New(fault.Invalid, "request.photos_many", "most", mostPhotos).At(field)
	}
	var ids []string
	for _, f := range files {
		if f.Size == 0 {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return ids, err
		}
		jpeg, err := drawn(in)
		_ = in.Close() // it was only read
		if err != nil {
			return ids, fault.Of(err).At(field)
		}
		ticket, err := s.keep(ctx, key, jpeg)
		if err != nil {
			return ids, err
		}
		id, _, _ := strings.Cut(ticket, ".")
		ids = append(ids, id)
	}
	return ids, nil
}

// PhotoAddress is where a photo of a case is shown; it has one size.
func PhotoAddress(caseID, id string) string { return "/photo/" + id + "?case=" + caseID }

// File gives a photo's address for casework's generic pages (desk.Doors).
func (s *Service) File(_ context.Context, caseID, id string) (small, whole string) {
	return PhotoAddress(caseID, id), PhotoAddress(caseID, id)
}

// photo gives a photo of a case to who may see the case. Fault: NotFound, also
// where there is a photo that is not the asker's to see.
func (s *Service) photo(ctx context.Context, a identity.Actor, caseID, id string) (blob.Blob, []byte, error) {
	none := fault.New(fault.NotFound, "request.no_photo")
	cases := []string{caseID}
	if caseID == "" {
		var err error
		if cases, err = s.casesOfPhoto(ctx, id); err != nil {
			return blob.Blob{}, nil, err
		}
	}
	for _, c := range cases {
		v, err := s.Cases.Get(ctx, a, c)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return blob.Blob{}, nil, err
		}
		if !shows(v, id) {
			continue
		}
		data, b, err := s.Blobs.Get(ctx, id)
		return b, data, err
	}
	return blob.Blob{}, nil, none
}

// shows says whether the view holds the photo: in an act that the asker may
// see, and not erased.
func shows(v *casework.View, id string) bool {
	for _, e := range v.Timeline {
		if (e.Public || !v.Party) && (slices.Contains(e.Values.List("photos"), id) || slices.Contains(e.Values.List(voiceField), id)) {
			return true
		}
	}
	return !v.Party && (slices.Contains(v.Case.Values.List("photos"), id) || slices.Contains(v.Case.Values.List(voiceField), id))
}

// bind notes to which case photos came, so that they are kept.
func (s *Service) bind(ctx context.Context, caseID string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return s.bindPhotos(ctx, caseID, ids)
}
