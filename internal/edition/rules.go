package edition

import (
	"maps"
	"slices"

	"linli/internal/kit/fault"
)

// catalogue is a candidate or a stored edition: what stands at each path, and
// the content of whatever is not stored yet.
type catalogue struct {
	files map[string]File   // by path, taken-away ones included
	fresh map[string][]byte // content by hash, where it may be new
}

// effective gives the hash of each path that is really there.
func (c catalogue) effective() map[string]string {
	out := make(map[string]string, len(c.files))
	for name, f := range c.files {
		if f.Hash != "" {
			out[name] = f.Hash
		}
	}
	return out
}

// sorted lists the files by path.
func (c catalogue) sorted() []File {
	out := make([]File, 0, len(c.files))
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		out = append(out, c.files[name])
	}
	return out
}

// reseed builds the catalogue of a new seed with the county's files of old on
// top. changed lists the county's files under which the seed is another now: a
// person should look at them.
func reseed(seed map[string][]byte, old map[string]File) (c catalogue, changed []string) {
	c = catalogue{files: make(map[string]File, len(seed)), fresh: map[string][]byte{}}
	for name, raw := range seed {
		h := hashOf(raw)
		c.files[name] = File{Path: name, Hash: h, Source: Seed}
		c.fresh[h] = raw
	}
	for name, f := range old {
		if f.Source != County {
			continue
		}
		beneath := c.files[name].Hash
		if beneath != f.Beneath {
			changed = append(changed, name)
		}
		place(c.files, name, f.Hash, beneath)
	}
	slices.Sort(changed)
	return c, changed
}

// place puts the county's content (hash "" = taken away) over what the seed has
// at this path ("" = nothing).
func place(files map[string]File, name, hash, beneath string) {
	switch {
	case hash == beneath && hash == "":
		delete(files, name)
	case hash == beneath: // the county's wish is what the seed says: no overlay
		files[name] = File{Path: name, Hash: hash, Source: Seed}
	default:
		files[name] = File{Path: name, Hash: hash, Source: County, Beneath: beneath}
	}
}

// apply makes a person's change to a catalogue. Faults: edition.bad_path,
// edition.no_file, edition.nothing_changed, edition.too_large.
func apply(old map[string]File, change map[string][]byte) (catalogue, error) {
	c := catalogue{files: maps.Clone(old), fresh: map[string][]byte{}}
	if err := sizes(change); err != nil {
		return c, err
	}
	different := false
	for _, name := range slices.Sorted(maps.Keys(change)) {
		if err := validPath(name); err != nil {
			return c, err
		}
		f, stands := old[name]
		raw := change[name]
		hash := ""
		if raw != nil {
			hash = hashOf(raw)
			c.fresh[hash] = raw
		} else if !stands || f.Hash == "" {
			return c, fault.New(fault.NotFound, "edition.no_file", "path", name).At("path")
		}
		beneath := f.Beneath
		if f.Source == Seed {
			beneath = f.Hash
		}
		place(c.files, name, hash, beneath)
		different = different || hash != f.Hash
	}
	if !different {
		return c, fault.New(fault.Invalid, "edition.nothing_changed")
	}
	if len(c.files) > MostFiles {
		return c, fault.New(fault.Invalid, "edition.too_many", "most", MostFiles)
	}
	return c, nil
}
