package duty

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"linli/catalog"
)

func TestTheTwentyCertificates(t *testing.T) {
	cat := shipped(t)
	if n := len(cat.Certificates); n != 20 {
		t.Fatalf("%d certificates, not the twenty of the norm", n)
	}
	for _, k := range cat.Certificates {
		if k.Norm != "民发〔2020〕20号" || k.Instead["zh"] == "" || k.Instead["en"] == "" || k.Title["en"] == "" || k.Source != "" {
			t.Errorf("%s: %+v", k.ID, k)
		}
		if got, known := cat.Certificate(k.Title["zh"]); !known || got.ID != k.ID {
			t.Errorf("%s is found as %s", k.Title["zh"], got.ID)
		}
	}
	for said, want := range map[string]string{"请开 亲 属 关 系 的说明": "kinship", "no-record": "no-record", "政审材料": "archive", "Keeping a dog": "dog",
		"婚姻状况": "marriage", "依法应当出具的居住时间证明": "", "志愿服务证明": "", "": ""} {
		if got, _ := cat.Certificate(said); got.ID != want {
			t.Errorf("%q is %q, not %q", said, got.ID, want)
		}
	}
}

func TestACountyAddsCertificatesAndTakesNoneAway(t *testing.T) {
	const file = nationalCertificates
	for _, c := range []struct{ from, to, key string }{
		{"id: dog,", "id: cat,", "duty.remark.certificate_shortened"},
		{"zh: 健在证明", "zh: 其他证明", "duty.remark.certificate_shortened"},
		{"words: [继承]", "words: [遗嘱]", "duty.remark.certificate_shortened"},
		{"norm: 民发〔2020〕20号", "norm: 县里规定", "duty.remark.certificate_shortened"},
		{"{id: dog,", "{id: kinship,", "duty.remark.twice"},
		{"instead: {zh: 由公安机关查询并出具。,", "instead: {zh: \"\",", "duty.remark.certificate_no_way"},
	} {
		_, bad := ParseCatalogue(changed(t, file, c.from, c.to))
		if !slices.ContainsFunc(bad, func(r Remark) bool { return r.Key == c.key && r.File == file && r.Line > 0 }) {
			t.Errorf("%s → %s: %+v", c.from, c.to, bad)
		}
	}
	gone := changed(t, file, "norm", "norm").(fstest.MapFS)
	delete(gone, file)
	if problems := Check(gone); len(problems) < 20 {
		t.Errorf("without the file: %v", problems)
	}
	more := changed(t, file, "norm", "norm").(fstest.MapFS)
	more["duty/certificates-local.yaml"] = &fstest.MapFile{Data: []byte("norm: 县府办〔2026〕3号\ncertificates:\n  - {id: good-family, zh: 家风良好证明, words: [家风], instead: {zh: 不需要}, source: 县府办〔2026〕3号}\n")}
	cat, bad := ParseCatalogue(more)
	if got, known := cat.Certificate("家风情况"); len(bad) > 0 || !known || got.Norm != "县府办〔2026〕3号" {
		t.Errorf("%+v %+v", got, bad)
	}
	if len(catalogLists(cat)) != 1 {
		t.Errorf("a file of certificates was read as a list: %v", catalogLists(cat))
	}
}

func catalogLists(c *Catalogue) (ids []string) {
	for _, l := range c.Lists {
		ids = append(ids, l.ID)
	}
	return ids
}

func TestCertificatesPage(t *testing.T) {
	h := openSite(t)
	holds(t, h.get("/duty/certificates"), 200, "不得要求村（社区）开的证明", "亲属关系证明", "证件遗失证明", "民发〔2020〕20号", "未核对原文")
	one := h.get("/duty/certificates?q=" + url.QueryEscape("养狗"))
	holds(t, one, 200, "居民养犬证明")
	if strings.Contains(one.Body.String(), "遗产继承权证明") {
		t.Error("another certificate is shown")
	}
	holds(t, h.get("/duty/certificates?q="+url.QueryEscape("<b>没有")), 200, "不在这份名单里", "&lt;b&gt;")
	holds(t, h.get("/duty/certificates?lang=en"), 200, "not verified", "Kinship")
	if raw, err := catalog.Files.ReadFile(nationalCertificates); err != nil || !strings.Contains(string(raw), "not verified") {
		t.Errorf("the file does not say what was not verified: %v", err)
	}
}
