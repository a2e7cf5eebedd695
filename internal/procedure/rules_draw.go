package procedure

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Draw draws a procedure as a Mermaid state diagram in one language.
func Draw(p *Procedure, lang string) string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    direction TB\n")
	for _, s := range p.States {
		fmt.Fprintf(&b, "    state \"%s\" as %s\n", drawn(s.Words.In(lang)), s.Name)
	}
	for _, a := range p.Acts {
		label := drawn(a.Words.In(lang))
		switch {
		case a.Clock && len(a.Who) == 0:
			label = "⏱ " + label
		case a.Child && len(a.Who) == 0:
			label = "↳ " + label
		case a.Leader && len(a.Who) == 0:
			label = "⇉ " + label
		}
		if a.Opening() {
			fmt.Fprintf(&b, "    [*] --> %s : %s\n", a.To, label)
		}
		for _, from := range a.From {
			for i, to := range a.leadsTo(from) {
				if i == 0 && to == from && a.Opinion != nil {
					continue // an opinion's own arrows say more
				}
				fmt.Fprintf(&b, "    %s --> %s : %s\n", from, to, label)
			}
		}
	}
	for _, s := range p.States {
		if s.Kind == Final {
			fmt.Fprintf(&b, "    %s --> [*]\n", s.Name)
		}
	}
	return b.String()
}

// drawn keeps Mermaid's own signs out of words.
func drawn(s string) string { return strings.NewReplacer("\"", "'", ":", "：", "\n", " ").Replace(s) }

// Schema is the JSON Schema (2020-12) of a procedure file, for editors. It is
// written from the same tables as the parser reads by.
func Schema() []byte {
	defs := map[string]any{
		"words": object([]Key{{"zh", "text", true, "in Chinese"}, {"en", "text", true, "in English"}}),
		"texts": map[string]any{"oneOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "array", "items": map[string]any{"type": "string"}}}},
	}
	for _, t := range tables {
		if t.Name != "procedure" {
			defs[t.Name] = object(t.Keys)
		}
	}
	root := object(procedureKeys)
	root["$schema"], root["$id"], root["title"], root["$defs"] = "https://json-schema.org/draft/2020-12/schema", "linli/procedure", "A procedure of Linli", defs
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps of plain values
	}
	return append(out, '\n')
}

// enums are the keys that take one of a closed set of words.
var enums = map[string][]string{"type": FieldTypes, "theme": Themes, "kind": {Open, Waiting, Done, Final}, "tighten": {"shorter", "longer"}}

// object is the schema of one table of keys.
func object(keys []Key) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, k := range keys {
		s := typeSchema(k.Type)
		if k.Text != "" {
			s["description"] = k.Text
		}
		if enum := enums[k.Name]; enum != nil && k.Type == "text" {
			s["enum"] = enum
		}
		properties[k.Name] = s
		if k.Must {
			required = append(required, k.Name)
		}
	}
	out := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		slices.Sort(required)
		out["required"] = required
	}
	return out
}

func typeSchema(t string) map[string]any {
	switch t {
	case "yes":
		return map[string]any{"type": "boolean"}
	case "number":
		return map[string]any{"type": "integer"}
	case "words", "texts", "performs", "follows", "passes_on", "opinion":
		return map[string]any{"$ref": "#/$defs/" + t}
	case "decides", "opens": // one or several
		one := map[string]any{"$ref": "#/$defs/" + t}
		return map[string]any{"oneOf": []any{one, map[string]any{"type": "array", "items": one}}}
	case "text or rule":
		return map[string]any{"oneOf": []any{map[string]any{"type": "string"}, map[string]any{"$ref": "#/$defs/rule"}}}
	case "map":
		return map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}}
	}
	if of, ok := strings.CutPrefix(t, "map of "); ok {
		return map[string]any{"type": "object", "additionalProperties": map[string]any{"$ref": "#/$defs/" + defName(of)}}
	}
	return map[string]any{"type": "string"}
}

// defName is the definition a "map of …" points to: fields -> field, words stays.
func defName(of string) string {
	if of == "words" {
		return of
	}
	return strings.TrimSuffix(of, "s")
}
