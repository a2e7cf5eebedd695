// Package notice (告知) tells people outside their inbox: staff by SMS, mail or
// the office's messenger, residents by SMS. It reads the log of acts and changes
// no case.
//
// A reader named "notice" follows the log. Every act with `tells`, every warning
// and breach, every opening act of a party and every annulment is turned by pure
// rules (rules*.go) into lines of notice_message: who (persons by post of the
// unit told, who is on duty, deputies, the party), what (a text key and a few
// arguments), by which channel, and when. Run sends what is due by the senders of
// kit/notify. What is told inside the house is casework's (casework_told) and
// drawn here at /notice.
//
// Words: sender 发送方式, quiet hours 免打扰时段, digest 汇总, delivery log 发送记录.
//
// What must always be true:
//   - An act tells a receiver at most once, however often the log is read again:
//     the id of a line is derived from act and receiver. Lines that are sent as one
//     message (a bundle) are fixed before the first attempt, and every attempt at
//     it carries the same idempotency key, so that a crash between sending and
//     noting sends again under a key the other side knows.
//   - No word that a person wrote, no name, and no telephone or address stands in
//     an outgoing line or, but for the receiver's own, in a message. A resident's
//     telephone stays sealed in the case; Reach opens it in the sending job alone.
//     That use is no line of the read log, which is of people who look: the line
//     of notice_message itself (which act, which field, when, to whose party) is
//     its account, and the party sees on the follow page that messages are sent.
//   - Who opted out gets nothing, also of what waited already.
//   - A resident gets at most: receipt, question, answer, please rate, closed, and a
//     correction of one of these. Quiet hours hold everything but what is urgent.
//   - A sender that fails loses nothing and is seen: on the administrator's pages,
//     in the delivery log and in /metrics.
//   - Nobody sealed from a case is told of it (北京市接诉即办工作条例 8, 35).
//
// Law: 个人信息保护法 6, 13, 51; 关于加强网络信息保护的决定 7 (no messages
// against one's will).
package notice
