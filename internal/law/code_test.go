package law_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli/catalog"
	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/law"
)

type code struct {
	ID, Type, Value, Why string
	Valid                bool
}

func TestCodes(t *testing.T) {
	var all []code
	read(t, "codes.yaml", &all)
	for _, c := range all {
		check := law.CheckID
		if c.Type == "usc" {
			check = law.CheckUSC
		}
		if ok, why := check(c.Value); ok != c.Valid || why != c.Why {
			t.Errorf("%s: %v %q, want %v %q", c.ID, ok, why, c.Valid, c.Why)
		}
	}
}

// One wrong digit is always found, and so are two neighbours that changed places.
func TestCheckFindsSlips(t *testing.T) {
	good := map[string]func(string) (bool, string){
		"999901190001010028": law.CheckID, "91350100M000100Y43": law.CheckUSC, "54999901ME000001XJ": law.CheckUSC,
	}
	for value, check := range good {
		for i := range value {
			for _, r := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
				if slip := value[:i] + string(r) + value[i+1:]; slip != value {
					if ok, _ := check(slip); ok {
						t.Errorf("%s passes for %s", slip, value)
					}
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		law.CheckID(s)
		law.CheckUSC(s)
		if n := law.Normal(s); law.Normal(n) != n {
			t.Fatalf("%q is not normal", n)
		}
	})
}

func TestPartsOfIdentityNumber(t *testing.T) {
	if d, err := law.Birth("999901190001010028"); err != nil || d != clock.Date(1900, 1, 1) {
		t.Errorf("birth %s %v", d, err)
	}
	if s, err := law.Sex("999901190001010028"); err != nil || s != "female" {
		t.Errorf("sex %s %v", s, err)
	}
	if _, err := law.Sex("999901190001010029"); !fault.Is(err, fault.Invalid) {
		t.Errorf("sex of a wrong number: %v", err)
	}
	if _, err := law.Birth("1"); !fault.Is(err, fault.Invalid) {
		t.Errorf("birth of a wrong number: %v", err)
	}
	if ok, why := law.CheckIDOn("999901190001010028", clock.Date(1899, 12, 31)); ok || why != "law.code.unborn" {
		t.Errorf("born later: %v %s", ok, why)
	}
	if got := law.Normal(" ９９９9-01 19000101 002x"); got != "99990119000101002X" {
		t.Errorf("normal form %q", got)
	}
}

func TestCommands(t *testing.T) {
	var out bytes.Buffer
	if err := (law.DueCommand{Start: "2026-04-20", Length: 15, Unit: "day", Kind: "at-most"}).Run(&out, catalog.Files); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got["duty"] != "2026-05-05" || got["acceptance"] != "2026-05-06" || got["provisional"] != false {
		t.Errorf("%s", out.String())
	}
	for value, want := range map[string]string{"999901190001010028": "VALID\n", "999901190001010029": "INVALID 校验码不对"} {
		out.Reset()
		c := law.CodeCommand{Type: "id", Value: value, Clock: clock.NewHand(clock.Date(2026, 11, 24).Start())}
		if err := c.Run(&out, catalog.Files); err != nil || !strings.HasPrefix(out.String(), want) {
			t.Errorf("%s: %q %v", value, out.String(), err)
		}
	}
	if err := (law.CodeCommand{Type: "car", Value: "1"}).Run(&out, catalog.Files); !fault.Is(err, fault.Invalid) {
		t.Errorf("unknown type: %v", err)
	}
	if err := (law.DueCommand{Start: "x", Length: 15, Unit: "day"}).Run(&out, catalog.Files); !fault.Is(err, fault.Invalid) {
		t.Errorf("bad start: %v", err)
	}
}
