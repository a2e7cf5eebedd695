// Package publicity (公开诉求) is what everybody may read of residents' requests,
// and how words and pictures come to be public: by a person who looked. It also
// holds the door for feedback on the platform itself.
//
// Its words: public request 公开诉求, release 公开审核, take back 收回公开, public copy
// 公开副本, strike 遮字, mask 打码, subscription 订阅, feedback 平台反馈.
//
// Public by default are class, community, state, days, the unit in charge, how
// many voices and the rates as they were given. Words, photos and the exact place
// are public only as a copy that a person has released: the act "release" of
// service-request names the copy's id and the SHA-256 of its content, so what was
// shown can be proved and can be told from what the case holds. The act is quiet:
// it moves nothing others rely on. It is taken back by the act "unrelease", with
// a reason, by anybody who may release.
//
// A reader named "publicity" follows the log and keeps one line for each request.
// Acts after which something may no longer be public (taking back, erasure,
// naming a unit complained about …) take effect on this room's tables in the very
// transaction of the act (Touched).
//
// What must always be true:
//   - Never public, not even by class: sealed cases, complaints about a unit, what
//     may be an emergency of a person, classes and kinds the catalogue names
//     (catalog/publicity/privacy.yaml), what the reporter withdrew.
//   - No list of persons: no name, no account, no number of a case stands on a
//     public page; a request goes by its case id, which opens nothing else.
//   - A copy with an identity number, a telephone or an account in clear is not
//     released. A photo is not released unless the same session has fetched its
//     final preview and says so.
//   - What lies under a masked region has no part in the released picture.
//   - Taking back and erasure act at once: bodies are emptied in the act's own
//     transaction, pictures are refused from then on and destroyed.
//   - Pages with released words ask search engines to keep out: a copy that was
//     taken back must not go on living elsewhere.
//
// The law it answers to: 个人信息保护法 4, 6, 28, 47; 国办函〔2026〕12号 (feedback entry
// on every page that opens a case).
package publicity
