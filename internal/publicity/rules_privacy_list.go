package publicity

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"linli/internal/edition"
)

// listFile is where the catalogue says what is never public and what the
// privacy check looks for.
const listFile = "publicity/privacy.yaml"

// lists are that file.
type lists struct {
	Never        []string `yaml:"never"`
	Calls        []string `yaml:"calls"`
	Refusals     []string `yaml:"refusals"`
	Numerals     []string `yaml:"numerals"`
	PhoneWords   []string `yaml:"phone_words"`
	AccountWords []string `yaml:"account_words"`
	ContactWords []string `yaml:"contact_words"`
	Plates       string   `yaml:"plates"`
	Surnames     string   `yaml:"surnames"`
	Compounds    []string `yaml:"compounds"`
	Titles       []string `yaml:"titles"`
	Before       []string `yaml:"before"`
	DoorParts    []string `yaml:"door_parts"`
	DoorStrong   []string `yaml:"door_strong"`
}

// Privacy is the catalogue's lists ready for use: what is never listed, and a
// check that finds what points to a person in words.
type Privacy struct {
	lists
	numerals map[rune]byte
	plate    *regexp.Regexp
	names    []*regexp.Regexp
	door     *regexp.Regexp
	strong   *regexp.Regexp
	contact  *regexp.Regexp
	phone    *regexp.Regexp // a word that makes the number after it a telephone
	account  *regexp.Regexp
}

// LoadPrivacy reads the lists of a catalogue.
func LoadPrivacy(files fs.FS) (*Privacy, error) {
	raw, err := fs.ReadFile(files, listFile)
	if err != nil {
		return nil, err
	}
	p := &Privacy{numerals: map[rune]byte{}}
	if err := yaml.Unmarshal(raw, &p.lists); err != nil {
		return nil, fmt.Errorf("%s: %w", listFile, err)
	}
	if len(p.Numerals) != 10 {
		return nil, fmt.Errorf("%s: numerals has %d entries, not ten", listFile, len(p.Numerals))
	}
	for digit, signs := range p.Numerals {
		for _, r := range signs {
			p.numerals[r] = byte('0' + digit)
		}
	}
	if p.Plates == "" || p.Surnames == "" || len(p.Titles) == 0 || len(p.DoorParts) == 0 || len(p.DoorStrong) == 0 || len(p.Before) == 0 {
		return nil, fmt.Errorf("%s: plates, surnames, titles, before, door_parts and door_strong may not be empty", listFile)
	}
	return p, p.compile()
}

// gap is what may stand between two signs without parting them: blanks, signs
// without width, dots and dashes.
const gap = `[\s\p{Cf}\p{Pd}·.•_]*`

func (p *Privacy) compile() error {
	surname := `(?:` + strings.Join(append(quoted(p.Compounds), `[`+regexp.QuoteMeta(p.Surnames)+`]`), "|") + `)`
	count := `[0-9a-z` + regexp.QuoteMeta(strings.Join(p.Numerals, "")) + "\u5341\u767e\u7532\u4e59\u4e19\u4e01" + `]{1,5}`
	part := count + `\s*(?:` + strings.Join(quoted(append(slices.Clone(p.DoorStrong), p.DoorParts...)), "|") + `)`
	blank := `[\s\p{Cf}]*`
	for to, text := range map[**regexp.Regexp]string{
		&p.plate:   `[` + regexp.QuoteMeta(p.Plates) + `]` + gap + `[a-z]` + strings.Repeat(gap+`[a-z0-9]`, 5) + `(?:` + gap + `[a-z0-9])?`,
		&p.door:    part + `(?:[\s,\x{ff0c}\-]*` + part + `)+(?:[\s\-]*[0-9]{1,4})?|[0-9]{1,3}\s*[\p{Pd}#]\s*[0-9]{1,2}\s*[\p{Pd}#]\s*[0-9]{3,4}|[0-9]{1,3}\s*#\s*[0-9]{3,4}`,
		&p.strong:  count + `\s*(?:` + strings.Join(quoted(p.DoorStrong), "|") + `)`,
		&p.contact: `(?:` + strings.Join(quoted(p.ContactWords), "|") + `)` + blank + "\u53f7?" + `[\s\p{Cf}:\x{662f}\x{4e3a}]*[a-z0-9_\-]{5,24}|[a-z0-9._%+\-]+\s*@\s*[a-z0-9\-]+(?:\s*\.\s*[a-z0-9\-]+)+`,
		&p.phone:   `(?:` + strings.Join(quoted(p.PhoneWords), "|") + `)[^0-9]{0,6}$`,
		&p.account: `(?:` + strings.Join(quoted(p.AccountWords), "|") + `)[^0-9]{0,6}$`,
	} {
		re, err := regexp.Compile(text)
		if err != nil {
			return fmt.Errorf("%s: %w", listFile, err)
		}
		*to = re
	}
	for _, text := range []string{
		surname + `(?:` + blank + `\p{Han}){0,2}?` + blank + `(?:` + strings.Join(quoted(p.Titles), "|") + `)`,
		`(?:` + strings.Join(quoted(p.Before), "|") + `)[\s\p{Cf}:\x{662f}\x{4e3a}]*(` + surname + `(?:` + blank + `\p{Han}){0,2})`,
	} {
		re, err := regexp.Compile(text)
		if err != nil {
			return fmt.Errorf("%s: %w", listFile, err)
		}
		p.names = append(p.names, re)
	}
	return nil
}

// quoted are words as they stand in a pattern, the longest first, folded as the
// text they are looked for in.
func quoted(words []string) []string {
	words = slices.Clone(words)
	slices.SortStableFunc(words, func(a, b string) int { return utf8.RuneCountInString(b) - utf8.RuneCountInString(a) })
	for i, w := range words {
		words[i] = regexp.QuoteMeta(string(folded([]rune(w))))
	}
	return words
}

// CheckFiles finds what is wrong with the lists of a catalogue, for the editions.
func CheckFiles(files fs.FS) []edition.Problem {
	if _, err := LoadPrivacy(files); err != nil {
		return []edition.Problem{{File: listFile, Text: err.Error()}}
	}
	return nil
}
