/*
 * A global set-up of vitest: API and worker, each with its packages in one file. Loading a thousand files takes more than
 * half of a service's start, which the tests do hundreds of times. Only the number of files differs: `npm start` and
 * scripts/start.test.mjs run the compiled files themselves, as do `pnpm chaos` and `pnpm scale`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const OUT = join(ROOT, 'node_modules', '.pixdock', 'services');
const STAMP = join(OUT, 'stamp');

export async function setup({ vitest }) {
  const { filenamePattern: patterns } = vitest;
  if (patterns?.length > 0 && !patterns.some((pattern) => pattern.includes('e2e'))) return;
  // Each project of vitest calls this.
  globalThis.pixdockServices ??= bundleAll();
  process.env.PIXDOCK_SERVICES = await globalThis.pixdockServices;
}

async function bundleAll() {
  const compiled = fingerprint();
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== compiled) {
    await Promise.all(['api', 'worker'].map(bundle));
    writeFileSync(STAMP, compiled);
  }
  return OUT;
}

async function bundle(app) {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    plugins: [keepPlaces],
    ssr: { noExternal: true, external: ['sharp'] },
    build: {
      ssr: join(ROOT, 'apps', app, 'dist', 'main.js'),
      outDir: OUT,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: `${app}.mjs`, codeSplitting: false } },
    },
  });
}

/** Files beside a module, such as scripts of Redis and the decoder, are found where they are. */
const keepPlaces = {
  name: 'keep-places',
  transform(code, id) {
    const path = id.replace(/\?.*$/, '');
    const isFile = isAbsolute(path) && !/\b(const|let|var) +__(dir|file)name\b/.test(code);
    if (!isFile || !/\b(import\.meta\.(url|dirname|filename)|__dirname|__filename)\b/.test(code)) return null;
    return code
      .replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(path).href))
      .replaceAll(/\b(import\.meta\.dirname|__dirname)\b/g, JSON.stringify(dirname(path)))
      .replaceAll(/\b(import\.meta\.filename|__filename)\b/g, JSON.stringify(path));
  },
};

function fingerprint() {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
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
