package year

import (
	"context"
	"fmt"

	"linli/internal/duty"
)

// asked are the values of a task of a kind with a subject.
func (f *flow) asked(kind, subject, item string, receivers []Unit, days int) map[string]any {
	var list []any
	for _, u := range receivers {
		list = append(list, u.ID)
	}
	v := map[string]any{"subject": subject, "words": fmt.Sprintf(f.Says["words"], subject, f.n), "kind": kind, "receivers": list, "limit": fmt.Sprint(days, " workdays")}
	if item != "" {
		v["item"] = item
	}
	switch kind {
	case "form":
		asks := ""
		for i := range 3 + f.IntN(20) {
			asks += fmt.Sprintf(f.Says["field"], i+1) + "\n"
		}
		v["asks"] = asks
	case "meeting":
		v["meet_day"], v["meet_minutes"], v["meet_who"] = (f.at.Day() + 7).String(), 30*(1+f.IntN(4)), f.Says["meet_who"]
	}
	return v
}

// task is one that a list holds: it goes, its receivers do it, refuse it or are late.
func (f *flow) task() func(context.Context) error {
	dept := one(f.draw, f.depts)
	kind := weighed(f.draw, f.Kinds)
	item := one(f.draw, f.items[duty.Basic])
	if own := f.items["of "+dept.ID]; len(own) > 0 && f.share(40) {
		item = one(f.draw, own)
	}
	receivers := some(f.draw, f.streets, weighed(f.draw, f.Receivers))
	values := f.asked(kind, one(f.draw, f.Subjects[kind]), item, receivers, 15+f.IntN(20))
	return func(ctx context.Context) error {
		id, err := f.open(ctx, dept.Head, "task", "ask", values)
		if err == nil {
			f.then(0, 1, func(ctx context.Context) error {
				if f.state(ctx, id) == "unlisted" { // the list was not in force yet
					_, err := f.do(ctx, dept.Head, id, "withdraw", map[string]any{"reason": f.Says["wait"]})
					return err
				}
				return f.handDown(ctx, dept, id, item, receivers)
			})
		}
		return err
	}
}

func (f *flow) handDown(ctx context.Context, dept Unit, id, item string, receivers []Unit) error {
	parts, err := f.do(ctx, dept.Head, id, "hand_down", nil)
	if err != nil {
		return err
	}
	for _, u := range receivers {
		if parts[u.ID] != "" {
			// every part draws for itself: they go on side by side
			part := &flow{play: f.play, draw: newDraw(f.seed, f.Uint64()), n: f.n, at: f.at}
			part.part(dept, u, parts[u.ID], item)
		}
	}
	f.then(25, 35, func(ctx context.Context) error { return f.closed(ctx, dept, id, 3) })
	return nil
}

// closed ends a task when its parts are done; what is not is asked again later.
func (f *flow) closed(ctx context.Context, dept Unit, id string, tries int) error {
	if f.state(ctx, id) != "running" {
		return nil
	}
	_, err := f.do(ctx, dept.Head, id, "close", map[string]any{"summary": f.Says["summary"]})
	if err != nil && tries > 0 {
		f.then(5, 10, func(ctx context.Context) error { return f.closed(ctx, dept, id, tries-1) })
	}
	return nil // a task with a part that is still owed stays open
}

// part is what one receiver does.
func (f *flow) part(dept, u Unit, id, item string) {
	if f.share(f.Shares["declined"]) {
		f.then(1, 3, func(ctx context.Context) error {
			below, err := f.do(ctx, u.Head, id, "refuse", map[string]any{"cited": item, "reason": f.Says["refuse"]})
			if err != nil {
				return err
			}
			ruling := below[root]
			upheld := f.share(f.Shares["upheld"])
			f.then(1, 3, func(ctx context.Context) error {
				act := "insist"
				if upheld {
					act = "uphold"
				}
				if _, err := f.do(ctx, "leader1", ruling, act, map[string]any{"ruling": f.Says["ruling"]}); err != nil || upheld {
					return err
				}
				f.carried(dept, u, id)
				return nil
			})
			return nil
		})
		return
	}
	f.carried(dept, u, id)
}

// carried has a receiver take its part up, report, and mostly be answered.
func (f *flow) carried(dept, u Unit, id string) {
	most := 10
	if f.share(f.Shares["late"]) {
		most = 40
	}
	accepted := f.share(f.Shares["accepted"])
	f.then(0, 2, func(ctx context.Context) error {
		if f.state(ctx, id) != "received" { // it ended with its task
			return nil
		}
		_, err := f.do(ctx, "h-"+u.ID, id, "take_up", nil)
		f.then(most/3, most, func(ctx context.Context) error {
			if f.state(ctx, id) != "doing" {
				return nil
			}
			_, err := f.do(ctx, "h-"+u.ID, id, "report", map[string]any{"result": f.Says["result"]})
			if accepted {
				f.then(1, 3, func(ctx context.Context) error {
					if f.state(ctx, id) != "reported" {
						return nil
					}
					_, err := f.do(ctx, dept.Head, id, "accept_result", nil)
					return err
				})
			}
			return err
		})
		return err
	})
}

// unlisted is a task that no list holds: the joint meeting speaks, the county
// decides; what is admitted is handed down and mostly runs out with its time.
func (f *flow) unlisted() func(context.Context) error {
	dept := one(f.draw, f.depts)
	kind := one(f.draw, []string{"task", "form", "board"})
	receivers := some(f.draw, f.streets, 1+f.IntN(6))
	values := f.asked(kind, one(f.draw, f.Subjects["unlisted"]), "", receivers, 20)
	return func(ctx context.Context) error {
		id, err := f.open(ctx, dept.Head, "task", "ask", values)
		if err == nil {
			f.then(1, 2, func(ctx context.Context) error { return f.applied(ctx, dept, id, receivers) })
		}
		return err
	}
}

func (f *flow) applied(ctx context.Context, dept Unit, id string, receivers []Unit) error {
	period := fmt.Sprint(15+f.IntN(30), " days")
	below, err := f.do(ctx, dept.Head, id, "apply", map[string]any{"basis": f.Says["basis"], "funds": fmt.Sprint(1000 * (1 + f.IntN(50))), "people": f.Says["people"], "period": period, "reason": f.Says["reason"]})
	if err != nil {
		return err
	}
	admission := below[root]
	granted := f.share(f.Shares["granted"])
	stand := map[bool]string{true: "agree", false: "object"}[granted]
	f.then(1, 3, func(ctx context.Context) error {
		for _, who := range []string{"joint1", "joint2", "joint3"} {
			if _, err := f.do(ctx, who, admission, "opine", map[string]any{"verdict": stand, "remark": f.Says["remark"]}); err != nil {
				return err
			}
		}
		f.then(1, 3, func(ctx context.Context) error {
			if !granted {
				_, err := f.do(ctx, "leader1", admission, "deny", map[string]any{"ruling": f.Says["deny"]})
				return err
			}
			if _, err := f.do(ctx, "leader1", admission, "grant", map[string]any{"period": period, "ruling": f.Says["grant"]}); err != nil {
				return err
			}
			f.then(1, 2, func(ctx context.Context) error {
				parts, err := f.do(ctx, dept.Head, id, "hand_down", nil)
				if err != nil {
					return err
				}
				ends := f.share(f.Shares["ends"])
				for _, u := range receivers {
					if parts[u.ID] != "" {
						part := &flow{play: f.play, draw: newDraw(f.seed, f.Uint64()), n: f.n, at: f.at}
						part.carried(dept, u, parts[u.ID])
					}
				}
				if !ends {
					f.then(8, 10, func(ctx context.Context) error { return f.closed(ctx, dept, id, 1) })
				}
				return nil
			})
			return nil
		})
		return nil
	})
	return nil
}

// forbidden is a task that the door refuses: another department leads.
func (f *flow) forbidden() func(context.Context) error {
	dept, item := f.foreign()
	values := f.asked("campaign", one(f.draw, f.Subjects["forbidden"])+fmt.Sprintf(f.Says["by"], dept.Name), item, some(f.draw, f.streets, 2+f.IntN(6)), 20)
	return func(ctx context.Context) error {
		_, err := f.open(ctx, dept.Head, "task", "ask", values)
		return err
	}
}

// split is one that comes again in pieces after it was refused.
func (f *flow) split() func(context.Context) error {
	dept, item := f.foreign()
	subject := one(f.draw, f.Subjects["forbidden"]) + f.Says["whole"]
	receivers := some(f.draw, f.streets, 3)
	whole := f.asked("campaign", subject, item, receivers, 20)
	return func(ctx context.Context) error {
		if _, err := f.open(ctx, dept.Head, "task", "ask", whole); err != nil {
			return err
		}
		f.then(3, 8, func(ctx context.Context) error {
			for i, u := range receivers {
				values := f.asked("task", subject+fmt.Sprintf(f.Says["piece"], i+1), item, []Unit{u}, 20)
				values["words"] = whole["words"]
				if _, err := f.open(ctx, dept.Head, "task", "ask", values); err != nil {
					return err
				}
			}
			return nil
		})
		return nil
	}
}

// foreign is a department, and a cooperating item that another leads.
func (f *flow) foreign() (Unit, string) {
	for {
		dept := one(f.draw, f.depts)
		item := one(f.draw, f.items[duty.Cooperating])
		own := false
		for _, x := range f.items["of "+dept.ID] {
			own = own || x == item
		}
		if !own {
			return dept, item
		}
	}
}
