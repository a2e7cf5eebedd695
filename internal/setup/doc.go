// Package setup leads an administrator through the first days of a county (开通):
// what the house needs before residents may be asked to use it, how far each part
// is, and the way to do it – areas from the national table, units and people from
// a workbook, grids, the duty list, calendars, posts, senders, the certificate.
//
// What must always be true: every line of the checklist is read from what stands
// in the house, never from a tick somebody made, except the few things that only a
// person can know (a copy of the keys lies elsewhere, a restore was tried), which
// are kept with name and day; nothing here opens or closes the public pages.
//
// Norms: none of its own; what a line asks for is the norm of the room it names.
package setup
