package request_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"linli/internal/identity"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/kit/seal"
)

// sound is a recording of some AMR frames of 20 ms.
func sound(frames int) []byte {
	out := []byte("#!AMR\n")
	for range frames {
		out = append(out, append([]byte{0x3c}, make([]byte, 31)...)...)
	}
	return out
}

// upload sends one file as a phone does.
func (r *rig) upload(path, key, part string, data []byte) (int, map[string]string) {
	r.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	f := must(w.CreateFormFile(part, "x"))
	must(f.Write(data))
	r.ok(w.Close())
	q := httptest.NewRequest(http.MethodPost, path, &body)
	q.Header.Set("Content-Type", w.FormDataContentType())
	q.Header.Set("Idempotency-Key", key)
	a := r.ask(q)
	var out map[string]string
	_ = json.Unmarshal([]byte(a.body), &out) // a refusal holds more than words
	return a.Code, out
}

// byScript posts the report as the page's script does.
func (r *rig) byScript(form url.Values) (int, map[string]any) {
	r.t.Helper()
	q := httptest.NewRequest(http.MethodPost, "/report", strings.NewReader(form.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Accept", "application/json")
	a := r.ask(q)
	var out map[string]any
	r.ok(json.Unmarshal([]byte(a.body), &out))
	return a.Code, out
}

// A report of the page's script: the same draft sent twice, or from two phones,
// is one request; changed under its key it is refused; tickets of another draft,
// of another kind and made up are refused.
func TestReportByScript(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		key, other := strings.ToUpper(seal.Token()), strings.ToUpper(seal.Token())
		code, voice := r.upload("/api/v1/recordings", key, "recording", sound(100))
		if code != http.StatusCreated || voice["recording"] == "" {
			t.Fatal(code, voice)
		}
		_, photo := r.upload("/api/v1/photos", key, "photo", picture(7))
		_, foreign := r.upload("/api/v1/photos", other, "photo", picture(8))
		form := url.Values{"key": {key}, "words": {"路灯不亮"}, "place.words": {"人民公园"}, "place.lon": {"118.2055"}, "place.lat": {"34.3058"}, "place.datum": {"WGS-84"},
			"photo": {photo["photo"]}, "recording_kept": {voice["recording"]}, "checked": {"yes"}, "do": {"send"}}
		with := func(name string, values ...string) url.Values {
			f := url.Values{}
			for k, v := range form {
				f[k] = v
			}
			f[name] = values
			return f
		}
		for name, f := range map[string]url.Values{
			"a photo of another draft": with("photo", foreign["photo"]), "a voice note as a photo": with("photo", voice["recording"]), "a photo as a voice note": with("recording_kept", photo["photo"]),
			"a made-up ticket": with("photo", strings.Repeat("a", 26)+".aaaaaaaaaaaaaaaaaaaa"), "another key": with("key", other),
		} {
			if code, out := r.byScript(f); code != http.StatusUnprocessableEntity || out["field"] != "photos" && out["field"] != "recording" {
				t.Errorf("%s: %d %v", name, code, out)
			}
		}
		code, first := r.byScript(form)
		if code != http.StatusOK || first["number"] == "" {
			t.Fatal(code, first)
		}
		if code, again := r.byScript(form); code != http.StatusOK || again["number"] != first["number"] {
			t.Errorf("sent twice: %d %v, first %v", code, again, first)
		}
		if code, changed := r.byScript(with("words", "别的事")); code != http.StatusConflict {
			t.Errorf("the same key with other words: %d %v", code, changed)
		}
		receipt := r.post("/report", form, nil)
		receipt.has(t, "已经收到", first["number"].(string), "您的语音")
		v := must(r.cases.Get(ctx, identity.SystemActor(), first["number"].(string)))
		id := v.Case.Values.List("recording")
		if len(id) != 1 || len(v.Case.Values.List("photos")) != 1 {
			t.Fatal(v.Case.Values)
		}
		path := "/photo/" + id[0] + "?case=" + v.Case.ID
		if a := r.get(path); a.Code != http.StatusNotFound {
			t.Errorf("a stranger hears it: %d", a.Code)
		}
		r.asks = r.who["dispatcher"]
		if a := r.get(path); a.Code != http.StatusOK || a.Header().Get("Content-Type") != "audio/amr" || !bytes.Equal([]byte(a.body), sound(100)) {
			t.Errorf("as recorded: %d %s", a.Code, a.Header().Get("Content-Type"))
		}
	})
}

// A voice note by the form alone, without script; broken ones spoil only
// themselves.
func TestVoiceWithoutScript(t *testing.T) {
	r := newRig(t, dbtest.SQLite(t))
	send := func(form url.Values, recording []byte) answer {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for k, vs := range form {
			for _, v := range vs {
				r.ok(w.WriteField(k, v))
			}
		}
		must(must(w.CreateFormFile("recording", "录音.amr")).Write(recording))
		r.ok(w.Close())
		q := httptest.NewRequest(http.MethodPost, "/report", &body)
		q.Header.Set("Content-Type", w.FormDataContentType())
		return r.ask(q)
	}
	form := begin(r, "/report")
	form.Set("words", "听录音")
	form.Set("do", "check")
	for _, broken := range [][]byte{[]byte("no sound"), sound(2)[:40], sound(4000)} {
		if a := send(form, broken); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.body, "听录音") {
			t.Errorf("%d bytes: %d", len(broken), a.Code)
		}
	}
	if a := send(form, nil); a.Code != http.StatusOK || strings.Contains(a.body, "recording_kept") {
		t.Errorf("an empty file field: %d", a.Code)
	}
	a := send(form, sound(50))
	a.has(t, "语音已收到", "recording_kept")
	next := a.form()
	next.Set("words", "听录音")
	next.Set("do", "send")
	r.post("/report", next, nil).has(t, "已经收到", "您的语音")
	for name, v := range map[string]struct {
		key, part string
		data      []byte
	}{"short key": {"short", "recording", sound(9)}, "other part": {seal.Token(), "photo", sound(9)}, "no bytes": {seal.Token(), "recording", nil}, "a photo": {seal.Token(), "recording", picture(1)}} {
		if code, _ := r.upload("/api/v1/recordings", v.key, v.part, v.data); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, code)
		}
	}
}
