// Package evaluation (评价) counts: how many cases came in, are open, were answered
// in time, solved, found satisfying. It reads the log of acts and changes no case.
//
// Words: indicator (指标: what is counted, data in catalog/evaluation), share
// (比率: numerator out of denominator), contribution (one case's present part in
// one indicator), cell (the sum of contributions of one area, unit, class,
// channel and month).
//
// A reader named "evaluation" follows the log. For every act it reckons the
// contributions of the act's case anew, as a pure function of the case's history,
// and moves the cells by the difference. So an annulled act counts as never done,
// an erased value no longer counts, and a reopened case leaves the month in which
// it had been settled.
//
// What must always be true:
//   - The cells are the sum of the contributions, and the contributions are those
//     of a full recount; a rebuild gives the same.
//   - A share keeps its numerator and denominator as whole numbers. Of nothing it
//     is "no data"; of fewer cases than the catalogue says it is shown as a count.
//   - Who did not answer is in no denominator of solved or satisfied, and never
//     counts as satisfied. Imported cases are in no share.
//   - Cells keep the seal of their cases: who may not see a sealed case does not
//     see it counted either. The public page leaves sealed cases out altogether.
//   - Nobody is ranked or scored: there are figures of units and areas, in the
//     order of their tree, and none of persons (rules.md 0.4).
//
// The law it answers to: 北京市接诉即办工作条例 32 (响应率、解决率、满意率) as the model.
package evaluation
