package publicity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"linli/internal/kit/privacy"
	"strings"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/procedure"
)

// Review is a case as the person sees it who may release it.
type Review struct {
	Case     *casework.Case
	Proc     *procedure.Procedure
	Texts    []Source
	Photos   []SourcePhoto
	Draft    Draft
	Never    string       // why it can never be public, "" where it can
	May      *fault.Fault // why this person may not release it, nil where they may
	MayTake  bool         // may take back
	Standing string       // id of the copy that is public
	Copies   []copyRow
	Acts     []casework.Entry
}

// Review gathers what a person needs to release a case that they may see: its
// texts and photos, and their draft or a first proposal. Fault: NotFound.
func (s *Service) Review(ctx context.Context, a identity.Actor, ref string) (*Review, error) {
	view, err := s.Cases.Get(ctx, a, ref)
	if err != nil {
		return nil, err
	}
	if view.Case.Procedure != Procedure || view.Party {
		return nil, fault.New(fault.NotFound, "casework.no_case")
	}
	v := &Review{Case: view.Case, Proc: view.Procedure, Texts: sources(view.Case, view.Procedure, view.Timeline), Photos: photosOf(view.Timeline), Acts: view.Timeline}
	if v.Never, err = s.why(ctx, v.Case); err != nil {
		return nil, err
	}
	v.May = fault.New(fault.Unmet, "publicity.older_procedure")
	for _, may := range view.May {
		switch may.Act.Name {
		case ActRelease:
			v.May = may.Why
		case ActUnrelease:
			v.MayTake = may.Why == nil
		}
	}
	v.Standing, _, _ = standing(view.Timeline)
	if v.Copies, err = s.copiesOf(ctx, v.Case.ID); err != nil {
		return nil, err
	}
	p, err := s.rules(ctx)
	if err != nil {
		return nil, err
	}
	first := p.proposal(v.Texts)
	d, saved, err := s.draftOf(ctx, v.Case.ID, a.Person)
	if err != nil {
		return nil, err
	}
	if !saved {
		d = first
	}
	for _, t := range v.Texts { // what came after the draft was saved is proposed as at first
		if _, known := d.Texts[t.Key]; !known {
			d.Texts[t.Key] = DraftText{Marks: first.Texts[t.Key].Marks}
		}
	}
	v.Draft = d
	return v, nil
}

// Save keeps a draft. Faults: those of Review, Invalid where it does not fit the case.
func (s *Service) Save(ctx context.Context, a identity.Actor, v *Review) error {
	for key, t := range v.Draft.Texts {
		t.Marks = privacy.Tidy(t.Marks, len([]rune(v.text(key).Text)))
		v.Draft.Texts[key] = t
	}
	for id, p := range v.Draft.Photos {
		if len(p.Regions) > mostBoxes {
			return fault.New(fault.Invalid, "publicity.regions_many", "most", mostBoxes).At("region")
		}
		if _, ok := v.photo(id); !ok {
			delete(v.Draft.Photos, id)
		}
	}
	return s.saveDraft(ctx, v.Case.ID, a.Person, v.Draft)
}

func (v *Review) text(key string) Source {
	for _, t := range v.Texts {
		if t.Key == key {
			return t
		}
	}
	return Source{}
}

func (v *Review) photo(id string) (SourcePhoto, bool) {
	for _, p := range v.Photos {
		if p.Blob == id {
			return p, true
		}
	}
	return SourcePhoto{}, false
}

// version names what a photo's preview shows: another region, another version.
func (v *Review) version(id string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s", v.Case.ID, id)
	for _, r := range v.Draft.Photos[id].Regions {
		fmt.Fprintf(h, " %s", r)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// Preview draws a photo as it would be released now.
func (s *Service) Preview(ctx context.Context, v *Review, id string) ([]byte, error) {
	if _, ok := v.photo(id); !ok {
		return nil, fault.New(fault.NotFound, "publicity.no_photo")
	}
	stored, _, err := s.Blobs.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return MaskPhoto(stored, v.Draft.Photos[id].Regions)
}

// Look draws a photo as Preview does and names the version that it shows, which
// Release asks of who says to have looked.
func (s *Service) Look(ctx context.Context, v *Review, id string) (picture []byte, version string, err error) {
	picture, err = s.Preview(ctx, v, id)
	return picture, v.version(id), err
}

// Asked is what a person asks for who releases.
type Asked struct {
	Key  string            // idempotency key of the form
	Seen map[string]string // photo -> version of its preview that this session fetched and says to have looked at
}

// Release makes the copy of the person's draft and releases it.
//
// Faults: NotFound, Forbidden, Unmet where it may never be public, where
// something hard is left in clear or a photo was not looked at.
func (s *Service) Release(ctx context.Context, a identity.Actor, ref string, q Asked) (casework.Receipt, error) {
	v, err := s.Review(ctx, a, ref)
	if err != nil {
		return casework.Receipt{}, err
	}
	row, err := s.staged(ctx, a, v, q)
	if err != nil {
		return casework.Receipt{}, err
	}
	receipt, err := s.Cases.Do(ctx, a, casework.Asking{Case: v.Case.ID, Act: ActRelease, Key: q.Key, Values: map[string]any{"copy": row.ID + " " + row.Digest}})
	if err != nil {
		if f := fault.Of(err); f.Kind != fault.Internal && f.Kind != fault.Busy { // refused for good: nothing names this copy
			if undo := s.DB.Commit(ctx, func(tx *db.Tx) error { return unstage(tx, row.ID) }); undo != nil {
				s.Log.Error("publicity: a refused copy was not taken away; the tidying will", "copy", row.ID, "error", undo)
			}
		}
		return casework.Receipt{}, err
	}
	return receipt, s.Refresh(ctx, v.Case.ID)
}

// staged gives the copy of this form: made now, or made already where the same
// form comes again.
func (s *Service) staged(ctx context.Context, a identity.Actor, v *Review, q Asked) (copyRow, error) {
	key := s.Keys.Keyed("publicity release", a.Person+" "+v.Case.ID+" "+q.Key)
	if row, there, err := s.copyByKey(ctx, key); there || err != nil {
		return row, err
	}
	switch {
	case v.Never != "":
		return copyRow{}, fault.New(fault.Unmet, "publicity.never."+v.Never)
	case v.May != nil:
		return copyRow{}, v.May
	}
	c, err := s.compose(ctx, v, q)
	if err != nil {
		return copyRow{}, err
	}
	for i, p := range c.Photos {
		masked, err := s.Preview(ctx, v, p.Blob)
		if err != nil {
			return copyRow{}, err
		}
		b, err := s.Blobs.Put(ctx, masked, "image/jpeg")
		if err != nil {
			return copyRow{}, err
		}
		c.Photos[i].Blob, c.Photos[i].SHA256 = b.ID, b.SHA256
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return copyRow{}, err
	}
	sum := sha256.Sum256(raw)
	now := s.Clock.Now()
	row := copyRow{ID: db.NewID(now), Case: v.Case.ID, Key: key, Made: now, Body: string(raw), Digest: hex.EncodeToString(sum[:])}
	return row, s.DB.Commit(ctx, func(tx *db.Tx) error { return stage(tx, row, c.searched(), c.Photos) })
}

// compose makes the copy of a draft and holds it to what may be public.
func (s *Service) compose(ctx context.Context, v *Review, q Asked) (*Copy, error) {
	p, err := s.rules(ctx)
	if err != nil {
		return nil, err
	}
	c := &Copy{}
	for i, t := range v.Texts {
		d := v.Draft.Texts[t.Key]
		if t.Field == "place" {
			d.Use = v.Draft.Level == LevelPlace
		}
		if !d.Use {
			continue
		}
		if open := p.open(t, d.Marks); len(open) > 0 {
			f := fault.Of(hard(t.Text, open[0]))
			return nil, f.At(fmt.Sprintf("words.%d", i))
		}
		switch said := strings.TrimSpace(privacy.Strike(t.Text, d.Marks)); t.Field {
		case "title":
			c.Title = said
		case "place":
			c.Place = &CopyPlace{Words: said}
		default:
			c.Texts = append(c.Texts, CopyText{Act: t.Act, Field: t.Field, Text: said})
		}
	}
	if place, ok := v.Case.Values["place"].(procedure.Place); ok && v.Draft.Level == LevelPlace && place.Point() {
		if c.Place == nil {
			c.Place = &CopyPlace{}
		}
		c.Place.Lon, c.Place.Lat = place.Lon, place.Lat
	}
	for i, one := range v.Photos {
		if !v.Draft.Photos[one.Blob].Use {
			continue
		}
		if q.Seen[one.Blob] != v.version(one.Blob) {
			return nil, fault.New(fault.Unmet, "publicity.photo_not_seen", "n", i+1).At(fmt.Sprintf("looked.%d", i))
		}
		c.Photos = append(c.Photos, CopyPhoto{Blob: one.Blob, Act: one.Act})
	}
	if c.Title == "" && len(c.Texts) == 0 && len(c.Photos) == 0 && c.Place == nil {
		return nil, fault.New(fault.Invalid, "publicity.nothing_chosen")
	}
	return c, nil
}

// searched are the words of a copy by which it is found.
func (c *Copy) searched() string {
	all := []string{c.Title}
	for _, t := range c.Texts {
		all = append(all, t.Text)
	}
	if c.Place != nil {
		all = append(all, c.Place.Words)
	}
	return text.Fold(strings.Join(all, "\n"))
}

// Unrelease takes back what stands released of a case, at once. Faults: those of
// the act.
func (s *Service) Unrelease(ctx context.Context, a identity.Actor, ref, reason, key string) (casework.Receipt, error) {
	receipt, err := s.Cases.Do(ctx, a, casework.Asking{Case: ref, Act: ActUnrelease, Key: key, Values: map[string]any{"reason": reason}})
	if err != nil {
		return receipt, err
	}
	if _, err := s.destroy(ctx); err != nil { // the pages refuse the pictures already
		s.Log.Error("publicity: pictures that were taken back are not destroyed yet", "case", receipt.Case, "error", err)
	}
	return receipt, s.Refresh(ctx, receipt.Case)
}

// Photo gives the nth photo of what stands released of a public request. Fault:
// NotFound.
func (s *Service) Photo(ctx context.Context, ref string, n int) (data []byte, sum string, err error) {
	o, err := s.public(ctx, ref)
	if err != nil {
		return nil, "", err
	}
	if n < 1 || n > len(o.copy.Photos) {
		return nil, "", fault.New(fault.NotFound, "publicity.no_photo")
	}
	one := o.copy.Photos[n-1]
	data, b, err := s.Blobs.Get(ctx, one.Blob)
	if err == nil && b.SHA256 != one.SHA256 {
		err = fault.New(fault.Internal, "blob.damaged")
	}
	return data, one.SHA256, err
}

const (
	mostTidied  = 200
	strayAfter  = time.Hour
	strayWithin = 3 * 24 * time.Hour // older ones were looked at on those days
)

// Tidy destroys pictures of copies that were taken back, and copies that came to
// no act. It returns how many pictures.
func (s *Service) Tidy(ctx context.Context) (n int, err error) {
	if err := s.dropStray(ctx); err != nil {
		return 0, err
	}
	return s.destroy(ctx)
}

// destroy destroys the pictures that were taken back.
func (s *Service) destroy(ctx context.Context) (n int, err error) {
	for {
		ids, err := s.gonePhotos(ctx, mostTidied)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		for _, id := range ids {
			if err := s.Blobs.Delete(ctx, id); err != nil {
				return n, err
			}
			if err := s.DB.Commit(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(`DELETE FROM publicity_photo WHERE blob = $1 AND gone = 1`, id)
				return err
			}); err != nil {
				return n, err
			}
			n++
		}
	}
}

// dropStray takes away copies that no act names, an hour after they were made.
func (s *Service) dropStray(ctx context.Context) error {
	now, after := s.Clock.Now(), ""
	for {
		rows, err := s.stray(ctx, now.Add(-strayWithin), now.Add(-strayAfter), after, mostTidied)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			after = row.ID
			_, _, acts, err := s.Cases.History(ctx, row.Case)
			if err != nil {
				return err
			}
			if named(acts, row.ID) {
				continue
			}
			if err := s.DB.Commit(ctx, func(tx *db.Tx) error { return unstage(tx, row.ID) }); err != nil {
				return err
			}
		}
	}
}

// named says whether an act released the copy.
func named(acts []casework.Entry, id string) bool {
	for _, e := range acts {
		if first, _, _ := strings.Cut(e.Values.Text("copy"), " "); e.Act == ActRelease && first == id {
			return true
		}
	}
	return false
}
