// 9. The whole story once more in a house on PostgreSQL.
import { assert, stage, test } from '../lib/story.mjs';
import { freshDatabase, serve } from '../lib/server.mjs';
import { Visit } from '../lib/visit.mjs';
import { wholeStory } from '../lib/whole.mjs';

const admin = process.env.LINLI_TEST_POSTGRES;

if (!admin && process.env.CI !== 'true') {
  console.log('left out: the story on PostgreSQL (set LINLI_TEST_POSTGRES)');
} else {
  const at = stage(); // only here: a browser that no story closes keeps the file from ending
  test('from a report to a rated close, on PostgreSQL', async () => {
    assert.ok(admin, 'CI needs LINLI_TEST_POSTGRES');
    const database = await freshDatabase(admin);
    const house = await serve({ bin: process.env.LINLI_BIN, database: database.url });
    try {
      const visit = (options) => Visit.open(at.browser, { url: house.url, ...options });
      await wholeStory({ visit, staff: async (login, options) => (await visit(options)).signIn(login), shots: false });
      const { code, said } = await house.verify();
      assert.equal(code, 0, said);
    } finally {
      await house.stop();
      await database.drop();
    }
  });
}
