// Package procedure (程序) reads an institution as data: forms, states, clocks
// and acts from catalog/procedure/*.yaml, checks them with FILE:LINE, holds a
// county's version to the law it may not loosen, and checks values against
// their fields. The room casework runs what stands here.
//
// What must always be true: a file with a problem is refused when it is
// published; a parsed procedure is never changed; the key tables in
// model_keys.go are what the parser, docs/procedure.md and the JSON Schema are
// made of.
package procedure
