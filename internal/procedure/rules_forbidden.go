package procedure

import (
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"
)

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
