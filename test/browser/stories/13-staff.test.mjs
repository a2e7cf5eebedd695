// 13. Those who work here: a deputy acts for an absent colleague; all that a person
// holds goes to another; the month's duty roster; sign-in with a one-time code.
import { createHmac } from 'node:crypto';
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';
import { report } from '../lib/resident.mjs';

const { visit, staff } = stage();
// Each job is done on a phone and on a desktop; the other one looks at it.
const sizes = [['phone', phone, 'desktop', desktop], ['desktop', desktop, 'phone', phone]];
const day = (ahead) => new Date(Date.now() + (8 * 3600 + ahead * 86400) * 1000).toISOString().slice(0, 10);

/** A request that the lighting office's handler has accepted. */
async function accepted(words) {
  const resident = await visit({ script: false });
  const { number } = await report(resident, { words, place: '学府路口', class: 'street-light' });
  await resident.close();
  const dispatcher = await staff('dispatch1', { size: desktop });
  await dispatcher.go(`/cases/${number}`);
  await dispatcher.act('dispatch', { lead: 'lighting', item: '' });
  await dispatcher.close();
  const handler = await staff('h-lighting', { size: desktop });
  await handler.go(`/cases/${number}`);
  await handler.act('accept');
  await handler.close();
  return number;
}

for (const [name, size, otherName, other] of sizes) {
  test(`a deputy acts for an absent colleague, and the record says for whom: asked on a ${name}`, async () => {
    const number = await accepted(`学府路口第三盏路灯不亮（${name}）`);
    const away = await staff('h-lighting', { size });
    await away.go('/staff/absence');
    await away.fill(away.page.locator('#ask-form'), 'deputy', 'b-lighting');
    await away.fill(away.page.locator('#ask-form'), 'until', day(2));
    await away.press('请他代理');
    await away.reads('等待答复');
    await away.shot(`absence-${name}`);
    const deputy = await staff('b-lighting', { size: other });
    await deputy.go('/staff/absence');
    await deputy.reads('您代理');
    await deputy.press('同意代理');
    await deputy.reads('生效中');
    await deputy.shot(`absence-deputy-${otherName}`);
    await deputy.go(`/cases/${number}`);
    await deputy.reads('您正在代理');
    await deputy.act('ask_extension', { days: '2', reason: '等配件' });
    await deputy.reads('（代 ');
    await away.go('/staff/absence');
    await away.press('结束代理');
    await away.reads('现在没有代理');
    await Promise.all([away, deputy].map((v) => v.close()));
  });
}

for (const [name, size, , other] of sizes) {
  test(`all that a person holds is handed to a colleague: on a ${name}`, async () => {
    const number = await accepted('学府路口第五盏路灯不亮');
    const boss = await staff('b-lighting', { size });
    await boss.go('/staff/handover/h-lighting');
    await boss.reads('手上的办件');
    await boss.shot(`handover-${name}`);
    const form = boss.page.locator('#give-form');
    const selects = form.locator('select[name^="to."]');
    for (let i = 0; i < (await selects.count()); i++) await selects.nth(i).selectOption('b-lighting');
    await boss.fill(form, 'reason', '调往街道办');
    boss.page.on('dialog', (d) => d.accept());
    await boss.leads(() => form.locator('button.button').first().click());
    await boss.reads('移交');
    await boss.shot(`handover-done-${name}`);
    await boss.go(`/cases/${number}`);
    await boss.reads('移交给');
    const again = await staff('b-lighting', { size: other });
    await again.go('/staff/handover/h-lighting');
    await again.reads('没有要移交的事项');
    await Promise.all([boss, again].map((v) => v.close()));
  });
}

for (const [[name, size, otherName, other], ahead] of [[sizes[0], 40], [sizes[1], 75]]) { // two months
  test(`a month of duty is filled, refused for a gap, published and told: on a ${name}`, async () => {
    const boss = await staff('b-lighting', { size });
    const month = day(ahead).slice(0, 7);
    await boss.go(`/staff/roster?unit=lighting&month=${month}`);
    await boss.reads('没有排班');
    const names = await boss.page.locator('#members option').evaluateAll((all) => all.map((o) => o.value));
    const cells = boss.page.locator('input[name$=".night"]');
    const n = await cells.count();
    assert.ok(n >= 28, 'every night of the month has a cell');
    for (let i = 0; i < n; i++) if (i !== 4) await cells.nth(i).fill(names[i % names.length]);
    await boss.press('发布', { status: 422 });
    await boss.reads('夜班没有人');
    await boss.shot(`roster-gap-${name}`);
    await boss.page.locator('input[name$=".night"]').nth(4).fill(names[0]);
    await boss.press('发布');
    await boss.reads('值班表已发布');
    await boss.shot(`roster-${name}`);
    const list = await staff('h-lighting', { size: other, script: false });
    await list.go(`/staff/roster?unit=lighting&month=${month}`);
    await list.reads('已发布');
    assert.equal(await list.page.locator('.roster input').count(), 0, 'who does not make the roster only reads it');
    await list.shot(`roster-read-${otherName}`);
    await Promise.all([boss, list].map((v) => v.close()));
  });
}

/** A code by RFC 6238. */
function code(secret, at = Date.now()) {
  const bits = [...secret.replace(/\s/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
  const mac = createHmac('sha1', key).update(step).digest();
  const from = mac[19] & 15;
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 1000000).padStart(6, '0');
}

for (const [name, size, otherName, otherSize] of sizes) {
  test(`the one-time code is set up on a ${name} and asked for at sign-in on a ${otherName}`, async () => {
    const v = await staff('caller1', { size });
    await v.go('/me/factor');
    await v.press('开始设置');
    await v.reads('扫这个码');
    await v.shot(`factor-${name}`);
    const secret = (await v.page.locator('.facts dd').first().innerText()).trim();
    await v.fill(v.page.locator('#confirm'), 'code', code(secret));
    await v.press('确认');
    await v.reads('只显示这一次');
    const recovery = await v.page.locator('.codes code').allInnerTexts();
    assert.equal(recovery.length, 10);
    const other = await visit({ size: otherSize, script: false });
    await other.go('/sign-in');
    const form = other.page.locator('#sign-in');
    await form.locator('[name=login]').fill('caller1');
    await form.locator('[name=password]').fill('linli-demo-2026');
    await other.leads(() => form.locator('button').first().click());
    await other.reads('再输入动态口令');
    await other.shot(`factor-code-${otherName}`);
    // The next step's code is within the grace of one step; the used one is refused.
    await other.fill(other.page.locator('#code-form'), 'code', code(secret, Date.now() + 30000));
    await other.press('登录');
    await other.go('/me/factor');
    await other.reads('已启用');
    // It is taken away again, for the stories that follow.
    await other.page.locator('summary', { hasText: '取消动态口令' }).click();
    await other.fill(other.page.locator('#remove'), 'code', recovery[0]);
    await other.press('取消动态口令');
    await other.reads('没有启用');
    await Promise.all([v, other].map((x) => x.close()));
  });
}
