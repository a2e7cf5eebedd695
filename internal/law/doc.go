// Package law knows how the law counts time and writes codes.
//
// Words: deadline 期限, duty date 办理期限日 (for the office, never rolled),
// acceptance date 受理期限日 (for the citizen, rolled to the next working day),
// working day 工作日, make-up working day 调休上班日, pause 不计入期限的期间,
// identity number 公民身份号码, unified social credit code 统一社会信用代码.
//
// What must always be true: every answer is a pure function of its facts and of
// the calendars of one edition; the day on which a period starts is not counted;
// only the acceptance date rolls and a period counted back never does; a year
// without a calendar never stops anybody, its answers are marked provisional and
// are reckoned again when the year is loaded; integers only.
//
// The law it answers to: 民法典 201 to 204 and 1259 (start, months, last day,
// words of measure), 行政处罚法 85 (which days are working days is part of the
// rule, not of the calendar), GB 11643-1999, GB 32100-2015, GB 11714-1997.
package law
