// Package command (指挥台) shows a street, a department or the county what is
// going on now: how much came in today, what is open, due and overdue, which
// classes rise, where it lies, and what waits for a decision. It reads the log
// of acts and changes no case.
//
// Words: command page 指挥台, wall screen 大屏, rising 上升, decision 决定 (a state
// in which only those who dispatch, lead or answer for a unit can move a case),
// place to be confirmed 地点待确认, shading 深浅 (of grids by open cases).
//
// A reader named "command" keeps one row per case (no free text: titles are
// asked of casework when a page is drawn) and leaf counters by area level, unit,
// procedure, class, state, day and seal, so that no page counts cases one by
// one. A hub in each process tells open pages that something changed.
//
// What must always be true:
//   - What a person sees here is what casework's one text of rights lets their
//     posts see: the same condition over rows and over counters. What they see
//     only as the person a case lies with, as a deputy, party or member of the
//     parent's unit is in their lists and not counted here: this page speaks for
//     an area or a unit. A sealed case is neither listed nor counted for whom it
//     is sealed from.
//   - The counters are a fold of the rows and move in the same transaction as
//     the row and the reader's cursor. Received is counted for the last weeks
//     only (see keepDays).
//   - An event says that something changed and which of the cases that this very
//     person may see; never a title, name or number. The page fetches as itself.
//   - A stream holds a bounded buffer; a slow one is dropped and comes back. It
//     ends with the session and with the server.
//   - The wall screen carries no case, no title and no person.
//   - Nothing here ranks or scores units or people; rising classes are two
//     numbers side by side.
//   - A case that cannot be read is parked, visibly, and tried again by itself.
//   - Rebuild from the acts gives the same rows and counters.
package command
