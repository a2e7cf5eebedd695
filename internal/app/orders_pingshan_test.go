package app_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"linli/catalog"
	"linli/internal/app"
	"linli/internal/app/apptest"
	"linli/internal/area"
	"linli/internal/identity"
	"linli/internal/kit/clock"
	"linli/internal/kit/db"
	"linli/internal/kit/db/dbtest"
	"linli/internal/request"

	"go.yaml.in/yaml/v3"
)

// The real orders: what 坪山区 of 深圳 got in 2018 (../shared/data, not part of
// the product). What the data say is taken as it is: classes with their ids,
// communities, and the unit that got each order. What they do not say had to be
// made, and is only this:
//
//   - the tree of units: the data name units without saying under whom they
//     stand. A community's station stands under its street, and so does a unit
//     whose name says so ("（坑梓街道办事处）", "马峦办事处…"); all others stand
//     under the district. Where a unit has several spellings the most frequent
//     one is its name.
//   - the duty list: from all 6,952 orders, per street, each class is given to
//     the units that really got it there, the most frequent first; behind these
//     a list of the whole district does the same. Limits are five working days
//     throughout, bases are empty.
//   - people: a handler and a head for every unit that takes part, and the desks
//     of the district's command centre (unit 9770).

// drawnBy is the seed of the draw.
const drawnBy = 2018

const (
	districtUnit = "pingshan"
	districtArea = "440310"
	centreUnit   = "ps-9770"
)

// shared is the folder beside the project with data that are not its own; the
// test is skipped where it is absent.
func shared(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("LINLI_SHARED"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "shared", "data")); err == nil {
			return filepath.Join(dir, "shared")
		}
	}
	t.Skip("no folder shared/ with the real orders beside the project (set LINLI_SHARED)")
	return ""
}

// rows reads a CSV, gzipped or not, by its header.
func rows(t *testing.T, path string) []map[string]string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var in io.Reader = bytes.NewReader(raw)
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(in); err != nil {
			t.Fatal(err)
		}
	}
	all, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var out []map[string]string
	for _, line := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = strings.TrimSpace(html.UnescapeString(line[i]))
		}
		out = append(out, row)
	}
	return out
}

// pingshan is the district as the data tell it.
type pingshan struct {
	folder  string
	events  []map[string]string
	areas   [][2]string          // code, name
	streets map[string]string    // name to code
	places  map[[2]string]string // street and community to code
	units   map[string]identity.Unit
	got     map[string][]string // "area class" to units, the most frequent first; area is a street or the district
}

func readPingshan(t *testing.T) *pingshan {
	t.Helper()
	data := filepath.Join(shared(t), "data")
	own := func(name string) []map[string]string {
		return rows(t, filepath.Join(data, "pingshan_12345_2018", name))
	}
	p := &pingshan{folder: filepath.Join(data, "pingshan_12345_2018"), events: own("events.csv.gz"), streets: map[string]string{}, places: map[[2]string]string{}}
	for _, file := range []string{"provinces.csv", "cities.csv", "areas.csv", "streets.csv.gz", "villages.csv.gz"} {
		for _, row := range rows(t, filepath.Join(data, "admin_divisions_2023", file)) {
			code, name := row["code"], row["name"]
			if !strings.HasPrefix(districtArea, code) && !strings.HasPrefix(code, districtArea) {
				continue
			}
			p.areas = append(p.areas, [2]string{code, name})
			switch len(code) {
			case 9:
				p.streets[name] = code
			case 12:
				for street, above := range p.streets {
					if strings.HasPrefix(code, above) {
						p.places[[2]string{street, strings.TrimSuffix(name, "居委会")}] = code
					}
				}
			}
		}
	}
	p.tree(own("dispose_units.csv"))
	p.routes()
	return p
}

// tree makes units of the table of names.
func (p *pingshan) tree(table []map[string]string) {
	names := map[string][]string{}
	for _, row := range table { // the most frequent spelling comes first
		if id := row["DISPOSE_UNIT_ID"]; id != "-" {
			names[unitID(id)] = append(names[unitID(id)], row["DISPOSE_UNIT_NAME"])
		}
	}
	p.units = map[string]identity.Unit{districtUnit: {ID: districtUnit, Name: "坪山区人民政府", Kind: "government", Area: districtArea}}
	for street, code := range p.streets {
		if strings.HasSuffix(street, "街道") {
			p.units[officeID(code)] = identity.Unit{ID: officeID(code), Parent: districtUnit, Name: street + "办事处", Kind: "street", Area: code}
		}
	}
	for id, spelled := range names {
		u := identity.Unit{ID: id, Parent: districtUnit, Name: spelled[0], Kind: "department", Area: districtArea}
		all := strings.Join(spelled, "\n")
		company := strings.Contains(all, "公司") || strings.Contains(all, "营业中心")
		for street, code := range p.streets {
			stem := strings.TrimSuffix(street, "街道")
			inName := strings.Contains(all, "（"+street) || strings.HasPrefix(all, street) || strings.HasPrefix(all, stem+"办事处") ||
				stem != "坪山" && strings.Contains(all, "（"+stem)
			if inName && !company {
				u.Parent, u.Kind, u.Area = officeID(code), "office", code
			}
		}
		base, _, _ := strings.Cut(spelled[0], "（")
		for at, code := range p.places {
			if strings.TrimSuffix(base, "工作站") == at[1] {
				u.Parent, u.Kind, u.Area = officeID(code[:9]), "community", code
			}
		}
		if company {
			u.Kind = "organisation"
		}
		p.units[id] = u
	}
}

// routes counts who got what where.
func (p *pingshan) routes() {
	count := map[string]map[string]int{}
	for _, e := range p.events {
		unit := unitID(e["DISPOSE_UNIT_ID"])
		if _, known := p.units[unit]; !known {
			continue
		}
		for _, at := range []string{p.streets[e["STREET_NAME"]], districtArea} {
			if key := at + " " + e["SUB_TYPE_ID"]; at != "" {
				if count[key] == nil {
					count[key] = map[string]int{}
				}
				count[key][unit]++
			}
		}
	}
	p.got = map[string][]string{}
	for key, units := range count {
		p.got[key] = slices.SortedFunc(maps.Keys(units), func(a, b string) int {
			return cmp.Or(units[b]-units[a], strings.Compare(a, b))
		})
	}
}

// A duty list as the district publishes it.
type (
	dutyFile struct {
		ID      string
		Title   map[string]string
		Area    string
		Version string
		From    string
		Items   []dutyItem
	}
	dutyItem struct {
		ID, Kind string
		Title    map[string]string
		Classes  []string `yaml:",flow"`
		Lead     map[string]string
		Limit    string
	}
)

// The ids that the importers' maps give (internal/request/testdata).
func classID(sub string) string { return "ps-s" + sub }

func unitID(id string) string { return "ps-" + id }

func officeID(street string) string { return "office-" + street }

func itemID(class, unit string) string { return class + "-" + unit }

// lists are the duty lists that the district publishes.
func (p *pingshan) lists(t *testing.T) map[string][]byte {
	t.Helper()
	lists := map[string]*dutyFile{}
	for _, key := range slices.Sorted(maps.Keys(p.got)) {
		at, sub, _ := strings.Cut(key, " ")
		l := lists[at]
		if l == nil {
			l = &dutyFile{ID: "pingshan-" + at, Title: map[string]string{"zh": "职责清单 " + at, "en": "Duty list " + at}, Area: at, Version: "2018", From: "2018-01-01"}
			lists[at] = l
		}
		for _, unit := range p.got[key] {
			l.Items = append(l.Items, dutyItem{ID: itemID(classID(sub), unit), Kind: p.kind(unit), Title: map[string]string{"zh": p.units[unit].Name},
				Classes: []string{classID(sub)}, Lead: map[string]string{"unit": unit}, Limit: "5 workday"})
		}
	}
	files := map[string][]byte{}
	for at, l := range lists {
		raw, err := yaml.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		files["duty/pingshan-"+at+".yaml"] = raw
	}
	return files
}

// kind is the kind of item by which a unit of its level may lead.
func (p *pingshan) kind(unit string) string {
	switch u := p.units[unit]; {
	case u.Kind == "community":
		return "community"
	case u.Parent != districtUnit:
		return "basic"
	}
	return "department"
}

// draw takes a hundred orders by the seed. An order without a unit or of a
// community that is not told stays out: there is nobody to hold it against.
func (p *pingshan) draw(n int) []*order {
	var out []*order
	for _, i := range rand.New(rand.NewPCG(drawnBy, 12345)).Perm(len(p.events)) {
		e := p.events[i]
		at := p.places[[2]string{e["STREET_NAME"], e["COMMUNITY_NAME"]}]
		if _, known := p.units[unitID(e["DISPOSE_UNIT_ID"])]; !known || at == "" {
			continue
		}
		o := &order{name: "REC " + e["REC_ID"], class: classID(e["SUB_TYPE_ID"]), area: at, lead: unitID(e["DISPOSE_UNIT_ID"]),
			words: fmt.Sprintf("%s有%s问题", e["COMMUNITY_NAME"], e["SUB_TYPE_NAME"])}
		o.item = itemID(o.class, o.lead)
		if o.other = p.another(e, o.lead); o.other == "" {
			continue // in the whole district only one unit ever got this class
		}
		o.otherItem = itemID(o.class, o.other)
		o.helper = officeID(at[:9])
		if o.helper == o.lead || o.helper == o.other {
			o.helper = centreUnit
		}
		if len(out)%2 == 1 {
			o.phone = fmt.Sprintf("139%08d", len(out))
		}
		if out = append(out, o); len(out) == n {
			break
		}
	}
	return out
}

// another is the unit beside the real one that most often got the class: in the
// street, else in the district.
func (p *pingshan) another(e map[string]string, lead string) string {
	for _, at := range []string{p.streets[e["STREET_NAME"]], districtArea} {
		for _, unit := range p.got[at+" "+e["SUB_TYPE_ID"]] {
			if unit != lead {
				return unit
			}
		}
	}
	return ""
}

// settle puts the district into an empty house, by the importers.
func (p *pingshan) settle(t *testing.T, h *app.House, orders []*order) {
	t.Helper()
	divisions := bytes.NewBufferString("code,name\n")
	for _, a := range p.areas {
		fmt.Fprintf(divisions, "%s,%s\n", a[0], a[1])
	}
	report, err := h.Areas.ImportDivisions(ctx, area.Divisions{Files: []area.File{{Name: "areas.csv", Data: divisions.Bytes()}},
		On: clock.Date(2023, 6, 30), By: identity.System})
	if err != nil || report.BrokenRows > 0 {
		t.Fatalf("areas: %v %v", err, report.Broken)
	}
	p.importClasses(t, h)
	p.importUnits(t, h)
	if _, err := h.Editions.Publish(ctx, p.lists(t), identity.System, "duty lists of the district"); err != nil {
		t.Fatalf("publish: %v", err)
	}
	p.staff(t, h, orders)
}

// table reads a file of the data and the importers' map for it.
func (p *pingshan) table(t *testing.T, file, about string) (data, by []byte) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.folder, file))
	if err != nil {
		t.Fatal(err)
	}
	if by, err = os.ReadFile(filepath.Join("..", "request", "testdata", about)); err != nil {
		t.Fatal(err)
	}
	return data, by
}

func (p *pingshan) importClasses(t *testing.T, h *app.House) {
	t.Helper()
	table, raw := p.table(t, "categories_18_134_372.csv", "pingshan-classes.yaml")
	by, err := request.ParseLists[request.ClassMap](raw)
	if err != nil {
		t.Fatal(err)
	}
	report, err := h.Requests.ImportClasses(ctx, identity.SystemActor(), by, bytes.NewReader(table), "classes of the district")
	if err != nil || report.Added != report.Read {
		t.Fatalf("classes: %v %+v", err, report)
	}
}

// importUnits takes in the table as it is, all under the district, and then
// moves each unit to where its name says that it stands.
func (p *pingshan) importUnits(t *testing.T, h *app.House) {
	t.Helper()
	if _, err := h.People.AddUnit(ctx, identity.SystemActor(), p.units[districtUnit]); err != nil {
		t.Fatal(err)
	}
	table, raw := p.table(t, "dispose_units.csv", "pingshan-units.yaml")
	by, err := request.ParseLists[request.UnitMap](raw)
	if err != nil {
		t.Fatal(err)
	}
	if report, err := h.Requests.ImportUnits(ctx, identity.SystemActor(), by, bytes.NewReader(table)); err != nil || len(report.Bad) > 0 {
		t.Fatalf("units: %v %+v", err, report)
	}
	tree := bytes.NewBufferString("id,parent,name,kind,area\n")
	for _, id := range slices.Sorted(maps.Keys(p.units)) {
		if u := p.units[id]; id != districtUnit {
			fmt.Fprintf(tree, "%s,%s,%s,%s,%s\n", u.ID, u.Parent, u.Name, u.Kind, u.Area)
		}
	}
	report, err := h.People.ImportUnits(ctx, identity.SystemActor(), tree)
	if err != nil || len(report.Bad) > 0 || report.Added != 6 {
		t.Fatalf("tree of units: %v %+v", err, report)
	}
}

// staff gives the desks their people, and every unit that takes part a handler
// and a head.
func (p *pingshan) staff(t *testing.T, h *app.House, orders []*order) {
	t.Helper()
	by := identity.SystemActor()
	hash, err := h.People.HashPassword(ctx, app.DemoPassword, "demo")
	if err != nil {
		t.Fatal(err)
	}
	hire := func(login, kind, unit, over string) {
		t.Helper()
		if _, _, err := h.People.AddPerson(ctx, by, identity.PersonDraft{ID: login, Name: login, Login: login, Hash: hash}); err != nil {
			t.Fatalf("%s: %v", login, err)
		}
		if _, err := h.People.AddPost(ctx, by, identity.Post{Person: login, Unit: unit, Kind: kind, Area: over}); err != nil {
			t.Fatalf("%s: %v", login, err)
		}
	}
	for _, kind := range []string{intaker, dispatcher, verifier, caller} {
		hire(kind, kind, centreUnit, districtArea)
	}
	part := map[string]bool{districtUnit: true}
	for _, o := range orders {
		for _, id := range []string{o.lead, o.other, o.helper} {
			for u := p.units[id]; u.ID != ""; u = p.units[u.Parent] {
				part[u.ID] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(part)) {
		hire("h-"+id, "handler", id, "")
		hire("b-"+id, "head", id, "")
	}
}

// TestOrders runs a hundred real orders through the whole story.
func TestOrders(t *testing.T) {
	p := readPingshan(t)
	if len(p.events) != 6952 || len(p.places) != 25 {
		t.Fatalf("%d orders, %d communities and the like", len(p.events), len(p.places))
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		hand := clock.NewHand(apptest.Tuesday)
		h, err := app.Open(ctx, app.Config{Folder: t.TempDir(), DB: d, Clock: hand, Catalog: catalog.Files, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		orders := p.draw(100)
		i := 0
		for _, y := range ways {
			for range y.n {
				orders[i].way = y
				i++
			}
		}
		p.settle(t, h, orders)
		w := begin(t, h, hand)
		w.orders = orders
		w.desk = map[string]string{intaker: intaker, dispatcher: dispatcher, verifier: verifier, caller: caller}
		w.clerk = func(unit string) string { return "h-" + unit }
		w.chief = func(unit string) string { return "b-" + unit }
		right := 0
		for _, o := range orders {
			said, err := h.Duty.Suggest(ctx, o.class, o.area, hand.Now().Day())
			if err != nil {
				t.Fatal(err)
			}
			if said.Lead.ID == o.lead {
				right++
			}
			if item := w.itemOf(o.class, o.area, o.lead); item != o.item {
				t.Fatalf("%s: the list gives %s to %s by %q, want %q", o.name, o.class, o.lead, item, o.item)
			}
		}
		t.Logf("the duty list's first word was the unit that really got it for %d of %d", right, len(orders))
		w.play(40)
		w.judge(10)
	})
}
