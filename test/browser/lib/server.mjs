// The program under test as a newcomer would start it: the real binary, on a
// free port of this machine, on an empty folder. Only what is started here is
// ended here.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** The binary: LINLI_BIN, or built now. */
export async function binary() {
  if (process.env.LINLI_BIN) return path.resolve(process.env.LINLI_BIN);
  const out = path.join(root, 'bin', 'linli');
  await run('go', ['build', '-o', out, './cmd/linli'], { cwd: root });
  return out;
}

async function freePort() {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/**
 * Starts the server and waits until it says that it is open.
 * @param {{bin: string, demo?: boolean, database?: string}} options
 */
export async function serve({ bin, demo = true, database = '' }) {
  const folder = await mkdtemp(path.join(tmpdir(), 'linli-stories-'));
  const data = path.join(folder, 'data');
  const url = `http://127.0.0.1:${await freePort()}`;
  const args = ['serve', '--data', data, '--listen', url.slice('http://'.length), '--proxy', '127.0.0.1/32', '--lang', 'zh-CN'];
  if (demo) args.push('--demo');
  if (database) args.push('--database', database);
  const child = spawn(bin, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LINLI_DATABASE: '' } });
  let said = '';
  const ended = once(child, 'exit');
  await new Promise((resolve, reject) => {
    const hear = (chunk) => {
      said += chunk;
      if (said.includes(url)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    ended.then(([code]) => reject(new Error(`linli ended with ${code} before it was open:\n${said}`)));
  });
  // What else it has to say at the start follows in the same breath.
  for (let i = 0; i < 50 && !(await fetch(`${url}/readyz`).then((r) => r.ok, () => false)); i++) {
    await new Promise((r) => setTimeout(r, 100));
  }
  return {
    url,
    data,
    pid: child.pid,
    said: () => said,
    /** `linli verify` on the running server's house. */
    verify: () => verify(bin, data, database),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `linli verify` beside a running server and gives exit status and words. */
export const verify = (bin, data, database = '') => checked(bin, ['--data', data, ...(database ? ['--database', database] : [])]);

/** Runs `linli verify` as somebody who has nothing but the server's address. */
export const verifyServer = (bin, url) => checked(bin, ['--server', url]);

async function checked(bin, how) {
  const args = ['verify', ...how, '--lang', 'zh-CN'];
  try {
    const { stdout } = await run(bin, args, { env: { ...process.env, LINLI_DATABASE: '' } });
    return { code: 0, said: stdout };
  } catch (e) {
    return { code: e.code, said: `${e.stdout ?? ''}${e.stderr ?? ''}` };
  }
}

/** A database of its own on the PostgreSQL of LINLI_TEST_POSTGRES. */
export async function freshDatabase(admin) {
  const name = `linli_stories_${process.pid}_${Date.now()}`;
  const psql = (sql) => run('psql', ['-q', '-X', '-v', 'ON_ERROR_STOP=1', admin, '-c', sql]);
  await psql(`CREATE DATABASE ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => psql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}
