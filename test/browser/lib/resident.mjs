// What a resident does: report, keep the receipt, follow by the link.
import assert from 'node:assert/strict';
import { photo } from './picture.mjs';

/** A file as a phone's picker would give it. */
export const snapshot = (n = 1) => ({ name: `IMG_000${n}.png`, mimeType: 'image/png', buffer: photo(640, 480, n * 40) });

/** Waits until the report page's island has begun. */
export const begun = (v) => v.page.locator('form[data-report] label.button[for=f-photos]').waitFor();

/**
 * Fills the report page up to the summary and stays there.
 * @param {import('./visit.mjs').Visit} v
 */
export async function describe(v, { words = '路灯不亮', place = '人民公园', phone = '', photos = [], about = false, from = '/report', channel = '' } = {}) {
  if (v.path !== from) await v.go(from);
  const form = v.page.locator('main form.form').first();
  if (v.script) await begun(v);
  if (channel) await v.fill(form, 'channel', channel);
  await v.fill(form, 'words', words);
  if (place) await v.fill(form, 'place.words', place);
  if (phone) await v.fill(form, 'phone', phone);
  if (photos.length > 0) await v.fill(form, 'photos', photos);
  if (about) {
    await form.locator('details.about > summary').click();
    await v.fill(form, 'about_unit', 'yes');
  }
  if (v.script) { // one page: it suggests while one writes
    if (words.trim().length > 1) await v.page.locator('form[data-suggested]').first().waitFor({ state: 'attached' });
    await form.locator('[data-shelf] img').nth(photos.length - 1).waitFor({ state: photos.length ? 'visible' : 'hidden' }).catch(() => assert.fail('a photo is not shown'));
    return form;
  }
  await v.press('下一步：核对');
  return form;
}

/** Chooses the first place that the page found under these words. */
export async function pick(v, name) {
  const offered = v.page.locator('label.tick:has(input[name="place.choice"])').filter({ hasText: name });
  if (v.script && (await v.page.locator('#place-found').count()) > 0 && (await offered.count()) === 0) {
    const words = v.page.locator('[name="place.words"]');
    await words.focus();
    await words.dispatchEvent('input');
    await v.page.locator('#place-found li').filter({ hasText: name }).first().click();
    await v.page.locator('p.where').filter({ hasText: /./ }).first().waitFor();
    return;
  }
  const choice = v.page.locator('label.tick:has(input[name="place.choice"])').filter({ hasText: name }).first();
  await choice.locator('input').check();
}

/** Sends a report from start to end and gives what the receipt says. */
export async function report(v, options = {}) {
  await describe(v, options);
  if (options.place !== '' && !options.from?.includes('grid=')) await pick(v, options.pick ?? options.place ?? '人民公园');
  const form = v.page.locator('main form.form').first();
  if (options.class !== undefined) {
    if (v.script && options.class) await form.locator(`.chip:has([value="${options.class}"])`).click();
    else if (!v.script) await v.fill(form, 'class', options.class);
  }
  if (options.complained) await v.fill(form, 'complained', options.complained);
  await v.press('提交');
  return receipt(v);
}

/** Reads the receipt that is on the page. */
export async function receipt(v) {
  await v.reads('已经收到');
  const number = (await v.text('b.number')).trim();
  const link = await v.page.locator('main a.long').getAttribute('href');
  const qr = v.page.locator('main img').first();
  assert.ok(await qr.evaluate((e) => e.complete && e.naturalWidth > 100), 'the QR code is drawn');
  const fold = v.page.locator('main details').last();
  const leaf = (await fold.locator('code').textContent()).trim();
  assert.match(number, /^\d{6}-\d{8}$/, 'the receipt has a number');
  assert.match(link, /\/q\/[0-9A-Z]{26}$/i, 'the receipt has a link');
  assert.ok(leaf.length >= 40, `the receipt has the hash of its leaf: ${leaf}`);
  return { number, link, leaf };
}
