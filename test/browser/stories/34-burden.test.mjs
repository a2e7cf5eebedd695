// The burden account: a village clerk who has nothing to do with any of it sees what was
// refused at the door, admitted, run out and split, and who bears it, down to the cases.
// It reads without script, on a phone and at a desk.
import assert from 'node:assert/strict';
import { desktop, phone, stage, test } from '../lib/story.mjs';

const at = stage();
const shows = (visit, words) => async () => {
  const text = await visit.text('main');
  return words.every((w) => text.includes(w));
};
// what stands behind a figure of the demo, and in whose row
const behind = { 门口拒绝: ['县住房和城乡建设局', '违法建设集中拆除行动'], 与被拒的相近: ['县住房和城乡建设局', '第一批'], 准入: ['县卫生健康局', '家庭健康小屋挂牌试点'], 准入到期: ['县卫生健康局', '家庭健康小屋挂牌试点'],
  不承担成立: ['县民政局', '低保边缘家庭情况登记'] };

for (const [name, size] of Object.entries({ phone, desktop })) {
  test(`who asks and who bears it, ${name}`, async () => {
    const clerk = await at.staff('clerk3', { size, script: name === 'desktop' });
    await clerk.until('/burden', shows(clerk, Object.keys(behind)), 'what was asked');
    await clerk.reads('一件任务发给三十个接收单位');
    await clerk.shot(`burden-asks-${name}`, { most: 4200 });
    for (const [figure, [sender, title]] of Object.entries(behind)) {
      await clerk.go('/burden');
      await clerk.leads(() => clerk.page.locator('#side + div tr', { has: clerk.page.getByRole('rowheader', { name: sender }) }).locator(`td[data-name="${figure}"] a`).click());
      await clerk.reads(title);
    }
    await clerk.go('/burden/cases?indicator=door_refused');
    await clerk.reads('不得下发');
    assert.equal(await clerk.page.locator('main a[href^="/cases/"]').count(), 0, 'a case is offered to who may not open it');
    await clerk.shot(`burden-refused-${name}`, { most: 3000 });

    await clerk.go('/burden?side=bears');
    await clerk.shot(`burden-bears-${name}`, { most: 3600 });
    await clerk.follow('清河街道办事处', 'main table');
    await clerk.reads('清河社区居委会');
    await clerk.reads('县民政局');
  });
}
