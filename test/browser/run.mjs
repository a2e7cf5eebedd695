// Starts the house once, lets every story happen in it, and ends it. What is
// missing on the machine is said; in CI it is a failure, as everything else.
// npm test 2- 7-staff tells only the stories whose file names hold these words.
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { binary, serve } from './lib/server.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const chromium = process.env.CHROMIUM || '/usr/bin/chromium';
if (spawnSync(chromium, ['--version', '--no-sandbox']).status !== 0) {
  console.error(`no Chromium at ${chromium}: apt-get install chromium, or name one in CHROMIUM`);
  process.exit(1);
}

const wanted = process.argv.slice(2);
const files = (await readdir(path.join(here, 'stories'))).filter((f) => f.endsWith('.test.mjs') && (wanted.length === 0 || wanted.some((w) => f.includes(w))))
  .sort().map((f) => path.join(here, 'stories', f));
if (files.length === 0) {
  console.error(`no story is called ${wanted.join(' or ')}`);
  process.exit(1);
}
const bin = await binary();
const server = await serve({ bin });
Object.assign(process.env, { LINLI_BIN: bin, LINLI_STORIES_URL: server.url, LINLI_STORIES_DATA: server.data });

let failed = false;
const stories = run({ files, concurrency: 2, timeout: 300_000 });
stories.on('test:fail', () => { failed = true; });
stories.compose(new spec()).pipe(process.stdout);
stories.on('end', async () => {
  // Whatever the stories did, the log holds it and the cases follow from it.
  const { code, said } = await server.verify();
  console.log(`linli verify: ${code}\n${said}`);
  failed ||= code !== 0;
  await server.stop();
  process.exitCode = failed ? 1 : 0;
});
