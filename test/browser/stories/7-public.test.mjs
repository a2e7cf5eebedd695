import { assert, desktop, phone, stage, test } from '../lib/story.mjs';

const { visit } = stage();
const pages = ['/', '/report', '/query', '/requests', '/grid', '/notices', '/duty', '/proof', '/calendars', '/sign-in', '/new', '/new/example-allowance', '/design'];

for (const [name, size] of Object.entries({ phone, desktop })) {
  for (const lang of ['zh-CN', 'en']) {
    test(`public pages, ${name}, ${lang}`, async (t) => {
      const v = await visit({ size, lang });
      for (const page of pages) {
        await t.test(page, () => v.go(`${page}?lang=${lang}`));
      }
      await v.close();
    });
  }
}

test('dark and in large type nothing is lost, for residents and for the office', async () => {
  const v = await visit({ size: phone, dark: true });
  await v.go('/');
  await v.follow('显示设置', 'footer');
  const form = v.page.locator('main form');
  await v.fill(form, 'size', 'large');
  await v.leads(() => form.locator('p.acts button').click());
  assert.equal(v.path, '/');
  for (const page of pages) await v.go(page);
  await v.signIn('dispatch1');
  for (const page of ['/', '/cases?box=all', '/search?q=路灯', '/staff/requests/new']) await v.go(page);
  await v.go('/cases?box=unit');
  await v.leads(() => v.page.locator('table.worklist a').first().click());
  await v.shot('case-dark-phone', { most: 1800 });
  await v.close();
});
