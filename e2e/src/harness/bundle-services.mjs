/*
 * Global setup of vitest: bundles API, worker and decoder, each with its packages, into one file. Most of a service's
 * start is loading and compiling a thousand files, and the tests start hundreds. Only the number of files differs:
 * `npm start` and scripts/start.test.mjs run the compiled files themselves, as do `pnpm chaos` and `pnpm scale`.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const OUT = join(ROOT, 'node_modules', '.pixdock', 'services');
const STAMP = join(OUT, 'stamp');
/** Tests recognize a decoder by the end of its path. */
const DECODER = join(OUT, 'image', 'child.cjs');
const RUN_BUNDLE = fileURLToPath(new URL('run-bundle.cjs', import.meta.url));

export async function setup({ vitest }) {
  const { filenamePattern: patterns } = vitest;
  if (patterns?.length > 0 && !patterns.some((pattern) => /e2e|bench/.test(pattern))) return;
  // vitest calls this once per project.
  globalThis.pixdockServices ??= bundleAll();
  process.env.PIXDOCK_SERVICES = await globalThis.pixdockServices;
}

const ENTRIES = {
  api: join(ROOT, 'apps/api/dist/run-api.js'),
  worker: join(ROOT, 'apps/worker/dist/run-worker.js'),
  decoder: join(ROOT, 'apps/worker/dist/image/child.js'),
};

/** What is called in each bundle. */
const CALLS = { api: '.runApi(process)', worker: '.runWorker(process)', decoder: '' };

/** The file that runs instead of each entry. */
const RUNS = { api: join(OUT, 'api.cjs'), worker: join(OUT, 'worker.cjs'), decoder: DECODER };

async function bundleAll() {
  const compiled = fingerprint();
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== compiled) {
    rmSync(OUT, { recursive: true, force: true });
    mkdirSync(dirname(DECODER), { recursive: true });
    await Promise.all(Object.keys(ENTRIES).map(bundle));
    writeFileSync(STAMP, compiled);
  }
  return OUT;
}

async function bundle(name) {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    plugins: [keepPlaces],
    // Without the condition `development`, which resolves to the sources: the bundle has the code that `npm start` runs.
    ssr: {
      noExternal: true,
      external: ['sharp'],
      resolve: { conditions: ['node', 'import', 'module', 'default'] },
    },
    build: {
      ssr: ENTRIES[name],
      outDir: OUT,
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      rolldownOptions: {
        output: {
          format: 'cjs',
          entryFileNames: `${name}.bundle.cjs`,
          codeSplitting: false,
        },
      },
    },
  });
  const path = join(OUT, `${name}.bundle.cjs`);
  writeFileSync(path, escapeNonAscii(readFileSync(path, 'utf8')));
  const run = `require(${JSON.stringify(RUN_BUNDLE)})(${JSON.stringify([name, OUT, ENTRIES[name]])})${CALLS[name]};\n`;
  writeFileSync(RUNS[name], run);
}

/** Keeps the paths of files beside a module, such as Redis scripts, except the decoder, which has a bundle. */
const keepPlaces = {
  name: 'keep-places',
  transform(original, id) {
    const path = id.replace(/\?.*$/, '');
    const code = original.replace(
      "new URL('./child.js', import.meta.url)",
      JSON.stringify(pathToFileURL(DECODER).href),
    );
    const isFile = isAbsolute(path) && !/\b(const|let|var) +__(dir|file)name\b/.test(code);
    if (!isFile) return code;
    return (
      code
        // Not where it is assigned to.
        .replaceAll(/\bimport\.meta\.url\b(?! = )/g, JSON.stringify(pathToFileURL(path).href))
        .replaceAll(/\b(import\.meta\.dirname|__dirname)\b/g, JSON.stringify(dirname(path)))
        .replaceAll(/\b(import\.meta\.filename|__filename)\b/g, JSON.stringify(path))
    );
  },
};

/** Node reads a file with one byte per character several times faster. */
const escapeNonAscii = (code) =>
  // oxlint-disable-next-line no-control-regex
  code.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  for (const path of [fileURLToPath(import.meta.url), RUN_BUNDLE]) hash.update(readFileSync(path));
  hash.update(readFileSync(join(ROOT, 'pnpm-lock.yaml')));
  for (const parent of ['apps', 'packages'])
    for (const name of readdirSync(join(ROOT, parent))) {
      const folder = join(ROOT, parent, name, 'dist');
      const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
      for (const file of files.filter((one) => one.endsWith('.js')).toSorted()) {
        const { size, mtimeMs } = statSync(join(folder, file));
        hash.update(`${parent}/${name}/${file} ${size} ${mtimeMs}\n`);
      }
    }
  return hash.digest('hex');
}
