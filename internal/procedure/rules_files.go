package procedure

import (
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"

	"linli/catalog"
	"linli/internal/edition"
	"linli/internal/identity"
	"linli/internal/law"
)

// CheckFiles checks all procedures of a catalogue against the checks, effects and
// fact readers that rooms offer, the decision rules of the law, the kinds of post, the words that no field may carry, and the
// program's own procedures.
func CheckFiles(files fs.FS, checks, effects, facts []string) []edition.Problem {
	names := Names{Checks: checks, Effects: effects, Facts: facts}
	kinds, err := identity.Kinds(files)
	if err != nil {
		return []edition.Problem{{File: identity.PostsFile, Text: err.Error()}}
	}
	for _, k := range kinds {
		names.Posts = append(names.Posts, k.ID)
	}
	if names.Forbidden, err = ForbiddenWords(files); err != nil {
		return []edition.Problem{{File: ForbiddenFile, Text: err.Error()}}
	}
	if names.Law, err = law.ParseDecisions(files); err != nil {
		names.Law = nil // the law's own check names file and rule
	}
	_, problems := Load(files, names)
	return append(problems, CheckLocal(catalog.Files, files)...)
}

// ForbiddenFile is the file of the catalogue with the words no field may carry.
const ForbiddenFile = "rights/forbidden.yaml"

// ForbiddenWords reads the words no field may carry.
func ForbiddenWords(files fs.FS) ([]string, error) {
	raw, err := fs.ReadFile(files, ForbiddenFile)
	if err != nil {
		return nil, err
	}
	var f struct {
		Words []string `yaml:"words"`
	}
	if err := yaml.Unmarshal(raw, &f); err != nil {
		return nil, err
	}
	for i, w := range f.Words {
		f.Words[i] = strings.ToLower(w)
	}
	return f.Words, nil
}
