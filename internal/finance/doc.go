// Package finance is the money of a village or community, line by line (村务财务
// 逐笔公开).
//
// Its words: book 账册 (one village, one period, one version), line 逐笔,
// voucher 凭证, account 账户, category 类别, mapping 表头对照, check report 核对报告,
// fingerprint 指纹, question 问这一笔, objection 异议.
//
// A bookkeeper brings a workbook as the office keeps it. The room finds the head,
// a person says once what each column is, every row is checked, and what is wrong
// comes back row by row. A book without fault opens a case of the procedure
// village-accounts: the supervision committee signs or refuses, the head approves,
// it is posted. What is posted is a page for everybody: every line can be asked
// about without account, and the answer stands beside it.
//
// What must always be true:
//   - money is whole fen; for every account opening + income - expenditure is the
//     closing that the workbook states, and the opening is the closing of the
//     period before; otherwise there is no book;
//   - lines are written once and never changed; a correction is another book
//     beside the old one;
//   - the fingerprint of all lines is a value of the acts that import, sign and
//     post them: Verify finds a line that was changed, and so does anybody who
//     downloads the lines and hashes them;
//   - no identity number, telephone or bank account stands in a book, and no name
//     of who handled a line: the post is kept;
//   - a voucher is public only after a second person has looked at it;
//   - an account of the collective is never a person's;
//   - reading a workbook needs memory for a batch of lines, not for all.
//
// The law it answers to: 村民委员会组织法 35(3), 35(4), 36, 37(2); 农村集体经济组织法
// 44(3), 45, 46; 山东村务公开条例 12 (line by line).
package finance
