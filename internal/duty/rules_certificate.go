package duty

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"linli/catalog"
	"linli/internal/kit/text"
)

// nationalCertificates is the file that the program brings and a county may not shorten.
const nationalCertificates = listFolder + "/certificates.yaml"

// certificatesFile says whether a file of the folder holds certificates: the
// program's own, or one that a county adds.
func certificatesFile(name string) bool {
	return name == nationalCertificates || strings.HasPrefix(path.Base(name), "certificates-")
}

type rawCertificates struct {
	Norm         string           `yaml:"norm"`
	Certificates []rawCertificate `yaml:"certificates"`
}

type rawCertificate struct {
	ID      string     `yaml:"id"`
	Zh      string     `yaml:"zh"`
	En      string     `yaml:"en"`
	Words   []string   `yaml:"words,flow"`
	Instead text.Words `yaml:"instead"`
	Source  string     `yaml:"source,omitempty"`
}

// readCertificates reads the program's list and what counties add, and holds the
// list against what the program brings: of that nothing may be taken away.
func (c *Catalogue) readCertificates(files fs.FS) []Remark {
	names, err := fs.Glob(files, listFolder+"/certificates-*.yaml")
	if err != nil {
		return []Remark{remark(listFolder, 1, "", "unreadable", "detail", err.Error())}
	}
	var bad []Remark
	for _, name := range append([]string{nationalCertificates}, names...) {
		var raw rawCertificates
		d := open(files, name, &raw)
		for i, r := range raw.Certificates {
			c.certificate(d, raw.Norm, r, i)
		}
		bad = append(bad, d.bad...)
	}
	var ours rawCertificates
	own := open(catalog.Files, nationalCertificates, &ours)
	bad = append(bad, own.bad...)
	for _, r := range ours.Certificates {
		if got, known := c.certificateByID(r.ID); !known || got.Title["zh"] != r.Zh || !holdsAll(got.Words, r.Words) || got.Norm != ours.Norm {
			bad = append(bad, remark(nationalCertificates, max(got.Line, 1), "id", "certificate_shortened", "id", r.ID, "title", r.Zh, "norm", ours.Norm))
		}
	}
	return bad
}

func (c *Catalogue) certificate(d *document, norm string, r rawCertificate, i int) {
	line := d.line("certificates", i)
	first, twice := c.certificateByID(r.ID)
	switch {
	case twice:
		d.say(line, "id", "twice", "id", r.ID, "other", first.File)
	case !goodID.MatchString(r.ID):
		d.say(line, "id", "bad_id", "id", r.ID)
	case r.Zh == "":
		d.say(line, "zh", "no_title", "id", r.ID)
	case norm == "":
		d.say(d.line("norm"), "norm", "certificate_no_norm", "id", r.ID)
	case r.Instead["zh"] == "":
		d.say(line, "instead", "certificate_no_way", "id", r.ID)
	}
	title := text.Words{"zh": r.Zh}
	if r.En != "" {
		title["en"] = r.En
	}
	c.Certificates = append(c.Certificates, Certificate{ID: r.ID, Title: title, Words: r.Words, Instead: r.Instead, Source: r.Source, Norm: norm, File: d.file, Line: line})
}

func (c *Catalogue) certificateByID(id string) (Certificate, bool) {
	for _, k := range c.Certificates {
		if k.ID == id {
			return k, true
		}
	}
	return Certificate{}, false
}

func holdsAll(all, these []string) bool {
	return !slices.ContainsFunc(these, func(s string) bool { return !slices.Contains(all, s) })
}

// Certificate finds the one that a text asks for, by its id, its name or one of its
// words; of several the one whose word is the longest. What is asked for under
// another name is still the same certificate.
func (c *Catalogue) Certificate(said string) (Certificate, bool) {
	said = text.Fold(letters(said))
	var best Certificate
	length := 0
	for _, k := range c.Certificates {
		for _, w := range append([]string{k.ID, k.Title["zh"], k.Title["en"]}, k.Words...) {
			w = text.Fold(letters(w))
			if w != "" && len(w) > length && (strings.Contains(said, w) && !ascii(w) || said == w) {
				best, length = k, len(w)
			}
		}
	}
	return best, length > 0
}

// letters leaves letters and digits: spaces and marks between them hide no word.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// ascii: an English word is met whole only, "dog" is no part of another word.
func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
