// Package request is the story of a resident's request (诉求) from the report to
// the rated close, and of what a grid worker finds (网格事件).
//
// Its words: request 诉求, reporter 诉求人, grid event 网格事件, receipt 回执, link
// 查询链接, class 类别, place 地点, complaint about a unit 反映单位, unit complained
// about 被反映单位, settle oneself 自行处置, send up 上报, import 导入.
//
// The procedures are catalog/procedure/service-request.yaml and grid-event.yaml,
// the engine carries them out; this room offers the effects and checks they name,
// the doors through which requests come in (page, staff, API, CSV) and the page
// on which the reporter follows the case.
//
// What must always be true:
//   - a place is never guessed: what is not certainly in one grid goes to the
//     smallest area that certainly holds it, or to the county, and a dispatcher
//     decides;
//   - a unit complained about never sees the case: it is sealed from its subtree
//     and led by the unit above; while nobody has named the unit, only the county
//     sees the case;
//   - a number alone opens nothing; the link does, and is never stored in clear;
//   - a photo is drawn anew before it is kept, may be attached only by who sent
//     it, and is shown only to who may see its case;
//   - an imported order starts no clock and tells nobody;
//   - public lists show class, community, state and distance, never words,
//     photos, numbers or the exact place.
//
// The law it answers to: 北京市接诉即办工作条例 10 to 15 and 23 as the model
// (rules.md 6.1), 个人信息保护法 6, 16, 17, 25 (8.1), 无障碍环境建设法 32 (8.9), the
// burden rules (0.4): no track, no check-in, no compulsory photo.
package request
