package publicity

// Version is what a photo's preview shows now, for tests.
func Version(v *Review, id string) string { return v.version(id) }

// Spoil makes reading a case fail, for tests.
func (s *Service) Spoil(fn func(id string) error) { s.spoil = fn }
