// 7. The pages of the office: search, people and units, areas and grids, duty
// list, editions, read log; and what does not let in.
import { readFile } from 'node:fs/promises';
import { desktop, assert, phone, stage, test } from '../lib/story.mjs';
import { root } from '../lib/server.mjs';

const { visit, staff } = stage();

test('search in Chinese finds cases by their words', async () => {
  const v = await staff('dispatch1', { size: desktop });
  await v.go('/');
  await v.follow('检索', 'header');
  const form = v.page.locator('main form.form').first();
  await v.fill(form, 'q', '路灯不亮');
  await v.leads(() => form.locator('p.acts button').first().click());
  await v.reads('路灯');
  assert.ok((await v.page.locator('main mark').count()) > 0, 'the words are marked');
  await v.shot('search-desktop');
  await v.page.locator('main a[href^="/cases/"]').first().click();
  await v.page.waitForURL(/\/cases\//);
  await v.look();
  await v.close();
});

test('the inbox narrows by box and filter, on a phone as well', async () => {
  for (const size of [desktop, phone]) {
    const v = await staff('head0', { size });
    for (const box of size === phone ? ['all'] : ['mine', 'unit', 'told', 'today', 'overdue', 'above', 'all']) await v.go(`/cases?box=${box}`);
    await v.go('/cases?box=all&procedure=service-request&state=handling');
    if (size === phone) await v.shot('inbox-phone');
    await v.close();
  }
});

test('people, posts and units', async () => {
  const v = await staff('admin', { size: desktop });
  await v.go('/admin/units');
  await v.reads('县路灯管理所');
  await v.shot('units-desktop', { most: 1200 });
  await v.follow('县路灯管理所', 'main');
  await v.go('/admin/people');
  await v.shot('people-desktop', { most: 1200 });
  const add = v.page.locator('form[action="/admin/people"][method=post]');
  const fold = v.page.locator('details:has(form[action="/admin/people"][method=post])');
  if ((await fold.count()) > 0) await fold.locator('summary').click();
  await v.fill(add, 'name', '新来的承办员');
  const login = `newcomer-${Date.now() % 1e7}`;
  await v.fill(add, 'login', login);
  await v.leads(() => add.locator('button').last().click());
  const made = (await v.text()).match(/密码 ([a-z0-9]{12,})/)?.[1];
  assert.ok(made, `a password was made:\n${await v.text()}`);
  await v.follow('设置岗位');
  const post = v.page.locator('form:has([name=kind]):has([name=unit])').first();
  const folded = v.page.locator('details:has(form [name=kind]):has([name=unit])').first();
  if ((await folded.count()) > 0 && (await folded.getAttribute('open')) === null) await folded.locator('summary').first().click();
  await v.fill(post, 'unit', 'lighting');
  await v.fill(post, 'kind', 'handler');
  await v.leads(() => post.locator('button').last().click());
  await v.reads('承办');
  await v.close();

  // The newcomer must choose an own password before anything else.
  const they = await visit({ size: phone, script: false });
  await they.signIn(login, made);
  assert.equal(they.path, '/me');
  await they.go('/cases');
  assert.equal(they.path, '/me', 'nothing else is open yet');
  await they.close();

  const plain = await staff('h-lighting', { size: desktop });
  await plain.go('/admin/people', 403);
  await plain.go('/admin/areas', 403);
  await plain.go('/admin/duty', 403);
  await plain.close();
});

test('areas and grids, and an import of grids from GeoJSON', async () => {
  const v = await staff('admin', { size: desktop });
  await v.go('/admin/areas');
  await v.reads('清河街道');
  await v.shot('areas-desktop');
  await v.follow('清河街道', 'table');
  await v.follow('清河社区居委会', 'table');
  await v.reads('第1网格');
  const square = (name, west, community = '999901002002') => ({
    type: 'Feature', properties: { name, community },
    geometry: { type: 'Polygon', coordinates: [[[west, 34.295], [west + 0.004, 34.295], [west + 0.004, 34.299], [west, 34.299], [west, 34.295]]] },
  });
  const file = { type: 'FeatureCollection', features: [square('第8网格', 118.262), square('第9网格', 118.267), square('错的', 118.27, '999901009009')] };
  await v.page.locator('summary').filter({ hasText: '导入网格' }).click();
  const form = v.page.locator('form#grids');
  await v.fill(form, 'file', { name: 'grids.geojson', mimeType: 'application/geo+json', buffer: Buffer.from(JSON.stringify(file)) });
  await v.fill(form, 'datum', 'WGS-84');
  await v.leads(() => form.locator('p.acts button').click());
  await v.reads('新增 2');
  await v.reads('错的');
  await v.go('/admin/areas?code=999901002002');
  await v.reads('第9网格');
  await v.go('/admin/areas?q=柳园小区');
  await v.reads('柳园小区南门');
  await v.close();
  const narrow = await staff('admin', { size: phone });
  await narrow.go('/admin/areas?code=999901001001');
  await narrow.close();
});

for (const [name, size, version, part, hours] of [['desktop', desktop, '2026-2', '灯杆', 12], ['phone', phone, '2026-3', '灯罩', 6]]) {
  test(`a duty list is checked, published, and makes an edition: on a ${name}`, async () => {
    const [title, reason] = [`路灯维护（含${part}）`, `${part}一并养护（演示）`];
    const v = await staff('admin', { size });
    await v.go('/admin/duty');
    await v.shot(`duty-${name}`, { most: 1400 });
    const form = v.page.locator('form[action="/admin/duty/check"]');
    await v.fill(form, 'text', 'id: broken\nitems: nothing');
    await v.leads(() => form.locator('p.acts button').click(), 422);
    const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date()); // no list is in force from a day that has passed
    const list = (await readFile(`${root}/catalog/duty/example.yaml`, 'utf8')).replace('version: "2026-1"', `version: "${version}"`).replace('\nfrom: 2026-01-01', `\nfrom: ${today}`).replace('路灯维护', title);
    await v.go('/admin/duty');
    await v.fill(form, 'file', { name: 'list.yaml', mimeType: 'text/yaml', buffer: Buffer.from(list) });
    await v.leads(() => form.locator('p.acts button').click());
    await v.reads('可以发布');
    await v.reads(title);
    await v.shot(`duty-check-${name}`, { most: 1400 });
    const publish = v.page.locator('form#publish');
    await v.fill(publish, 'reason', reason);
    await v.leads(() => publish.locator('button').click());
    const number = (await v.reads('已发布')).match(/第 (\d+) 版/)[1];
    await v.go('/admin/editions');
    await v.reads(reason);
    await v.shot(`editions-${name}`);
    await v.follow(`第 ${number} 版`);
    await v.reads(title);
    // one item by its form: the difference first, then the edition
    await v.go('/admin/duty/example');
    await v.follow(`B01 ${title}`, 'table');
    const item = v.page.locator('form#item');
    await v.shot(`duty-item-${name}`, { most: 1600 });
    await v.fill(item, 'limit', `${hours} 小时`);
    await v.leads(() => item.locator('p.acts button').click());
    await v.reads(`改为“${hours} 小时”`);
    await v.shot(`duty-item-check-${name}`, { most: 1200 });
    await v.fill(item, 'limit', 'soon');
    await v.leads(() => item.locator('p.acts button').click(), 422);
    await v.go('/admin/editions/1');
    await v.go('/admin/editions/999', 404);
    await v.close();
    const everybody = await visit({ size, script: false });
    await everybody.go('/duty?q=' + encodeURIComponent('路灯不亮'));
    await everybody.close();
  });
}

test('rights, read log and own account', async () => {
  const v = await staff('auditor1', { size: desktop });
  for (const page of ['/rights', '/read-log', '/me', '/calendars', '/duty']) await v.go(page);
  await v.close();
});

test('a wrong password, a forged cookie and somebody else\'s page do not let in', async () => {
  const v = await visit({ size: desktop });
  await v.go('/sign-in');
  const form = v.page.locator('form#sign-in');
  await v.fill(form, 'login', 'dispatch1');
  await v.fill(form, 'password', 'not the password');
  await v.leads(() => form.locator('button').click(), 403);
  await v.reads('登录名或密码不对');
  await v.context.addCookies([{ name: 'linli_session', value: 'forged-forged-forged-forged', url: v.url }]);
  await v.go('/cases');
  assert.equal(v.path, '/sign-in', 'a forged cookie is nobody');
  assert.equal((await v.context.cookies()).filter((c) => c.name === 'linli_session').length, 0, 'and is taken away');
  await v.close();
  const out = await staff('dispatch1', { size: desktop });
  const [kept] = (await out.context.cookies()).filter((c) => c.name === 'linli_session');
  await out.press('退出', { within: 'header' });
  await out.context.addCookies([{ ...kept }]);
  await out.go('/cases');
  assert.equal(out.path, '/sign-in', 'a session that was left cannot be replayed');
  await out.close();
});

test('the house speaks English', async () => {
  const v = await visit({ size: phone, lang: 'zh-CN' });
  await v.go('/');
  v.lang = 'en';
  await v.press('English', { within: 'header' });
  for (const page of ['/', '/report', '/query', '/duty', '/notices', '/proof', '/grid', '/new', '/requests']) await v.go(page);
  await v.close();
  const s = await staff('dispatch1', { size: desktop });
  s.lang = 'en';
  await s.press('English', { within: 'header' });
  await s.go('/cases?box=all');
  await s.page.locator('table.worklist a').first().click();
  await s.page.waitForURL(/\/cases\/.+/);
  await s.look();
  for (const page of ['/', '/new', '/search?q=路灯', '/me', '/staff/requests/new']) await s.go(page);
  await s.close();
  const a = await staff('admin', { size: desktop });
  a.lang = 'en';
  await a.press('English', { within: 'header' });
  for (const page of ['/admin/units', '/admin/people', '/admin/areas', '/admin/duty', '/admin/editions', '/rights']) await a.go(page);
  await a.close();
});
