// Package disclosure (三务公开) has every village and community publish what it
// must: party affairs (党务), village and residents' affairs (村务、居务) and finances
// (财务).
//
//   - catalogue (公开目录): what is published, how often, by when, how long.
//   - item (公开事项): one line of it.
//   - board (公开栏): the public page of one village or community, three columns.
//   - version (版本): what one posting or correction said.
//   - to mask (遮住): to strike personal data out of every version at once.
//
// The procedures disclosure and disclosure-question say who does what; cases of
// other procedures that the catalogue names stand on the board as well, read from
// the log of what was published.
//
// What must always be true:
//   - Nothing is taken down before it has stood fifteen days, counted from the day
//     after the last posting or correction; a correction stands beside what it
//     corrects.
//   - What points to a person is held before it goes out: the act is refused with
//     the place in the text, unless a person says with a reason that a number is
//     nobody's. A name is no finding; a list of persons comes down when its term
//     ends and is not indexed.
//   - No picture or document goes out before somebody else than who uploaded it
//     has confirmed looking at it, file by file. Names of files are not kept at all.
//   - What should not be there goes at once from every version, the board, the
//     print and the search; commitment and reason stay, and the board says so.
//   - A county may ask for more, oftener, sooner and longer, never for less.
//
// Norms: 村民委员会组织法 35, 36, 37(2), 40(2); 城市居民委员会组织法 34, 36-38; 农村集体经济组织法
// 45, 46; 社会救助法 45; 中国共产党党务公开条例（试行） 15 (seen in part), 7, 8, 12 (from memory);
// 个人信息保护法 47; 居民身份证法 13.
package disclosure
