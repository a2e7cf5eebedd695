// Contact sheets: every page once at 360 px, in the dark, in English, in elder
// mode, many on one picture each, so that a person can look at all of them. Pages
// are those that the navigation of each login leads to, and those named here.
// Writes docs/screens/sheet-*.png; a page that does not answer is named and left out.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { slim } from './lib/picture.mjs';
import { binary, root, serve } from './lib/server.mjs';
import { Visit, launch, phone } from './lib/visit.mjs';

const ways = { dark: { dark: true }, english: { lang: 'en' }, elder: { elder: true } };
const sets = {
  public: [['', ['/', '/display', '/design', '/new/example-allowance/apply', '/none-such']]],
  office: [['dispatch1', ['/', '/cases?box=all', '=case', '/search?q=路灯', '/display']], ['h-lighting', ['/', '/cases?box=mine', '=case']], ['leader1', ['/']], ['grid1', ['/', '/staff/grid/new']]],
  admin: [['admin', ['/']], ['auditor1', ['/']]],
};
const most = { width: 360, height: 900 }; // of a page, what is shown
const scale = 0.7;
const perRow = 6;
const limit = 700_000;

/** The pages of one login: those named, then those its navigation leads to. */
async function tour(v, named) {
  await v.page.goto('/');
  const links = await v.page.evaluate(() => [...document.querySelectorAll('header nav a')].map((a) => a.getAttribute('href')));
  return [...new Set([...named, ...links])];
}

async function pictures(browser, url, how, logins, taken) {
  const out = [];
  for (const [login, named] of logins) {
    const v = await Visit.open(browser, { url, size: phone, ...how });
    v.look = async () => {};
    if (how.elder) await v.context.addCookies([{ name: 'linli_size', value: 'elder', url }]);
    if (login) await v.signIn(login);
    for (const to of await tour(v, named)) {
      if (taken.has(to)) continue;
      if (to === '=case') {
        await v.page.goto('/cases?box=unit');
        const first = v.page.locator('table.worklist tbody a').first();
        if ((await first.count()) === 0) continue;
        await first.click();
        await v.page.waitForURL(/\/cases\/.+/);
      } else {
        if (login === 'dispatch1' || login === '' || to !== '/') taken.add(to);
        const answer = await v.page.goto(to);
        if (answer.status() !== 200 && to !== '/none-such') {
          console.log(`left out: ${to} answers ${answer.status()} to ${login || 'the public'}`);
          continue;
        }
      }
      const full = await v.page.evaluate(() => document.documentElement.scrollHeight);
      const png = await v.page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: most.width, height: Math.min(full, most.height) } });
      out.push({ name: `${login} ${to === '=case' ? '/cases/…' : to}`.trim(), png });
    }
    await v.close();
  }
  return out;
}

/** One picture of many, drawn by the browser itself. */
async function compose(browser, all) {
  const context = await browser.newContext({ viewport: { width: Math.round(perRow * (most.width * scale + 10) + 10), height: 800 }, deviceScaleFactor: 1 });
  const page = await context.newPage();
  const cells = all.map(({ name, png }) => `<figure><figcaption>${name.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</figcaption><img src="data:image/png;base64,${png.toString('base64')}"></figure>`);
  await page.setContent(`<style>body{margin:10px;background:#777;display:flex;flex-wrap:wrap;gap:10px;align-items:flex-start;font:11px/1.3 sans-serif;color:#fff}figure{margin:0;width:${most.width * scale}px}figcaption{overflow:hidden;white-space:nowrap;text-overflow:ellipsis}img{width:100%;display:block}</style>${cells.join('')}`, { waitUntil: 'load' });
  const png = slim(await page.screenshot({ fullPage: true }));
  await context.close();
  return png;
}

const folder = path.join(root, 'docs', 'screens');
await mkdir(folder, { recursive: true });
const server = await serve({ bin: await binary() });
const browser = await launch();
try {
  for (const [way, how] of Object.entries(ways)) {
    const taken = new Set();
    for (const [set, logins] of Object.entries(sets)) {
      const png = await compose(browser, await pictures(browser, server.url, how, logins, taken));
      await writeFile(path.join(folder, `sheet-${way}-${set}.png`), png);
      console.log(`sheet-${way}-${set}.png: ${Math.round(png.length / 1024)} KiB`);
      if (png.length > limit) process.exitCode = 1;
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
