// Package edition keeps the catalogue in force: the lists, procedures and words
// by which the office works.
//
// Its words: catalogue 目录 (all files together), edition 版次 (one numbered,
// hashed state of the catalogue), seed 初始目录 (the files inside the program),
// county file 本县文件 (a file published here, over or beside the seed), publish
// 发布.
//
// Files seed, the database rules: the first start publishes the seed as edition
// 1; a newer program with another seed publishes a new edition in which the
// county's own files stay on top. Everything else goes through Publish.
//
// What must always be true:
//   - editions are numbered 1, 2, 3, … and never change; each leaves a leaf in
//     the ledger that commits to its hash;
//   - a catalogue with problems changes nothing at all;
//   - of two who publish at once the second is refused and looks again;
//   - every node's next act that relied on an older edition prepares again: the
//     epoch 'edition' moves in the same transaction.
//
// The hash of an edition is the SHA-256 of lines "HASH  PATH", sorted by path,
// HASH being that of the file: what `sha256sum` prints, so that anybody can
// recompute it with LC_ALL=C sort.
package edition
