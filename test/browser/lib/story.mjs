// What every story file begins with: the house that run.mjs started, and one
// browser for the file.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Visit, launch } from './visit.mjs';

export { assert, test };
export { desktop, password, phone } from './visit.mjs';

/**
 * Opens a browser for the file's stories. visit() gives a window in it, which is
 * closed at the end.
 */
export function stage() {
  let browser;
  before(async () => {
    assert.ok(process.env.LINLI_STORIES_URL, 'start the stories with npm test');
    browser = await launch();
  });
  after(() => browser?.close());
  return {
    get browser() {
      return browser;
    },
    url: process.env.LINLI_STORIES_URL,
    data: process.env.LINLI_STORIES_DATA,
    visit: (options = {}) => Visit.open(browser, { url: process.env.LINLI_STORIES_URL, ...options }),
    staff: async (login, options = {}) => (await Visit.open(browser, { url: process.env.LINLI_STORIES_URL, ...options })).signIn(login),
  };
}
