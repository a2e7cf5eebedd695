package privacy

import "testing"

func TestWhatIsHeldFromThePublic(t *testing.T) {
	p := check(t)
	for text, want := range map[string]string{
		// held
		"低保户身份证号990101199003071234":          FindID,
		"身份证 99010119900307123X，领取":          FindID,
		"９９０１０１１９９００３０７１２３４":                 FindID,
		"990101-19900307-1234":               FindID,
		"九九零一零一一九九零零三零七一二三四":                 FindID,
		"编号 990101199013071234":              FindAccount, // no day, and yet eighteen digits
		"联系电话13800000001":                    FindPhone,
		"电话：0999-8888888":                    FindPhone,
		"打入6222020000000000003":              FindAccount, // nineteen digits
		"卡号 622202000007":                    FindAccount,
		"对公账户 99020001":                      FindAccount,
		"车牌京A12345":                          FindPlate,
		"出生日期：1990年3月7日":                     FindBirth,
		"王某，1990-03-07出生":                    FindBirth,
		"born on 1990-03-07":                 FindBirth,
		"微信号abc12345":                        FindContact,
		"someone@example.com":                FindContact,
		"低保名单_990101199003071234.jpg":        FindID,
		"IMG_13800000001.png":                FindPhone,
		"收入 12,000.00 13800000001 8,000.00":  FindPhone,
		"2026年第三季度 4111111111111111 支出 80 元": FindAccount,
		// stands
		"村集体收入 12,000.00 元，支出 8,000.00 元":              "",
		"12000.00 8000.00 4000.00 1234567.89":          "",
		"12,345,678.90　1,234,567.89　100.00":            "",
		"区划代码 999901100201":                            "",
		"合同编号 2026-11-24-001":                          "",
		"王建国、李秀英等 5 户":                                 "",
		"2026年11月24日 至 2026年12月9日":                     "",
		"村民委员会 2026-11-24 公开":                          "",
		"总面积 1234567 平方米，户数 356":                       "",
		"服务热线 12345，4008001234":                        "",
		"IMG_20261124_093015.jpg":                      "",
		"第1季度 3,000.00元；第2季度 2,500.50元；第3季度 1,200.00元": "",
		"生活补助 300 元，2026年1月出生人口 3 人":                   "",
	} {
		found := p.FindPublished(text)
		got := ""
		if len(found) > 0 {
			got = found[0].Kind
		}
		if got != want || len(found) > 1 {
			t.Errorf("%q: want %q, got %v", text, want, told(text, found))
		}
	}
	for digits, want := range map[string]bool{"4111111111111111": true, "4111111111111112": false, "79927398713": false, "6222020000000000003": false} {
		if Luhn([]byte(digits)) != want {
			t.Errorf("%s", digits)
		}
	}
}
