package app_test

import "slices"

// The story of a request, as scripts: what a resident and the office do about
// one order, by which of the ways that the rules know. A script is a list of
// lines; each says when (days and hour after the Tuesday on which the order
// comes in), who, which act, with what, and the state that the order is in
// afterwards. What the clocks do by themselves stands in it as a look only.

// Who acts. Except for the resident, who holds the link of the receipt, all are
// people with accounts and posts.
const (
	resident   = "resident"
	intaker    = "intake"
	dispatcher = "dispatcher"
	verifier   = "verifier"
	caller     = "caller"
	handler    = "handler" // of the unit that has the order
	head       = "head"    // of that unit
	above      = "above"   // head of the unit above it
	helping    = "helping" // handler of the co-handling unit
	nobody     = ""        // a look
)

// fill are the values of an act. {lead} is the unit that really got the order,
// {other} another unit that the duty list names for the class, {helper} a third;
// {item} and {other item} are their items in the list.
type fill map[string]any

// step is one line of a script.
type step struct {
	at    string // "DAY HH:MM"
	by    string
	act   string
	fill  fill
	on    string // procedure of the child case that it is done on; "" is the order
	state string // of the order afterwards; "" is not looked at
	no    string // key of the fault by which it is refused
}

// way is one way through the procedure, and how many orders go it.
type way struct {
	name  string
	n     int
	end   string // state in which an order comes to rest
	steps []step
}

// The parts of which the scripts are made.

func opened() []step {
	return []step{{at: "0 09:00", by: resident, act: "report", state: "received"}}
}

// sent is the dispatch to the unit that really got it, by its item.
func sent(at string) []step {
	return []step{{at: at, by: dispatcher, act: "dispatch", fill: fill{"lead": "{lead}", "item": "{item}"}, state: "dispatched"}}
}

func sentTo(at string, f fill) []step {
	return []step{{at: at, by: dispatcher, act: "dispatch", fill: f, state: "dispatched"}}
}

// taken is accepted, and the resident is called.
func taken(at, later string) []step {
	return []step{
		{at: at, by: handler, act: "accept", state: "handling"},
		{at: later, by: handler, act: "contact", fill: fill{"contact": "已电话联系，约好到现场查看"}, state: "handling"},
	}
}

func answered(at string) []step {
	return []step{{at: at, by: handler, act: "answer", fill: fill{"answer": "已到现场处理完毕，请您查看。"}, state: "answered"}}
}

// checked is looked at on the spot by a verifier.
func checked(at string) []step {
	return []step{{at: at, by: verifier, act: "check_done", fill: fill{"finding": "现场已恢复"}, state: "rating"}}
}

func rated(at, solved, satisfied string) []step {
	return []step{{at: at, by: resident, act: "rate", fill: fill{"solved": solved, "satisfied": satisfied, "comment": "谢谢"}, state: "settled"}}
}

func calledBack(at, solved, satisfied string) []step {
	return []step{{at: at, by: caller, act: "call_back", fill: fill{"solved": solved, "satisfied": satisfied}, state: "settled"}}
}

func one(at, by, act string, f fill, state string) []step {
	return []step{{at: at, by: by, act: act, fill: f, state: state}}
}

// refused is tried and may not be.
func refused(at, by, act string, f fill, key string) []step {
	return []step{{at: at, by: by, act: act, fill: f, no: key}}
}

// below is done on a child case; state is that of the order afterwards.
func below(at, by, act, on string, f fill, state string) []step {
	return []step{{at: at, by: by, act: act, on: on, fill: f, state: state}}
}

// seen is a look at what the clocks have done.
func seen(at, state string) []step { return []step{{at: at, by: nobody, state: state}} }

func script(parts ...[]step) []step { return slices.Concat(parts...) }

// ways are those that the hundred orders go. Where nothing else is said an order
// is filed away by its clock 15 days after it was judged.
var ways = []way{
	{"straight", 4, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"),
		answered("1 10:00"), refused("1 10:00", handler, "check_done", fill{"finding": "自己核查自己"}, "casework.not_yours"), checked("1 14:00"), rated("1 16:00", "yes", "satisfied"),
	)},
	{"judged by telephone", 4, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"), answered("1 10:00"), checked("1 14:00"),
		refused("1 16:00", handler, "call_back", fill{"solved": "yes", "satisfied": "satisfied"}, "casework.not_yours"),
		calledBack("1 16:00", "yes", "fairly"),
	)},
	{"check failed once", 3, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"), answered("1 10:00"),
		one("1 14:00", verifier, "check_failed", fill{"finding": "现场没有处理好"}, "handling"),
		answered("2 10:00"), checked("2 14:00"), rated("2 16:00", "no", "dissatisfied"),
	)},

	// The unit says whose it is, and by which item. It goes to that one.
	{"return", 10, "closed", script(
		opened(), sentTo("0 09:30", fill{"lead": "{other}", "item": "{other item}"}),
		refused("0 10:00", handler, "send_back", fill{"responsible": "{other}", "responsible_item": "{other item}", "reason": "不归我们"}, "request.names_itself"),
		refused("0 10:00", handler, "send_back", fill{"responsible": "{lead}", "responsible_item": "no-such-item", "reason": "不归我们"}, "request.no_item"),
		one("0 10:00", handler, "send_back", fill{"responsible": "{lead}", "responsible_item": "{item}", "reason": "按职责清单由该单位办理"}, "received"),
		sent("0 10:30"), taken("0 11:00", "0 14:00"), answered("1 10:00"), checked("1 14:00"), rated("1 16:00", "yes", "satisfied"),
	)},

	// The unit above the first one decides that it is the other's.
	{"arbitration", 6, "closed", script(
		opened(), sentTo("0 09:30", fill{"lead": "{other}", "item": "{other item}"}),
		one("0 10:00", handler, "dispute", fill{"responsible": "{lead}", "responsible_item": "{item}", "reason": "职责有争议，请裁定"}, "disputed"),
		below("0 10:30", above, "rule", "arbitration", fill{"lead": "{lead}", "item": "{item}", "ruling": "按职责清单由该单位承办"}, "dispatched"),
		refused("0 11:00", handler, "send_back", fill{"responsible": "{other}", "responsible_item": "{other item}", "reason": "还是不归我们"}, "casework.guard"),
		taken("0 11:00", "0 14:00"), answered("1 10:00"), checked("1 14:00"), rated("1 16:00", "yes", "fairly"),
	)},
	// The unit that really got it asks, and another one is found responsible.
	{"arbitration, another found responsible", 4, "closed", script(
		opened(), sent("0 09:30"),
		one("0 10:00", handler, "dispute", fill{"reason": "涉及两个单位，请裁定"}, "disputed"),
		below("0 10:30", above, "rule", "arbitration", fill{"lead": "{other}", "item": "{other item}", "ruling": "由该单位承办更便于群众"}, "dispatched"),
		taken("0 11:00", "0 14:00"), answered("1 10:00"), checked("1 14:00"), calledBack("1 16:00", "yes", "satisfied"),
	)},

	// Three working days more, agreed to by somebody else; answered after the
	// first limit and before the second.
	{"extension", 10, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"),
		one("0 14:30", handler, "ask_extension", fill{"days": 3, "reason": "需要采购配件"}, "handling"),
		[]step{{at: "0 14:30", by: handler, act: "agree_extension", on: "deadline-approval", no: "casework.not_yours"}},
		refused("0 14:30", handler, "answer", fill{"answer": "没等审批就答复"}, "casework.child_open"),
		below("0 15:00", head, "agree_extension", "deadline-approval", fill{"ruling": "同意"}, "handling"),
		answered("9 10:00"), checked("9 14:00"), rated("9 16:00", "yes", "satisfied"),
	)},

	// The lead cannot answer before the co-handler has done its part.
	{"co-handler", 10, "closed", script(
		opened(), sentTo("0 09:30", fill{"lead": "{lead}", "item": "{item}", "helpers": []any{"{helper}"}}),
		taken("0 10:00", "0 14:00"),
		refused("1 10:00", handler, "answer", fill{"answer": "协办还没完成"}, "casework.child_open"),
		below("1 10:00", helping, "finish", "co-task", fill{"result": "协办部分已完成"}, "handling"),
		answered("1 11:00"), checked("1 14:00"), rated("1 16:00", "yes", "satisfied"),
	)},

	// Nobody judges it: after seven days that is "no answer", and no more.
	{"no answer", 10, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"), answered("1 10:00"), checked("1 14:00"),
		seen("7 09:00", "rating"), seen("10 09:00", "settled"),
	)},

	// Not solved after all: it goes on at the same unit.
	{"reopening", 10, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"), answered("1 10:00"), checked("1 14:00"), rated("1 16:00", "no", "dissatisfied"),
		one("9 10:00", resident, "reopen", fill{"reason": "又坏了，问题还在"}, "handling"),
		answered("10 10:00"), checked("10 14:00"), rated("10 16:00", "yes", "satisfied"),
	)},

	// The limit of five working days runs out while it is being handled.
	{"breach", 4, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"),
		seen("8 09:00", "handling"), answered("9 10:00"), checked("9 14:00"), rated("9 16:00", "yes", "dissatisfied"),
	)},
	{"breach of 24 hours", 3, "closed", script(
		opened(), sentTo("0 09:30", fill{"lead": "{lead}", "item": "{item}", "limit": "24 hours"}), taken("0 10:00", "0 14:00"),
		answered("1 11:00"), checked("1 14:00"), calledBack("1 16:00", "yes", "dissatisfied"),
	)},
	// Nobody accepts it in the two working days.
	{"breach, not accepted", 3, "closed", script(
		opened(), sent("0 09:30"), seen("3 09:00", "dispatched"),
		refused("3 10:00", handler, "send_back", fill{"responsible": "{other}", "responsible_item": "{other item}", "reason": "退回期已过"}, "casework.clock_running"),
		taken("3 10:00", "3 14:00"), answered("3 16:00"), checked("6 14:00"), rated("6 16:00", "yes", "fairly"),
	)},

	// The limit stands still for three working days; then the clock goes on by itself.
	{"hold", 3, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"),
		one("0 14:30", handler, "ask_hold", fill{"hold_for": "3 workdays", "reason": "等待汛期结束"}, "handling"),
		below("0 15:00", head, "agree_hold", "deadline-approval", nil, "held"),
		seen("6 09:00", "handling"), answered("9 10:00"), checked("9 14:00"), rated("9 16:00", "yes", "satisfied"),
	)},
	{"hold refused", 2, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"),
		one("0 14:30", handler, "ask_hold", fill{"hold_for": "3 workdays", "reason": "人手不够"}, "handling"),
		below("0 15:00", head, "refuse", "deadline-approval", fill{"ruling": "理由不充分，请按时办理"}, "handling"),
		answered("1 10:00"), checked("1 14:00"), rated("1 16:00", "yes", "fairly"),
	)},

	{"asked for more", 3, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"),
		one("0 14:30", handler, "ask_more", fill{"question": "请说明具体楼栋"}, "waiting"),
		one("0 16:00", resident, "supply", fill{"supplement": "三栋二单元门口"}, "handling"),
		answered("1 10:00"), checked("1 14:00"), rated("1 16:00", "yes", "satisfied"),
	)},
	{"asked for more in vain", 2, "closed", script(
		opened(), sent("0 09:30"), taken("0 10:00", "0 14:00"),
		one("0 14:30", handler, "ask_more", fill{"question": "请说明具体楼栋"}, "waiting"),
		seen("8 09:00", "handling"), answered("9 10:00"), checked("9 14:00"), calledBack("9 16:00", "no", "dissatisfied"),
	)},

	{"withdrawn", 2, "withdrawn", script(
		opened(), sent("0 09:30"), one("0 10:00", resident, "urge", fill{"urging": "请快一点"}, "dispatched"),
		one("0 14:00", resident, "withdraw", fill{"reason": "已经自己解决了"}, "withdrawn"),
	)},
	{"withdrawn while a co-handler works", 1, "withdrawn", script(
		opened(), sentTo("0 09:30", fill{"lead": "{lead}", "item": "{item}", "helpers": []any{"{helper}"}}), taken("0 10:00", "0 14:00"),
		one("0 16:00", resident, "withdraw", nil, "withdrawn"),
	)},

	// The six kinds that are not dispatched, each with its own text and channel.
	{"shown another way: emergency", 1, "not_dispatched", script(opened(), shown(fill{"intake_kind": "emergency"}))},
	{"shown another way: legal channel", 1, "not_dispatched", script(opened(), shown(fill{"intake_kind": "legal_channel"}))},
	{"shown another way: repeated", 1, "not_dispatched", script(opened(),
		refused("0 09:30", intaker, "close_intake", fill{"intake_kind": "repeat"}, "request.progress_missing"),
		shown(fill{"intake_kind": "repeat", "reason": "前一件正在办理，预计三日内答复"}))},
	{"shown another way: secret", 1, "not_dispatched", script(opened(), shown(fill{"intake_kind": "secret"}))},
	{"shown another way: outside", 1, "not_dispatched", script(opened(), shown(fill{"intake_kind": "outside"}))},
	{"shown another way: unlawful", 1, "not_dispatched", script(opened(), shown(fill{"intake_kind": "unlawful"}))},
}

func shown(f fill) []step { return one("0 09:30", intaker, "close_intake", f, "not_dispatched") }
