package desk

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
	"linli/internal/procedure"
)

// KeepFilter keeps a search of the inbox under a name. Faults: Invalid at name or
// query; Conflict desk.filters_many.
func (s *Service) KeepFilter(ctx context.Context, a identity.Actor, name, query string) error {
	name, err := cleanName(name)
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(query)
	if err != nil || len(query) > longestQuery {
		return fault.New(fault.Invalid, "desk.filter_query").At("query")
	}
	kept := url.Values{}
	for _, key := range append([]string{"box"}, filterNames...) {
		if v := q.Get(key); v != "" {
			kept.Set(key, v)
		}
	}
	now := s.Clock.Now()
	return s.keepFilter(ctx, a.Person, SavedFilter{ID: db.NewID(now), Name: name, Query: kept.Encode()}, now)
}

func cleanName(name string) (string, error) {
	name, err := text.Clean(name, longestName)
	if err != nil {
		return "", fault.Of(err).At("name")
	}
	if strings.TrimSpace(name) == "" {
		return "", fault.New(fault.Invalid, "desk.name_missing").At("name")
	}
	return name, nil
}

// Templates are those that the actor may use: the own ones and those of the units
// in which they hold a post.
func (s *Service) Templates(ctx context.Context, a identity.Actor) ([]Template, error) {
	own, err := s.templatesWhere(ctx, `person = $1`, a.Person)
	if err != nil {
		return nil, err
	}
	var units []string
	for _, p := range a.Posts {
		if !slices.Contains(units, p.Unit) {
			units = append(units, p.Unit)
		}
	}
	for _, u := range units {
		more, err := s.templatesWhere(ctx, `unit = $1 AND person <> $2`, u, a.Person)
		if err != nil {
			return nil, err
		}
		own = append(own, more...)
	}
	return own, nil
}

// PutTemplate makes a text, or changes one of the actor's own. Faults: Invalid at
// name, body, field or unit; NotFound desk.no_template; Conflict
// desk.templates_many.
func (s *Service) PutTemplate(ctx context.Context, a identity.Actor, t Template) (Template, error) {
	var err error
	if t.Name, err = cleanName(t.Name); err != nil {
		return t, err
	}
	if t.Body, err = text.Clean(t.Body, longestBody); err != nil {
		return t, fault.Of(err).At("body")
	}
	if strings.TrimSpace(t.Body) == "" {
		return t, fault.New(fault.Invalid, "desk.body_missing").At("body")
	}
	p, err := s.Procedure(ctx, t.Procedure)
	if err != nil {
		return t, fault.New(fault.Invalid, "desk.template_field").At("field")
	}
	if def := p.Field(t.Field); def == nil || def.Sealed || def.Type != "lines" && def.Type != "text" {
		return t, fault.New(fault.Invalid, "desk.template_field").At("field")
	}
	if t.Unit != "" && !slices.ContainsFunc(a.Posts, func(post identity.Post) bool { return post.Unit == t.Unit }) {
		return t, fault.New(fault.Invalid, "desk.template_unit").At("unit")
	}
	t.Person, t.Changed = a.Person, s.Clock.Now()
	if t.ID == "" {
		t.ID = db.NewID(t.Changed)
	} else if err := s.ownTemplate(ctx, a, t.ID, false); err != nil {
		return t, err
	}
	return t, s.putTemplate(ctx, t)
}

// DropTemplate takes a text away: the writer's own, or as head one of the unit.
// Fault: NotFound desk.no_template.
func (s *Service) DropTemplate(ctx context.Context, a identity.Actor, id string) error {
	if err := s.ownTemplate(ctx, a, id, true); err != nil {
		return err
	}
	return s.dropTemplate(ctx, id)
}

func (s *Service) ownTemplate(ctx context.Context, a identity.Actor, id string, head bool) error {
	if !isID(id) {
		return fault.New(fault.NotFound, "desk.no_template")
	}
	list, err := s.templatesWhere(ctx, `id = $1`, id)
	if err != nil {
		return err
	}
	for _, t := range list {
		heads := head && t.Unit != "" && slices.ContainsFunc(a.Posts, func(p identity.Post) bool { return p.Kind == "head" && p.Unit == t.Unit })
		if t.Person == a.Person || heads {
			return nil
		}
	}
	return fault.New(fault.NotFound, "desk.no_template")
}

// writable are the fields of a procedure that a text may be kept for.
func writable(p *procedure.Procedure) (out []*procedure.Field) {
	for _, def := range p.Form {
		if def.Type == "lines" && !def.Sealed && slices.ContainsFunc(p.Acts, func(a *procedure.Act) bool {
			return !a.Opening() && slices.ContainsFunc(a.Fill, func(f procedure.Fill) bool { return f.Field == def.Name })
		}) {
			out = append(out, def)
		}
	}
	return out
}
