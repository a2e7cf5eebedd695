// 22. A meeting: its roll from a table with a row that is wrong, the door of the
// hall on a phone, a quorum that is missed by one, two people who count, and the
// minutes on paper. On a phone, on a desktop, and the door without script.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const { staff } = stage();
const csv = (text) => ({ name: '名册.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date());

/** Imports a roll and looks at what is said of it. */
async function importRoll(v, body, text, status = 200) {
  await v.go('/rolls');
  const form = v.page.locator('form#import');
  const fold = v.page.locator('details:has(form#import)');
  if ((await fold.getAttribute('open')) === null) await fold.locator('summary').first().click();
  await form.locator('[name="body"]').selectOption(body);
  await v.fill(form, 'file', csv(text));
  await v.leads(() => form.locator('p.acts button').click(), status);
}

for (const [name, size, body, rule] of [['phone', phone, 'collective_board', '农村集体经济组织法 31'], ['desktop', desktop, 'party_meeting', '中国共产党农村基层组织工作条例 19']]) {
  test(`from the roll to the printed minutes, ${name}`, async () => {
    const clerk = await staff('clerk3', { size });
    const column = body === 'party_meeting' ? '党员' : '妇女';
    await importRoll(clerk, body, `姓名,${column}\n赵示一,是\n钱示二,也许\n`, 422);
    await clerk.reads('“也许”看不懂');
    await clerk.shot(`meeting-report-${name}`);
    await importRoll(clerk, body, `姓名,${column},身份证号\n赵示一,是,990101199001010011\n`, 422);
    await clerk.reads('名册不需要它');
    await importRoll(clerk, body, `姓名,${column}\n赵示一,是\n钱示二,是\n孙示三,是\n李示四,是\n周示五,是\n`);
    await clerk.reads('应到 5 人');
    await clerk.follow('查看名册', 'main');
    await clerk.reads('赵示一');
    await clerk.shot(`meeting-roll-${name}`);

    await clerk.go('/new/meeting/call_alone');
    const call = clerk.page.locator('main form.form').first();
    const values = { village: '999901100201', body, matter: 'other', subject: `年度工作安排（${name}）`, text: '同意年度工作安排。', meeting_day: today(), hall: '会议室' };
    for (const [field, value] of Object.entries(values)) await clerk.fill(call, field, value);
    await clerk.leads(() => call.locator('p.acts button').first().click());
    const id = clerk.path.split('/').pop();
    await clerk.reads('已通知');
    await clerk.follow('到会登记', 'main');
    const hall = clerk.path;
    await clerk.reads('人数还不够');

    // At the door: by number, by name; twice is refused.
    const quick = clerk.page.locator('form.hall-quick').first();
    await quick.locator('[name="line"]').fill('1');
    await clerk.leads(() => quick.locator('[name="line"]').press('Enter'));
    await clerk.reads('第 1 号已登记到会');
    await clerk.fill(clerk.page.locator('form[role=search]'), 'find', '示二');
    await clerk.leads(() => clerk.page.locator('form[role=search] button').click());
    await clerk.leads(() => clerk.page.locator('.hall-list li', { hasText: '钱示二' }).getByRole('button', { name: '到会' }).first().click());
    await clerk.page.locator('form.hall-quick').first().locator('[name="line"]').fill('2');
    await clerk.leads(() => clerk.page.locator('form.hall-quick button').first().click(), 409);
    await clerk.reads('已经到会');
    const missing = body === 'party_meeting' ? 1 : 2;
    await clerk.reads(`还差 ${missing} 人`);
    await clerk.reads(rule);
    await clerk.shot(`meeting-door-${name}`);

    // The chair is refused with the numbers and the article, and the screen counts up by itself.
    const chair = await staff('director3', { size });
    await chair.go(`/cases/${id}`);
    await chair.whyNot();
    await chair.reads(rule);
    await chair.go(`${hall}/screen`);
    await chair.reads('人数还不够');
    await chair.shot(`meeting-screen-${name}`);
    for (const line of ['3', '4']) {
      await clerk.go(hall);
      await clerk.page.locator('form.hall-quick').first().locator('[name="line"]').fill(line);
      await clerk.leads(() => clerk.page.locator('form.hall-quick button').first().click());
    }
    await chair.page.locator('.hall-live.good').waitFor({ timeout: 20000 });
    await chair.reads('人数够了');
    await chair.go(`/cases/${id}`);
    await chair.act('begin');
    await chair.act('put_to_vote', { method: 'hands' });

    // Two people count; the second does not see what the first has counted.
    await clerk.go(`/cases/${id}`);
    await clerk.act('count_first', { first_for: '4', first_against: '1', first_abstained: '0', first_void: '0' }, 422);
    await clerk.reads('比到会的 4 人多');
    await clerk.act('count_first', { first_for: '3', first_against: '1', first_abstained: '0', first_void: '0' });
    assert.ok(!(await clerk.offers('count_second')), 'the first teller may not count again');
    const second = await staff('clerk4', { size });
    await second.go(`/cases/${id}`);
    await second.act('count_second', { second_for: '4', second_against: '0', second_abstained: '0', second_void: '0' });
    await second.reads('待第一人计票');
    await clerk.go(`/cases/${id}`);
    await clerk.act('count_first', { first_for: '3', first_against: '1', first_abstained: '0', first_void: '0' });
    await second.go(`/cases/${id}`);
    await second.act('count_second', { second_for: '3', second_against: '1', second_abstained: '0', second_void: '0' });
    await chair.go(`/cases/${id}`);
    await chair.act('close_vote');
    await chair.reads('通过');
    await chair.reads(rule);
    await clerk.go(`/cases/${id}`);
    await clerk.act('draft_minutes');
    await chair.go(`/cases/${id}`);
    await chair.act('sign_minutes');
    await second.go(`/cases/${id}`);
    await second.act('confirm');
    await second.reads('已通过');
    await second.go(`${hall}/minutes`);
    for (const words of ['应到 5 人', '到会 4 人', '赞成 3，反对 1', rule, '不一致 1 次', '同意年度工作安排']) await second.reads(words);
    await second.shot(`meeting-minutes-${name}`);
    for (const v of [clerk, chair, second]) await v.close();
  });
}

test('the door works without script and in English', async () => {
  const v = await staff('clerk4', { size: phone, script: false, lang: 'en' });
  await v.go('/rolls');
  await v.leads(() => v.page.locator('#meetings table a').filter({ hasText: '误工补贴' }).click());
  await v.reads('There is a quorum');
  await v.fill(v.page.locator('form[role=search]'), 'find', '45');
  await v.leads(() => v.page.locator('form[role=search] button').click());
  await v.leads(() => v.page.locator('.hall-list li').getByRole('button', { name: 'Present' }).first().click());
  await v.reads('No. 45 is marked present');
  await v.shot('meeting-door-en');
  await v.close();
});
