// Package catalog carries the lists, procedures and words that a new county
// starts with. Files seed, the database rules: what is in force is an edition of
// these files, published by room edition, with the county's own files over them.
//
// One folder per subject: procedure, form, law, duty, class, disclosure,
// calendar, area, rights, and text (every word a person reads, in zh-CN and en).
package catalog

import "embed"

// Files are the folders of the catalogue as they were when the program was
// built, for example "procedure/service-request.yaml" or "text/en/web.yaml".
//
//go:embed */*
var Files embed.FS
