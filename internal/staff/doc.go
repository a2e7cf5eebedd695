// Package staff is the room of those who work here (人员): the pages that keep
// units, people and posts, one's own page, deputies (代理), the hand-over of all
// that a person holds (移交), the duty roster (值班表) and the setting up of the
// second factor (动态口令).
//
// The nouns, the rules and the verbs of units, posts, sessions and deputies are
// identity's, far below; this room draws them and adds what needs the cases.
//
// What must always be true:
//
//   - nothing here says who was at their desk, when somebody signed in, or how
//     fast anybody works: a roster says who can be called, and nobody checks in;
//   - only a published roster is used; a draft tells nobody anything;
//   - every case that changes hands does so by an act of its own in its own log,
//     once, whatever breaks in the middle;
//   - a person who holds open cases does not leave before somebody has them.
package staff
