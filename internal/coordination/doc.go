// Package coordination (统筹协调) is the door between departments and the streets,
// townships, villages and communities: nothing is handed down that no list holds
// and no approval admits.
//
// Its words: task (交办任务), sender (交办单位), receiver (接收单位), admission (准入),
// item (清单事项), boundary (职责边界), refusal (不承担),
// whistle (吹哨), caller (吹哨单位), report in (报到),
// supervision order (督办), leader's note (批示), opinion (意见), point (意见的一条).
//
// What must always be true:
//   - a receiver below the county is reached only through the check
//     coordination.admitted, which judges by the lists and the admission in force
//     at that moment;
//   - what the lists took back, and what a village or community may never be
//     responsible for, does not go, whoever approves it;
//   - what was refused at the door stays in the log, and the county sees who comes
//     again with the same words or in smaller pieces;
//   - an admission ends with its period, and with it what was handed down by it;
//   - who is asked may refuse with the item, and never decides it themselves;
//   - what a street passes on is a task of its own and passes the door again; it is
//     never due later than the part it comes from;
//   - nobody with a post on one of the sides speaks for the county;
//   - a whistle is ended by who called and by nobody else, and not while a department
//     owes what was asked; who does not report in goes before the county by itself;
//   - a supervision order changes nothing of the case it is about; one case has one
//     open order of each level; nobody supervises their own unit or one above it;
//   - a department decides on a plan when every street it touches has spoken or kept
//     silent to the end, which is no consent, and every point is answered; an opinion
//     foresaw only what came after it.
//
// The law it answers to: 关于全面建立乡镇（街道）履行职责事项清单的意见, 2017 意见
// （城乡社区治理）四（四）, 2021 意见 七（二）, 北京市街道办事处条例 11, 44, 北京市接诉即办工作
// 条例 16, 33 as the model of the whistle (rules.md 0.4, 5.3, 6.1, 6.2).
package coordination
