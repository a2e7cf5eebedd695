package request_test

import (
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"linli/internal/kit/db/dbtest"
	"linli/internal/request"
)

// TestLook serves the pages for a look with a browser: LINLI_LOOK=:8099 go test
// -run TestLook. It prints where a followed case is.
func TestLook(t *testing.T) {
	at := os.Getenv("LINLI_LOOK")
	if at == "" {
		return
	}
	r := newRig(t, dbtest.SQLite(t))
	receipt := r.send(request.Report{Words: "公园门口的路灯不亮，三天了，老人晚上不敢出门", Place: map[string]any{"lon": 118.205, "lat": 34.305, "datum": "WGS-84", "words": "人民公园南门"}, Phone: "13800005678"})
	r.do("dispatcher", receipt.Case, "dispatch", map[string]any{"lead": "lighting"})
	r.do("lamp", receipt.Case, "accept", nil)
	r.clk.Advance(2 * time.Hour)
	r.do("lamp", receipt.Case, "contact", map[string]any{"contact": "已电话联系，今晚去修。"})
	r.do("lamp", receipt.Case, "answer", map[string]any{"answer": "灯具烧坏，已更换，今晚起正常亮灯。"})
	r.do("verifier", receipt.Case, "check_done", map[string]any{"finding": "现场查看，灯已亮。"})
	r.log.Sequence(ctx)
	t.Log("http://127.0.0.1" + at + "/q/" + receipt.Token)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /look/check", func(w http.ResponseWriter, q *http.Request) {
		form := begin(r, "/report")
		for name, v := range map[string]string{"words": "公园门口路灯不亮", "place.words": "人民公园", "do": "check", "about_unit": q.URL.Query().Get("about")} {
			form.Set(name, v)
		}
		if q.URL.Query().Get("map") != "" {
			form.Set("do", "map")
		}
		if q.URL.Query().Get("point") != "" {
			form.Set("place.lon", "118.21")
			form.Set("place.lat", "34.305")
			form.Set("words", "着火了，路灯冒烟")
		}
		_, _ = w.Write([]byte(r.post("/report", form, [][]byte{picture(120)}).body))
	})
	mux.HandleFunc("GET /look/receipt", func(w http.ResponseWriter, q *http.Request) {
		form := url.Values{"key": begin(r, "/report")["key"], "words": {"公园门口路灯不亮"}, "do": {"send"}, "checked": {"yes"}, "class": {"street-light"}}
		_, _ = w.Write([]byte(r.post("/report", form, nil).body))
	})
	mux.HandleFunc("GET /look/as/{who}", func(w http.ResponseWriter, q *http.Request) {
		r.asks = r.who[q.PathValue("who")]
		http.Redirect(w, q, q.URL.Query().Get("to"), http.StatusSeeOther)
	})
	mux.Handle("/", r.handler)
	t.Error(http.ListenAndServe(at, mux))
}
