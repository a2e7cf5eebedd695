import { desktop, phone, stage, test } from '../lib/story.mjs';

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
