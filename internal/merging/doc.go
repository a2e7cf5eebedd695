// Package merging is one handling for many reporters (并案): requests that are
// one matter follow a leading one, and residents add a voice instead of a second
// report.
//
// Its words: merge 并案, leading case 主件, following case 从件, voice 我也遇到了.
//
// The engine does the following and passing on (docs/procedure.md); this room
// finds what may be the same matter, merges many in one go, holds the conditions
// under which two requests are one, and opens the door by which anybody says that
// they have it too.
//
// What must always be true:
//   - a person decides that two requests are one matter; the room only shows;
//   - a complaint about a unit is never merged, and nobody can add a voice to it
//     or learn by trying that there is one;
//   - nobody's date becomes later by being merged, and no unit hands a case to
//     another by merging it;
//   - a voice is counted once for each device, moves nothing that others rely on,
//     and shows nothing that a reporter wrote;
//   - a device is known by a random cookie alone, set when a voice is added, and
//     kept as a keyed hash.
//
// The law it answers to: 北京市接诉即办工作条例 11 and 15 as the model (rules.md
// 6.1), 个人信息保护法 6.
package merging
