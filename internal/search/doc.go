// Package search (检索) finds cases by their words. It reads the log of acts and
// changes no case.
//
// A reader named "search" follows the log in order. For every act it writes the
// open words of the act's case anew: title, number, class, place and areas, the
// unit that holds it, and the open values of its acts that were not annulled.
// Chinese is cut into neighbouring pairs of characters (kit/text.Bigrams), so
// that no dictionary decides what can be found; a lone character is found too.
//
// What must always be true:
//   - No word of a sealed or erased value is in the index; an erasure takes its
//     words out as soon as its leaf is read (within seconds). Phone, identity and account
//     numbers are left out even where a form does not seal them.
//   - Nobody finds a case they may not see: the index only proposes, and
//     casework.List, which holds the one text of rights, disposes. Words that
//     stand only in acts hidden from parties find nothing for a party.
//   - Index and cursor move in one transaction; text is prepared before it. What
//     was prepared after an act was read includes that act, so a stale text is
//     always followed by a newer one.
//   - A case whose words cannot be written is parked, visibly and out of the
//     index, and the others go on; it is tried again by itself.
//   - Rebuild from the acts gives the same index.
package search
