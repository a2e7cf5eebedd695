package duty

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/catalog"
)

func shipped(t testing.TB) *Catalogue {
	t.Helper()
	cat, bad := ParseCatalogue(catalog.Files)
	for _, b := range bad {
		t.Errorf("%s:%d %s %s %v", b.File, b.Line, b.Column, b.Key, b.Args)
	}
	return cat
}

// What residents say, and the class that should come first.
var said = []struct{ words, class string }{
	{"路灯不亮", "street-light"},
	{"我家门口的路灯已经三天没亮了，晚上很黑", "street-light"},
	{"井盖没了", "manhole"},
	{"马路中间井盖丢了很危险", "manhole"},
	{"路面有个大坑", "road-damage"},
	{"人行道地砖松动", "road-damage"},
	{"下水道堵了往外冒脏水", "drain-blocked"},
	{"下雨天涵洞积水过不去", "waterlogging"},
	{"红绿灯坏了", "traffic-signal"},
	{"盲道被占了", "barrier-free"},
	{"电线掉下来挂在树上", "overhead-cable"},
	{"小区健身器材坏了", "fitness"},
	{"噪音", "noise"},
	{"谁管噪音", "noise"},
	{"工地半夜施工太吵", "noise-construction"},
	{"楼下广场舞声音太大", "noise-life"},
	{"楼下KTV吵得睡不着", "noise-business"},
	{"垃圾没人收", "garbage"},
	{"垃圾桶满了好几天没人清", "garbage"},
	{"楼道堆满杂物", "bulky"},
	{"有人偷倒建筑垃圾", "debris"},
	{"公厕太脏", "public-toilet"},
	{"墙上全是小广告", "small-ads"},
	{"广告牌快掉下来了", "billboard"},
	{"家里老鼠多", "pests"},
	{"停水", "water-out"},
	{"家里没水什么时候来水", "water-out"},
	{"自来水发黄", "water-quality"},
	{"水管爆了路上全是水", "water-leak"},
	{"停电了", "power-out"},
	{"闻到煤气味", "gas-leak"},
	{"暖气不热家里只有十五度", "heating"},
	{"手机信号差", "telecom"},
	{"门口有人摆摊占道", "street-vendor"},
	{"饭店把桌椅摆到路上", "shop-outside"},
	{"邻居楼顶违建", "illegal-building"},
	{"共享单车堵路", "shared-bike"},
	{"路边僵尸车", "abandoned-car"},
	{"有人私装地锁", "ground-lock"},
	{"饭店油烟熏得不能开窗", "cooking-smoke"},
	{"工厂排出刺鼻气味", "odour"},
	{"河水又黑又臭", "river"},
	{"有人烧秸秆", "burning"},
	{"大树倒了压到路", "tree"},
	{"有人在绿化带种菜", "green-space"},
	{"车停人行道上没法走", "parking-illegal"},
	{"小区没地方停车", "parking-lack"},
	{"学校门口天天堵车", "congestion"},
	{"公交车等太久", "bus"},
	{"出租车拒载", "taxi"},
	{"物业不作为", "property-service"},
	{"怎么成立业委会", "owners"},
	{"电梯坏了没人修", "lift"},
	{"楼上漏水到我家", "house-leak"},
	{"申请公租房", "housing-aid"},
	{"拆迁补偿没给", "land-taking"},
	{"消防通道被车堵死", "fire-lane"},
	{"电动车推进楼道充电", "fire-hazard"},
	{"电动车被偷了", "crime"},
	{"流浪狗咬人", "dogs"},
	{"楼上高空抛物", "high-throw"},
	{"怎么申请低保", "low-income"},
	{"老年食堂在哪", "elderly"},
	{"老板拖欠工资", "wages"},
	{"医保报销", "social-insurance"},
	{"孩子上学学位不够", "schooling"},
	{"培训班不退费", "school-conduct"},
	{"买到过期食品", "food-safety"},
	{"健身房老板跑路", "prepaid-card"},
	{"商家不退款", "consumer"},
	{"村里路坏了", "rural-road"},
	{"宅基地怎么批", "homestead"},
	{"养猪场太臭", "livestock"},
	{"村务不公开账目", "open-affairs"},
	{"邻居吵架要调解", "neighbour-dispute"},
	{"窗口工作人员态度恶劣", "staff-conduct"},
	{"开个居住证明", "certificate"},
	{"乱罚款", "enforcement-conduct"},
	{"street light is broken", "street-light"},
	{"The street lights are out", "street-light"},
	{"no water at home", "water-out"},
	{"noisy neighbour", "noise-life"},
	{"garbage", "garbage"},
	{"bus stop", "bus"},
}

func TestMatchFindsPlainWords(t *testing.T) {
	c := shipped(t).Classes
	first, third := 0, 0
	for _, s := range said {
		got := c.Match(s.words, 3)
		var ids []string
		for _, m := range got {
			ids = append(ids, m.Class.ID)
		}
		list := strings.Join(ids, " ")
		if len(ids) > 0 && ids[0] == s.class {
			first++
		} else {
			t.Logf("%q: %s, want %s", s.words, list, s.class)
		}
		if strings.Contains(" "+list+" ", " "+s.class+" ") {
			third++
		}
	}
	t.Logf("%d questions: %d first, %d among three", len(said), first, third)
	if first*100 < len(said)*95 || third != len(said) {
		t.Errorf("%d of %d first, %d among three", first, len(said), third)
	}
	for _, must := range []struct{ words, class string }{{"路灯不亮", "street-light"}, {"井盖没了", "manhole"}, {"谁管噪音", "noise"}} {
		if got := c.Match(must.words, 1); len(got) != 1 || got[0].Class.ID != must.class {
			t.Errorf("%s: %v", must.words, got)
		}
	}
}

func TestMatchFindsNothingInNonsense(t *testing.T) {
	c := shipped(t).Classes
	for _, words := range []string{"", "   ", "，。！？", "xyzzy plugh", "𝔘𝔫𝔨", "\xff\xfe", "business"} {
		if got := c.Match(words, 0); len(got) > 0 && words != "business" {
			t.Errorf("%q: %s %d", words, got[0].Class.ID, got[0].Score)
		}
	}
	// letters inside a word are no word: "street" holds "tree", "business" holds "bus"
	for _, m := range c.Match("street business", 0) {
		if m.Class.ID == "tree" || m.Class.ID == "bus" {
			t.Errorf("%s found by %q", m.Class.ID, m.Word)
		}
	}
}

func TestMatchIsSteady(t *testing.T) {
	c := shipped(t).Classes
	other := shipped(t).Classes
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(rapid.SampledFrom(said), 1, 3), func(s []struct{ words, class string }) string {
			var b strings.Builder
			for _, x := range s {
				b.WriteString(x.words)
			}
			return b.String()
		})).Draw(t, "words")
		a, b := c.Match(words, 0), other.Match(words, 0)
		if len(a) != len(b) {
			t.Fatal("two catalogues differ")
		}
		for i := range a {
			if a[i].Class.ID != b[i].Class.ID || a[i].Score != b[i].Score || i > 0 && a[i].Score > a[i-1].Score || a[i].Class.Parent == "" {
				t.Fatalf("%v %v", a[i], b[i])
			}
		}
		if short := c.Match(words, 2); len(short) > 2 || len(short) < min(2, len(a)) {
			t.Fatal("limit")
		}
	})
}

func TestEmergencies(t *testing.T) {
	c := shipped(t).Classes
	for words, calls := range map[string]string{
		"隔壁着火了":               "119",
		"有人晕倒了":               "120",
		"楼下打架，有人受伤":           "120 110",
		"发生车祸":                "120 122",
		"闻到煤气味":               "119",
		"house on fire":       "119",
		"路灯不亮":                "",
		"the firewall is off": "",
	} {
		var got []string
		for _, d := range c.Emergencies(words) {
			got = append(got, d.Call)
		}
		if strings.Join(got, " ") != calls {
			t.Errorf("%s: %v, want %s", words, got, calls)
		}
	}
	if w := c.Ways("我要申请行政复议"); len(w) != 1 || w[0].ID != "reconsideration" {
		t.Errorf("ways: %+v", w)
	}
}

func TestIntakeHasSixCases(t *testing.T) {
	c := shipped(t).Classes
	if len(c.Refusals()) != 6 {
		t.Fatalf("%d cases", len(c.Refusals()))
	}
	for _, id := range []string{"emergency", "legal-channel", "repeat", "secret", "outside", "unlawful"} {
		r, ok := c.Refusal(id)
		if !ok || r.Text.In("zh-CN") == "" || r.Text.In("en") == "" || r.Channel.In("en") == "" {
			t.Errorf("%s: %+v", id, r)
		}
	}
	if _, ok := c.Refusal("no"); ok {
		t.Error("a case that is none")
	}
}

func BenchmarkMatch(b *testing.B) {
	c := shipped(b).Classes
	for b.Loop() {
		c.Match("我家门口的路灯已经三天没亮了，晚上很黑", 5)
	}
}
