// Package assets is what a village has beside its money (三资): contracts (合同),
// assets (资产) and resources (资源), as registers that everybody reads.
//
// An entry is a case of the procedures contract and contract-asset; the room holds
// what they cannot say, and the public page of a village's registers.
//
// What must always be true:
//   - a committee gives no guarantees (the procedure refuses it with the article);
//   - who the other side of a contract is stays sealed, and no name, identity
//     number or telephone stands in what is published;
//   - who entered a contract does not pass it;
//   - a contract gives notice 90 and 30 days before its end.
//
// The law it answers to: 村民委员会组织法 13, 35(4), 37(2); 城市居民委员会组织法 12;
// 农村集体经济组织法 36, 45.
package assets
