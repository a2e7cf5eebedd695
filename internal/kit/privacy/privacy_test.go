package privacy

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/catalog"
)

func check(t testing.TB) *Check {
	t.Helper()
	p, err := Load(catalog.Files, "publicity/privacy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// told writes findings as kind:words, hard ones with a mark of exclamation.
func told(text string, list []Finding) (out []string) {
	runes := []rune(text)
	for _, f := range list {
		mark := ""
		if f.Hard {
			mark = "!"
		}
		out = append(out, f.Kind+mark+":"+string(runes[f.From:f.To]))
	}
	return out
}

func TestFindings(t *testing.T) {
	p := check(t)
	for _, c := range []struct {
		text string
		want []string
	}{
		// nothing
		{"路灯不亮", nil},
		{"柳园小区南门的路灯坏了3天，晚上8点以后一片黑", nil},
		{"2026年11月24日上午报过一次", nil},
		{"每天 08:00-12:00，14:00-18:00 施工", nil},
		{"2026-11-24 20:30 到 2026-11-25 06:00", nil},
		{"请打12345，火警119", nil},
		{"共 1234567 元", nil},
		{"客服 400-810-1234", nil},
		{"", nil},
		// telephones
		{"电话13800000001", []string{"phone!:13800000001"}},
		{"找13800000001要", []string{"phone!:13800000001"}},
		{"138 0000 0001", []string{"phone!:138 0000 0001"}},
		{"138-0000-0001", []string{"phone!:138-0000-0001"}},
		{"1 3 8 0 0 0 0 0 0 0 1", []string{"phone!:1 3 8 0 0 0 0 0 0 0 1"}},
		{"1.3.8.0.0.0.0.0.0.0.1", []string{"phone!:1.3.8.0.0.0.0.0.0.0.1"}},
		{"１３８０００００００１", []string{"phone!:１３８０００００００１"}},
		{"①③⑧0000⓪⓪0①", []string{"phone!:①③⑧0000⓪⓪0①"}},
		{"一三八零零零零零零零一", []string{"phone!:一三八零零零零零零零一"}},
		{"幺三八〇〇〇〇〇〇〇幺", []string{"phone!:幺三八〇〇〇〇〇〇〇幺"}},
		{"壹叁捌 零零零零 零零零壹", []string{"phone!:壹叁捌 零零零零 零零零壹"}},
		{"138零零00０００一", []string{"phone!:138零零00０００一"}},
		{"138\u200b0000\u200b0001", []string{"phone!:138\u200b0000\u200b0001"}},
		{"138****0001", nil},
		{"138OOOO0001", []string{"phone!:138OOOO0001"}},
		{"(138)0000--0001", []string{"phone!:138)0000--0001"}},
		{"٠138", nil},
		{"١٣٨٠٠٠٠٠٠٠١", []string{"phone!:١٣٨٠٠٠٠٠٠٠١"}},
		{"138\n0000\n0001", []string{"phone!:138\n0000\n0001"}},
		{"+86 13800000001", []string{"phone!:13800000001"}},
		{"0999-1234567", []string{"phone!:0999-1234567"}},
		{"座机 8123456", []string{"phone!:8123456"}},
		{"5栋 13800000001", []string{"phone!:13800000001"}},
		{"13800000001、13900000002", []string{"phone!:13800000001", "phone!:13900000002"}},
		// identity numbers; those that begin with 99 are nobody's
		{"身份证990101199003071234", []string{"id!:990101199003071234"}},
		{"99010119900307123X", []string{"id!:99010119900307123X"}},
		{"99010119900307123 x", []string{"id!:99010119900307123 x"}},
		{"990101 19900307 1234", []string{"id!:990101 19900307 1234"}},
		{"９９０１０１１９９００３０７１２３Ｘ", []string{"id!:９９０１０１１９９００３０７１２３Ｘ"}},
		{"990101900307123", []string{"id!:990101900307123"}},
		{"九九零一零一一九九零零三零七一二三四", []string{"id!:九九零一零一一九九零零三零七一二三四"}},
		// accounts
		{"卡号 9999 0000 0000 0000 123", []string{"account!:9999 0000 0000 0000 123"}},
		{"转到 9999000000000000123", []string{"account!:9999000000000000123"}},
		{"账号12345678", []string{"account!:12345678"}},
		{"办件 261124-12345678", []string{"account!:261124-12345678"}},
		// elsewhere
		{"加微信 linli_2026", []string{"contact!:微信 linli_2026"}},
		{"QQ：12345678", []string{"contact!:QQ：12345678"}},
		{"写信到 zhang.san@example.invalid", []string{"contact!:zhang.san@example.invalid"}},
		// what a person may let stand
		{"车牌京A12345堵门", []string{"plate:京A12345"}},
		{"京·A 1 2 3 4 5", []string{"plate:京·A 1 2 3 4 5"}},
		{"沪ａｄ１２３４５", []string{"plate:沪ａｄ１２３４５"}},
		{"邻居王先生说", []string{"name:王先生"}},
		{"欧阳小红女士来过", []string{"name:欧阳小红女士"}},
		{"我叫李小明", []string{"name:李小明"}},
		{"联系人：张三", []string{"name:张三"}},
		{"5号楼3单元402室", []string{"door:5号楼3单元402室"}},
		{"五号楼二单元四零二", []string{"door:五号楼二单元"}},
		{"12-3-401", []string{"door:12-3-401"}},
		{"住在402室", []string{"door:402室"}},
		{"3号楼前面", nil},
	} {
		if got := told(c.text, p.Find(c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

// However a telephone is parted and written, it is found, and once the finding is
// struck nothing hard is left.
func TestANumberIsFoundHoweverItIsWritten(t *testing.T) {
	p := check(t)
	ways := make([][]string, 10)
	for d := range 10 {
		ways[d] = []string{string(rune('0' + d)), string(rune('０' + d))}
		for _, r := range p.Numerals[d] {
			ways[d] = append(ways[d], string(r))
		}
	}
	gaps := []string{"", "", "", " ", "-", "\u200b", "·", "\u3000", "_", "/", "，", "\n", "--"}
	rapid.Check(t, func(t *rapid.T) {
		digits := "1" + rapid.StringMatching(`[3-9][0-9]{9}`).Draw(t, "phone")
		if rapid.Bool().Draw(t, "id") {
			digits = rapid.StringMatching(`99[0-9]{4}19[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])[0-9]{4}`).Draw(t, "number")
		}
		var b strings.Builder
		for i, d := range digits {
			if i > 0 {
				b.WriteString(rapid.SampledFrom(gaps).Draw(t, "gap"))
			}
			b.WriteString(rapid.SampledFrom(ways[d-'0']).Draw(t, "digit"))
		}
		around := rapid.SampledFrom([]string{"电话", "请找我", "x", "，", ""}).Draw(t, "around")
		text := around + b.String() + "谢谢"
		hard := p.Hard(text)
		if len(hard) == 0 {
			t.Fatalf("%q was not found", text)
		}
		var marks []Mark
		for _, f := range p.Find(text) {
			marks = append(marks, Mark{f.From, f.To})
		}
		if left := p.Hard(Strike(text, marks)); len(left) > 0 {
			t.Fatalf("%q: after striking %q there is still %q", text, Strike(text, marks), told(Strike(text, marks), left))
		}
	})
}
