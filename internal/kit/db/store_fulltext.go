package db

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// TextColumns is how many columns a full-text index has; the first weighs most.
const TextColumns = 3

// mostTokens bounds what the index keeps of one document: PostgreSQL counts
// positions only up to 16,383.
const mostTokens = 16000

// FullText is an index of words made by the line "-- +linli fulltext NAME" of a
// migration. Its reader cuts text into tokens itself (letters and digits only;
// kit/text.Bigrams), so that both databases find the same; order by relevance is
// each database's own. Everything in which the two differ stands in this file.
type FullText struct {
	d    *DB
	name string
}

// FullText is the index of that name.
func (d *DB) FullText(name string) FullText { return FullText{d, name} }

// TextDoc is a document made ready outside the transaction.
type TextDoc struct{ stored []any }

// Phrase is tokens that follow one another. Of the last one the beginning
// suffices where Prefix is set.
type Phrase struct {
	Tokens []string
	Prefix bool
}

// TextQuery is what is looked for.
type TextQuery struct {
	Every   []Phrase // all of these
	Some    []Phrase // and at least one of these, where there are any
	Columns int      // only the first so many columns; 0 = all
	Only    int64    // only this document; 0 = any
	Limit   int
	Skip    int
}

// dialect is how one database keeps and finds words.
type dialect interface {
	tables(name string) string                               // statements of a migration
	doc(columns [TextColumns][]string) []any                 // what put stores beside the number
	put(tx *Tx, name string, id int64, stored []any) error   // adds or replaces
	remove(tx *Tx, name string, id int64) error              // nothing there is no error
	clear(tx *Tx, name string) error                         //
	find(name string, q TextQuery) (text string, args []any) // selects numbers, best first
}

func (f FullText) dialect() dialect {
	if f.d.postgres {
		return tsvector{}
	}
	return fts5{}
}

// Doc prepares a document; columns hold its tokens in their order.
func (f FullText) Doc(columns [TextColumns][]string) TextDoc {
	left := mostTokens
	for i, tokens := range columns {
		columns[i] = tokens[:min(len(tokens), left)]
		left -= len(columns[i])
	}
	return TextDoc{f.dialect().doc(columns)}
}

// Put adds a document or replaces the one of that number, which is above 0.
func (f FullText) Put(tx *Tx, id int64, doc TextDoc) error {
	return f.dialect().put(tx, f.name, id, doc.stored)
}

// Remove takes a document away with its words; they are overwritten on SQLite,
// and on PostgreSQL gone with the next vacuum.
func (f FullText) Remove(tx *Tx, id int64) error { return f.dialect().remove(tx, f.name, id) }

// Clear empties the index, also one that is damaged.
func (f FullText) Clear(tx *Tx) error { return f.dialect().clear(tx, f.name) }

// Find gives the numbers of the documents that fit, the best first and of equals
// the newest. A query without phrases finds nothing.
func (f FullText) Find(ctx context.Context, q TextQuery) ([]int64, error) {
	if len(q.Every)+len(q.Some) == 0 || q.Limit <= 0 {
		return nil, nil
	}
	if q.Columns <= 0 || q.Columns > TextColumns {
		q.Columns = TextColumns
	}
	text, args := f.dialect().find(f.name, q)
	rows, err := f.d.Reader().Rows(ctx, text, append(args, q.Only, q.Limit, q.Skip)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// fullTextLine asks a migration for an index; its names are written by us.
var fullTextLine = regexp.MustCompile(`(?m)^-- \+linli fulltext ([a-z]+_[a-z_]+)$`)

func withFullText(migration string, d dialect) string {
	return fullTextLine.ReplaceAllStringFunc(migration, func(line string) string {
		return d.tables(fullTextLine.FindStringSubmatch(line)[1])
	})
}

// joined writes phrases with a sign between them, in brackets.
func joined(phrases []Phrase, sign string, write func(Phrase) string) string {
	parts := make([]string, len(phrases))
	for i, p := range phrases {
		parts[i] = write(p)
	}
	return "(" + strings.Join(parts, sign) + ")"
}

// both writes every phrase and some phrases in one expression.
func (q TextQuery) both(and, or string, write func(Phrase) string) string {
	switch {
	case len(q.Some) == 0:
		return joined(q.Every, and, write)
	case len(q.Every) == 0:
		return joined(q.Some, or, write)
	}
	return "(" + joined(q.Every, and, write) + and + joined(q.Some, or, write) + ")"
}

// fts5 is SQLite's. The tokens stand beside the index (external content), since
// FTS5 must be told what it forgets; its tokenizer "ascii" takes every character
// of another script as part of a word, so that it splits only at our spaces;
// secure-delete takes removed words out of the index at once.
type fts5 struct{}

func (fts5) tables(name string) string {
	return fmt.Sprintf(`CREATE TABLE %[1]s_words (doc INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT NOT NULL, c TEXT NOT NULL) STRICT;
CREATE VIRTUAL TABLE %[1]s USING fts5(a, b, c, content = '%[1]s_words', content_rowid = 'doc', tokenize = 'ascii', prefix = '1');
INSERT INTO %[1]s(%[1]s, rank) VALUES ('secure-delete', 1);`, name)
}

func (fts5) doc(columns [TextColumns][]string) []any {
	out := make([]any, TextColumns)
	for i, tokens := range columns {
		out[i] = strings.Join(tokens, " ")
	}
	return out
}

func (x fts5) put(tx *Tx, name string, id int64, stored []any) error {
	if err := x.remove(tx, name, id); err != nil {
		return err
	}
	args := append([]any{id}, stored...)
	if _, err := tx.Exec(`INSERT INTO `+name+`_words(doc, a, b, c) VALUES ($1, $2, $3, $4)`, args...); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO `+name+`(rowid, a, b, c) VALUES ($1, $2, $3, $4)`, args...)
	return err
}

func (fts5) remove(tx *Tx, name string, id int64) error {
	if _, err := tx.Exec(`INSERT INTO `+name+`(`+name+`, rowid, a, b, c) SELECT 'delete', doc, a, b, c FROM `+name+`_words WHERE doc = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM `+name+`_words WHERE doc = $1`, id)
	return err
}

func (fts5) clear(tx *Tx, name string) error {
	if _, err := tx.Exec(`INSERT INTO ` + name + `(` + name + `) VALUES ('delete-all')`); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM ` + name + `_words`)
	return err
}

func (fts5) find(name string, q TextQuery) (string, []any) {
	match := "{" + strings.Join([]string{"a", "b", "c"}[:q.Columns], " ") + "} : " +
		q.both(" AND ", " OR ", func(p Phrase) string {
			s := `"` + strings.ReplaceAll(strings.Join(p.Tokens, " "), `"`, `""`) + `"`
			if p.Prefix {
				s += " *"
			}
			return s
		})
	return `SELECT rowid FROM ` + name + ` WHERE ` + name + ` MATCH $1 AND ($2 = 0 OR rowid = $2)
		ORDER BY bm25(` + name + `, 8.0, 2.0, 1.0), rowid DESC LIMIT $3 OFFSET $4`, []any{match}
}

// tsvector is PostgreSQL's. Vectors and queries are written out lexeme by
// lexeme, so that no parser or dictionary of its stands between.
type tsvector struct{}

func (tsvector) tables(name string) string {
	return fmt.Sprintf(`CREATE TABLE %[1]s (doc BIGINT PRIMARY KEY, words TSVECTOR NOT NULL);
CREATE INDEX %[1]s_words ON %[1]s USING GIN (words);`, name)
}

const textWeights = "ABC"

func (tsvector) doc(columns [TextColumns][]string) []any {
	var b strings.Builder
	at := 0
	for i, tokens := range columns {
		for _, t := range tokens {
			at++
			b.WriteString(lexeme(t))
			b.WriteByte(':')
			b.WriteString(strconv.Itoa(at))
			b.WriteByte(textWeights[i])
			b.WriteByte(' ')
		}
		at++ // no phrase reaches from one column into the next
	}
	return []any{b.String()}
}

// lexeme quotes a token for tsvector and tsquery.
func lexeme(token string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(token) + "'"
}

func (tsvector) put(tx *Tx, name string, id int64, stored []any) error {
	_, err := tx.Exec(`INSERT INTO `+name+`(doc, words) VALUES ($1, CAST(CAST($2 AS TEXT) AS tsvector))
		ON CONFLICT (doc) DO UPDATE SET words = excluded.words`, id, stored[0])
	return err
}

func (tsvector) remove(tx *Tx, name string, id int64) error {
	_, err := tx.Exec(`DELETE FROM `+name+` WHERE doc = $1`, id)
	return err
}

func (tsvector) clear(tx *Tx, name string) error {
	_, err := tx.Exec(`DELETE FROM ` + name)
	return err
}

func (tsvector) find(name string, q TextQuery) (string, []any) {
	weights := textWeights[:q.Columns]
	match := q.both(" & ", " | ", func(p Phrase) string {
		parts := make([]string, len(p.Tokens))
		for i, t := range p.Tokens {
			parts[i] = lexeme(t) + ":"
			if p.Prefix && i == len(p.Tokens)-1 {
				parts[i] += "*"
			}
			parts[i] += weights
		}
		return "(" + strings.Join(parts, " <-> ") + ")"
	})
	return `SELECT doc FROM ` + name + `, CAST(CAST($1 AS TEXT) AS tsquery) q WHERE words @@ q AND ($2 = 0 OR doc = $2)
		ORDER BY ts_rank(words, q, 1) DESC, doc DESC LIMIT $3 OFFSET $4`, []any{match}
}
