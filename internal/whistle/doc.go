// Package whistle (吹哨的网页) draws the pages of whistles: the list, the board that
// everybody sees who is called, the form with a row for each department, the slip for
// the wall, and the disputes beside the item of the list. What a whistle is, who may
// call whom and how disputes are decided stands in the room coordination; this one
// decides nothing.
//
// Its words: board (吹哨公示板), slip (吹哨单).
//
// What must always be true:
//   - who may see neither the whistle nor a call of their own sees no board;
//   - a linked case is named to those only who may see it;
//   - no page needs script.
//
// The law it answers to: 北京市街道办事处条例 11, 44; 北京市接诉即办工作条例 16.
package whistle
