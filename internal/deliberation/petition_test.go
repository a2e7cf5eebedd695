package deliberation_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"linli/internal/casework"
	"linli/internal/deliberation"
	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

// signers are n lines of made-up people.
func signers(from, n int) string {
	var out strings.Builder
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&out, "签名人%d 第%d户\n", i, i)
	}
	return out.String()
}

func (r *rig) petition(who, area, body string) casework.Receipt {
	r.t.Helper()
	return r.open(who, "petition", "receive", map[string]any{"village": area, "body": body, "subject": "修村里的水渠", "about": "水渠塌了三处，今年必须修好。"})
}

// entered enters signatures and checks the first so many as valid.
func (r *rig) entered(who, id, capacity string, n int) {
	r.t.Helper()
	for at := 0; at < n; at += 100 {
		done, err := r.delib.Enter(ctx, r.who[who], id, capacity, signers(at, min(100, n-at)), "")
		r.ok(err)
		for _, one := range done {
			r.ok(one.Err)
		}
	}
}

func (r *rig) judged(who, id string, valid int) {
	r.t.Helper()
	_, list, err := r.delib.Signatures(ctx, r.who[who], id, "", 0, 5000)
	r.ok(err)
	for i, x := range list {
		values := map[string]any{"signature": x.Act, "verdict": "valid"}
		if i >= valid {
			values["verdict"], values["ground"] = "invalid", "not_on_roll"
		}
		r.do(who, id, "judge", values)
	}
}

var roll = map[string]any{"roll_people": 1200, "roll_households": 400, "roll_representatives": 45, "roll_source": "2026年11月村民名册"}

// The shares of the law, at, just under and just over, through the real engine: a
// tenth of the villagers, a third or a fifth of the representatives.
func TestPetitionShares(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	for _, c := range []struct {
		who, area, body, capacity string
		people, reps              int // on the roll
		valid                     int
		state, article            string
	}{
		{"guide", village, "village_meeting", "person", 120, 45, 11, "too_few", "25(2)"},
		{"guide", village, "village_meeting", "person", 120, 45, 12, "accepted", "25(2)"},
		{"guide", village, "village_meeting", "person", 120, 45, 13, "accepted", "25(2)"},
		{"guide", village, "village_meeting", "representative", 1200, 45, 14, "too_few", "25(2)"},
		{"guide", village, "village_meeting", "representative", 1200, 45, 15, "accepted", "25(2)"},
		{"guide", village, "village_representatives", "representative", 1200, 45, 8, "too_few", "30(1)"},
		{"guide", village, "village_representatives", "representative", 1200, 45, 9, "accepted", "30(1)"},
		{"guide2", community, "residents_meeting", "household", 900, 30, 19, "too_few", "26"},
		{"guide2", community, "residents_meeting", "household", 900, 30, 20, "accepted", "26"},
		{"guide2", community, "residents_meeting", "representative", 900, 30, 10, "accepted", "26"},
		{"guide2", community, "residents_representatives", "representative", 900, 30, 5, "too_few", "28"},
		{"guide2", community, "residents_representatives", "representative", 900, 30, 6, "accepted", "28"},
	} {
		p := r.petition(c.who, c.area, c.body)
		r.entered(c.who, p.Case, c.capacity, c.valid+1)
		r.do(c.who, p.Case, "close_list", nil)
		r.judged(c.who, p.Case, c.valid)
		r.do(c.who, p.Case, "count", map[string]any{"roll_people": c.people, "roll_households": 200, "roll_representatives": c.reps, "roll_source": "名册"})
		got := r.get(p.Case)
		x, _ := got.Values["outcome"].(law.Decision)
		if got.State != c.state || !strings.Contains(x.Article, c.article) || x.Because["zh"] == "" {
			t.Errorf("%s %s %d of %d/%d: %s under %s", c.body, c.capacity, c.valid, c.people, c.reps, got.State, x.Article)
		}
	}
}

// A petition that is large enough binds the committee; the village sees the matter
// and never who signed.
func TestPetitionObliges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		p := r.petition("guide", village, "village_meeting")
		r.refused("guide", p.Case, "close_list", nil, "deliberation.none_signed", "")
		r.entered("guide", p.Case, "person", 122)

		again, err := r.delib.Enter(ctx, r.who["guide"], p.Case, "person", "签名人7  第 7 户\n 新人 第900户", "")
		r.ok(err)
		if f := fault.Of(again[0].Err); f == nil || f.Key != "deliberation.signed_already" || again[1].Err != nil {
			t.Fatalf("a double was entered: %v", again)
		}
		// the same person as an elected representative is another capacity
		r.do("guide", p.Case, "sign", map[string]any{"signer": "签名人7", "household": "第7户", "capacity": "representative"})

		for _, who := range []string{"clerk", "director", "secretary", "leader", "neighbour", "guide2"} {
			if _, _, err := r.cases.Seen(ctx, r.who[who], p.Case); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s sees the petition: %v", who, err)
			}
			if _, _, err := r.delib.Signatures(ctx, r.who[who], p.Case, "查一查是谁", 0, 10); err == nil {
				t.Errorf("%s reads the signatures", who)
			}
		}
		if _, _, err := r.delib.Signatures(ctx, r.who["auditor"], p.Case, "查一查是谁", 0, 10); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the auditor reads names: %v", err)
		}

		r.do("guide", p.Case, "close_list", nil)
		r.refused("guide", p.Case, "sign", map[string]any{"signer": "迟到", "household": "第1000户", "capacity": "person"}, "casework.wrong_state", "")
		r.refused("guide", p.Case, "count", roll, "deliberation.not_judged", "")
		_, list, err := r.delib.Signatures(ctx, r.who["guide"], p.Case, "核对签名是否在名册上", 0, 500)
		r.ok(err)
		if len(list) != 124 || list[0].Signer != "签名人0" || list[0].Household != "第0户" {
			t.Fatalf("%d signatures, the first %+v", len(list), list[0])
		}
		r.refused("guide", p.Case, "judge", map[string]any{"signature": list[0].Act, "verdict": "invalid"}, "casework.guard", "")
		r.refused("guide", p.Case, "judge", map[string]any{"signature": p.Act, "verdict": "valid"}, "deliberation.no_signature", "")
		r.judged("guide", p.Case, 120)
		r.do("guide", p.Case, "count", roll)
		r.state(p.Case, "accepted")
		if v := r.get(p.Case).Values; v["signed_people"] != int64(120) || v["signed_invalid"] != int64(4) {
			t.Errorf("counted %v valid and %v not", v["signed_people"], v["signed_invalid"])
		}

		r.refused("guide", p.Case, "oblige", map[string]any{"committee": "other", "matter": "public_works"}, "deliberation.committee", "25(2)")
		r.do("guide", p.Case, "oblige", map[string]any{"committee": "village", "matter": "public_works"})
		v, err := r.cases.Get(ctx, identity.SystemActor(), p.Case)
		r.ok(err)
		matter := v.Children[0]
		c, _, err := r.cases.Seen(ctx, r.who["director"], matter.ID)
		r.ok(err)
		if c.Values.Text("source") != "petition" || c.Unit != "village" || c.Title != "修村里的水渠" {
			t.Errorf("the matter is %v of %s: %s", c.Values, c.Unit, c.Title)
		}
		r.refused("director", matter.ID, "drop", map[string]any{"reason": "不想开"}, "casework.guard", "25(2)")

		// The names stand nowhere in clear.
		for _, table := range []string{"casework_act", "casework_case", "casework_value", "deliberation_signature", "ledger_leaf"} {
			if n := strings.Count(dump(t, d, table), "签名人"); n > 0 {
				t.Errorf("%s holds %d names in clear", table, n)
			}
		}
		page := r.reads("/petitions/"+p.Number, "修村里的水渠", "120", "村民委员会组织法 25(2)")
		if strings.Contains(page, "签名人1") {
			t.Error("the public page names a signer")
		}
		r.days(31)
		if k := r.get(p.Case).Clocks()["call"]; k.Breaches == 0 {
			t.Error("nobody is told that the meeting was not called")
		}
		r.verify()
	})
}

// A signature that was taken out, changed or put in behind the program's back is
// found, and so is a statement, and a count.
func TestTamperedRowsAreFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		p := r.petition("guide", village, "village_meeting")
		r.entered("guide", p.Case, "person", 4)
		r.do("guide", p.Case, "close_list", nil)
		r.judged("guide", p.Case, 3)
		topic := r.topic()
		said, err := r.delib.Say(ctx, r.get(topic).Number, "先修东边", "")
		r.ok(err)
		r.verify()
		_, list, err := r.delib.Signatures(ctx, r.who["guide"], p.Case, "", 0, 10)
		r.ok(err)
		for i, c := range []struct{ sql, act, table string }{
			{`DELETE FROM deliberation_signature WHERE act_id = $1`, list[0].Act, "signature"},
			{`UPDATE deliberation_signature SET verdict = 'invalid', ground = 'twice' WHERE act_id = $1`, list[1].Act, "signature"},
			{`INSERT INTO deliberation_signature(act_id, case_id, n, capacity, mark, verdict, ground) SELECT $1, case_id, 99, 'person', 'x', 'valid', '' FROM deliberation_signature WHERE n = 3`, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "signature"},
			{`UPDATE deliberation_statement SET status = 'published' WHERE act_id = $1`, said.ID, "statement"},
			{`UPDATE deliberation_statement SET agree = 50 WHERE act_id = $1`, said.ID, "stand"},
		} {
			r.ok(d.Commit(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(c.sql, c.act)
				return err
			}))
			found, err := r.delib.Verify(ctx)
			r.ok(err)
			if len(found) != i+1 || !slices.ContainsFunc(found, func(f deliberation.Finding) bool { return f.Act == c.act && f.Table == c.table && f.Case != "" }) {
				t.Errorf("after %s: %v", c.sql, found)
			}
		}
	})
}

// dump is all of a table as text.
func dump(t *testing.T, d *db.DB, table string) string {
	t.Helper()
	rows, err := d.Reader().Rows(ctx, "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var out strings.Builder
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			switch x := (*c.(*any)).(type) {
			case []byte:
				out.Write(x)
			default:
				fmt.Fprint(&out, x)
			}
		}
	}
	return out.String()
}

// A verdict that comes while the count is prepared is not lost: of many who check
// at once and one who counts, the numbers that stand are those of the list.
func TestPetitionCountedAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		p := r.petition("guide", village, "village_representatives")
		r.entered("guide", p.Case, "representative", 20)
		r.do("guide", p.Case, "close_list", nil)
		r.judged("guide", p.Case, 20)
		_, list, err := r.delib.Signatures(ctx, r.who["guide"], p.Case, "", 0, 50)
		r.ok(err)
		var all sync.WaitGroup
		for _, x := range list[:10] {
			all.Go(func() {
				_ = r.try("office", p.Case, "judge", map[string]any{"signature": x.Act, "verdict": "invalid", "ground": "withdrawn"})
			})
		}
		all.Go(func() { _ = r.try("guide", p.Case, "count", roll) })
		all.Wait()
		if r.get(p.Case).State == "checking" {
			r.do("guide", p.Case, "count", roll)
		}
		n, err := r.delib.Counted(ctx, p.Case)
		r.ok(err)
		if said := r.get(p.Case).Values["signed_representatives"]; said != n.Representatives {
			t.Errorf("the case says %v, the list %d", said, n.Representatives)
		}
	})
}

// The unit that the matter concerns does not see the petition; one over the village
// cannot be kept out by the township.
func TestPetitionConcerned(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	with := func(unit string) map[string]any {
		return map[string]any{"village": village, "body": "village_meeting", "subject": "农经站的账", "about": "请说明", "concerned": unit}
	}
	p := r.open("guide", "petition", "receive", with("office"))
	if _, _, err := r.cases.Seen(ctx, r.who["office"], p.Case); !fault.Is(err, fault.NotFound) {
		t.Errorf("the unit concerned sees it: %v", err)
	}
	if w := r.ask(http.MethodGet, "/petitions/"+p.Number, nil); w.Code != http.StatusNotFound {
		t.Errorf("the public page of a sealed petition: %d", w.Code)
	}
	_, err := r.cases.Open(ctx, r.who["guide"], casework.Opening{Procedure: "petition", Act: "receive", Values: with("town")})
	if f := fault.Of(err); f == nil || f.Key != "deliberation.concerned_above" {
		t.Errorf("want concerned_above, got %v", err)
	}
	_, err = r.cases.Open(ctx, r.who["guide"], casework.Opening{Procedure: "petition", Act: "receive", Values: map[string]any{"village": village, "body": "residents_meeting", "subject": "x", "about": "y"}})
	if f := fault.Of(err); f == nil || f.Key != "deliberation.body" {
		t.Errorf("want body, got %v", err)
	}
}

// The township works on one page: lines are entered, doubles are told by number
// and not by name, names open with a purpose, verdicts are kept.
func TestSignaturesPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		p := r.petition("guide", village, "village_meeting")
		at := "/petitions/" + p.Number + "/signatures"
		if w := r.ask(http.MethodGet, at, nil); w.Code == http.StatusOK {
			t.Error("a stranger opens the signatures")
		}
		r.asks = r.who["director"]
		if w := r.ask(http.MethodGet, at, nil); w.Code != http.StatusNotFound {
			t.Errorf("the committee opens the signatures: %d", w.Code)
		}
		r.asks = r.who["guide"]
		if w := r.ask(http.MethodPost, at, url.Values{"capacity": {"person"}, "lines": {"没有户的人\n"}}); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest {
			t.Errorf("a line without household: %d", w.Code)
		}
		if w := r.ask(http.MethodPost, at, url.Values{"capacity": {"person"}, "lines": {"甲 第1户\n乙，第2户\n丙\t第3户\n"}}); w.Code != http.StatusSeeOther {
			t.Fatalf("entering: %d %s", w.Code, w.Body)
		}
		w := r.ask(http.MethodPost, at, url.Values{"capacity": {"person"}, "lines": {"丁 第4户\n甲 第1户\n"}})
		if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "第 2 个") {
			t.Errorf("a double: %d %s", w.Code, w.Body)
		}
		if page := r.reads(at, "4"); strings.Contains(page, "第1户") {
			t.Error("names stand open without a purpose")
		}
		if w := r.ask(http.MethodPost, "/petitions/"+p.Number+"/names", url.Values{"purpose": {""}}); strings.Contains(w.Body.String(), "第1户") {
			t.Error("names open without a purpose")
		}
		if w := r.ask(http.MethodPost, "/petitions/"+p.Number+"/names", url.Values{"purpose": {"核对是否在村民名册上"}}); !strings.Contains(w.Body.String(), "第1户") {
			t.Errorf("names do not open: %s", w.Body)
		}
		reads, _, err := r.ids.AuditReads(ctx, r.who["auditor"], identity.Reads{})
		r.ok(err)
		if !slices.ContainsFunc(reads, func(x identity.Read) bool { return x.Case == p.Case && x.Person == "guide" && x.Field == "signer" }) {
			t.Errorf("the read log does not have it: %v", reads)
		}
		r.do("guide", p.Case, "close_list", nil)
		_, list, err := r.delib.Signatures(ctx, r.who["guide"], p.Case, "", 0, 50)
		r.ok(err)
		form := url.Values{"key": {strings.Repeat("k", 26)}}
		for i, x := range list {
			form.Set("v."+x.Act, []string{"valid", "not_on_roll", "valid", ""}[i])
		}
		if w := r.ask(http.MethodPost, "/petitions/"+p.Number+"/verdicts", form); w.Code != http.StatusSeeOther {
			t.Fatalf("verdicts: %d %s", w.Code, w.Body)
		}
		n, err := r.delib.Counted(ctx, p.Case)
		r.ok(err)
		if n != (deliberation.Count{People: 2, Invalid: 1, Waiting: 1}) {
			t.Errorf("counted %+v", n)
		}
	})
}
