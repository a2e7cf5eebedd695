package db_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
)

var texts = fstest.MapFS{"0001_text.sql": {Data: []byte("-- +goose Up\nCREATE TABLE test_a (\n    id TEXT PRIMARY KEY\n);\n\n-- +linli fulltext test_text\n")}}

func doc(x db.FullText, columns ...string) db.TextDoc {
	var c [db.TextColumns][]string
	for i, s := range columns {
		c[i] = strings.Fields(s)
	}
	return x.Doc(c)
}

func phrase(s string) db.Phrase {
	return db.Phrase{Tokens: strings.Fields(strings.TrimSuffix(s, "*")), Prefix: strings.HasSuffix(s, "*")}
}

func TestFullText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 2 {
			if err := d.Migrate(ctx, "test", texts); err != nil {
				t.Fatal(err)
			}
		}
		x := d.FullText("test_text")
		put := func(id int64, columns ...string) {
			t.Helper()
			if err := d.Commit(ctx, func(tx *db.Tx) error { return x.Put(tx, id, doc(x, columns...)) }); err != nil {
				t.Fatal(err)
			}
		}
		find := func(q db.TextQuery) []int64 {
			t.Helper()
			q.Limit = 10
			ids, err := x.Find(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(ids)
			return ids
		}
		put(1, "路灯 灯不 不亮 亮", "gb2312", "secret")
		put(2, "噪音", "路灯 灯", "𠮷田 田 o'neil back\\slash")
		put(3, "亮路 路灯")
		for _, c := range []struct {
			q    db.TextQuery
			want []int64
		}{
			{db.TextQuery{Every: []db.Phrase{phrase("路灯")}}, []int64{1, 2, 3}},
			{db.TextQuery{Every: []db.Phrase{phrase("路灯 灯不")}}, []int64{1}},
			{db.TextQuery{Every: []db.Phrase{phrase("亮 路灯")}}, nil},
			{db.TextQuery{Every: []db.Phrase{phrase("灯*")}}, []int64{1, 2}},
			{db.TextQuery{Every: []db.Phrase{phrase("gb23*")}}, []int64{1}},
			{db.TextQuery{Every: []db.Phrase{phrase("gb23")}}, nil},
			{db.TextQuery{Every: []db.Phrase{phrase("secret")}}, []int64{1}},
			{db.TextQuery{Every: []db.Phrase{phrase("secret")}, Columns: 2}, nil},
			{db.TextQuery{Every: []db.Phrase{phrase("𠮷*")}}, []int64{2}},
			{db.TextQuery{Every: []db.Phrase{phrase("o'neil")}}, []int64{2}},
			{db.TextQuery{Every: []db.Phrase{phrase(`back\slash`)}}, []int64{2}},
			{db.TextQuery{Every: []db.Phrase{phrase("路灯")}, Some: []db.Phrase{phrase("噪音"), phrase("不亮")}}, []int64{1, 2}},
			{db.TextQuery{Some: []db.Phrase{phrase("噪音"), phrase("亮路")}}, []int64{2, 3}},
			{db.TextQuery{Every: []db.Phrase{phrase("路灯")}, Only: 2}, []int64{2}},
			{db.TextQuery{Every: []db.Phrase{phrase(`") OR ("`)}}, nil},
			{db.TextQuery{}, nil},
		} {
			if got := find(c.q); !slices.Equal(got, c.want) {
				t.Errorf("%+v: got %v, want %v", c.q, got, c.want)
			}
		}
		ids, err := x.Find(ctx, db.TextQuery{Every: []db.Phrase{phrase("路灯")}, Limit: 2, Skip: 1})
		if err != nil || len(ids) != 2 {
			t.Fatal(ids, err)
		}
		if best, err := x.Find(ctx, db.TextQuery{Every: []db.Phrase{phrase("噪音")}, Limit: 1}); err != nil || best[0] != 2 {
			t.Fatal(best, err)
		}
		put(1, "改了")
		if got := find(db.TextQuery{Every: []db.Phrase{phrase("secret")}}); got != nil {
			t.Fatal("a replaced word is still found", got)
		}
		long := strings.Repeat("长长 ", 20000)
		put(9, long+"尾巴")
		if got := find(db.TextQuery{Every: []db.Phrase{phrase("长长")}}); !slices.Equal(got, []int64{9}) {
			t.Fatal(got)
		}
		for _, fn := range []func(*db.Tx) error{func(tx *db.Tx) error { return x.Remove(tx, 2) }, func(tx *db.Tx) error { return x.Remove(tx, 77) }, func(tx *db.Tx) error { return x.Clear(tx) }} {
			if err := d.Commit(ctx, fn); err != nil {
				t.Fatal(err)
			}
			if got := find(db.TextQuery{Every: []db.Phrase{phrase("噪音")}}); got != nil {
				t.Fatal(got)
			}
		}
		put(4, "路灯")
		if got := find(db.TextQuery{Every: []db.Phrase{phrase("路灯")}}); !slices.Equal(got, []int64{4}) {
			t.Fatal(got)
		}
	})
}

// TestRemovedWordsAreOutOfTheIndex looks into the index itself: an erasure
// leaves no word behind on SQLite.
func TestRemovedWordsAreOutOfTheIndex(t *testing.T) {
	d := dbtest.SQLite(t)
	if err := d.Migrate(ctx, "test", texts); err != nil {
		t.Fatal(err)
	}
	x := d.FullText("test_text")
	err := d.Commit(ctx, func(tx *db.Tx) error {
		for id := int64(1); id < 50; id++ {
			if err := x.Put(tx, id, doc(x, "common", "words", "more")); err != nil {
				return err
			}
		}
		return x.Put(tx, 50, doc(x, "common", "zebrasecret"))
	})
	if err != nil {
		t.Fatal(err)
	}
	left := func() (n int) {
		if err := d.Reader().Row(ctx, `SELECT COUNT(*) FROM test_text_data WHERE instr(block, CAST('zebra' AS BLOB)) > 0`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if left() == 0 {
		t.Fatal("the test does not see words of the index")
	}
	err = d.Commit(ctx, func(tx *db.Tx) error {
		if err := x.Put(tx, 50, doc(x, "common")); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO test_text(test_text, rank) VALUES ('integrity-check', 1)`)
		return err
	})
	if err != nil || left() != 0 {
		t.Fatal("a removed word is still in the index", err)
	}
}
