// A department asks the streets of what it plans. It cannot decide before they have
// spoken and each point is answered; what a street warned of is linked when it comes.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const at = stage();
const inDays = (n) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date(Date.now() + n * 86400000));
const open = async (visit, path, values, status = 200) => {
  await visit.go(path);
  const form = visit.page.locator('form#open');
  for (const [field, value] of Object.entries(values)) await visit.fill(form, field, value);
  await visit.leads(() => form.locator('p.acts button:not([type=button])').first().click(), status);
  return visit.path;
};
const child = (visit, words) => visit.page.locator('ul.cases li', { hasText: words }).locator('a').first().getAttribute('href');

for (const [name, size] of Object.entries({ phone, desktop })) {
  test(`a plan, two streets, two points and what came of it, ${name}`, async () => {
    const subject = `片区停车楼选址（${name}）`;
    const planned = { kind: 'project', subject, words: '拟建三层停车楼，二百个车位', touched: ['c-liuyuan', 'dongshan'] };
    const bureau = await at.staff('b-resources', { size });
    await open(bureau, '/new/opinion-request/ask', { ...planned, deadline: inDays(2) }, 422);
    await bureau.reads('留给街道（乡镇）的时间不够');
    const plan = await open(bureau, '/new/opinion-request/ask', { ...planned, deadline: inDays(30) });
    const qinghe = await child(bureau, '清河街道');
    const dongshan = await child(bureau, '东山街道');
    const decision = { outcome: 'changed', decision: '改为两层，出口东移' };
    await bureau.act('decide', decision, 422);
    await bureau.reads('还没有提意见，也没有期满');

    const street = await at.staff('head1', { size });
    await street.go(qinghe);
    await street.act('give', { verdict: 'object', reasons: '出口正对学校' }, 422);
    await street.reads('先一条一条写下意见');
    await street.go(qinghe);
    await street.act('raise', { point: '出口正对学校大门', wish: '出口东移' });
    await street.act('raise', { point: '三层遮挡二号楼采光' });
    await street.act('give', { verdict: 'object', reasons: '出口正对学校' });
    await street.shot(`hearing-opinion-${name}`, { most: 2600 });
    const other = await at.staff('head2', { size });
    await other.go(dongshan);
    await other.act('give', { verdict: 'agree' });

    await bureau.go(plan);
    await bureau.act('decide', decision, 422);
    await bureau.reads('条意见');
    await bureau.go(qinghe);
    const points = await bureau.page.getByRole('link', { name: /^第 [12] 条/ }).evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    assert.equal(points.length, 2);
    for (const [i, result] of [[0, 'adopted'], [1, 'partly']]) {
      await bureau.go(points[i]);
      await bureau.act('answer', { result, why: '已改方案' });
    }
    await bureau.go(plan);
    await bureau.act('decide', decision);
    await bureau.reads('意见 2 条：采纳 1，部分采纳 1');
    await bureau.shot(`hearing-decided-${name}`, { most: 2600 });

    const clerk = await at.staff('clerk1', { size });
    await clerk.go('/whistles/new');
    const wish = clerk.page.locator('form#blow');
    for (const [field, value] of Object.entries({ area: '999901001001', subject: `停车楼出口拥堵（${name}）`, words: '放学时段堵死', 'place.words': '清河菜市场' })) await clerk.fill(wish, field, value);
    await clerk.leads(() => wish.locator('button[name=blow]').last().click());
    const seen = clerk.path.split('/').pop();
    await street.go(clerk.path);
    await street.follow('办理这次吹哨');
    const later = street.path;
    await street.go(qinghe);
    const link = await open(street, await street.page.getByRole('link', { name: '记下：当时提醒过' }).first().getAttribute('href'), { case: seen, subject: '出口拥堵', reason: '第一条意见就是出口' });
    await street.go(later);
    await street.reads('关于本件的办件（1）');
    await street.follow('这件事当时提醒过', '.matter');
    assert.equal(street.path, link);
    await street.shot(`hearing-foreseen-${name}`, { most: 1800 });
    await street.go(qinghe);
    await street.reads('关于本件的办件（1）');
  });
}
