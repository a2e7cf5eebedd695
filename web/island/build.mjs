// Bundles every island of entry/ to ../static/built/NAME.js, and the styles it
// imports to NAME.css. The built files are kept in the repository, so that the
// program is built without Node; "--check" builds again and compares.
import { build } from 'esbuild';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, '..', 'static', 'built');
const check = process.argv.includes('--check');

// Leaflet's rules that fetch its own pictures are left out: the house draws its
// markers itself, and loads nothing before it is needed.
const noPictures = {
  name: 'no-pictures',
  setup(b) {
    b.onLoad({ filter: /leaflet[\\/]dist[\\/]leaflet\.css$/ }, async ({ path: file }) => {
      const css = (await readFile(file, 'utf8')).replace(/\/\*[\s\S]*?\*\//g, '');
      return { loader: 'css', contents: css.replace(/[^{}]+\{[^{}]*url\([^{}]*\}/g, '') };
    });
  },
};

const entries = (await readdir(path.join(here, 'entry'))).filter((f) => f.endsWith('.js')).sort();
const { outputFiles } = await build({
  entryPoints: entries.map((f) => path.join(here, 'entry', f)),
  outdir: out,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2015', 'chrome64'], // web views of old phones
  charset: 'utf8',
  legalComments: 'none', // licences/ and the first line say whose it is
  banner: { js: '/* Linli, with the libraries and licences named in web/island/licences */' },
  plugins: [noPictures],
  write: false,
  absWorkingDir: here,
});

const files = new Map(outputFiles.map((f) => [path.basename(f.path), Buffer.from(f.contents)]));
let differ = 0;
if (!check) await mkdir(out, { recursive: true });
for (const name of await readdir(out).catch(() => [])) {
  if (files.has(name)) continue;
  if (check) {
    console.error(`web/static/built/${name} comes from no island`);
    differ++;
  } else await rm(path.join(out, name));
}
for (const [name, bytes] of files) {
  const file = path.join(out, name);
  if (!check) {
    await writeFile(file, bytes);
    console.log(`${name} ${bytes.length}`);
    continue;
  }
  const kept = await readFile(file).catch(() => null);
  if (!kept || !kept.equals(bytes)) {
    console.error(`web/static/built/${name} is not what the islands build; run make islands`);
    differ++;
  }
}
process.exitCode = differ ? 1 : 0;
