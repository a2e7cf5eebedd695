// 14. The command page: it learns of a new report by itself, filters, leads from
// the county to a grid and to the case, by keyboard, on a phone, on the wall, and
// without script.
import { desktop, assert, phone, stage, test } from '../lib/story.mjs';
import { report } from '../lib/resident.mjs';

const { visit, staff } = stage();

/** Waits until the stream is open and what it may miss has been fetched. */
const live = (v) => v.page.locator('[data-state].on').first().waitFor();

const number = async (v, name) => Number(await v.page.locator('.command-tile').filter({ hasText: name }).first().locator('b').innerText());

test('a report appears on the open page without reloading it', async () => {
  const v = await staff('dispatch1', { size: desktop });
  await v.go('/command?sort=new');
  await live(v);
  const before = await number(v, '今日收到');
  await v.page.evaluate(() => { window.sameDocument = true; });
  const words = `指挥台看得见 ${Date.now() % 1e6}`;
  const resident = await visit({ size: phone });
  await report(resident, { words });
  await resident.close();
  await v.page.locator('.cases a').filter({ hasText: words }).first().waitFor();
  assert.equal(await v.page.evaluate(() => window.sameDocument), true, 'the page was not loaded anew');
  assert.ok((await number(v, '今日收到')) > before, 'the figures follow');
  await v.look();
  await v.leads(() => v.page.locator('.cases a').filter({ hasText: words }).first().click());
  await v.reads(words);
  await v.close();
});

test('filters, and from the county down to a grid and a case', async () => {
  for (const size of [desktop, phone]) {
    const v = await staff('dispatch1', { size });
    await v.go('/command');
    await v.reads('上升的类别');
    await live(v);
    await v.page.locator('[data-drawn]').waitFor();
    await v.shot(size === phone ? 'command-phone' : 'command-desktop', { most: size === phone ? 1800 : 1700 });
    await v.leads(() => v.page.locator('.command-tile').filter({ hasText: '已超期' }).click());
    assert.match(v.page.url(), /show=overdue/);
    for (const late of await v.page.locator('.cases > li').all()) assert.match(await late.innerText(), /超期/);
    const fold = v.page.locator('.command-fold');
    if ((await fold.getAttribute('open')) === null) await fold.locator('summary').click();
    const form = v.page.locator('form.command-filter');
    await form.locator('[name=show]').selectOption('decides');
    await v.leads(() => form.locator('button').click());
    // the list holds what the figure says, as soon as both are of one moment
    await v.page.waitForFunction(() => {
      const tile = [...document.querySelectorAll('.command-tile')].find((e) => e.innerText.includes('待决定'));
      return Math.min(Number(tile.querySelector('b').innerText), 20) === document.querySelectorAll('.cases > li').length;
    });
    await v.leads(() => v.page.locator('.command-filter a').click());
    for (const level of ['street', 'community', 'grid']) {
      const first = v.page.locator('[data-part=areas] th a').first();
      const name = await first.innerText();
      await v.leads(() => first.click());
      assert.equal(await v.page.locator('h1 small').first().innerText(), name, level);
    }
    assert.match(new URL(v.page.url()).searchParams.get('area'), /^\d{15}$/);
    await v.leads(() => v.page.locator('.cases a').first().click());
    assert.match(v.path, /^\/cases\//);
    await v.close();
  }
});

test('by the map from a cluster to what lies there', async () => {
  const v = await staff('leader1', { size: desktop });
  await v.go('/command');
  await v.page.locator('[data-drawn]').waitFor();
  const dot = v.page.locator('.linli-dot').first();
  const named = await dot.getAttribute('title');
  await v.leads(() => dot.press('Enter'));
  assert.ok(named.startsWith(await v.page.locator('h1 small').first().innerText()), 'the cluster led to its area');
  await v.page.locator('[data-drawn]').waitFor();
  await v.page.locator('[data-map]').focus();
  const scale = () => v.page.locator('.leaflet-control-scale-line').first().innerText();
  const far = await scale();
  await v.page.keyboard.press('+');
  await v.page.waitForFunction((was) => document.querySelector('.leaflet-control-scale-line').innerText !== was, far);
  await v.close();
});

test('by keyboard only', async () => {
  const v = await staff('dispatch1', { size: desktop });
  await v.go('/command');
  await v.page.keyboard.press('j');
  await v.page.keyboard.press('j');
  const at = await v.page.evaluate(() => document.activeElement.getAttribute('href'));
  assert.equal(at, await v.page.locator('.cases > li').nth(1).locator('a').getAttribute('href'));
  await v.leads(() => v.page.keyboard.press('Enter'));
  assert.equal(v.path, at);
  await v.close();
});

test('the wall screen shows no case, and a pass keeps it open without a session', async () => {
  const v = await staff('leader1', { size: { viewport: { width: 1920, height: 1080 }, deviceScaleFactor: 1 } });
  await v.go('/command');
  await v.leads(() => v.page.getByRole('link', { name: '大屏', exact: true }).click());
  await live(v);
  assert.equal(await v.page.locator('a[href^="/cases/"]').count(), 0);
  assert.doesNotMatch(await v.text(), /\d{6}-\d{8}/, 'no number of a case');
  await v.shot('command-wall', { whole: false });
  await v.go('/command/screens');
  const form = v.page.locator('form#screen');
  await v.fill(form, 'name', '一楼大厅');
  await v.leads(() => form.locator('p.acts button').click());
  const address = (await v.page.locator('.notice.good code').innerText()).trim();
  const wall = await visit({ size: desktop });
  await wall.go(new URL(address).pathname);
  await live(wall);
  assert.equal(wall.path, '/command/screen');
  await v.leads(() => v.page.locator('form[action$="/stop"] button').first().click());
  await v.reads('已停用');
  await wall.go('/command/screen', 403);
  await wall.close();
  await v.close();
});

test('without script everything is there', async () => {
  for (const size of [desktop, phone]) {
    const v = await staff('head1', { size, script: false });
    await v.go('/command');
    const picture = v.page.locator('[data-still] img');
    assert.ok(await picture.isVisible(), 'the still picture stands in the map’s place');
    assert.equal(await v.page.locator('[data-map]').isVisible(), false);
    const { status, headers } = await v.page.request.get(await picture.getAttribute('src')).then((r) => ({ status: r.status(), headers: r.headers() }));
    assert.deepEqual([status, headers['content-type']], [200, 'image/svg+xml']);
    await v.page.locator('.command-fold summary').click().catch(() => {});
    if ((await v.page.locator('.command-fold').getAttribute('open')) !== null) {
      await v.page.locator('form.command-filter [name=sort]').selectOption('new');
      await v.leads(() => v.page.locator('form.command-filter button').click());
      assert.match(v.page.url(), /sort=new/);
    }
    await v.go('/command?wall=1');
    await v.close();
  }
});
