// Package schedule (定期开办) opens cases by itself when a period is over: what a
// procedure says under its key schedules, once for every area and period.
//
//   - schedule (定期): what is opened every week, month, quarter or year.
//   - plan (计划): a list that a room offers, whose lines each say how often and
//     for which areas; the room registers it under a name.
//   - period (期间): one week, month, quarter or year.
//
// What must always be true:
//   - A period's case is opened exactly once for a line, an area and a period:
//     the row that says so is written in the transaction that opens the case, on
//     however many nodes and after whatever crash.
//   - What a period opens is fixed when the period begins; a procedure or plan
//     that changes takes effect from the next one. Only in a house that never
//     had the schedule is the running period fixed at once.
//   - A house that was shut opens what it missed, of the last year.
//   - A case is opened for the areas that stood on the period's last day; where
//     one of them has ended since, for those that took its place.
//   - Cases are opened in small batches with pauses, so that people who act at
//     the same time do not wait.
package schedule
