// How much a job costs a person: the fields a page offers, the taps on buttons,
// choices and links, the fields typed into, and the pages. LINLI_FIGURES=1 writes
// the row into docs/figures.md.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './server.mjs';

const file = path.join(root, 'docs', 'figures.md');
const begin = '<!-- effort -->';
const end = '<!-- /effort -->';

export class Effort {
  /** Begins to count on the page of a visit, before its first address. */
  static async watch(v, job) {
    const e = new Effort();
    Object.assign(e, { v, job, taps: 0, pages: 0, fields: 0, typed: new Set() });
    await v.page.exposeBinding('linliTap', () => { e.taps++; });
    await v.page.exposeBinding('linliTyped', (_, name) => { e.typed.add(name); });
    await v.page.addInitScript(() => {
      document.addEventListener('pointerdown', (ev) => { // a click on a label would be told twice
        if (ev.isTrusted && ev.isPrimary && !ev.target.matches('input[type=text], input[type=tel], textarea')) window.linliTap();
      }, true);
      document.addEventListener('input', (ev) => {
        if (ev.target.matches('input[type=text], input[type=tel], textarea')) window.linliTyped(ev.target.name);
      }, true);
    });
    v.page.on('framenavigated', (frame) => { if (frame === v.page.mainFrame()) e.pages++; });
    return e;
  }

  /** Counts from here: what led to this page is not part of the job. */
  start() {
    this.taps = 0;
    this.pages = 1;
    this.typed.clear();
  }

  /** The fields that a form offers now, each group once. */
  async offered(form) {
    const names = await form.evaluate((f) => {
      const groups = { recording: 'photos' };
      const seen = [...f.elements].filter((e) => e.name && e.type !== 'hidden' && e.type !== 'submit' && e.type !== 'button' && e.tagName !== 'FIELDSET'
        && (e.offsetParent || e.labels?.[0]?.offsetParent) && !e.closest('details:not([open])') && !e.closest('[hidden]'));
      return [...new Set(seen.map((e) => { const n = e.name.split('.')[0]; return groups[n] || n; }))];
    });
    this.fields = names.length;
    return names;
  }

  get row() {
    return `| ${this.job} | ${this.fields} | ${this.typed.size} | ${this.taps} | ${this.pages} |`;
  }

  /** Prints the row and keeps it where asked. */
  async tell() {
    console.log(this.row);
    if (process.env.LINLI_FIGURES !== '1') return;
    const text = await readFile(file, 'utf8');
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    const rows = text.slice(from + begin.length, to).split('\n').filter((l) => l.startsWith('|') && !l.startsWith(`| ${this.job} |`));
    await writeFile(file, `${text.slice(0, from)}${begin}\n${[...rows, this.row].join('\n')}\n${text.slice(to)}`);
  }
}
