// Package account gives residents who want one an account (居民账户) by telephone
// and code, in which their requests stand together. Nobody needs one: reporting,
// following and rating go by the query link as ever.
//
// An account is a telephone, the sessions of its browsers and a list of cases that
// its owner put there. It gives no right of its own: a case on it opens exactly as
// far as the link, or the number and telephone, by which it was put there.
//
// What must always be true:
//   - the answer to a telephone is the same whether an account stands or not, and
//     a code is bound to the page that asked for it: it is good five minutes and
//     five tries, once, and only its keyed hash is kept;
//   - the telephone is sealed and found by a blind index only; of a session only
//     the token's hash is kept, and neither when nor whence somebody came;
//   - a case comes onto an account by the owner's own act alone, with its link or
//     with the very telephone that was left in it: a number alone puts nothing there;
//   - signing out and deleting act at once, also on follow pages that are open in
//     other browsers; deleting leaves no line of the account in any table, and the
//     cases stay, since the law has them kept;
//   - an account into which nobody signed for a year is deleted by itself: numbers
//     are given to new owners.
//
// The law it answers to: 个人信息保护法 6, 7 and 17 (no more than is needed, and
// told beforehand), 19 (no longer than needed), 44 and 45 (to look and to copy),
// 47 (to delete), and 16 (nobody is refused a service for not giving it).
package account
