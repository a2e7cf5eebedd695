package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"linli/internal/casework"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/ledger"
)

// migrateBare makes the same tables as the house's.
func migrateBare(ctx context.Context, d *db.DB) error {
	if err := ledger.Migrate(ctx, d); err != nil {
		return err
	}
	return casework.Migrate(ctx, d)
}

// The statements that one act costs, as casework writes them, with texts of the
// usual length. Nothing is read, checked, sealed or hashed before them.
const (
	bareInsertCase = `INSERT INTO casework_case(id, number, procedure, edition, title, state, kind, version, acts, ticks, unit, person, desk, area, class,
		sealed, parent, parent_act, opened, changed, happened, last_act, due, breached, escalated, published, imported, form, doers)
		VALUES ($1,$2,'service-request',1,$3,'received','open',1,1,0,'','','dispatcher','999901001001','street-light','','','',$4,$4,$4,$1,$4,0,'',0,0,$5,$6)`
	bareUpdateCase = `UPDATE casework_case SET state = $1, kind = 'open', version = version + 1, acts = acts + 1, unit = 'lighting', person = $2, desk = $3, changed = $4,
		happened = $4, last_act = $5, due = $6, form = $7, doers = $8 WHERE id = $9 AND version = $10
		AND ($11 < 0 OR (SELECT value FROM kit_epoch WHERE name = 'grants') = $11) RETURNING acts`
	bareInsertAct = `INSERT INTO casework_act(id, case_id, seq, act, before, after, person, post, unit, role, behalf, happened, recorded, edition, delta, body, annuls, erases)
		VALUES ($1,$2,$3,$4,'received',$5,'dispatch1',$6,'center','','',$7,$7,1,$8,$9,'','')`
	bareClock = `INSERT INTO casework_clock(case_id, name, status, duty, next, detail) VALUES ($1,$2,'running',$3,$3,$4)
		ON CONFLICT (case_id, name) DO UPDATE SET status = 'running', duty = $3, next = $3, detail = $4`
	bareParty = `INSERT INTO casework_party(id, case_id, role, person, token, unit) VALUES ($1,$2,'reporter','',$1,'')`
	bareTold  = `INSERT INTO casework_told(case_id, act_id, unit, person, recorded, seen) VALUES ($1,$2,'lighting','',$3,0) ON CONFLICT (act_id, unit, person) DO NOTHING`
	bareValue = `INSERT INTO casework_value(case_id, field, words, number) VALUES ($1,$2,$3,0) ON CONFLICT (case_id, field) DO UPDATE SET words = $3, number = 0`
	bareCheck = `SELECT COUNT(*) FROM kit_epoch WHERE name = 'edition' AND value >= 0 OR name = 'grants' AND ($1 < 0 OR value = $1)`
)

var (
	bareForm  = strings.Repeat(`{"words":{"v":"清河菜市场门口路灯不亮"}}`, 12)
	bareDelta = strings.Repeat(`{"kind":"open","unit":"lighting"}`, 20)
	bareBody  = strings.Repeat(`{"lead":{"v":"lighting","n":"xxxxxxxxxxxxxxxxxxxxxxxx"}}`, 5)
	bareRow   = strings.Repeat(`{"name":"handle","status":"running"}`, 8)
)

// bareClocks, bareTolds and bareValues are how many such rows each act writes in
// the house (report, dispatch, accept, answer, check, rate).
var (
	bareClocks = []int{1, 3, 1, 2, 3, 2}
	bareTolds  = []int{0, 1, 0, 0, 0, 1}
	bareValues = []int{2, 2, 0, 0, 0, 2}
)

func serveBare(ctx context.Context, l net.Listener, folder, address string) error {
	d, err := openBare(ctx, folder, address)
	if err != nil {
		return err
	}
	defer d.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/cases", func(w http.ResponseWriter, r *http.Request) { bareAct(w, r, d, "") })
	mux.HandleFunc("POST /api/v1/cases/{id}/acts", func(w http.ResponseWriter, r *http.Request) { bareAct(w, r, d, r.PathValue("id")) })
	if err := json.NewEncoder(os.Stdout).Encode(ready{Address: "http://" + l.Addr().String(), Cookies: map[string]string{}}); err != nil {
		return err
	}
	server := &http.Server{Handler: mux}
	go func() { <-ctx.Done(); server.Close() }()
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// bareAct writes what one act writes and answers with a receipt.
func bareAct(w http.ResponseWriter, r *http.Request, d *db.DB, id string) {
	var in struct {
		Act    string         `json:"act"`
		Values map[string]any `json:"values"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	place := 0
	for i, s := range steps {
		if s.act == in.Act {
			place = i
		}
	}
	now := clock.At(time.Now())
	act := db.NewID(now)
	if place == 0 {
		id = db.NewID(now)
	}
	leaf := ledger.NewLeaf(ledger.Envelope{ID: act, Kind: "act", Case: id, Procedure: "service-request", Act: in.Act, Recorded: now}, make([]ledger.Field, 3))
	if err := d.Commit(r.Context(), func(tx *db.Tx) error { return bareWrite(tx, place, id, act, in.Act, now, leaf) }); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"case": id, "act": act, "token": id, "state": in.Act, "version": place + 1})
}

func bareWrite(tx *db.Tx, place int, id, act, name string, now clock.Instant, leaf ledger.Leaf) error {
	seq := int64(1)
	if place == 0 {
		var n int
		if err := tx.Row(bareCheck, int64(1)).Scan(&n); err != nil {
			return err
		}
		if _, err := tx.Exec(bareInsertCase, id, id, "路灯不亮", now, bareForm, `{"report":["intake1"]}`); err != nil {
			return err
		}
		if _, err := tx.Exec(bareParty, act, id); err != nil {
			return err
		}
	} else if err := tx.Row(bareUpdateCase, name, "h-lighting", "", now, act, now+1, bareForm, bareForm, id, place, int64(1)).Scan(&seq); err != nil {
		return err
	}
	if _, err := tx.Exec(bareInsertAct, act, id, seq, name, name, act, now, bareDelta, bareBody); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO ledger_leaf(id, kind, case_id, leaf, number, recorded, erases) VALUES ($1,'act',$2,$3,NULL,$4,'')`, act, id, string(leaf.Text), now); err != nil {
		return err
	}
	for i := range bareClocks[place] {
		if _, err := tx.Exec(bareClock, id, "clock"+strconv.Itoa(i), now+1, bareRow); err != nil {
			return err
		}
	}
	for range bareTolds[place] {
		if _, err := tx.Exec(bareTold, id, act, now); err != nil {
			return err
		}
	}
	for i := range bareValues[place] {
		if _, err := tx.Exec(bareValue, id, "field"+strconv.Itoa(i), "street-light"); err != nil {
			return err
		}
	}
	return nil
}
