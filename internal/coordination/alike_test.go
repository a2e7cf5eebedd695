package coordination

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const refusedWords = "摸排老旧小区电梯 请各街道摸排辖区老旧小区电梯数量、年限、维保单位，逐台填表，本月底前报汇总结果。"

func TestAPieceOfARefusedTaskIsSeen(t *testing.T) {
	was := matter{refusedWords, []string{"/county/qinghe/", "/county/dongshan/"}}
	for name, c := range map[string]struct {
		words     string
		receivers []string
		seen      bool
	}{
		"the same again":                      {refusedWords, []string{"/county/qinghe/", "/county/dongshan/"}, true},
		"to one of the receivers":             {refusedWords, []string{"/county/dongshan/"}, true},
		"to a community of one":               {refusedWords, []string{"/county/qinghe/willow/"}, true},
		"to nobody it was refused for":        {refusedWords, []string{"/county/shiqiao/"}, true},
		"only the numbers":                    {"电梯数量 请各街道摸排辖区老旧小区电梯数量、年限", []string{"/county/qinghe/"}, true},
		"only who maintains them":             {"电梯维保单位 请摸排辖区老旧小区电梯维保单位，逐台填表", []string{"/county/qinghe/"}, true},
		"other marks, other order":            {"本月底前报汇总结果；逐台填表！请各街道摸排辖区老旧小区电梯（数量、年限、维保单位）。摸排老旧小区电梯", []string{"/county/qinghe/"}, true},
		"with more around it":                 {"关于做好年底工作的通知 " + refusedWords + " 联系人在工作群里，有问题请及时沟通。", []string{"/county/qinghe/"}, true},
		"a piece, to somebody else":           {"电梯数量 请各街道摸排辖区老旧小区电梯数量、年限", []string{"/county/shiqiao/"}, false},
		"the same phrases on another matter":  {"摸排独居老人 请各街道摸排辖区独居老人数量、年龄、照料情况，逐户走访，本月底前报汇总结果。", []string{"/county/qinghe/"}, false},
		"the same object for another purpose": {"电梯安全宣传 请各街道协助张贴乘梯安全须知，在小区门口摆放展板一天。", []string{"/county/qinghe/"}, false},
		"two words":                           {"电梯", []string{"/county/qinghe/"}, false},
		"nothing":                             {"", []string{"/county/qinghe/"}, false},
	} {
		if got := (matter{c.words, c.receivers}).resembles(was); got != c.seen {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestNoSplittingIsOverlooked cuts a refused task into runs of its sentences, to
// some of its receivers or units below them: every piece of some length is seen.
func TestNoSplittingIsOverlooked(t *testing.T) {
	clauses := strings.FieldsFunc(refusedWords, func(r rune) bool { return r == '，' || r == '、' || r == '。' || r == ' ' })
	receivers := []string{"/county/a/", "/county/b/", "/county/c/"}
	was := matter{refusedWords, receivers}
	rapid.Check(t, func(rt *rapid.T) {
		var words []string
		for _, c := range rapid.Permutation(clauses).Draw(rt, "order")[:rapid.IntRange(2, len(clauses)).Draw(rt, "length")] {
			words = append(words, c)
		}
		to := rapid.SampledFrom(receivers).Draw(rt, "receiver") + rapid.SampledFrom([]string{"", "x/"}).Draw(rt, "below")
		piece := matter{strings.Join(words, rapid.SampledFrom([]string{"，", "；", "\n", " "}).Draw(rt, "mark")), []string{to}}
		if len(pairs(piece.words)) >= 10 && !piece.resembles(was) {
			rt.Fatalf("overlooked: %s to %s", piece.words, to)
		}
		if piece.resembles(was) != (matter{strings.ToUpper(piece.words), piece.receivers}).resembles(was) {
			rt.Fatal("capitals matter")
		}
	})
}

func TestFieldsOfAForm(t *testing.T) {
	for lines, n := range map[string]int{"": 0, "姓名": 1, "姓名\n\n 住址 \n": 2, "—\n、\n1": 1} {
		if got := len(asked(lines)); got != n {
			t.Errorf("%q: %d", lines, got)
		}
	}
}
