// Package deliberation (议事) is how a village or community comes to a decision: a
// counted petition, an open consultation, and the four steps with their two
// publications. The meeting that decides is the machine of room ballot; the
// engine keeps every step in its order.
//
// Its words: petition 联名提议, signature 签名, consultation 协商, topic 议题,
// statement 意见, stand 表态, moderate 审看, four steps and two publications
// 四议两公开, matter 事项, resolution 决议, delegation 授权, follow-up 落实.
//
// What must always be true:
//   - who signed a petition is seen by the township that checks it and by nobody
//     else; the village gets the matter and the count, the public the count;
//   - a person signs once in one capacity; what decides is the count of the
//     signatures that a person of the township found valid;
//   - a statement is public only after somebody looked; what is hidden carries a
//     reason that its writer reads, and the trace stays;
//   - a device takes one stand on one statement, and nothing links two stands of
//     one device: the mark is keyed anew for every statement and has no time;
//   - no step of the four is skipped or moved, whoever holds which post; what was
//     entered later carries the signed paper;
//   - what is published is the text that was voted on; a corrected text stands
//     beside it and never in its place.
//
// The law it answers to: 村民委员会组织法 25, 27, 28, 30, 33, 35; 城市居民委员会组织法
// 26, 28, 30, 32, 34; 个人信息保护法 6, 28; 中国共产党农村基层组织工作条例 19 (the four
// steps are a Party norm; by law the Party organisation's discussion comes first
// and the meeting decides).
package deliberation
