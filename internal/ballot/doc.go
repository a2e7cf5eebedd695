// Package ballot (会议与表决) is the machine of every meeting that decides: who
// belongs to it, who came, what was put to the vote, what was counted, and what
// the law says of it.
//
// Its words: roll 名册, body 会议组织 (a villagers' meeting, a representatives'
// meeting, a members' assembly …), line 名册上的一行, frozen 锁定, presence 到会,
// proxy 委托, sitting 同一场会, teller 计票人.
//
// One meeting case (catalog/procedure/meeting.yaml) decides one matter. Several
// matters of one evening are several cases of one sitting, whose first case keeps
// the attendance of all. What the law wants stands as decision rules in
// catalog/law; this room gives them their facts (Offer) and keeps the lists.
//
// What must always be true:
//   - a version of a roll is never changed: a correction is the next version, and
//     the meeting keeps the version with which it was called, its hash and its
//     denominators, whatever is corrected afterwards;
//   - nobody is present twice, nobody votes for somebody who is present, and a
//     household is represented once;
//   - nobody comes or goes while a vote is being taken;
//   - two people count, the second without seeing what the first has counted; what
//     differs counts for nothing and stays on the record;
//   - what was voted on is one text, known by its hash;
//   - a name is sealed in the database, shown to the staff of its area only, and
//     stands in no act, log or address; an identity number is not taken at all.
//
// The law it answers to: 村民委员会组织法 25-32, 城市居民委员会组织法 26-30,
// 农村集体经济组织法 26-31, 个人信息保护法 6, 28.
package ballot
