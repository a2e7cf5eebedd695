// 12. A handler is told outside the house, says how, and a resident ends the
// messages; the administrator sees every sending and a sender that fails.
import { existsSync } from 'node:fs';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assert, desktop, stage, test } from '../lib/story.mjs';
import { report } from '../lib/resident.mjs';

const at = stage();
const { visit, staff } = at;

/** What the file sender wrote to one receiver. */
async function outbox(receiver) {
  const folder = path.join(at.data, 'outbox');
  if (!existsSync(folder)) return [];
  const days = (await readdir(folder)).filter((n) => n.endsWith('.jsonl')).sort();
  const lines = (await Promise.all(days.map((n) => readFile(path.join(folder, n), 'utf8')))).join('').split('\n').filter(Boolean);
  return lines.map((l) => JSON.parse(l)).filter((m) => m.to === receiver);
}

/** Waits until something holds, asking again and again. */
async function until(what, holds) {
  for (let i = 0; i < 300; i++) {
    const got = await holds();
    if (got) return got;
    await new Promise((r) => setTimeout(r, 100));
  }
  return assert.fail(`never: ${what}`);
}

/** The n-th message to a receiver. */
const message = (receiver, n) => until(`message ${n} to ${receiver}`, async () => (await outbox(receiver))[n - 1]);

const serial = String(Date.now()).slice(-6);
const handler = `139${serial}01`;
const resident = `138${serial}02`;

for (const size of [undefined, desktop]) {
  test(`a handler verifies a number and says how to be told (${size ? 'desktop' : '360 px'})`, async () => {
    const mobile = size ? handler : `137${serial}03`;
    const h = await staff(size ? 'h-lighting' : 'h-sanitation', size ? { size } : { script: false });
    await h.go('/notice/preferences');
    await h.reads('还没有联系方式');
    await h.fill(h.page.locator('form#offer'), 'to', '12345');
    await h.press('发验证码', { status: 422 });
    await h.reads('请填手机号码');
    await h.fill(h.page.locator('form#offer'), 'to', mobile);
    await h.press('发验证码');
    await h.reads('等待验证');
    await h.shot(`notice-preferences-${size ? 'desktop' : 'phone'}`);
    const { text } = await message(mobile, 1);
    assert.match(text, /验证码 \d{6}/);
    await h.fill(h.page.locator('form#confirm'), 'code', text.includes('000000') ? '111111' : '000000');
    await h.press('验证', { status: 422 });
    await h.reads('验证码不对或已过期');
    await h.fill(h.page.locator('form#confirm'), 'code', text.match(/\d{6}/)[0]);
    await h.press('验证');
    await h.reads('已验证');
    await h.reads(`${mobile.slice(0, 3)}****${mobile.slice(-4)}`);
    const how = h.page.locator('form#how');
    await h.fill(how, 'digest', '25:00');
    await h.press('保存', { status: 422 });
    await h.reads('请写成 09:00 这样的时间');
    await h.fill(how, 'digest', '9:30');
    await h.fill(how, 'info', 'house');
    await h.press('保存');
    await h.reads('已保存');
    assert.equal(await how.locator('[name=digest]').inputValue(), '09:30');
    await h.close();
  });
}

test('the handler is told of a case, finds it under 告知, and the resident ends the messages', async () => {
  const v = await visit();
  const { number, link } = await report(v, { words: '人民公园的路灯坏了', class: 'street-light', phone: resident });
  const receipt = await message(resident, 1);
  assert.ok(receipt.text.includes(number), receipt.text);
  assert.ok(!receipt.text.includes('路灯') && !receipt.text.includes('公园'), `no words of the case leave the house: ${receipt.text}`);

  const d = await staff('dispatch1', { size: desktop });
  await d.go(`/cases/${number}`);
  await d.act('dispatch', { lead: 'lighting', item: '' });
  await d.close();
  const told = await until('the handler is told', async () => (await outbox(handler)).find((m) => m.text.includes(number)));
  assert.ok(told.text.includes('要您办'), told.text);

  for (const size of [undefined, desktop]) {
    const h = await staff('h-lighting', size ? { size } : {});
    await h.go('/notice');
    await h.reads(number);
    await h.shot(`notice-${size ? 'desktop' : 'phone'}`);
    await h.close();
  }
  const h = await staff('h-lighting', { script: false });
  await h.go('/notice');
  await h.press('全部标为已读');
  await h.reads('没有新的告知');
  await h.follow('已读', 'main');
  await h.reads(number);
  await h.leads(() => h.page.locator('main ul.cases a').first().click());
  await h.close();

  // By the message's link, as from the phone's message list: without script.
  const phone = await visit({ script: false });
  await phone.go(new URL(receipt.link).pathname);
  await phone.reads(number);
  await phone.lacks('路灯');
  await phone.press('看办理进展');
  assert.equal(phone.path, `/follow/${number}`);
  await phone.reads('短信提醒');
  await phone.press('不再通知');
  await phone.reads('有进展时短信告诉我');
  await phone.shot('notice-optout-phone');
  await phone.go(new URL(receipt.link).pathname);
  await phone.press('有进展时短信告诉我');
  await phone.press('不再通知');
  await phone.reads('这一件不再给您发短信');
  await phone.go(`/n/${'a'.repeat(16)}`, 404);
  await phone.close();

  await v.go(link);
  await v.reads('有进展时短信告诉我');
  const p = await staff('h-lighting', { size: desktop });
  await p.go(`/cases/${number}`);
  await p.act('accept');
  await p.act('contact', { contact: '已电话联系' });
  await p.act('answer', { answer: '灯已换好' });
  await p.close();
  // The log says that it was not sent, since the resident wants none.
  const admin = await staff('admin', { size: desktop });
  await until('the answer stands in the delivery log', async () => {
    await admin.page.goto(`/notice/log?number=${number}`);
    return (await admin.text()).includes('对方不再接收');
  });
  await admin.lacks(resident);
  await admin.lacks('路灯');
  await admin.shot('notice-log-desktop');
  assert.equal((await outbox(resident)).length, 1);
  await Promise.all([v, admin].map((x) => x.close()));
});

test('a sender that fails is seen by the administrator, and mends itself', async () => {
  const folder = path.join(at.data, 'outbox');
  await rename(folder, `${folder}.kept`);
  await writeFile(folder, 'not a folder');
  const admin = await staff('admin');
  try {
    const h = await staff('clerk2');
    for (let i = 0; i < 3; i++) { // a code that cannot be sent is said at once
      await h.go('/notice/preferences');
      await h.fill(h.page.locator('form#offer'), 'to', `136${serial}1${i}`);
      await Promise.all([h.page.waitForNavigation({ waitUntil: 'load' }), h.page.getByRole('button', { name: '发验证码' }).click()]);
      await h.reads('验证码暂时发不出去');
      h.errors = []; // the 503 is what is looked for
    }
    await admin.go('/admin/units');
    await admin.reads('告知发不出去');
    await admin.go('/notice/log');
    await admin.reads('文件写不进去');
    await admin.shot('notice-failing-phone');
    await h.lacks('告知发不出去');
    await rm(folder);
    await rename(`${folder}.kept`, folder);
    await h.fill(h.page.locator('form#offer'), 'to', `136${serial}09`);
    await h.press('发验证码');
    await h.close();
  } finally {
    if (existsSync(`${folder}.kept`)) {
      await rm(folder, { recursive: true });
      await rename(`${folder}.kept`, folder);
    }
  }
  await admin.go('/admin/units');
  await admin.lacks('告知发不出去');
  await admin.close();
});
