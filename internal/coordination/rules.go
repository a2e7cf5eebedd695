package coordination

import (
	"slices"

	"linli/internal/duty"
	"linli/internal/identity"
	"linli/internal/kit/fault"
)

// answer is what the door says to one receiver's part of a task.
type answer struct {
	verdict string
	why     *fault.Fault // of refused and unlisted: the reason with item and norm
}

// judge applies the lists to one receiver. A unit of the county's own level is no
// receiver in the sense of the norm: what goes there is not handed down.
// Norms: 关于全面建立乡镇（街道）履行职责事项清单的意见; 2017 意见 四（四）.
func judge(r Receiver, sender identity.Unit, forbidden duty.Forbidden) answer {
	switch r.Level {
	case duty.LevelStreet:
		return judgeStreet(r, sender, forbidden)
	case duty.LevelCommunity:
		return judgeCommunity(r, forbidden)
	}
	return answer{verdict: goes}
}

func judgeStreet(r Receiver, sender identity.Unit, forbidden duty.Forbidden) answer {
	norm := forbidden.TownshipNorm
	if r.Found == nil {
		return answer{unlisted, r.says("coordination.not_listed").Under(norm)}
	}
	switch r.Found.Item.Kind {
	case duty.Basic:
		return answer{verdict: goes}
	case duty.Cooperating:
		if lead := r.Found.Lead; lead.ID == "" || !sender.Within(lead.Path) {
			return answer{refused, r.says("coordination.not_lead", "lead", r.Found.Lead.Words()).Under(norm)}
		}
		return answer{verdict: cooperating}
	case duty.TakenBack:
		return answer{refused, r.says("coordination.taken_back").Under(norm)}
	case duty.Department:
		return answer{refused, r.says("coordination.departments_own").Under(norm)}
	}
	return answer{unlisted, r.says("coordination.not_listed").Under(norm)}
}

// judgeCommunity: of some lines a self-governing body is never the responsible
// subject, and no approval makes it one.
func judgeCommunity(r Receiver, forbidden duty.Forbidden) answer {
	if r.Found != nil && r.Found.Item.Line != "" && slices.ContainsFunc(forbidden.Lines, func(l duty.ForbiddenLine) bool { return l.ID == r.Found.Item.Line }) {
		return answer{refused, r.says("coordination.forbidden_line").Under(forbidden.Norm)}
	}
	if r.Found != nil && r.Found.Item.Kind == duty.Community {
		return answer{verdict: goes}
	}
	return answer{unlisted, r.says("coordination.not_listed").Under(forbidden.CommunityNorm)}
}

// says is the reason for one receiver, with the item where there is one.
func (r Receiver) says(key string, args ...any) *fault.Fault {
	f := fault.New(fault.Unmet, key, append(args, "unit", r.Unit.Words())...)
	if r.Found != nil {
		f.Args["item"], f.Args["title"] = r.Found.Item.ID, r.Found.Item.Title
	}
	return f.At("receivers")
}

// hardest is the answer that decides for all receivers: one that may not have it
// keeps the task from all, so that it is not handed round in pieces.
func hardest(said []Said) answer {
	order := []string{goes, cooperating, unlisted, refused}
	return slices.MaxFunc(said, func(a, b Said) int {
		return slices.Index(order, a.verdict) - slices.Index(order, b.verdict)
	}).answer
}
