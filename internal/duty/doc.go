// Package duty knows what residents' matters are called and whose business they
// are.
//
// Words: class (诉求类别), duty list (职责事项清单), item (事项), basic (基本履职),
// cooperating (配合履职), taken back (上级收回), department's own (部门事项), community
// item (村居事项), lead (牵头), helper (配合), limit (办理时限), line of work (职能).
//
// What must always be true: lists are catalogue data and are changed only by an
// edition; the same question on the same edition and day has the same answer, and
// every answer says by which item of which list it was found and why that unit;
// of two lists the one of the smaller area speaks first; nobody is made lead by
// machine, a dispatcher decides; a village or community is never led into
// enforcement, demolition, environmental clean-up, city management or attracting
// investment, nor into anything outside its own list; what was taken back, what
// stands in no list and what a street only helps with is not handed to a street.
//
// The law it answers to: 2017 意见（城乡社区治理）四(四), 关于全面建立乡镇（街道）履行职责
// 事项清单的意见, 北京市接诉即办工作条例 11 to 17 as the model of intake (rules.md 5.3, 6.1).
package duty
