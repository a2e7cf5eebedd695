package edition

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
)

// Edition is one numbered state of the catalogue.
type Edition struct {
	Number    int64
	Hash      string // hex SHA-256, see the package page
	Published clock.Instant
	By        string // person, or System
	Reason    string // words of the person, or ReasonSeed or ReasonUpgrade
	Leaf      string // id of its leaf in the ledger, for the proof
}

// Who publishes and why where no person does; their words are
// "edition.by.system" and "edition.reason.seed|upgrade".
const (
	System        = "system"
	ReasonSeed    = "seed"
	ReasonUpgrade = "upgrade"
)

// Problem is one thing wrong in a catalogue. Line is 0 where it concerns the
// whole file.
type Problem struct {
	File string
	Line int
	Text string
}

// String is FILE:LINE: text.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// Source says where a file comes from.
type Source string

// The two sources of a file.
const (
	Seed   Source = "seed"   // from the program
	County Source = "county" // published here
)

// File is one path of an edition. Hash is "" where the county took a file of
// the seed away; Beneath is the hash of the seed's file under the county's.
type File struct {
	Path    string
	Hash    string
	Source  Source
	Beneath string
}

// Limits of a catalogue; beyond them a file is a mistake.
const (
	MostFiles = 20_000
	MostBytes = 16 << 20 // of one file
	mostPath  = 240
)

// validPath refuses what could not be a file of the catalogue. Fault:
// edition.bad_path.
func validPath(p string) error {
	bad := fault.New(fault.Invalid, "edition.bad_path", "path", p).At("path")
	if !fs.ValidPath(p) || p == "." || len(p) > mostPath || !utf8.ValidString(p) || strings.Contains(p, `\`) {
		return bad
	}
	for _, r := range p {
		if unicode.IsControl(r) {
			return bad
		}
	}
	for part := range strings.SplitSeq(p, "/") {
		if ignored(part) {
			return bad
		}
	}
	return nil
}

// ignored are names an editor or a file manager leaves behind.
func ignored(name string) bool { return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") }

// gather reads all files of a catalogue, leaving ignored names out. Faults:
// edition.bad_path, edition.too_large, edition.unreadable.
func gather(files fs.FS) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fault.New(fault.Invalid, "edition.unreadable", "path", name).Because(err)
		}
		if name != "." && ignored(path.Base(name)) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		if !d.Type().IsRegular() { // a link to a file is a file
			info, err := fs.Stat(files, name)
			if err != nil || !info.Mode().IsRegular() {
				slog.Warn("edition: not a file, left out of the catalogue", "path", name, "err", err)
				return nil
			}
		}
		if err := validPath(name); err != nil {
			return err
		}
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return fault.New(fault.Invalid, "edition.unreadable", "path", name).Because(err)
		}
		out[name] = raw
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, sizes(out)
}

// sizes refuses too many and too large files. Fault: edition.too_large.
func sizes(files map[string][]byte) error {
	if len(files) > MostFiles {
		return fault.New(fault.Invalid, "edition.too_many", "most", MostFiles)
	}
	for name, raw := range files {
		if len(raw) > MostBytes {
			return fault.New(fault.Invalid, "edition.too_large", "path", name, "mib", MostBytes>>20).At("path")
		}
	}
	return nil
}

func hashOf(raw []byte) string {
	h := sha256.Sum256(raw)
	return hex.EncodeToString(h[:])
}

// hashAll is the hash over a whole catalogue, given each path's hash.
func hashAll(hashes map[string]string) string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		fmt.Fprintf(h, "%s  %s\n", hashes[name], name)
	}
	return hex.EncodeToString(h.Sum(nil))
}
