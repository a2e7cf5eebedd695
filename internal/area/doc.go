// Package area (区域) knows where: the tree of administrative divisions down to
// the village or community, the grids below it with their dated borders, and
// the names by which people call places.
//
// Words: division 区划, community 社区/村, grid 网格, border 边界, place 地点.
//
// Codes (统计用区划代码) are digits: province 2, city 4, county 6, street or
// township 9, village or community 12. A grid is its community's code and three
// digits more (Beijing's rule for 单元网格; other regions have other lengths, so
// the length stands in catalog/area/area.yaml). What lies within what is read
// off the code: containment is a common prefix, and nothing else.
//
// What must always be true:
//   - nothing is overwritten: a name, a border or a code that ends keeps its row
//     with the day on which it ended, and the new one begins on that day (only a
//     correction that names the very day on which the row begins mends the row
//     itself; places are names, not borders, and keep no history);
//   - importing the same file twice changes nothing the second time;
//   - a broken row or feature is named with its line and reason, and every other
//     one goes in;
//   - coordinates are WGS-84 (CGCS2000) inside; whoever brings a point says its
//     datum, it is never guessed;
//   - Locate never guesses: a point on a border, in a gap, outside, or whose
//     uncertainty reaches a second grid has no grid, only suggestions.
//
// Norms: one grid layer that every department uses, posted with name and
// telephone (2021 意见 四(三); 滨州市网格化服务管理条例 6); ranges of street and
// village numbers after 统计用区划代码编制规则, see domain/rules.md 7.
package area
