// Package casework (办件) is the engine of the house: a procedure is data, a
// case is its one running instance, and an act is the only way anything about a
// case changes.
//
// Every institution of grassroots governance is the same thing seen from far
// enough: somebody asks, somebody is responsible, a clock runs, others must say
// their word, the law says what may happen next, the end is published and
// judged. What differs between them stands in catalog/procedure/*.yaml, which
// docs/procedure.md explains; what is the same stands here once: inbox,
// deadlines, escalation, children, opinions, history, annulment, erasure,
// proof, the generic page and the API.
//
// What must always be true:
//   - casework_act is append-only and every act carries its whole effect
//     (Delta); the rows of casework_case, _clock, _party and _value are a fold
//     of it, and Verify proves it. Only erasure takes values out of an act.
//   - Every act locks its case row before anything else is written, and what it
//     relied on (case version, edition, grants) is compared in that statement.
//   - A clock never restarts because somebody touched the record; every running
//     clock is seen by the scan.
//   - Nobody acts where no relation of the act's `who` holds for them, or where
//     `not_by` excludes them.
//   - Values of fields marked sealed are never stored, indexed or logged in clear.
package casework
