// A visitor: one browser window that looks at every page it comes to. Nothing
// serious or critical by axe (WCAG 2.1 A and AA), a title, one h1, no words
// without a translation, nothing that scrolls sideways, no error in the console.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { slim } from './picture.mjs';
import { root } from './server.mjs';

export const password = 'linli-demo-2026';
export const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 1, isMobile: true, hasTouch: true };
export const desktop = { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 };

const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Debian's Chromium, or the one CHROMIUM names. */
export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args, headless: true });

// A key that nobody translated: words joined by dots, as catalogue keys are.
const untranslated = /\b[a-z]+\.[a-z_]+\.[a-z_]+\b/g;
// What looks like a key and is none: formats, hosts and files in the texts.
const known = /^(?:c2sp\.org|www\.|127\.)|\.(?:txt|html|yaml|csv|json|png|tlog_proof)$/;

// Pages that were held against axe already, by their bones: the same tags and
// classes at the same width give the same findings.
const seen = new Set();
let addresses = 0;

export class Visit {
  /**
   * @param {import('playwright-core').Browser} browser
   * @param {{url: string, size?: object, script?: boolean, lang?: string, dark?: boolean}} options
   */
  static async open(browser, { url, size = phone, script = true, lang = 'zh-CN', dark = false }) {
    const v = new Visit();
    v.url = url;
    v.size = size;
    v.script = script;
    v.lang = lang;
    v.dark = dark;
    // Every visitor comes from an address of their own, as people do.
    const address = `10.${(process.pid >> 8) & 255}.${process.pid & 255}.${(addresses = (addresses % 250) + 1)}`;
    v.context = await browser.newContext({ ...size, baseURL: url, javaScriptEnabled: script, locale: lang, colorScheme: dark ? 'dark' : 'light', timezoneId: 'Asia/Shanghai', extraHTTPHeaders: { 'X-Forwarded-For': address } });
    v.context.setDefaultTimeout(30000);
    v.page = await v.context.newPage();
    v.errors = [];
    v.page.on('console', (m) => {
      // A page that answers 4xx by purpose is told there too; parts of pages are not.
      const own = m.text().startsWith('Failed to load resource') && new URL(m.location().url).pathname === new URL(v.page.url()).pathname;
      if (m.type() === 'error' && !own) v.errors.push(`${v.page.url()}: ${m.text()} (${m.location().url})`);
    });
    v.page.on('pageerror', (e) => v.errors.push(`${v.page.url()}: ${e.message}`));
    v.page.on('response', (r) => {
      if (r.status() >= 400 && r.request().resourceType() !== 'document') v.errors.push(`${v.page.url()}: ${r.status()} for ${r.url()}`);
      if (r.status() >= 500) v.errors.push(`${r.status()} for ${r.url()}`);
    });
    return v;
  }

  close() {
    return this.context.close();
  }

  get path() {
    return new URL(this.page.url()).pathname;
  }

  /** Goes to an address and looks at the page. */
  async go(to, status = 200) {
    const answer = await this.page.goto(to, { waitUntil: 'load' });
    assert.equal(answer.status(), status, `${to} answers ${answer.status()}`);
    await this.look();
    return this;
  }

  /** Does something that leads to another page, and looks at that. */
  async leads(fn, status = 200) {
    const [answer] = await Promise.all([this.page.waitForNavigation({ waitUntil: 'load' }), fn()]);
    const got = answer?.status() ?? 200;
    if (got !== status) assert.fail(`${this.page.url()} answers ${got}, not ${status}:\n${await this.text()}`);
    await this.look();
    return this;
  }

  /** Opens a page again until holds() says yes: lists and boards follow the log, and a house just filled has much to read. */
  async until(path, holds, what) {
    for (let i = 0; i < 200; i++) {
      await this.go(path);
      if (await holds()) return;
      await new Promise((r) => setTimeout(r, 500));
    }
    assert.fail(`${this.page.url()} never shows ${what}:\n${await this.text()}`);
  }

  /** Follows a link by its words, unfolding what it is folded into. */
  async follow(words, within = 'body') {
    const link = await this.reach('link', words, within, false);
    return this.leads(() => link.click());
  }

  /** Presses a button by its words, unfolding what it is folded into. */
  async press(words, { within = 'main', status = 200, exact = true } = {}) {
    const button = await this.reach('button', words, within, exact);
    return this.leads(() => button.click(), status);
  }

  /** The link or button of these words; where only a folded one is there, its folds are opened first. */
  async reach(role, words, within, exact) {
    const seen = this.page.locator(within).getByRole(role, { name: words, exact }).first();
    if ((await seen.count()) > 0) return seen;
    const folded = this.page.locator(within).getByRole(role, { name: words, exact, includeHidden: true }).first();
    if ((await folded.count()) > 0) {
      const folds = folded.locator('xpath=ancestor::details[not(@open)]');
      while ((await folds.count()) > 0) await folds.first().locator('> summary').click();
    }
    return seen;
  }

  text(selector = 'main') {
    return this.page.locator(selector).first().innerText();
  }

  async reads(words, selector = 'main') {
    const text = await this.text(selector);
    const holds = words instanceof RegExp ? words.test(text) : text.includes(words);
    assert.ok(holds, `${this.page.url()} does not say ${words}:\n${text}`);
    return text;
  }

  async lacks(words, selector = 'body') {
    const text = await this.text(selector);
    assert.ok(!text.includes(words), `${this.page.url()} says ${words}:\n${text}`);
  }

  /** Fills one control by its name, whatever kind it is. */
  async fill(form, name, value) {
    const all = form.locator(`[name="${name}"]:not([type=hidden])`);
    const kind = await all.first().evaluate((e) => (e.tagName === 'INPUT' ? e.type : e.tagName.toLowerCase()));
    if (kind === 'radio' || kind === 'checkbox') {
      for (const one of [value].flat()) await form.locator(`[name="${name}"][value="${one}"]`).check();
    } else if (kind === 'select') {
      const values = [value].flat();
      for (let i = 0; i < values.length; i++) await all.nth(i).selectOption(values[i]);
    } else if (kind === 'file') {
      await all.first().setInputFiles(value);
    } else {
      await all.first().fill(value);
    }
  }

  /** Opens the form of an act, fills it and sends it. */
  async act(name, values = {}, status = 200) {
    const form = await this.form(name);
    let send = form.locator('p.acts button.button').first();
    for (const [field, value] of Object.entries(values)) {
      const button = form.locator(`button[name="${field}"][value="${[value].flat()[0]}"]`); // a choice that sends
      if ((await button.count()) > 0) send = button;
      else {
        const fold = form.locator(`details:not([open]):has([name="${field}"])`);
        if ((await fold.count()) > 0) await fold.locator('summary').first().click();
        await this.fill(form, field, value);
      }
    }
    return this.leads(() => send.click(), status);
  }

  /** The form of an act, unfolded. */
  async form(name) {
    const form = this.page.locator(`form#do-${name}`);
    if ((await form.count()) === 0) assert.fail(`${this.page.url()} does not offer ${name}:\n${await this.text()}`);
    const fold = this.page.locator(`details:has(form#do-${name})`).last();
    if ((await fold.count()) > 0 && (await fold.getAttribute('open')) === null) await fold.locator('summary').first().click();
    return form;
  }

  /** Unfolds what may not be done now, and why. */
  async whyNot() {
    await this.page.locator('summary').filter({ hasText: '暂时不能办的' }).click();
  }

  offers(name) {
    return this.page.locator(`form#do-${name}`).count().then((n) => n > 0);
  }

  async signIn(login, secret = password) {
    await this.go('/sign-in');
    const form = this.page.locator('main form').first();
    await this.fill(form, 'login', login);
    await this.fill(form, 'password', secret);
    await this.leads(() => form.locator('button').first().click());
    assert.notEqual(this.path, '/sign-in', `${login} could not sign in: ${await this.text()}`);
    return this;
  }

  /** Holds the page against what every page must keep. */
  async look() {
    const found = await this.page.evaluate(() => {
      const bones = [];
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
      for (let e = walk.currentNode; e; e = walk.nextNode()) bones.push(`${e.tagName}.${e.className}.${e.getAttribute('type') ?? ''}${e.hasAttribute('open') ? '+' : ''}`);
      const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
      return {
        lang: document.documentElement.lang, title: document.title, h1: document.querySelectorAll('h1').length,
        width: document.documentElement.clientWidth, scroll: document.documentElement.scrollWidth,
        text: document.body.innerText, bones: [...new Set(bones)].sort().join(' ') + document.documentElement.className,
        twice: ids.filter((id, i) => ids.indexOf(id) !== i),
      };
    });
    const where = `${this.page.url()} (${this.size.viewport.width}px)`;
    assert.equal(found.lang, this.lang, `${where}: language`);
    assert.ok(found.title.split('·')[0].trim().length > 0, `${where}: no title`);
    assert.equal(found.h1, 1, `${where}: ${found.h1} h1`);
    assert.ok(found.scroll <= found.width, `${where} scrolls sideways: ${found.scroll} > ${found.width}: ${await this.wide()}`);
    assert.deepEqual(found.twice, [], `${where}: ids that stand twice`);
    const keys = (found.text.match(untranslated) ?? []).filter((k) => !known.test(k));
    assert.deepEqual(keys, [], `${where}: words without a translation`);
    assert.deepEqual(this.errors, [], `${where}: errors`);
    if (this.script) await this.axe(where, found.bones);
  }

  /** What is wider than the page, for the message. */
  wide() {
    return this.page.evaluate(() => [...document.querySelectorAll('body *')]
      .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
      .slice(-3).map((e) => e.outerHTML.slice(0, 160)).join('\n'));
  }

  async axe(where, bones) {
    const key = `${this.size.viewport.width} ${this.dark} ${bones}`;
    if (seen.has(key)) return;
    seen.add(key);
    const { violations } = await new AxeBuilder({ page: this.page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).setLegacyMode(true).analyze();
    const bad = violations.filter((f) => f.impact === 'serious' || f.impact === 'critical')
      .map((f) => `${f.id} (${f.impact}): ${f.help}\n${f.nodes.slice(0, 3).map((n) => `  ${n.html}\n  ${n.failureSummary}`).join('\n')}`);
    assert.deepEqual(bad, [], `${where}: axe`);
  }

  /** A screenshot for docs/screens, where LINLI_SCREENS=1 asks for them. */
  async shot(name, { whole = true, most = 1500 } = {}) {
    if (process.env.LINLI_SCREENS !== '1') return;
    const folder = path.join(root, 'docs', 'screens');
    await mkdir(folder, { recursive: true });
    const { width, height } = this.size.viewport;
    const full = whole ? await this.page.evaluate(() => document.documentElement.scrollHeight) : height;
    const png = await this.page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width, height: Math.max(height, Math.min(full, most)) } });
    await writeFile(path.join(folder, `${name}.png`), slim(png));
  }
}
