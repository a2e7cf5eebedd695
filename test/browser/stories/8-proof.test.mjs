// 8. Anybody can check the log; the first run makes the administrator.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';
import { report } from '../lib/resident.mjs';
import { serve, verify, verifyServer } from '../lib/server.mjs';
import { Visit } from '../lib/visit.mjs';

const at = stage();

test('a receipt leads to its proof', async () => {
  const v = await at.visit({ size: phone });
  const { link, leaf } = await report(v, { words: '东山公交站路灯不亮', place: '东山公交站' });
  await v.go(link);
  const text = await proofOf(v);
  assert.match(text, /^c2sp\.org\/tlog-proof@v1/, 'the proof is in the common form');
  await v.reads(leaf.slice(0, 12));
  await v.go('/proof');
  await v.reads('只增不改');
  await v.close();
  const wide = await at.visit({ size: desktop });
  await wide.go('/proof');
  await wide.shot('proof-desktop', { most: 2000 });
  await wide.close();
});

/** Downloads the proof of the first entry, as soon as it has its number. */
async function proofOf(v) {
  const href = await v.page.locator('main a[href*="/proof/"]').last().getAttribute('href');
  for (let i = 0; i < 100; i++) {
    const answer = await v.context.request.get(href);
    if (answer.ok()) return answer.text();
    await new Promise((resolve) => setTimeout(resolve, 100)); // numbered within a second
  }
  return assert.fail('no proof within ten seconds');
}

test('the running house verifies', async () => {
  const { code, said } = await verify(process.env.LINLI_BIN, at.data);
  assert.equal(code, 0, said);
  assert.match(said, /核对无误/);
  const over = await verifyServer(process.env.LINLI_BIN, at.url);
  assert.equal(over.code, 0, over.said);
});

test('the first run on an empty folder makes the administrator by a one-time code', async () => {
  const fresh = await serve({ bin: process.env.LINLI_BIN, demo: false });
  const v = await Visit.open(at.browser, { url: fresh.url, size: desktop });
  try {
    const code = fresh.said().match(/一次性代码 (\S+)/)[1];
    await v.go('/');
    assert.equal(await v.page.locator('aside.demo').count(), 0, 'a real house is no demo');
    await v.go('/sign-in');
    assert.equal(v.path, '/first-run');
    const form = v.page.locator('form#first-run');
    const fill = async (secret) => {
      for (const [name, value] of Object.entries({ code: secret, unit: '云溪县人民政府', area: '999901', name: '管理员', login: 'boss', password: 'a long enough secret 1', again: 'a long enough secret 1' })) await v.fill(form, name, value);
    };
    await fill('WRONG-CODE');
    await v.leads(() => form.locator('button').last().click(), 403);
    await v.reads('启用码不对');
    await fill(code);
    await v.leads(() => form.locator('button').last().click());
    assert.equal(v.path, '/setup');
    await v.reads('开通清单');
    await v.reads('还没有村（社区）');
    await v.go('/first-run', 409);
    await v.press('退出', { within: 'header' });
    await v.signIn('boss', 'a long enough secret 1');
    const { code: exit, said } = await fresh.verify();
    assert.equal(exit, 0, said);
  } finally {
    await v.close();
    await fresh.stop();
  }
});
