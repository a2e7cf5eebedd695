package request_test

import (
	"linli/internal/procedure"
	"strings"
	"testing"
	"time"

	"linli/internal/casework"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/kit/seal"
	"linli/internal/request"

	"pgregory.net/rapid"
)

func at(lon, lat float64, more ...any) map[string]any {
	m := map[string]any{"lon": lon, "lat": lat, "datum": "WGS-84"}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i].(string)] = more[i+1]
	}
	return m
}

func place(c *casework.Case) procedure.Place { p, _ := c.Values["place"].(procedure.Place); return p }

// A request from the report to the rating, with what the duty list fills in.
func TestWholeStory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		receipt := r.send(request.Report{Words: "我们楼下的路灯不亮，三天了", Place: at(118.205, 34.305), Phone: "13800000000"})
		c := r.of(receipt.Case)
		if c.Class != "street-light" || c.Area != "999901001001001" || place(c).Status != "inside" || c.Title != "我们楼下的路灯不亮，三天了" || c.State != "received" {
			t.Fatalf("%+v %+v", c, place(c))
		}
		r.refused(r.who["dispatcher"], c.ID, "dispatch", map[string]any{"lead": "c-qinghe"}, "duty.not_community")
		r.do("dispatcher", c.ID, "dispatch", map[string]any{"lead": "lighting"})
		c = r.of(c.ID)
		if c.Unit != "lighting" || c.Values.Text("item") != "B01" || c.Values.Text("limit") != "24 hours" || c.Values.Text("remedy") == "" {
			t.Fatalf("unit %s, values %v", c.Unit, c.Values)
		}
		r.refused(r.who["lamp"], c.ID, "send_back", map[string]any{"responsible": "lighting", "responsible_item": "B01", "reason": "x"}, "request.names_itself")
		r.refused(r.who["lamp"], c.ID, "send_back", map[string]any{"responsible": "water", "responsible_item": "Z99", "reason": "x"}, "request.no_item")
		r.refused(r.who["lamp"], c.ID, "send_back", map[string]any{"responsible": "water", "responsible_item": "B01", "reason": "x"}, "request.item_other")
		r.do("lamp", c.ID, "accept", nil)
		r.refused(r.who["lamp"], c.ID, "answer", map[string]any{"answer": "已修好"}, "request.contact_first")
		r.do("lamp", c.ID, "contact", map[string]any{"contact": "电话告知今晚修"})
		r.do("lamp", c.ID, "answer", map[string]any{"answer": "已修好"})
		v, err := r.cases.Get(ctx, r.link(receipt), c.ID)
		r.ok(err)
		last := v.Timeline[len(v.Timeline)-1]
		if last.Act != "answer" || last.Values.Text("remedy") == "" {
			t.Errorf("the answer carries %v", last.Values)
		}
		r.do("verifier", c.ID, "check_done", map[string]any{"finding": "灯亮"})
		_, err = r.cases.Do(ctx, r.link(receipt), casework.Asking{Case: c.ID, Act: "rate", Values: map[string]any{"solved": "yes", "satisfied": "satisfied"}})
		r.ok(err)
		if r.of(c.ID).State != "settled" {
			t.Error(r.of(c.ID).State)
		}
		r.verify()
	})
}

func TestPlaceIsNeverGuessed(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for _, c := range []struct {
		name   string
		place  map[string]any
		status string
		area   string
	}{
		{"inside", at(118.205, 34.305), "inside", "999901001001001"},
		{"on the border of two grids of a community", at(118.21, 34.305), "border", "999901001001"},
		{"on the border of two communities", at(118.22, 34.305), "border", "999901001"},
		{"on the border of two streets", at(118.24, 34.305), "border", "999901"},
		{"uncertain over two communities", at(118.2199, 34.305, "meters", 60.0), "several", "999901001"},
		{"uncertain within its grid", at(118.205, 34.305, "meters", 60.0), "inside", "999901001001001"},
		{"in a gap", at(118.205, 34.3105), "gap", "999901"},
		{"far away", at(119.5, 35.5), "outside", "999901"},
		{"a grid by its code", map[string]any{"area": "999901001002001"}, "named", "999901001002001"},
		{"a community", map[string]any{"area": "999901002001", "words": "东山小学"}, "named", "999901002001"},
		{"words alone", map[string]any{"words": "大槐树下"}, "none", "999901"},
		{"nothing", nil, "none", "999901"},
		{"a point in another grid than the code", at(118.225, 34.305, "area", "999901001001001"), "several", "999901001"},
		{"a point on the border and one side named", at(118.21, 34.305, "area", "999901001001002"), "named", "999901001001002"},
		{"the county by name", map[string]any{"area": "9999"}, "none", "999901"},
	} {
		got := r.of(r.send(request.Report{Words: "路灯不亮", Place: c.place}).Case)
		if p := place(got); p.Status != c.status || got.Area != c.area || p.Area != c.area {
			t.Errorf("%s: status %s area %s (place %s), want %s %s", c.name, p.Status, got.Area, p.Area, c.status, c.area)
		}
	}
	for name, c := range map[string]struct {
		place map[string]any
		key   string
	}{
		"another county": {map[string]any{"area": "110101"}, "request.area_unknown"},
		"unknown grid":   {map[string]any{"area": "999901001001999"}, "request.area_unknown"},
		"no datum":       {map[string]any{"lon": 118.2, "lat": 34.3}, "geo.datum_missing"},
		"wrong datum":    {map[string]any{"lon": 118.2, "lat": 34.3, "datum": "Mars"}, ""},
		"impossible":     {at(999, 34.3), ""},
		"half a point":   {map[string]any{"lon": 118.2, "datum": "WGS-84"}, ""},
		"no number":      {map[string]any{"lon": "NaN", "lat": "1", "datum": "WGS-84"}, ""},
	} {
		_, err := r.req.Send(ctx, identity.Actor{Kind: identity.Anyone}, request.Report{Key: seal.Token(), Words: "路灯不亮", Place: c.place})
		if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || f.Field != "place" || c.key != "" && c.key != f.Key && name != "no datum" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// the dispatcher decides; the point and the words stay
	receipt := r.send(request.Report{Words: "路灯不亮", Place: at(118.21, 34.305, "words", "桥头")})
	r.do("dispatcher", receipt.Case, "classify", map[string]any{"place": map[string]any{"area": "999901001001002"}})
	got := r.of(receipt.Case)
	if p := place(got); got.Area != "999901001001002" || p.Lon == 0 || p.Words != "桥头" || p.Status != "named" {
		t.Errorf("%s %+v", got.Area, p)
	}
	r.verify()
}

func TestClassFromWords(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for words, class := range map[string]string{
		"路灯不亮":                    "street-light",
		"井盖没了":                    "manhole",
		"你好，我想说个事情":               "",
		"the street light is out": "street-light",
	} {
		if got := r.of(r.send(request.Report{Words: words}).Case).Class; got != class {
			t.Errorf("%s: %q, want %q", words, got, class)
		}
	}
	c := r.of(r.send(request.Report{Class: "street-light"}).Case)
	if c.Class != "street-light" || c.Title == "" {
		t.Errorf("%+v", c)
	}
	_, err := r.req.Send(ctx, identity.Actor{Kind: identity.Anyone}, request.Report{Key: seal.Token(), Place: at(118.2, 34.3)})
	if f := fault.Of(err); f == nil || f.Key != "request.what_missing" {
		t.Error(err)
	}
	_, err = r.req.Send(ctx, identity.Actor{Kind: identity.Anyone}, request.Report{Key: seal.Token(), Class: "nothing-such"})
	if f := fault.Of(err); f == nil || f.Key != "duty.class" {
		t.Error(err)
	}
	if flag, _ := r.of(r.send(request.Report{Words: "三楼着火了"}).Case).Values["emergency"].(bool); !flag {
		t.Error("a fire is an emergency")
	}
	// an unclassified matter is not given to a community
	plain := r.send(request.Report{Words: "你好，我想说个事情", Place: map[string]any{"area": "999901001001"}})
	r.refused(r.who["dispatcher"], plain.Case, "dispatch", map[string]any{"lead": "c-qinghe"}, "request.class_first")
	r.do("dispatcher", plain.Case, "dispatch", map[string]any{"lead": "qinghe"})
	if got := r.of(plain.Case).Values.Text("limit"); got != "5 workdays" {
		t.Error(got)
	}
}

// Whoever is complained about never sees the case nor its children, whatever
// post they hold below the unit.
func TestComplaintIsSealed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		below := []string{"clerk", "grid"}
		// unnamed: only the county sees it
		open := r.send(request.Report{Words: "居委会工作人员态度差", Place: at(118.205, 34.305), AboutUnit: true})
		for _, who := range []string{"clerk", "grid", "streethead", "street"} {
			if r.sees(who, open.Case) {
				t.Errorf("%s sees an unnamed complaint", who)
			}
		}
		if !r.sees("dispatcher", open.Case) || r.of(open.Case).Area != "999901" {
			t.Error("the county must see it")
		}
		r.do("dispatcher", open.Case, "classify", map[string]any{"class": "street-light"})
		r.refused(r.who["dispatcher"], open.Case, "dispatch", map[string]any{"lead": "lighting"}, "request.name_first")
		r.refused(r.who["dispatcher"], open.Case, "name_unit", map[string]any{"about_unit": true}, "request.name_unit")
		r.refused(r.who["dispatcher"], open.Case, "name_unit", map[string]any{"about_unit": true, "complained": "county"}, "request.nobody_above")
		r.do("dispatcher", open.Case, "name_unit", map[string]any{"about_unit": true, "complained": "c-qinghe"})
		for _, who := range below {
			if r.sees(who, open.Case) {
				t.Errorf("%s sees the complaint about the own unit", who)
			}
		}
		if c := r.of(open.Case); !r.sees("streethead", open.Case) || c.Area != "999901001001001" || c.Sealed == "" {
			t.Errorf("the unit above sees it now: %s %s", c.Area, c.Sealed)
		}
		r.refused(r.who["dispatcher"], open.Case, "dispatch", map[string]any{"lead": "lighting", "helpers": []string{"c-qinghe"}}, "request.helper_complained")
		// named at once, led by a unit below: the unit above gets it
		named := r.send(request.Report{Words: "执法队乱收费", Class: "street-vendor", Place: at(118.205, 34.305), AboutUnit: true, Complained: "qinghe-um"})
		r.do("dispatcher", named.Case, "dispatch", map[string]any{"lead": "qinghe-um", "helpers": []string{"water"}})
		if c := r.of(named.Case); c.Unit != "qinghe" || c.Values.Text("lead") != "qinghe" {
			t.Errorf("unit %s", c.Unit)
		}
		if r.sees("um", named.Case) {
			t.Error("the team sees the complaint about itself")
		}
		got := r.do("street", named.Case, "accept", nil)
		for _, child := range got.Children {
			if r.of(child).Sealed == "" || r.sees("um", child) {
				t.Error("a child of a sealed case is open")
			}
		}
		// the centre itself: its own dispatchers are out, the leader above dispatches
		center := r.send(request.Report{Words: "热线接线员骂人", Place: at(118.205, 34.305), AboutUnit: true, Complained: "center"})
		if r.sees("dispatcher", center.Case) || !r.sees("leader", center.Case) {
			t.Error("the centre's own case is for the leader above")
		}
		r.do("leader", center.Case, "dispatch", map[string]any{"lead": "center"})
		if c := r.of(center.Case); c.Unit != "county" {
			t.Error(c.Unit)
		}
		// and who says that it is none
		none := r.send(request.Report{Words: "路灯不亮", Place: at(118.205, 34.305), AboutUnit: true})
		r.do("dispatcher", none.Case, "name_unit", map[string]any{"about_unit": false})
		if c := r.of(none.Case); c.Sealed != "" || c.Area != "999901001001001" || !r.sees("clerk", none.Case) {
			t.Errorf("%+v", c)
		}
		r.verify()
	})
}

func TestIntakeIsClosedWithItsOwnText(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for kind, want := range map[string]string{"emergency": "110", "legal_channel": "12368", "secret": "国家秘密", "outside": "12348", "unlawful": "公序良俗"} {
		receipt := r.send(request.Report{Words: "法院判决书下来了不执行"})
		r.do("intake", receipt.Case, "close_intake", map[string]any{"intake_kind": kind})
		c := r.of(receipt.Case)
		if said := c.Values.Text("answer"); c.State != "not_dispatched" || !strings.Contains(said, want) || strings.Contains(said, "{") {
			t.Errorf("%s: %s %q", kind, c.State, said)
		}
	}
	receipt := r.send(request.Report{Words: "路灯不亮"})
	r.refused(r.who["intake"], receipt.Case, "close_intake", map[string]any{"intake_kind": "repeat"}, "request.progress_missing")
	r.do("intake", receipt.Case, "close_intake", map[string]any{"intake_kind": "repeat", "reason": "上一件明天修"})
	if said := r.of(receipt.Case).Values.Text("answer"); !strings.Contains(said, "上一件明天修") {
		t.Error(said)
	}
}

func TestGridEventIsSettledOrSentUp(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	mine := map[string]any{"area": "999901001001001"}
	found, err := r.req.Found(ctx, r.who["grid"], request.Report{Key: seal.Token(), Words: "路灯不亮", Place: mine})
	r.ok(err)
	r.refused(r.who["grid"], found.Case, "settle", map[string]any{"result": "x"}, "request.settle_not")
	up := r.do("grid", found.Case, "send_up", nil)
	c := r.of(up.Children[0])
	if c.Procedure != request.Procedure || c.State != "received" || c.Class != "street-light" || c.Area != "999901001001001" {
		t.Errorf("%+v", c)
	}
	small, err := r.req.Found(ctx, r.who["grid"], request.Report{Key: seal.Token(), Class: "poultry", Words: "养鸡", Place: mine})
	r.ok(err)
	if _, err := r.cases.Do(ctx, r.who["grid"], casework.Asking{Case: small.Case, Act: "settle", Values: map[string]any{"result": "已劝导"}}); err != nil && fault.Of(err).Key != "request.settle_not" {
		t.Error(err)
	}
	if _, err := r.req.Found(ctx, r.who["grid"], request.Report{Key: seal.Token(), Words: "路灯不亮", Place: map[string]any{"area": "999901001002001"}}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("another community's grid: %v", err)
	}
	r.verify()
}

func TestNearTellsOnlyWhatIsPublic(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	r.send(request.Report{Words: "路灯不亮啊老王家门口", Place: at(118.2195, 34.305)})
	r.send(request.Report{Words: "路灯不亮", Place: at(118.2205, 34.305)}) // the neighbouring community
	r.send(request.Report{Words: "路灯不亮", Place: at(118.236, 34.305)})  // far
	r.send(request.Report{Words: "路灯不亮", Class: "street-light", Place: at(118.2195, 34.305), AboutUnit: true})
	near, err := r.req.Near(ctx, "street-light", procedure.Place{Lon: 118.2199, Lat: 34.305})
	r.ok(err)
	if len(near) != 2 || near[0].Meters < 0 || near[0].Meters%50 != 0 || near[0].Name == "" {
		t.Errorf("%+v", near)
	}
	r.clk.Advance(15 * 24 * time.Hour)
	if near, err = r.req.Near(ctx, "street-light", procedure.Place{Lon: 118.2199, Lat: 34.305}); err != nil || len(near) != 0 {
		t.Errorf("after 15 days: %v %v", near, err)
	}
	if _, err = r.req.Near(ctx, "none", procedure.Place{}); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

// Property: whoever is complained about, whoever leads and whatever happens
// then, nobody with posts only at or below that unit sees the case or a child.
func TestNobodyBelowSeesAComplaint(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	units := []string{"center", "lighting", "water", "qinghe", "qinghe-um", "c-qinghe", "c-liuyuan"}
	all := must(r.ids.Units(ctx))
	path := map[string]string{}
	for _, u := range all {
		path[u.ID] = u.Path
	}
	rapid.Check(t, func(rt *rapid.T) {
		about := rapid.SampledFrom(units).Draw(rt, "about")
		lead := rapid.SampledFrom(units).Draw(rt, "lead")
		class := rapid.SampledFrom([]string{"street-light", "street-vendor", "neighbour-dispute", "poultry"}).Draw(rt, "class")
		grid := rapid.SampledFrom([]string{"999901001001001", "999901001002001", "999901002001001"}).Draw(rt, "grid")
		named := rapid.Bool().Draw(rt, "named by the reporter")
		in := request.Report{Words: "反映单位", Class: class, Place: map[string]any{"area": grid}, AboutUnit: true}
		if named {
			in.Complained = about
		}
		receipt := r.send(in)
		hidden := func(id string) {
			for who, a := range r.who {
				below := true
				for _, p := range a.Posts {
					below = below && strings.HasPrefix(p.UnitPath, path[about])
				}
				if below && r.sees(who, id) {
					rt.Fatalf("%s of %s sees a complaint about %s", who, a.Posts[0].Unit, about)
				}
			}
		}
		dispatcher := r.who["dispatcher"]
		if about == "center" {
			dispatcher = r.who["leader"]
		}
		if !named {
			if _, err := r.cases.Do(ctx, r.who["leader"], casework.Asking{Case: receipt.Case, Act: "name_unit", Values: map[string]any{"about_unit": true, "complained": about}}); err != nil {
				rt.Fatal(err)
			}
		}
		hidden(receipt.Case)
		if _, err := r.cases.Do(ctx, dispatcher, casework.Asking{Case: receipt.Case, Act: "dispatch", Values: map[string]any{"lead": lead}}); err != nil {
			if !fault.Is(err, fault.Unmet) { // the list may forbid the lead
				rt.Fatal(err)
			}
			return
		}
		hidden(receipt.Case)
		c := r.of(receipt.Case)
		if strings.HasPrefix(path[c.Unit], path[about]) {
			rt.Fatalf("%s leads the complaint about %s", c.Unit, about)
		}
		for _, a := range r.who {
			done, err := r.cases.Do(ctx, a, casework.Asking{Case: receipt.Case, Act: "dispute", Values: map[string]any{"reason": "x"}})
			if err == nil {
				for _, child := range done.Children {
					hidden(child)
				}
				break
			}
		}
	})
	r.verify()
}
