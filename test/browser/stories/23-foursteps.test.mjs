// 23. From a petition to a published result: the township checks who signed, the
// village takes the four steps, is refused a meeting with nine days' notice and a
// meeting that misses its quorum by one, carries it, publishes it, carries it out
// and is judged. And a consultation in which anybody writes without account.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const { visit, staff } = stage();
const village = '999901100202';
const csv = (text) => ({ name: '名册.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
const day = (ahead) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date(Date.now() + ahead * 86400_000));

/** Looks at a page in the other size as well. */
async function both(to, name, { size, login }) {
  const other = login ? await staff(login, { size }) : await visit({ size });
  await other.go(to);
  await other.shot(name, { most: 3000 });
  await other.close();
}

/** Sends a form of a page by its id. */
async function send(v, id, values, status = 200) {
  const form = v.page.locator(`form#${id}`);
  const fold = v.page.locator(`details:not([open]):has(form#${id})`);
  if ((await fold.count()) > 0) await fold.locator('summary').first().click();
  for (const [field, value] of Object.entries(values)) await v.fill(form, field, value);
  await v.leads(() => form.locator('p.acts button').first().click(), status);
}

// Who works in the office sits at a desktop, who lives there holds a phone; the pages
// that matter are looked at in both sizes.
test('a petition followed to its published result', async () => {
  const subject = '村西便桥改建（演示）';
  const guide = await staff('guide3', { size: desktop });
  await guide.go('/new/petition/receive');
  const form = guide.page.locator('form#open');
  const values = { village, body: 'village_meeting', subject, about: '栏杆断了两处，雨天过水，要求开会商议改建。', matter: 'public_works' };
  for (const [field, value] of Object.entries(values)) await guide.fill(form, field, value);
  await guide.leads(() => form.locator('p.acts button').first().click(), 201);
  const number = (await guide.text()).match(/\d{6}-\d{8}/)[0];

  await guide.go(`/petitions/${number}/signatures`);
  await send(guide, 'enter', { capacity: 'person', lines: '示例甲 第1户\n示例乙 第2户\n示例丙 第3户' });
  await send(guide, 'enter', { capacity: 'person', lines: '示例丁 第4户\n示例甲 第1户' }, 409);
  await guide.reads('一人只算一次');
  await guide.lacks('示例甲');
  await guide.go(`/cases/${number}`);
  await guide.act('close_list');
  await guide.go(`/petitions/${number}/signatures`);
  await guide.shot('petition-signatures');
  await both(`/petitions/${number}/signatures`, 'petition-signatures-phone', { size: phone, login: 'guide3' });
  await send(guide, 'names', { purpose: '核对是否在村民名册上' });
  await guide.reads('示例甲');
  const choices = guide.page.locator('select');
  assert.equal(await choices.count(), 4);
  for (let i = 0; i < 4; i++) await choices.nth(i).selectOption(i < 2 ? 'valid' : i === 2 ? 'not_own_hand' : 'valid');
  await guide.press('保存核对结果');
  await guide.go(`/cases/${number}`);
  await guide.act('count', { roll_people: '31', roll_representatives: '20', roll_source: '村民名册（演示）' });
  await guide.reads('人数不够');
  const resident = await visit({ size: phone, script: false });
  await resident.go(`/petitions/${number}`);
  await resident.reads('须不少于 1/10');
  await resident.reads('村民委员会组织法 25(2)');
  await resident.lacks('示例');
  await resident.shot('petition-too-few');
  await guide.act('reopen_list');
  await guide.go(`/petitions/${number}/signatures`);
  await send(guide, 'enter', { capacity: 'person', lines: '示例戊 第5户' });
  await guide.go(`/cases/${number}`);
  await guide.act('close_list');
  await guide.go(`/petitions/${number}/signatures`);
  await guide.page.locator('select').nth(4).selectOption('valid');
  await guide.press('保存核对结果');
  await guide.go(`/cases/${number}`);
  await guide.act('count', { roll_people: '31', roll_representatives: '20', roll_source: '村民名册（演示）' });
  await guide.reads('人数已够');
  await guide.act('oblige', { committee: 'v-hetang', matter: 'public_works' });
  await resident.go(`/petitions/${number}`);
  await resident.reads('应当召集会议');
  await resident.follow(`看事项：${subject}`, 'main');
  const matter = resident.path;
  const at = `/cases/${matter.split('/').pop()}`;
  await resident.reads('来自联名提议');
  await resident.shot('matter-raised');

  const secretary = await staff('secretary4', { size: desktop });
  const director = await staff('director4', { size: desktop });
  const clerk = await staff('clerk5', { size: desktop });
  await secretary.go(at);
  assert.ok(!(await secretary.offers('consult')), 'no step is skipped');
  await secretary.act('propose', { resolution: '同意改建村西便桥，用公益金四万元。', proposed_members: '5', proposed_present: '5', proposed_favour: '5' });
  await director.go(at);
  assert.ok(!(await director.offers('drop')), 'a petition that is large enough is not dropped');
  await director.act('consult', { consulted_members: '8', consulted_present: '7', consulted_favour: '7' });
  await secretary.go(at);
  await secretary.act('review', { reviewed_members: '40', reviewed_present: '20', reviewed_favour: '20' }, 422);
  await secretary.reads('须超过 1/2');
  await secretary.go(at);
  await secretary.act('review', { reviewed_members: '40', reviewed_present: '30', reviewed_favour: '25' });

  // A roll of twelve adults in four households.
  await clerk.go('/rolls');
  const roll = clerk.page.locator('form#import');
  const fold = clerk.page.locator('details:has(form#import)');
  if ((await fold.getAttribute('open')) === null) await fold.locator('summary').first().click();
  await roll.locator('[name="body"]').selectOption('village_meeting');
  const people = [...'甲乙丙丁戊己庚辛壬癸子丑'].map((c, i) => `示例${c},${Math.floor(i / 3) + 1},是,否`);
  await clerk.fill(roll, 'file', csv(`姓名,户号,是否成年,户代表\n${people.join('\n')}\n`));
  await clerk.leads(() => roll.locator('p.acts button').click());

  await clerk.go(at);
  await clerk.act('call_meeting', { body: 'village_meeting', meeting_day: day(9), resolution: '同意改建村西便桥，用公益金四万元。' }, 422);
  await clerk.reads('提前的天数 9，须不少于 10');
  await clerk.shot('matter-nine-days');
  await clerk.go(at);
  await clerk.act('call_meeting', { body: 'village_meeting', meeting_day: day(0), resolution: '同意改建村西便桥，用公益金四万元。', urgent_reason: '暴雨冲断桥面，今晚必须定下来' });
  await clerk.reads('会议决议中');
  const meeting = await clerk.page.locator('main a[href^="/cases/"]').filter({ hasText: '会议' }).first().getAttribute('href');
  await arriveAll(clerk, meeting, 1, 6);
  await director.go(meeting);
  await director.whyNot();
  await director.reads('须超过 1/2');
  await director.shot('matter-no-quorum');
  await arriveAll(clerk, meeting, 7, 7);
  await director.go(meeting);
  await director.act('begin');
  await director.act('put_to_vote', { method: 'hands' });
  await clerk.go(meeting);
  await clerk.act('count_first', { first_for: '6', first_against: '1', first_abstained: '0', first_void: '0' });
  const second = await staff('clerk6', { size: desktop });
  await second.go(meeting);
  await second.act('count_second', { second_for: '6', second_against: '1', second_abstained: '0', second_void: '0' });
  await director.go(meeting);
  await director.act('close_vote');
  await clerk.go(meeting);
  await clerk.act('draft_minutes');
  await director.go(meeting);
  await director.act('sign_minutes');
  await second.go(meeting);
  await second.act('confirm');

  await resident.go(matter);
  await resident.reads('待公开');
  await resident.lacks('四万元');
  await clerk.go(at);
  await clerk.act('post_decision', { posted_text: '同意改建村西便桥，用公益金五万元。' }, 422);
  await clerk.reads('与会议表决的文本不同');
  await clerk.go(at);
  await clerk.act('post_decision');
  await resident.go(matter);
  await resident.reads('四万元');
  await resident.reads('村民委员会组织法 26(1)');
  await resident.shot('matter-announced', { most: 3000 });
  const sheet = await resident.page.request.get(`${matter}/resolution`);
  assert.equal(sheet.headers()['content-type'], 'application/pdf');

  await director.go(at);
  await director.act('begin', { plan: '十二月动工，监督委员会全程看' });
  await clerk.go(at);
  await clerk.act('progress', { milestone: '桥面浇好', spent: '39800' });
  await director.go(at);
  await director.act('finish', { result: '桥已通行。', money_spent: '40000' }, 422);
  await director.reads('39800.00');
  await director.go(at);
  await director.act('finish', { result: '桥已通行。', money_spent: '39800' });
  await clerk.go(at);
  await clerk.act('post_result');
  await resident.go(matter);
  await resident.reads('桥已通行');
  await resident.press('满意');
  await resident.reads('满意 1');
  await resident.shot('matter-result', { most: 3500 });
  await resident.go(`/petitions/${number}`);
  await resident.reads('已有结果');
  await both(matter, 'matter-result-desktop', { size: desktop });
  await both(`/petitions/${number}`, 'petition-settled-desktop', { size: desktop });
  await Promise.all([guide, resident, secretary, director, clerk, second].map((v) => v.close()));
});

for (const [name, size] of [['phone', phone], ['desktop', desktop]]) {
  test(`a consultation without account, ${name}`, async () => {
    const subject = `垃圾房放在哪里（${name}）`;
    const clerk = await staff('clerk5', { size });
    await clerk.go('/new/consultation/announce');
    const form = clerk.page.locator('form#open');
    const values = { village, subject, about: '旧垃圾房要拆，新的放哪里，请大家说。', way: 'council', invited: '附近住户' };
    for (const [field, value] of Object.entries(values)) await clerk.fill(form, field, value);
    await fillLength(clerk, form, 'period', '10');
    await clerk.leads(() => form.locator('p.acts button').first().click());
    const number = (await clerk.text()).match(/\d{6}-\d{8}/)[0];

    const resident = await visit({ size, script: name === 'desktop' });
    await resident.go(`/topics?kind=consultation&area=${village}`);
    await resident.follow(subject, 'main');
    await send(resident, 'say', { statement: '放在村西，联系我13900001111' }, 422);
    await resident.reads('里面有电话');
    await send(resident, 'say', { statement: '放在村西晒场旁边' });
    await resident.reads('收到了');
    await resident.shot(`topic-said-${name}`);
    await resident.follow('看我的意见怎样了', 'main');
    await resident.reads('还没有人看过');
    const mine = resident.path;
    const other = await visit({ size });
    await other.go(`/topics/${number}`);
    await other.lacks('晒场旁边');
    await send(other, 'say', { statement: '某某就会占公家地' });

    await clerk.go(`/topics/${number}/moderate`);
    await clerk.shot(`topic-moderate-${name}`);
    const publish = clerk.page.locator('li').filter({ hasText: '晒场旁边' }).locator('form');
    await clerk.fill(publish, 'ruling', 'publish');
    await clerk.leads(() => publish.locator('button').first().click());
    const hide = clerk.page.locator('li').filter({ hasText: '某某' }).locator('form');
    await clerk.fill(hide, 'ruling', 'hide');
    await clerk.fill(hide, 'ground', 'insult');
    await clerk.leads(() => hide.locator('button').first().click());

    await resident.go(mine);
    await resident.reads('已经公开');
    await other.go(`/topics/${number}`);
    await other.press(/^同意/, { exact: false });
    await other.reads('同意 1，不同意 0');
    await other.press(/^不同意/, { exact: false });
    await other.reads('同意 0，不同意 1');
    await other.lacks('某某');
    await other.reads('1 条没有公开');
    await other.shot(`topic-${name}`);
    await Promise.all([clerk, resident, other].map((v) => v.close()));
  });
}

/** Marks lines of the roll as present at the door of the hall. */
async function arriveAll(v, meeting, from, to) {
  for (let line = from; line <= to; line++) {
    await v.go(meeting);
    await v.follow('到会登记', 'main');
    const quick = v.page.locator('form.hall-quick').first();
    await quick.locator('[name="line"]').fill(String(line));
    await v.leads(() => quick.locator('button').first().click());
  }
}

/** Fills a length: so many days. */
async function fillLength(v, form, name, days) {
  const one = form.locator(`[name="${name}"]`);
  await one.selectOption({ index: 1 });
}
