import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  globSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { copyCheckout } from '../e2e/src/mutations/copy-checkout.js';
import { startOssDev } from '../packages/oss-dev/src/start.js';
import { killOnExit } from '../packages/shared/src/testing/kill-on-exit.js';
import { temporaryFolder } from '../packages/shared/src/testing/temporary-folder.js';
import { ROOT } from './lib/root.mjs';

// A clone without packages, which `npm start` installs. It needs no network, since the packages are in pnpm's store.
let clone;
beforeAll(async () => {
  clone = await copyCheckout(ROOT, { isClean: true });
  // `npm test` builds a clean clone in the same way (ensureWorkspace). To build another takes half a minute of CPU time.
  for (const dist of globSync('{apps,packages}/*/dist', { cwd: ROOT }))
    cpSync(join(ROOT, dist), join(clone.root, dist), { recursive: true, preserveTimestamps: true });
});
afterAll(() => clone?.remove());

/** Settings of the clone: as editors on Windows write them, with a byte order mark. */
const writeSettings = (lines) =>
  writeFileSync(join(clone.root, '.env'), `\uFEFF${[...lines, 'PORT=0', ''].join('\n')}`);

// Without the folder, pnpm would look for its store on the disk of the clone.
const [, STORE] = /"?storeDir"?: "?([^",\n]+)/.exec(
  readFileSync(join(ROOT, 'node_modules/.modules.yaml'), 'utf8'),
);
const FROM_CACHE = { npm_config_prefer_offline: 'true', pnpm_config_store_dir: STORE };
const FROM_TERMINAL = ['PATH', 'HOME', 'NODE_EXTRA_CA_CERTS', 'npm_config_registry', 'GOGC'];

/** The variables of a new terminal, whose locale is not installed. */
function environment(locale) {
  const kept = FROM_TERMINAL.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return { ...Object.fromEntries(kept), ...FROM_CACHE, LC_ALL: locale };
}

/** Runs examples/first-hour.sh in the clone. @returns its output */
async function firstHour(locale) {
  const script = join(clone.root, 'examples/first-hour.sh');
  const child = killOnExit(spawn(script, { env: environment(locale), stdio: ['ignore', 'pipe', 'pipe'] }));
  const [[code], output, errors] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  // bash itself warns of the locale.
  expect({ code, errors, output }).toMatchObject({ code: 0 });
  return output;
}

/** How README.md installs and builds without a start. */
const [, INSTALL] = /`(npx --yes pnpm\S+ install [^`]* build)`/.exec(
  readFileSync(join(ROOT, 'README.md'), 'utf8'),
);

/** Processes that run in the clone. */
function processesInClone() {
  const folders = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return folders.filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(clone.root);
    } catch {
      return false;
    }
  });
}

const RESULTS = [
  /^curl: 201$/m,
  /^GET http\S+: 200 image\/jpeg$/m,
  /^Bearer wrong: 401 unauthorized$/m,
  /^broken\.jpg: 422 image_truncated$/m,
];

test('follows README.md in Chinese, with a locale that is not installed, a byte order mark in .env and no Redis', async () => {
  writeSettings(['WORKER_CONCURRENCY=1']);
  const output = await firstHour('zh_CN.UTF-8');
  for (const result of RESULTS) expect(output).toMatch(result);
  expect(output).toContain('正在安装依赖包（仅首次启动）');
  expect(output).toContain('Pixdock 正在运行。');
  expect(output).toContain('1 路并行解码');
  expect(output).toMatch(/\n图片不完整（只有前半截）.*\n正在停止……\n已停止。\n$/);
  expect(processesInClone()).toEqual([]);
});

test('follows sections 6 to 8 of docs/aliyun.md with a bucket, in English', async () => {
  const page = readFileSync(join(ROOT, 'docs/aliyun.md'), 'utf8');
  if (!existsSync(join(clone.root, 'node_modules'))) await run(INSTALL);
  const makeKey = async () => (await run(/^node -e ".+"$/m.exec(page)[0])).trim();
  const oss = await startOssDev({
    dataDir: temporaryFolder(),
    buckets: ['acme-images'],
    region: 'cn-hangzhou',
    accessKeyId: 'LTAI-first-hour',
    accessKeySecret: 'first-hour-secret',
  });
  onTestFinished(() => oss.stop());
  const [settings] = /^[A-Z_]+=[^`]*_ADDRESSING=path\n[^`]*/m.exec(page.split('**path**')[1]);
  const mine = settings
    .replace('your-access-key-id', oss.accessKeyId)
    .replace('your-access-key-secret', oss.accessKeySecret)
    .replace('https://oss.intranet.example.com', oss.endpoint)
    .replace('https://img.intranet.example.com', `${oss.endpoint}/acme-images`)
    .replace('your-long-random-key', await makeKey())
    .replace('your-other-random-key', await makeKey());
  writeSettings([...mine.trim().split('\n'), 'WORKER_CONCURRENCY=1']);
  const doctor = page.split('## 7')[1].match(/^node .* doctor$/m)[0];
  expect(await run(doctor)).toContain('No faults found.');
  const output = await firstHour('en_US.UTF-8');
  for (const result of RESULTS) expect(output).toMatch(result);
  expect(output).toContain('bucket acme-images');
  expect(output).toMatch(/^GET http\S+\/acme-images\/images\/\S+: 200/m);
  expect(processesInClone()).toEqual([]);
});

/** Runs a command of a page in the clone. @returns its output */
async function run(command) {
  const options = { cwd: clone.root, env: environment('en_US.UTF-8') };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], options);
  return stdout;
}
