// Package ledger is the append-only log of what the office did: a Merkle tree
// of leaves that anybody can check without trusting the office.
//
// Its words: leaf 叶 (what one act leaves behind: a public envelope and salted
// commitments, never a value), number 序号 (the place of a leaf in the log,
// counted from 0), checkpoint 检查点 (size and root of the tree, signed), proof
// 存证证明 (that a leaf stands under a checkpoint), witness 见证 (whoever keeps
// our checkpoints outside the house), reader 读者 (a room that follows the log),
// parked 停下 (what one reader could not read or write, and goes on without).
//
// How it works: an act's own transaction queues its leaf with one INSERT and no
// number. One sequencer, held by a lease, numbers waiting leaves in batches and
// writes numbers, hash tiles and a signed checkpoint in one transaction. Readers
// follow the numbers, all of them led by one goroutine of the node that holds the
// lease (Reader, Follower, RunReaders).
//
// What must always be true:
//   - numbers are 0, 1, 2, … without gap or repetition, also when two nodes
//     sequence at once: each checkpoint names the size it follows, and only one
//     may follow it;
//   - a leaf that waits is found by its missing number, never by "id greater
//     than the last": a slow transaction that commits late is not lost;
//   - leaves of one case are numbered in the order of their recorded instant;
//     casework sees to it that within a case that instant rises;
//   - what a reader made of an act and its cursor stand in one transaction; each
//     act takes effect once, in order, whatever fails and however many nodes read;
//     what cannot be read is parked alone, visibly, and tried again by itself; any
//     reader can be read anew;
//   - no checkpoint is signed on top of tiles that do not hash to the last one.
//
// Formats: RFC 6962 hashes, checkpoints as c2sp.org/tlog-checkpoint, signatures
// as c2sp.org/signed-note (Ed25519), proofs as c2sp.org/tlog-proof@v1. A witness
// needs none of our programs to check them.
//
// What is claimed to the public is only this: that what stands under a
// checkpoint cannot be changed, taken out or put in afterwards unseen. That the
// entry was true when it was made is not claimed.
package ledger
