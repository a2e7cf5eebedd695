package duty

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"linli/catalog"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/text"
)

const place = "999901001001"

var today = clock.Date(2026, 11, 24)

// county is a small fictitious tree of units.
func county() []identity.Unit {
	var all []identity.Unit
	add := func(parent, id, kind, function, area string) {
		path := "/"
		for _, u := range all {
			if u.ID == parent {
				path = u.Path
			}
		}
		all = append(all, identity.Unit{ID: id, Parent: parent, Path: path + id + "/", Name: "示例" + id, NameEn: "Example " + id, Kind: kind, Function: function, Area: area})
	}
	add("", "county", "government", "", "999901")
	add("county", "lights", "department", "street-lighting", "")
	add("county", "police", "department", "police", "")
	add("county", "cityworks", "department", "urban-management", "999901")
	add("county", "water", "organisation", "water", "999901")
	add("county", "safety", "department", "emergency", "999901")
	add("county", "fire", "department", "fire", "999901")
	add("county", "property", "department", "property", "999901")
	add("county", "street1", "street", "", "999901001")
	add("street1", "team1", "office", "urban-management", "")
	add("street1", "justice1", "office", "justice", "999901001")
	add("street1", "station1", "station", "police", "999901001")
	add("street1", "village1", "village", "", "999901001001")
	add("village1", "group1", "office", "", "999901001001")
	add("street1", "community2", "community", "", "999901001002")
	add("county", "street2", "street", "", "999901002")
	add("street2", "team2", "office", "urban-management", "")
	for i := range all {
		if all[i].ID == "station1" {
			all[i].Owner, all[i].Commander = "police", "street1"
		}
	}
	return all
}

func unit(id string) identity.Unit {
	for _, u := range county() {
		if u.ID == id {
			return u
		}
	}
	panic(id)
}

func TestShippedListIsWhole(t *testing.T) {
	cat := shipped(t)
	if len(cat.Lists) != 1 || !cat.Lists[0].Example {
		t.Fatalf("lists: %d", len(cat.Lists))
	}
	l := cat.Lists[0]
	norms := []string{"行政处罚法", "社会救助法", "人民调解法", "村民委员会组织法", "城市居民委员会组织法", "民法典", "土地管理法", "农村集体经济组织法",
		"突发事件应对法", "突发公共卫生事件应对法", "民发〔2020〕20号", "法律援助法", "政务移动互联网应用程序规范化管理办法"}
	kinds := map[string]int{}
	for _, i := range l.Items {
		kinds[i.Kind]++
		if i.Title["en"] == "" || i.Limit.Length == 0 || len(i.Remedy) == 0 {
			t.Errorf("%s lacks an English title, a limit or a remedy", i.ID)
		}
		if !slices.Contains([]string{"2 hour", "24 hour", "5 workday", "7 day", "15 day"}, i.Limit.String()) {
			t.Errorf("%s: limit %s", i.ID, i.Limit)
		}
		if i.Basis != "" && !slices.ContainsFunc(norms, func(n string) bool { return strings.HasPrefix(i.Basis, n) }) {
			t.Errorf("%s cites %s", i.ID, i.Basis)
		}
	}
	for _, k := range ItemKinds() {
		if kinds[k] == 0 {
			t.Errorf("no item of kind %s", k)
		}
	}
	o := newOffices(nil, today)
	for _, k := range cat.Classes.All() {
		s, err := cat.suggest(k.ID, place, o)
		if err != nil || !s.Known() {
			t.Errorf("nobody leads %s: %v", k.ID, err)
		}
		if k.Parent != "" && len(k.Children) == 0 && !slices.Contains(s.Item.Classes, k.ID) {
			t.Errorf("%s is not named by an item of its own", k.ID)
		}
	}
}

func TestClassesOfTheStandard(t *testing.T) {
	dir := os.Getenv("LINLI_SHARED")
	for wd, _ := os.Getwd(); dir == "" && filepath.Dir(wd) != wd; wd = filepath.Dir(wd) {
		if _, err := os.Stat(filepath.Join(filepath.Dir(wd), "shared", "data")); err == nil {
			dir = filepath.Join(filepath.Dir(wd), "shared")
		}
	}
	f, err := os.Open(filepath.Join(dir, "data", "gbt47678_5_2026", "matters_250.csv"))
	if err != nil {
		t.Skip("the folder of shared test data is not here")
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range rows {
		known[r[0]] = true
	}
	used := map[string]string{}
	for _, k := range shipped(t).Classes.All() {
		for _, g := range k.GB {
			if !known[g] {
				t.Errorf("%s: no matter %s", k.ID, g)
			}
			if used[g] != "" {
				t.Errorf("matter %s is in %s and %s", g, used[g], k.ID)
			}
			used[g] = k.ID
		}
	}
	t.Logf("%d of %d matters have a class", len(used), len(rows)-1)
}

func TestSuggest(t *testing.T) {
	cat := shipped(t)
	o := newOffices(county(), today)
	for _, c := range []struct{ class, place, item, lead, reason string }{
		{"street-light", place, "B01", "lights", "duty.reason.function"},
		{"street-vendor", place, "J01", "team1", "duty.reason.function"},          // its area is that of the street above it
		{"street-vendor", "999901002005", "J01", "team2", "duty.reason.function"}, // another street, another team
		{"street-vendor", "999901003001", "J01", "", "duty.reason.no_unit"},
		{"neighbour-dispute", place, "C01", "village1", "duty.reason.function"},
		{"neighbour-dispute", "999901001002", "C01", "community2", "duty.reason.function"},
		{"neighbour-dispute", place + "007", "C01", "village1", "duty.reason.function"}, // a grid
		{"noise", place, "B17", "police", "duty.reason.function"},                       // county, not the station
		{"heating", place, "B14", "", "duty.reason.no_unit"},
		{"water-out", place, "B10", "water", "duty.reason.function"},
		{"water-out", "120000001001", "", "", "duty.reason.no_item"},
		{"water-out", "", "", "", "duty.reason.no_item"},
	} {
		s, err := cat.suggest(c.class, c.place, o)
		if err != nil || s.Item.ID != c.item || s.Lead.ID != c.lead || s.ReasonKey != c.reason {
			t.Errorf("%s at %s: item %q lead %q reason %q %v", c.class, c.place, s.Item.ID, s.Lead.ID, s.ReasonKey, err)
		}
	}
	s, _ := cat.suggest("neighbour-dispute", place, o)
	if len(s.Others) == 0 || s.Others[0].Item.ID != "J05" || s.Others[0].Lead.ID != "justice1" || s.Basis() == "" || s.Limit().String() != "7 day" || s.Remedy["en"] == "" {
		t.Errorf("neighbour-dispute: %+v", s)
	}
	if s.Helpers[0].Unit.ID != "justice1" {
		t.Errorf("helpers %+v", s.Helpers)
	}
	if _, err := cat.suggest("no-such", place, o); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown class: %v", err)
	}
	if _, err := cat.suggest("noise", "12x", o); !fault.Is(err, fault.Invalid) {
		t.Errorf("bad area: %v", err)
	}
	if s, _ := cat.suggest("noise", place, newOffices(county(), clock.Date(2025, 12, 31))); s.Known() {
		t.Error("a list speaks before its first day")
	}
}

// Every reason can be said in both languages without a hole.
func TestReasonsAreWhole(t *testing.T) {
	cat := shipped(t)
	book, err := text.Load(catalog.Files)
	if err != nil {
		t.Fatal(err)
	}
	units := county()
	for _, o := range []offices{newOffices(units, today), newOffices(nil, today)} {
		for _, k := range cat.Classes.All() {
			s, err := cat.suggest(k.ID, place, o)
			if err != nil {
				t.Fatal(err)
			}
			for _, lang := range text.Languages() {
				if said := book.Say(lang, s.ReasonKey, s.ReasonArgs); strings.ContainsAny(said, "{}") || said == s.ReasonKey {
					t.Errorf("%s: %s", k.ID, said)
				}
			}
		}
	}
	s, _ := cat.suggest("street-light", place, newOffices(units, today))
	t.Log(book.Say("zh-CN", s.ReasonKey, s.ReasonArgs))
	t.Log(book.Say("en", s.ReasonKey, s.ReasonArgs))
}

func TestClosedUnitsLeadNothing(t *testing.T) {
	cat := shipped(t)
	units := county()
	for i := range units {
		if units[i].ID == "lights" {
			units[i].Until = today.Start()
		}
	}
	if s, _ := cat.suggest("street-light", place, newOffices(units, today)); s.Lead.ID != "" {
		t.Errorf("led by the closed %s", s.Lead.ID)
	}
	if s, _ := cat.suggest("street-light", place, newOffices(units, today-1)); s.Lead.ID != "lights" {
		t.Errorf("the day before: %q", s.Lead.ID)
	}
}

func TestMayLead(t *testing.T) {
	cat := shipped(t)
	o := newOffices(county(), today)
	for _, c := range []struct{ matter, unit, key string }{
		{"street-light", "lights", ""},
		{"street-light", "village1", "duty.not_community"},
		{"street-light", "street1", "duty.not_street"},
		{"illegal-building", "village1", "duty.forbidden_community"}, // 拆迁拆违
		{"illegal-building", "community2", "duty.forbidden_community"},
		{"illegal-building", "group1", "duty.forbidden_community"}, // what is under a village
		{"illegal-building", "street1", "duty.only_helps"},
		{"illegal-building", "cityworks", ""},
		{"street-vendor", "community2", "duty.forbidden_community"}, // 城市管理
		{"street-vendor", "street1", ""},
		{"street-vendor", "team1", ""},
		{"garbage", "village1", "duty.forbidden_community"}, // 环境整治
		{"work-safety", "street1", "duty.taken_back"},
		{"work-safety", "team1", "duty.taken_back"},
		{"work-safety", "safety", ""},
		{"work-safety", "community2", "duty.forbidden_community"},
		{"S01", "street1", "duty.taken_back"}, // by item
		{"C01", "village1", ""},
		{"J05", "village1", "duty.not_community"},
		{"neighbour-dispute", "village1", ""}, // one of two items allows it
		{"neighbour-dispute", "street1", ""},
		{"noise", "station1", ""}, // a stationed unit stands where its owner does
		{"low-income", "village1", "duty.not_community"},
	} {
		err := cat.mayLead(c.matter, place, unit(c.unit), o)
		f := fault.Of(err)
		if (f == nil) != (c.key == "") || f != nil && (f.Key != c.key || f.Kind != fault.Unmet || f.Norm == "" || f.Field == "") {
			t.Errorf("%s by %s: %v, want %q", c.matter, c.unit, err, c.key)
		}
	}
	if err := cat.mayLead("noise", "120000001001", unit("village1"), o); fault.Of(err).Key != "duty.not_listed_community" {
		t.Errorf("without a list: %v", err)
	}
	if err := cat.mayLead("noise", "120000001001", unit("street1"), o); fault.Of(err).Key != "duty.not_listed_street" {
		t.Errorf("without a list: %v", err)
	}
	if err := cat.mayLead("nonsense", place, unit("street1"), o); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown: %v", err)
	}
}

// Whatever is asked, a community never leads what a norm forbids it, and a street
// never what was taken back.
func TestNeverHandedDown(t *testing.T) {
	cat := shipped(t)
	o := newOffices(county(), today)
	all := cat.Classes.All()
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(all).Draw(t, "class")
		u := rapid.SampledFrom(o.all).Draw(t, "unit")
		if cat.mayLead(k.ID, place, u, o) != nil {
			return
		}
		ms := cat.matches(k.ID, place, today)
		switch o.levelOf(u) {
		case LevelCommunity:
			if !slices.ContainsFunc(ms, func(m match) bool { return m.item.Kind == Community && m.item.Line == "" }) {
				t.Fatalf("%s leads %s", u.ID, k.ID)
			}
		case LevelStreet:
			if !slices.ContainsFunc(ms, func(m match) bool { return m.item.Kind == Basic || m.item.Kind == Community }) {
				t.Fatalf("%s leads %s", u.ID, k.ID)
			}
		}
	})
}

// changed gives the shipped catalogue with one text of one file replaced.
func changed(t *testing.T, file, from, to string) fs.FS {
	t.Helper()
	m := fstest.MapFS{}
	err := fs.WalkDir(catalog.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(catalog.Files, name)
		if name == file {
			if !bytes.Contains(raw, []byte(from)) {
				t.Fatalf("%s does not hold %q", file, from)
			}
			raw = bytes.Replace(raw, []byte(from), []byte(to), 1)
		}
		m[name] = &fstest.MapFile{Data: raw}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func lineWith(t *testing.T, files fs.FS, file, what string) int {
	t.Helper()
	raw, err := fs.ReadFile(files, file)
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(raw), what)
	if !found {
		t.Fatalf("%s does not hold %q", file, what)
	}
	return strings.Count(before, "\n") + 1
}

func TestCheckNamesFileAndLine(t *testing.T) {
	const list = "duty/example.yaml"
	for _, c := range []struct{ file, from, to, key string }{
		{list, "classes: [street-light]", "classes: [street-lamp]", "duty.remark.unknown_class"},
		{list, "{function: street-lighting, level: county}", "{function: lamps, level: county}", "duty.remark.unknown_function"},
		{list, "{function: street-lighting, level: county}", "{function: street-lighting, level: country}", "duty.remark.unknown_level"},
		{list, "{function: street-lighting, level: county}", "{level: county}", "duty.remark.no_role"},
		{list, "limit: 2 hour, remedy", "limit: 2 moons, remedy", "duty.remark.bad_limit"},
		{list, "{id: B02, kind: department", "{id: B01, kind: department", "duty.remark.twice"},
		{list, "{id: B01, kind: department", "{id: noise, kind: department", "duty.remark.bad_id"},
		{list, "{id: B01, kind: department", "{id: B01, kind: own", "duty.remark.bad_item_kind"},
		{list, "area: \"999901\"", "area: \"9\"", "duty.remark.bad_area"},
		{list, "from: 2026-01-01", "from: 2026-02-30", "duty.remark.bad_day"},
		{list, "line: demolition", "line: destruction", "duty.remark.unknown_line"},
		{list, "limit: 24 hour, remedy: [recheck]}", "limit: 24 hour, remedy: [prayer]}", "duty.remark.unknown_remedy"},
		{list, "basis: 民法典 277", "bases: 民法典 277", "duty.remark.unreadable"},
		{list, "classes: [poultry]", "line: enforcement, classes: [poultry]", "duty.remark.forbidden_lead"},
		{list, "lead: {function: street-lighting, level: county}", "lead: {function: community-committee}", "duty.remark.not_community"},
		{list, "lead: {function: fire, level: county}", "lead: {function: street-office}", "duty.remark.not_street"},
		{list, "id: example", "id: sample", "duty.remark.file_name"},
		{"class/01-municipal.yaml", "id: manhole", "id: street-light", "duty.remark.twice"},
		{"class/01-municipal.yaml", `gb: ["01046"`, `gb: ["1046"`, "duty.remark.bad_gb"},
		{"class/06-utilities.yaml", `emergency: ["119"]`, `emergency: ["911"]`, "duty.remark.bad_call"},
		{"class/09-safety.yaml", "kind: report", "kind: rumour", "duty.remark.bad_kind"},
		{"class/intake.yaml", `call: "122"`, `call: "999"`, "duty.remark.bad_call"},
		{"duty/functions.yaml", "kinds: [street]", "kinds: [road]", "duty.remark.bad_unit_kind"},
	} {
		files := changed(t, c.file, c.from, c.to)
		_, bad := ParseCatalogue(files)
		if len(bad) == 0 {
			t.Errorf("%s → %s: nothing found", c.from, c.to)
			continue
		}
		i := slices.IndexFunc(bad, func(r Remark) bool { return r.Key == c.key })
		if i < 0 {
			t.Errorf("%s → %s: %+v", c.from, c.to, bad)
			continue
		}
		if line := lineWith(t, catalog.Files, c.file, c.from); bad[i].File != c.file || bad[i].Line != line {
			t.Errorf("%s: %s:%d, want line %d", c.key, bad[i].File, bad[i].Line, line)
		}
	}
	problems := Check(changed(t, list, "classes: [street-light]", "classes: [street-lamp]"))
	if len(problems) != 1 || problems[0].File != list || !strings.Contains(problems[0].Text, "street-lamp") {
		t.Errorf("%v", problems)
	}
	if problems := Check(catalog.Files); len(problems) > 0 {
		t.Errorf("%v", problems)
	}
}

func TestNearestListSpeaksFirst(t *testing.T) {
	files := changed(t, "duty/functions.yaml", "functions:", "functions:").(fstest.MapFS)
	files["duty/town.yaml"] = &fstest.MapFile{Data: []byte(`id: town
title: {zh: 示例镇清单, en: List of the example town}
area: "999901001"
from: 2026-06-01
until: 2026-12-31
items:
  - {id: T1, kind: basic, title: {zh: 本镇路灯, en: Lights of the town}, classes: [street-light], lead: {unit: street1}, limit: 24 hour}
  - {id: T2, kind: basic, title: {zh: 已失效的事项, en: Ended item}, classes: [bus], lead: {function: street-office}, until: 2026-07-01}
`)}
	cat, bad := ParseCatalogue(files)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	for _, c := range []struct {
		class, place string
		day          clock.Day
		item, lead   string
	}{
		{"street-light", place, today, "T1", "street1"},
		{"street-light", "999901002001", today, "B01", "lights"},
		{"street-light", place, clock.Date(2026, 5, 31), "B01", "lights"},
		{"street-light", place, clock.Date(2027, 1, 1), "B01", "lights"},
		{"bus", place, clock.Date(2026, 7, 1), "T2", "street1"},
		{"bus", place, clock.Date(2026, 7, 2), "B09", ""},
		{"water-out", place, today, "B10", "water"}, // the town's list is silent
	} {
		s, err := cat.suggest(c.class, c.place, newOffices(county(), c.day))
		if err != nil || s.Item.ID != c.item || s.Lead.ID != c.lead {
			t.Errorf("%s at %s on %s: %s %s %v", c.class, c.place, c.day, s.Item.ID, s.Lead.ID, err)
		}
	}
	if s, _ := cat.suggest("street-light", place, newOffices(county(), today)); s.ReasonKey != "duty.reason.named" || len(s.Others) == 0 {
		t.Errorf("%s, %d others", s.ReasonKey, len(s.Others))
	}
	if err := cat.mayLead("street-light", place, unit("street1"), newOffices(county(), today)); err != nil {
		t.Errorf("the town's own list allows it: %v", err)
	}
	files["duty/town2.yaml"] = &fstest.MapFile{Data: bytes.Replace(files["duty/town.yaml"].Data, []byte("id: town"), []byte("id: town2"), 1)}
	if _, bad := ParseCatalogue(files); len(bad) != 1 || bad[0].Key != "duty.remark.overlap" {
		t.Errorf("two lists for one area: %v", bad)
	}
}

func head(l List) List { l.Items = nil; return l }

// A list written as YAML or as a table comes back as it was.
func TestListComesBack(t *testing.T) {
	cat := shipped(t)
	l := cat.Lists[0]
	raw, err := l.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, bad := cat.ParseList("list.yaml", raw)
	if len(bad) > 0 || !Compare(l, again).Empty() || Compare(l, again).Same != len(l.Items) {
		t.Errorf("YAML: %v %+v", bad, Compare(l, again))
	}
	var out bytes.Buffer
	if err := l.WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	again, bad = cat.ParseTable("list.csv", &out, head(l))
	if d := Compare(l, again); len(bad) > 0 || !d.Empty() {
		t.Errorf("CSV: %v %s", bad, cmp.Diff(d, Difference{}))
	}
}

func TestTableInChinese(t *testing.T) {
	cat := shipped(t)
	l := head(cat.Lists[0])
	table := "\ufeff编号,类别,事项名称,对应诉求,牵头单位,配合单位,办理时限,依据,救济途径,配合职责,职责边界\n" +
		"1,部门事项,路灯维护,路灯不亮、损坏,路灯照明@county,供电；街道办事处（乡镇政府）,24小时,,recheck,,\n" +
		"2,配合履职事项,消防隐患,fire-hazard；fire-lane,消防救援,,5个工作日,,可以向县消防救援大队反映。,巡查,处罚归部门\n" +
		"3,上级收回,安全生产检查,work-safety,应急管理@县级,,15天,,,,\n"
	got, bad := cat.ParseTable("表.csv", strings.NewReader(table), l)
	if len(bad) > 0 || len(got.Items) != 3 {
		t.Fatalf("%+v", bad)
	}
	want := Item{ID: "1", Kind: Department, Title: text.Words{"zh": "路灯维护"}, Classes: []string{"street-light"}, Lead: Role{Function: "street-lighting", Level: "county"},
		Helpers: []Role{{Function: "power"}, {Function: "street-office"}}, Limit: Limit{24, "hour"}, Remedy: []string{"recheck"}, FileLine: 2}
	if d := cmp.Diff(want, got.Items[0]); d != "" {
		t.Error(d)
	}
	if got.Items[1].Limit != (Limit{5, "workday"}) || got.Remedies["2"]["zh"] == "" || got.Items[2].Kind != TakenBack {
		t.Errorf("%+v", got.Items[1:])
	}
	if _, own := cat.Lists[0].Remedies["2"]; own {
		t.Error("the list in force was changed")
	}
}

func TestTableRowByRow(t *testing.T) {
	cat := shipped(t)
	l := head(cat.Lists[0])
	const heading = "id,kind,title_zh,classes,lead,limit\n"
	for _, c := range []struct {
		name, rows, key string
		line, items     int
	}{
		{"good", "1,basic,a,bus,transport,2 hour\n", "", 0, 1},
		{"unknown class", "1,basic,a,bus,transport,2 hour\n2,basic,b,buss,transport,\n3,basic,c,bus,transport,\n", "duty.remark.unknown_class", 3, 2},
		{"unknown function", "1,basic,a,bus,transports,\n", "duty.remark.unknown_function", 2, 0},
		{"bad limit", "1,basic,a,bus,transport,soon\n", "duty.remark.bad_limit", 2, 0},
		{"too long a limit", "1,basic,a,bus,transport,900 hour\n", "duty.remark.bad_limit", 2, 0},
		{"limit of nothing", "1,basic,a,bus,transport,0 day\n", "duty.remark.bad_limit", 2, 0},
		{"twice", "1,basic,a,bus,transport,\n1,basic,b,taxi,transport,\n", "duty.remark.twice", 3, 1},
		{"no title", "1,basic,,bus,transport,\n", "duty.remark.no_title", 2, 0},
		{"no id", ",basic,a,bus,transport,\n", "duty.remark.bad_id", 2, 0},
		{"cells over", "1,basic,a,bus,transport,,more\n", "duty.remark.too_many_cells", 2, 0},
		{"control", "1,basic,a\x01b,bus,transport,\n", "duty.remark.bad_text", 2, 0},
		{"not UTF-8", "1,basic,\xff\xfe,bus,transport,\n", "duty.remark.bad_text", 2, 0},
		{"huge", "1,basic," + strings.Repeat("x", 3000) + ",bus,transport,\n", "duty.remark.bad_text", 2, 0},
		{"open quote", "1,basic,a,bus,transport,\n2,\"basic,b\n", "duty.remark.unreadable", 3, 1},
		{"lines in a cell", "1,basic,\"a\nb\",bus,transport,\n2,basic,b,buss,transport,\n", "duty.remark.unknown_class", 4, 1},
		{"empty", "", "duty.remark.no_rows", 1, 0},
		{"street leads what was taken back", "1,taken_back,a,bus,street-office,\n", "duty.remark.not_street", 2, 0},
	} {
		got, bad := cat.ParseTable("t.csv", strings.NewReader(heading+c.rows), l)
		key, line := "", 0
		if len(bad) > 0 {
			key, line = bad[0].Key, bad[0].Line
		}
		if key != c.key || line != c.line || len(got.Items) != c.items {
			t.Errorf("%s: %s line %d, %d items: %+v", c.name, key, line, len(got.Items), bad)
		}
	}
	for heading, key := range map[string]string{
		"id,kind,title_zh,classes\n":             "duty.remark.missing_column",
		"id,kind,title_zh,classes,lead,colour\n": "duty.remark.unknown_column",
		"id,id,kind,title_zh,classes,lead\n":     "duty.remark.twice",
		"":                                       "duty.remark.unreadable",
	} {
		if _, bad := cat.ParseTable("t.csv", strings.NewReader(heading), l); len(bad) == 0 || bad[0].Key != key {
			t.Errorf("%q: %+v", heading, bad)
		}
	}
}

// Nothing that is sent as a list makes the room fall.
func TestHostileLists(t *testing.T) {
	cat := shipped(t)
	raw, err := cat.Lists[0].YAML()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := slices.Clone(raw)
		for range rapid.IntRange(1, 6).Draw(t, "cuts") {
			at := rapid.IntRange(0, len(b)-2).Draw(t, "at")
			n := rapid.IntRange(0, min(40, len(b)-1-at)).Draw(t, "n")
			b = slices.Replace(b, at, at+n, rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "put")...)
		}
		cat.ParseList("list.yaml", b)
		cat.ParseTable("list.csv", bytes.NewReader(b), head(cat.Lists[0]))
	})
	for _, s := range []string{"", "- a", "a: &a [*a]", "items: 3", "{{{{", "id: x\nitems:\n  - 5\n"} {
		if _, bad := cat.ParseList("list.yaml", []byte(s)); len(bad) == 0 {
			t.Errorf("%q passes", s)
		}
	}
}

func TestCompare(t *testing.T) {
	old := shipped(t).Lists[0]
	now := old
	now.Version = "2026-2"
	now.Items = slices.Clone(old.Items)
	now.Items[0].Limit = Limit{15, "day"}
	now.Items[0].Basis = ""
	now.Items = append(now.Items[:1:1], now.Items[2:]...)
	now.Items = append(now.Items, Item{ID: "X1"})
	slices.Reverse(now.Items)
	d := Compare(old, now)
	if !slices.Equal(d.Head, []string{"version"}) || len(d.Added) != 1 || len(d.Removed) != 1 || d.Removed[0].ID != old.Items[1].ID ||
		len(d.Changed) != 1 || !slices.Equal(d.Changed[0].Fields, []string{"limit", "basis"}) || d.Same != len(old.Items)-2 {
		t.Errorf("%v %d %d %+v %d", d.Head, len(d.Added), len(d.Removed), d.Changed, d.Same)
	}
}
