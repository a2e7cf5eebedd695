// Package selfrule is what a village or community gives itself (自治): its rules and
// charters (村规民约、自治章程), and the supervision committee that looks after its
// committee (监督委员会).
//
// Nearly all of it is data: covenant.yaml, supervision-seat.yaml,
// supervision-question.yaml and supervision-report.yaml. What stands here is what
// a procedure cannot say: that the text decided is the text that was checked, that
// a kind of rule is decided by its own meeting, that no member of the committee
// sits on the supervision committee, to whom a report goes, and the public page of
// the rules with their versions side by side.
//
// What must always be true:
//   - no text is filed that no meeting decided, and no meeting's text differs from
//     the one the township checked;
//   - every published version stays public beside the newer ones;
//   - who sits on the committee, or is a declared near relative of a member, does
//     not take a seat on the supervision committee;
//   - a report upward is not seen by the committee it is about.
//
// The law it answers to: 村民委员会组织法 31, 37; 城市居民委员会组织法 30, 31, 36;
// 民法典 1045.
package selfrule
