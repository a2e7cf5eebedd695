package publicity

import (
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"linli/internal/edition"
	"linli/internal/kit/privacy"
)

// listFile is where the catalogue says what is never public and what the
// privacy check looks for.
const listFile = "publicity/privacy.yaml"

// Privacy is that file ready for use: what is never listed, and the check that
// finds what points to a person in words.
type Privacy struct {
	*privacy.Check
	Never    []string `yaml:"never"`
	Calls    []string `yaml:"calls"`
	Refusals []string `yaml:"refusals"`
}

// LoadPrivacy reads the lists of a catalogue.
func LoadPrivacy(files fs.FS) (*Privacy, error) {
	raw, err := fs.ReadFile(files, listFile)
	if err != nil {
		return nil, err
	}
	p := &Privacy{}
	if err := yaml.Unmarshal(raw, p); err != nil {
		return nil, fmt.Errorf("%s: %w", listFile, err)
	}
	p.Check, err = privacy.Load(files, listFile)
	return p, err
}

// CheckFiles finds what is wrong with the lists of a catalogue, for the editions.
func CheckFiles(files fs.FS) []edition.Problem {
	if _, err := LoadPrivacy(files); err != nil {
		return []edition.Problem{{File: listFile, Text: err.Error()}}
	}
	return nil
}
