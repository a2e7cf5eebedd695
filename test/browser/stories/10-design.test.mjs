// 10. The look of every page: elder mode and reading aloud, light and dark,
// the grouped navigation, single keys, keyboard only, and text at 200 %.
import { assert, desktop, phone, stage, test } from '../lib/story.mjs';
import { report } from '../lib/resident.mjs';

const { visit, staff } = stage();

/** What holds the focus, and whether one sees that it does. */
const focus = (v) => v.page.evaluate(() => {
  const e = document.activeElement;
  const s = getComputedStyle(e);
  return { tag: e.tagName, name: e.getAttribute('name') ?? '', type: e.type ?? '', text: e.innerText?.trim() ?? '', href: e.getAttribute('href') ?? '', seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 };
});

/** Goes on with the tab key until what holds the focus is wanted. */
async function tab(v, wanted, most = 120) {
  for (let i = 0; i < most; i++) {
    await v.page.keyboard.press('Tab');
    const f = await focus(v);
    if (f.tag === 'BODY') continue;
    assert.ok(f.seen, `${v.page.url()}: nobody sees that ${JSON.stringify(f)} has the focus`);
    if (wanted(f)) return f;
  }
  assert.fail(`${v.page.url()}: the tab key does not come to what was wanted`);
}

test('elder mode: fewer choices, plain words, and back, also without script', async () => {
  for (const script of [true, false]) {
    const v = await visit({ size: phone, script });
    await v.go('/');
    await v.press('长辈模式', { within: 'header' });
    assert.equal(v.path, '/');
    await v.reads('有事要说');
    const tiles = await v.page.locator('main .tiles > li').count();
    assert.ok(tiles >= 3 && tiles <= 4, `${tiles} tiles`);
    assert.equal(await v.page.locator('header nav > ul > li').count(), 2, 'the rest of the navigation is folded away');
    const small = await v.page.evaluate(() => [...document.querySelectorAll('main *, header *')].filter((e) => e.childNodes.length && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length && !e.closest('.sr, .skip') && parseFloat(getComputedStyle(e).fontSize) < 20).map((e) => e.outerHTML.slice(0, 120)));
    assert.deepEqual(small, [], 'words that are too small for elder mode');
    if (script) await v.shot('home-elder-phone');
    for (const page of ['/report', '/query', '/grid', '/duty', '/display']) await v.go(page);
    // The report and the progress of it offer one thing at a time; the rest is folded.
    const { link } = await report(v, { words: '楼道灯不亮，晚上看不见路', place: '人民公园' });
    await v.go(link);
    assert.equal(await v.page.locator('main details.confirm:visible').count(), 1, 'one thing that one may do stands open');
    await v.lacks('办理过程');
    await v.shot('follow-elder-phone');
    await v.page.locator('main summary', { hasText: '更多' }).click();
    await v.reads('办理过程');
    await v.look();
    await v.go('/');
    await v.follow('谁来管', 'header');
    await v.press('回到普通版', { within: 'header' });
    assert.equal(v.path, '/duty');
    assert.equal(await v.page.locator('html.elder').count(), 0);
    await v.close();
  }
});

test('the browser reads a page aloud, pauses, goes on and stops; without a voice nothing is offered', async () => {
  const v = await visit({ size: phone });
  await v.go('/');
  await v.press('长辈模式', { within: 'header' });
  assert.ok(await v.page.locator('[data-aloud]').isHidden(), 'this browser has no voice');
  await v.page.addInitScript(() => {
    window.said = [];
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    const speech = { getVoices: () => [{ lang: 'zh_CN', name: 'test' }], addEventListener() {}, speak: (u) => { window.now = u; window.said.push(u.text); }, cancel: () => { window.now = null; } };
    Object.defineProperty(window, 'speechSynthesis', { value: speech });
  });
  await v.go('/report');
  await v.page.getByRole('button', { name: '朗读本页' }).click();
  const said = () => v.page.evaluate(() => window.said);
  const next = () => v.page.evaluate(() => window.now.onend());
  assert.deepEqual(await said(), ['我要反映'], 'it begins with the heading');
  await next();
  await next();
  assert.equal((await said()).length, 3);
  assert.equal(await v.page.locator('.reading').count(), 1, 'what is read is marked');
  await v.page.getByRole('button', { name: '暂停' }).click();
  assert.equal(await v.page.evaluate(() => window.now), null);
  await v.page.getByRole('button', { name: '继续' }).click();
  const heard = await said();
  assert.equal(heard[3], heard[2], 'it takes up the block it was stopped in');
  await v.page.getByRole('button', { name: '停止' }).click();
  assert.equal(await v.page.locator('.reading').count(), 0);
  assert.equal((await focus(v)).text, '朗读本页', 'the focus returns');
  // To the end: everything once, nothing that is hidden.
  await v.page.keyboard.press('Enter');
  for (let i = 0; i < 200 && (await v.page.evaluate(() => window.now !== null)); i++) await next();
  const all = (await said()).slice(4);
  const last = await v.page.locator('main form button.button:visible').last().innerText();
  assert.ok(all.includes('什么事') && all.includes(last.trim()), `${last} is not read: ${all.join('|')}`);
  assert.ok(await v.page.getByRole('button', { name: '朗读本页' }).isVisible());
  await v.close();
});

test('light, dark, elder and English hold on home, report, inbox, case and the living page', async () => {
  for (const how of [{ dark: true }, { elder: true }, { dark: true, elder: true }]) {
    const v = await staff('dispatch1', { size: phone, dark: !!how.dark });
    if (how.elder) await v.press('长辈模式', { within: 'header' });
    for (const page of ['/', '/report', '/cases?box=all', '/design']) await v.go(page);
    await v.go('/cases?box=all');
    await v.leads(() => v.page.locator('table.worklist a').first().click());
    await v.close();
  }
  const v = await visit({ size: desktop });
  await v.go('/design');
  await v.shot('design-desktop', { most: 3600 });
  await v.follow('显示', 'header');
  await v.fill(v.page.locator('main form'), 'look', 'dark');
  await v.shot('display-desktop');
  v.dark = true;
  await v.leads(() => v.page.locator('main form p.acts button').click());
  assert.equal(v.path, '/design');
  assert.equal(await v.page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(19, 24, 25)', 'dark by choice on a light device');
  await v.close();
});

test('the navigation folds by kind of work, on a phone and without script', async () => {
  for (const [size, script] of [[phone, true], [phone, false], [desktop, true]]) {
    const v = await staff('admin', { size, script });
    await v.go('/');
    const height = await v.page.evaluate(() => document.querySelector('header nav').getBoundingClientRect().height);
    assert.ok(height < 110, `the navigation takes ${height} px`);
    const admin = v.page.locator('header nav summary').filter({ hasText: /^管理$/ });
    await admin.click();
    const fold = v.page.locator('header nav details[open] .folded');
    await fold.waitFor();
    const box = await fold.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= size.viewport.width, 'the fold stays on the screen');
    for (const a of await fold.locator('a').all()) assert.ok((await a.boundingBox()).height >= 44, 'large enough for a finger');
    await v.look();
    if (size === phone && script) await v.shot('navigation-phone', { whole: false });
    if (script) {
      await v.page.keyboard.press('Escape');
      assert.equal(await v.page.locator('header nav details[open]').count(), 0);
      assert.equal((await focus(v)).text, '管理', 'the focus returns to where it was opened');
      await admin.click();
    }
    await v.follow('单位', 'header nav details[open]');
    assert.equal(v.path, '/admin/units');
    await v.close();
  }
});

test('by keyboard alone: sign in, inbox, a case, an act', async () => {
  const v = await visit({ size: desktop });
  await v.go('/sign-in');
  await v.page.keyboard.press('Tab');
  assert.equal((await focus(v)).href, '#main', 'the first stop leads to the content');
  await v.page.keyboard.press('Enter');
  await tab(v, (f) => f.name === 'login');
  await v.page.keyboard.type('dispatch1');
  await tab(v, (f) => f.name === 'password');
  await v.page.keyboard.type('linli-demo-2026');
  await v.leads(() => v.page.keyboard.press('Enter'));

  // g i leads to the inbox; ? shows the keys; Escape brings back the focus.
  await v.page.keyboard.press('g');
  await v.leads(() => v.page.keyboard.press('i'));
  assert.equal(v.path, '/cases');
  await v.page.keyboard.press('?');
  await v.page.locator('dialog#keysheet').waitFor();
  await v.reads('下一件', 'dialog#keysheet');
  await v.look();
  await v.shot('keys-desktop', { whole: false });
  await v.page.keyboard.press('Escape');
  assert.equal(await v.page.locator('dialog[open]').count(), 0);

  // / goes to the search of the page and unfolds it; there keys are letters.
  await v.page.keyboard.press('/');
  assert.equal((await focus(v)).name, 'q');
  await v.page.keyboard.type('jk?a/x');
  assert.equal(await v.page.locator('[name=q]').first().inputValue(), 'jk?a/x');
  await v.page.keyboard.press('Escape');
  assert.equal((await focus(v)).tag, 'SUMMARY', 'folded together, the focus stands at the fold');

  // j and k go through the cases, Enter opens, a leads to what may be done.
  await v.go('/cases?box=unit&procedure=service-request&state=received');
  const titles = await v.page.locator('table.worklist th a').allInnerTexts();
  await v.page.keyboard.press('j');
  assert.equal((await focus(v)).text, titles[0]);
  if (titles.length > 1) {
    await v.page.keyboard.press('j');
    assert.equal((await focus(v)).text, titles[1]);
    await v.page.keyboard.press('k');
  }
  const at = await focus(v);
  assert.ok(at.seen && at.text === titles[0]);
  await v.leads(() => v.page.keyboard.press('Enter'));
  assert.match(v.path, /^\/cases\//);
  await v.page.keyboard.press('a');
  const first = await focus(v);
  assert.ok(/SELECT|INPUT|TEXTAREA/.test(first.tag), JSON.stringify(first));
  assert.ok(await v.page.evaluate(() => !!document.activeElement.closest('form#do-dispatch')), 'in the first act');
  await tab(v, (f) => f.tag === 'BUTTON' && f.text === '派遣');
  await v.leads(() => v.page.keyboard.press('Enter'));
  await v.reads('待签收');
  await v.close();
});

test('single keys can be switched off', async () => {
  const v = await staff('dispatch1', { size: desktop });
  await v.follow('显示设置', 'footer');
  const form = v.page.locator('main form');
  await v.fill(form, 'keys', 'off');
  await v.leads(() => form.locator('p.acts button').click());
  await v.go('/cases?box=all');
  await v.page.keyboard.press('j');
  assert.equal((await focus(v)).tag, 'BODY');
  assert.equal(await v.page.locator('#keysheet').count(), 0);
  await v.close();
});

test('with text at 200 % and on 320 px nothing scrolls sideways and nothing is cut off', async () => {
  const wide = { viewport: { width: 640, height: 700 }, deviceScaleFactor: 2 };
  const narrow = { viewport: { width: 320, height: 640 }, deviceScaleFactor: 1 };
  const pages = ['/', '/report', '/duty', '/query', '/grid', '/notices', '/proof', '/design', '/display'];
  const office = ['/', '/cases?box=all', '/search?q=路灯', '/new', '/me', '/admin/units', '/admin/people', '/admin/areas', '/admin/editions'];
  const held = async (v, page, text) => {
    const answer = await v.page.goto(page);
    assert.equal(answer.status(), 200, page);
    if (text) await v.page.evaluate((size) => { document.documentElement.style.fontSize = size; }, text);
    const { scroll, width } = await v.page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, width: document.documentElement.clientWidth }));
    assert.ok(scroll <= width, `${page} at ${width} px, text ${text || '100%'}, scrolls sideways: ${scroll}: ${await v.wide()}`);
  };
  for (const size of [narrow, wide, phone]) {
    const text = size === phone ? '200%' : '';
    const v = await visit({ size });
    for (const page of pages) await held(v, page, text);
    await v.signIn('admin');
    for (const page of office) await held(v, page, text);
    await v.page.goto('/cases?box=all');
    await v.page.locator('table.worklist a').first().click();
    await v.page.waitForURL(/\/cases\/.+/);
    await held(v, v.path, text);
    await v.close();
  }
});

test('chosen files and days are told in the language of the page', async () => {
  const v = await visit({ size: phone });
  await v.go('/design');
  const form = v.page.locator('form.form').filter({ has: v.page.locator('[name=photos]') });
  await v.fill(form, 'photos', [{ name: '路灯 <b>.png', mimeType: 'image/png', buffer: Buffer.alloc(2048) }, { name: 'b.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(3 * 1024 * 1024) }]);
  const chosen = await form.locator('.chosen').innerText();
  assert.match(chosen, /路灯 <b>\.png\s+2 KB\s+b\.jpg\s+3\.0 MB/);
  await form.locator('[name=day]').fill('2026-10-01');
  assert.match(await form.innerText(), /已选：2026年10月1日.*星期四/);
  await v.look();
  await v.close();
  const bare = await visit({ size: phone, script: false });
  await bare.go('/design');
  assert.ok(await bare.page.locator('[name=photos]').isVisible(), 'without script the browser\'s own control stands');
  await bare.close();
});
