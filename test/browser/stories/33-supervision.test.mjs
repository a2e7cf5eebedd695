// A leader notes on an overdue case and orders an account of it; the unit answers, is
// asked again, answers, and the answer is accepted. The case itself stays as it was.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const at = stage();
const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date());

for (const [name, size] of Object.entries({ phone, desktop })) {
  test(`a note and an order on an overdue case, ${name}`, async () => {
    const leader = await at.staff('leader1', { size });
    const answer = await leader.page.request.get('/api/v1/cases?box=all&due=overdue&procedure=service-request&limit=200');
    const { items } = await answer.json();
    let path, unit;
    for (const c of items.filter((one) => one.unit && one.kind !== 'done' && !/^([cv]-|qinghe$|dongshan$|shiqiao$|yunxi$)/.test(one.unit))) {
      await leader.go(`/cases/${c.id}`);
      path = leader.path;
      unit = c.unit;
      if (!(await leader.text()).includes('督办单')) break;
      path = '';
    }
    assert.ok(path, 'no overdue case is without an order');
    const before = await leader.text('.past');

    await leader.follow('批示', '.matter');
    const note = leader.page.locator('form#open');
    await leader.fill(note, 'words', '请先和反映人说明情况。');
    await leader.leads(() => note.locator('p.acts button:not([type=button])').first().click());
    const written = leader.path;
    await leader.go(path);
    await leader.follow('督办', '.matter');
    const form = leader.page.locator('form#open');
    for (const [field, value] of Object.entries({ subject: `超期没有说明（${name}）`, demand: '说明原因和办结日期', within: '2 workdays' })) await leader.fill(form, field, value);
    await leader.shot(`supervision-order-${name}`, { most: 1800 });
    await leader.leads(() => form.locator('p.acts button:not([type=button])').first().click());
    const order = leader.path;
    await leader.go(path);
    await leader.reads('关于本件的办件（2）');
    await leader.shot(`supervision-case-${name}`, { most: 3200 });
    assert.equal(await leader.text('.past'), before, 'the order left a trace in the case');

    const held = await at.staff(`b-${unit}`, { size });
    await held.go('/supervision');
    await held.reads(`超期没有说明（${name}）`);
    await held.shot(`supervision-list-${name}`, { most: 1800 });
    await held.go(written);
    await held.act('read', { reply: '今天联系反映人' });
    await held.go(order);
    await held.act('answer', { found: '配件没有到货', measures: '已催货', done_by: today() });
    await leader.go(order);
    await leader.act('again', { reason: '没有说哪天能修好' });
    await held.go(order);
    await held.act('answer', { found: '配件没有到货', measures: '已改用库存配件', done_by: today() });
    await leader.go('/supervision');
    await leader.follow(`超期没有说明（${name}）`);
    await leader.act('accept');
    await leader.reads('答复已认可');
    await leader.go(path);
    assert.equal(await leader.text('.past'), before, 'the order moved the case');
  });
}
