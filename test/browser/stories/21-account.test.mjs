// 21. A resident signs in by telephone and code, keeps requests in one place, takes
// the data along and deletes the account. Nothing needs it.
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { assert, desktop, stage, test } from '../lib/story.mjs';
import { report } from '../lib/resident.mjs';

const at = stage();
const { visit } = at;

/** The codes that the file sender wrote to a telephone, oldest first. */
async function codes(phone) {
  const folder = path.join(at.data, 'outbox');
  if (!existsSync(folder)) return [];
  const days = (await readdir(folder)).filter((n) => n.endsWith('.jsonl')).sort();
  const lines = (await Promise.all(days.map((n) => readFile(path.join(folder, n), 'utf8')))).join('').split('\n').filter(Boolean);
  return lines.map((l) => JSON.parse(l)).filter((m) => m.to === phone && m.text.includes('登录居民账户')).map((m) => m.text);
}

/** Signs in from the door; the code was sent before the page answers. */
async function signIn(v, phone, wrong = false) {
  await v.go('/account');
  await v.reads('没有账户一样能反映');
  await v.fill(v.page.locator('form#phone'), 'phone', phone);
  await v.press('发验证码');
  const text = (await codes(phone)).at(-1);
  assert.match(text, /验证码 \d{6}，用来登录居民账户，5 分钟内有效/);
  const code = text.match(/\d{6}/)[0];
  const form = v.page.locator('form#code');
  if (wrong) {
    await v.fill(form, 'code', code === '000000' ? '111111' : '000000');
    await v.press('登录', { status: 422 });
    await v.reads('验证码不对或已过期');
  }
  await v.fill(form, 'code', code);
  await v.press('登录');
  assert.equal(v.path, '/account/mine');
}

const serial = String(Date.now()).slice(-7);

for (const size of [undefined, desktop]) {
  const name = size ? 'desktop' : 'phone';
  const phone = `13${size ? 6 : 5}${serial}1`;

  test(`a resident keeps requests on an account and deletes it (${size ? 'desktop' : '360 px'})`, async () => {
    const stranger = await visit();
    const early = await report(stranger, { words: '人民公园的路灯坏了', class: 'street-light', phone });
    await stranger.go(new URL(early.link).pathname);
    await stranger.reads('登录后可在一处看所有诉求');
    await stranger.close();

    const v = await visit({ ...(size ? { size } : {}) });
    await v.go('/account');
    await v.shot(`account-door-${name}`);
    await v.fill(v.page.locator('form#phone'), 'phone', '05161234567');
    await v.press('发验证码', { status: 422 });
    await v.reads('请填 11 位手机号码');
    await signIn(v, phone, true);
    await v.reads('账户里还没有诉求');

    await v.page.locator('summary').filter({ hasText: '放进一件诉求' }).click();
    await v.look();
    await v.fill(v.page.locator('form#add'), 'number', '261124-00000000');
    await v.press('放进账户', { status: 422 });
    await v.reads('找不到诉求');
    await v.fill(v.page.locator('form#add'), 'number', early.number);
    await v.press('放进账户');
    await v.reads('已记到您的账户');
    await v.reads(early.number);

    const late = await report(v, { words: '小区门口的井盖松了', class: '' });
    await v.reads('您已登录居民账户');
    await v.press('记到我的账户');
    assert.equal(v.path, '/account/mine');
    await v.reads(late.number);
    await v.shot(`account-mine-${name}`);

    await v.leads(() => v.page.locator(`a[href="/follow/${late.number}"]`).click());
    await v.reads('在您的账户里');
    await v.leads(() => v.page.locator('main a[href="/account/mine"]').click());
    await v.follow('看存了我的什么', 'main');
    await v.reads(phone);
    await v.reads('小区门口的井盖松了');
    const [file] = await Promise.all([v.page.waitForEvent('download'), v.page.getByRole('link', { name: '下载（JSON）' }).click()]);
    const data = JSON.parse(await readFile(await file.path(), 'utf8'));
    assert.equal(data.phone, phone);
    assert.deepEqual(data.cases.map((c) => c.number), [late.number, early.number]);

    await v.go('/account/mine');
    await v.page.locator('summary').filter({ hasText: '删除账户' }).click();
    await v.look();
    await v.page.locator('form#delete [name=sure]').check();
    await v.leads(() => v.page.locator('form#delete button').click());
    await v.reads('账户已删除');
    await v.go(`/follow/${late.number}`, 404);
    await v.go(new URL(early.link).pathname);
    await v.reads(early.number);
    await v.close();
  });
}

test('without script: sign in, put the open request there, sign out everywhere', async () => {
  const phone = `137${serial}2`;
  const reporter = await visit();
  const { number, link } = await report(reporter, { words: '路边的垃圾桶倒了', class: '' });
  await reporter.close();
  const v = await visit({ script: false });
  await signIn(v, phone);
  await v.go(new URL(link).pathname);
  await v.press('记到我的账户');
  await v.reads('在您的账户里');
  const other = await visit({ script: false, lang: 'en' });
  await other.go('/account');
  await other.close();
  await v.go('/account/mine');
  await v.reads(number);
  await v.page.locator('summary').filter({ hasText: '在所有手机、电脑上退出' }).click();
  await v.leads(() => v.page.locator('form#all button').click());
  await v.go('/account/mine');
  assert.equal(v.path, '/account');
  await v.close();
});
