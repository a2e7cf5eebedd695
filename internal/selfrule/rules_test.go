package selfrule

import (
	"reflect"
	"testing"
)

func TestTextsSideBySide(t *testing.T) {
	for _, one := range []struct {
		before, now []string
		want        []line
	}{
		{[]string{"甲", "乙"}, []string{"甲", "乙"}, []line{{"甲", "甲", false}, {"乙", "乙", false}}},
		{[]string{"甲", "乙", "丙"}, []string{"甲", "丁", "丙"}, []line{{"甲", "甲", false}, {"乙", "丁", true}, {"丙", "丙", false}}},
		{[]string{"甲"}, []string{"甲", "乙"}, []line{{"甲", "甲", false}, {"", "乙", true}}},
		{[]string{"甲", "乙"}, []string{"乙"}, []line{{"甲", "", true}, {"乙", "乙", false}}},
		{nil, []string{"甲"}, []line{{"", "甲", true}}},
	} {
		if got := beside(one.before, one.now); !reflect.DeepEqual(got, one.want) {
			t.Errorf("%v beside %v: %v", one.before, one.now, got)
		}
	}
	if !same("甲\n 乙 \n\n", "甲\r\n乙") || same("甲\n乙", "乙\n甲") {
		t.Error("same texts are told by their articles")
	}
}
