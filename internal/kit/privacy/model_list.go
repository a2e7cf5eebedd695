package privacy

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Lists are the words of a catalogue by which the check finds what it looks for.
type Lists struct {
	Numerals     []string `yaml:"numerals"`
	PhoneWords   []string `yaml:"phone_words"`
	AccountWords []string `yaml:"account_words"`
	ContactWords []string `yaml:"contact_words"`
	BirthWords   []string `yaml:"birth_words"`
	Plates       string   `yaml:"plates"`
	Surnames     string   `yaml:"surnames"`
	Compounds    []string `yaml:"compounds"`
	Titles       []string `yaml:"titles"`
	Before       []string `yaml:"before"`
	DoorParts    []string `yaml:"door_parts"`
	DoorStrong   []string `yaml:"door_strong"`
}

// Check finds what points to a person in words.
type Check struct {
	Lists
	numerals map[rune]byte
	plate    *regexp.Regexp
	names    []*regexp.Regexp
	door     *regexp.Regexp
	strong   *regexp.Regexp
	contact  *regexp.Regexp
	birth    *regexp.Regexp // nil where the catalogue has no words for it
	phone    *regexp.Regexp // a word that makes the number after it a telephone
	account  *regexp.Regexp
}

// Load reads the lists of a catalogue from one of its files.
func Load(files fs.FS, listFile string) (*Check, error) {
	raw, err := fs.ReadFile(files, listFile)
	if err != nil {
		return nil, err
	}
	p := &Check{numerals: map[rune]byte{}}
	if err := yaml.Unmarshal(raw, &p.Lists); err != nil {
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
	return p, p.compile(listFile)
}

// gap is what may stand between two signs without parting them: blanks, signs
// without width, dots and dashes.
const gap = `[\s\p{Cf}\p{Pd}·.•_]*`

func (p *Check) compile(listFile string) error {
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
	if len(p.BirthWords) > 0 {
		words := `(?:` + strings.Join(quoted(p.BirthWords), "|") + `)`
		day := `(?:1[89]|20)[0-9]{2}(?:[\s\-/.\x{5e74}]*)[01]?[0-9](?:[\s\-/.\x{6708}]*)[0-3]?[0-9]\x{65e5}?`
		re, err := regexp.Compile(words + `[\s\p{Cf}:\x{662f}\x{4e3a}]*(?:` + day + `)|(?:` + day + `)\s*` + words)
		if err != nil {
			return fmt.Errorf("%s: %w", listFile, err)
		}
		p.birth = re
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
		words[i] = regexp.QuoteMeta(string(Folded([]rune(w))))
	}
	return words
}
