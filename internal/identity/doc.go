// Package identity knows who is who: the tree of units (单位), people with
// accounts (人员), posts (岗位: a person in a unit, of a kind, over an area, from
// and until), sessions (会话), and the one text of rights (权限) from which the Go
// predicate, the SQL condition of every list and the auditor's table all come.
//
// What must always be true:
//
//   - Relation.Holds and Condition say the same of every actor and every case;
//     a property test on both databases holds them equal;
//   - a post under a sealed path never counts: the party complained about does
//     not see who complained (rules.md 6.1, 北京市接诉即办工作条例 8, 35);
//   - posts, units and people are never deleted, they end; every administrative
//     act moves the epoch "grants" and queues its leaf in the same transaction,
//     so a revoked post acts at once on every node and the log proves it;
//   - nobody administers what lies outside their own subtree;
//   - nothing here counts log-ins, keeps when somebody was last seen, or where
//     (rules.md 0.4: no check-ins, no online time). A session keeps only until
//     when it lives, and is deleted when it ends;
//   - passwords, tokens and codes are stored as hashes only and never logged;
//   - opening a sealed field is written down with its purpose before it is shown,
//     and bulk opening raises an alarm (个人信息保护法 6, 51; rules.md 8.1).
package identity
