// The rules of a community: a draft with a fine in it is sent back by the street,
// mended, decided by the residents' meeting, filed and published; then the street
// orders a correction, which stands beside the text.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const at = stage();
const csv = (text) => ({ name: '名册.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date());
const points = { p_law: 'fits', p_person: 'fits', p_democracy: 'fits', p_property: 'fits', p_order: 'fits', p_party: 'stands', p_change: 'stands' };

for (const [name, size, kind] of [['phone', phone, 'residents_covenant'], ['desktop', desktop, 'residents_charter']]) {
  test(`rules sent back, decided, filed and published, ${name}`, async () => {
    const title = `清河社区规约（${name}）`;
    const clerk = await at.staff('clerk1', { size });
    await clerk.go('/rolls');
    const roll = clerk.page.locator('form#import');
    const fold = clerk.page.locator('details:has(form#import)');
    if ((await fold.getAttribute('open')) === null) await fold.locator('summary').first().click();
    await roll.locator('[name="body"]').selectOption('residents_meeting');
    await clerk.fill(roll, 'file', csv('姓名,户号,是否成年,户代表\n赵示一,1,是,是\n钱示二,2,是,是\n孙示三,3,是,是\n李示四,4,是,是\n周示五,5,是,是\n'));
    await clerk.leads(() => roll.locator('p.acts button').click());

    await clerk.go('/new/covenant/draft');
    const draft = clerk.page.locator('form#open');
    for (const [field, value] of Object.entries({ village: '999901001001', kind, subject: title, text: '一、垃圾分类投放。\n二、乱扔垃圾的罚款五十元。' })) await clerk.fill(draft, field, value);
    await clerk.leads(() => draft.locator('p.acts button').first().click());
    const id = clerk.path.split('/').pop();
    await clerk.act('submit');

    const street = await at.staff('head1', { size });
    await street.go(`/cases/${id}`);
    await street.act('pass_check', { ...points, p_property: 'conflicts' }, 422);
    await street.reads('没有通过，不能交会议表决');
    await street.shot(`covenant-check-${name}`, { most: 3200 });
    await street.go(`/cases/${id}`);
    await street.act('send_back', { reason: '罚款没有法律依据，请改为批评教育' });
    await clerk.go(`/cases/${id}`);
    await clerk.reads('罚款没有法律依据');
    await clerk.act('edit', { text: '垃圾分类投放；乱扔垃圾的，由居民委员会批评教育。' });
    await clerk.act('submit');
    await street.go(`/cases/${id}`);
    await street.act('pass_check', points);

    await clerk.go(`/cases/${id}`);
    await clerk.act('call_meeting', { body: 'residents_meeting', matter: 'covenant', meeting_day: today(), urgent_reason: '汛期前必须定下来' });
    await clerk.page.goto(`/cases/${id}`);
    const meeting = await clerk.page.locator('main a[href*="/cases/"]', { hasText: '会议' }).first().getAttribute('href');
    await clerk.go(meeting);
    await clerk.follow('到会登记', 'main');
    const hall = clerk.path;
    for (const line of ['1', '2', '3']) {
      const quick = clerk.page.locator('form.hall-quick').first();
      await quick.locator('[name="line"]').fill(line);
      await clerk.leads(() => quick.locator('[name="line"]').press('Enter'));
    }
    assert.ok(hall);
    const chair = await at.staff('director1', { size });
    const second = await at.staff('clerk2', { size });
    const count = (who) => ({ [`${who}_for`]: '3', [`${who}_against`]: '0', [`${who}_abstained`]: '0', [`${who}_void`]: '0' });
    for (const [v, act, values] of [[chair, 'begin', {}], [chair, 'put_to_vote', { method: 'hands' }], [clerk, 'count_first', count('first')], [second, 'count_second', count('second')],
      [chair, 'close_vote', {}], [clerk, 'draft_minutes', {}], [chair, 'sign_minutes', {}], [clerk, 'confirm', {}]]) {
      await v.go(meeting);
      await v.act(act, values);
    }

    const resident = await at.visit({ size, script: false });
    await chair.go(`/cases/${id}`);
    await chair.reads('已通过，待报备案');
    await chair.act('file');
    await street.go(`/cases/${id}`);
    await street.act('accept', { receipt: '清河备（示例）1号' });
    await resident.go('/rules');
    await resident.follow('清河社区居委会', 'main');
    await resident.reads('批评教育');
    await resident.lacks('罚款五十元');
    await resident.shot(`covenant-rules-${name}`, { most: 3200 });
    await street.go(`/cases/${id}`);
    await street.act('order_correction', { order: '请写明从哪天起施行' });
    await resident.go('/rules/999901001001');
    await resident.reads('请写明从哪天起施行');
    for (const v of [clerk, street, chair, second, resident]) await v.close();
  });
}
