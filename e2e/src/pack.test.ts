import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endProcess } from './harness/end-process.js';
import { startRegistry, tarballName } from './harness/npm-registry.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGES = ['contract', 'client', 'oss-dev'];
const BIN = join(ROOT, 'node_modules/.bin');

let folder: string;
let project: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-pack-'));
  project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  await using registry = await startRegistry(
    ['client', 'oss-dev'].map((name) => join(ROOT, 'packages', name)),
    folder,
  );
  for (const name of PACKAGES)
    await run(join(BIN, 'pnpm'), ['pack', '--pack-destination', folder], join(ROOT, 'packages', name));
  const tarballs = PACKAGES.map((name) => join(folder, tarballName(`@pixdock/${name}`, '0.1.0')));
  await run('npm', ['install', '--no-audit', '--no-fund', '--registry', registry.url, ...tarballs]);
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command without the npm_* variables that npm or pnpm set for this test. */
async function run(command: string, args: string[], cwd = project): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: folder };
  const { stdout } = await promisify(execFile)(command, args, { cwd, env });
  return stdout;
}

/** Waits until a child has printed `pattern`, and returns its output. */
async function untilPrinted(child: ChildProcess, pattern: RegExp): Promise<string> {
  let printed = '';
  for await (const chunk of child.stdout ?? []) {
    printed += String(chunk);
    if (pattern.test(printed)) break;
  }
  return printed;
}

test('installs the client without packages of the services', async () => {
  const own = await readdir(join(project, 'node_modules/@pixdock'));
  expect(own.toSorted()).toEqual(['client', 'contract', 'oss-dev']);
  const names = await readdir(join(project, 'node_modules'));
  for (const name of ['bullmq', 'ioredis', 'pino', 'yauzl', 'ali-oss', 'sharp'])
    expect(names).not.toContain(name);
});

test('runs the command', async () => {
  expect(await run(join(project, 'node_modules/.bin/pixdock'), ['--help'])).toContain('upload [...files]');
});

test('runs the local OSS alone', async () => {
  const oss = killOnExit(
    spawn(join(project, 'node_modules/.bin/oss-dev'), {
      cwd: project,
      env: { PATH: process.env.PATH, OSS_DEV_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const printed = await untilPrinted(oss, /^ALIBABA_CLOUD_ACCESS_KEY_SECRET=/m);
  const endpoint = /^ALIYUN_OSS_ENDPOINT=(.*)$/m.exec(printed)?.[1];
  const put = await fetch(`${endpoint}/pixdock-dev/a.jpg`, { method: 'PUT', body: 'unsigned' });
  expect([put.status, await put.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
  await endProcess(oss, 10_000);
});

test('loads client and contract in Node', async () => {
  const code = `import { Pixdock } from '@pixdock/client';
    import { IMAGE_ID } from '@pixdock/contract/ids';
    console.log(typeof Pixdock, IMAGE_ID.test('img_' + 'a'.repeat(32)));`;
  expect(await run(process.execPath, ['--input-type=module', '--eval', code])).toBe('function true\n');
});

test('resolves the installed types', async () => {
  const code = `import { type Image, Pixdock } from '@pixdock/client';
    import type { Batch } from '@pixdock/contract/batch';
    export const urlOf = (image: Image): string | null => image.url;
    export const totalOf = (batch: Batch): number => batch.total;
    export const client = new Pixdock({ baseUrl: 'http://127.0.0.1', apiKey: 'key' });
    // @ts-expect-error: a status is one of six words
    export const status: Image['status'] = 'any';`;
  await writeFile(join(project, 'types.ts'), code);
  const options = [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--lib',
    'es2022,dom',
  ];
  await run(join(BIN, 'tsc'), [...options, '--types', '', 'types.ts']);
});

test('runs client and contract as a browser bundle', async () => {
  const modules = (await readdir(join(project, 'node_modules/@pixdock/contract/dist'), { recursive: true }))
    .filter((file) => file.endsWith('.js'))
    .map((file) => `export * from '@pixdock/contract/${file.slice(0, -3)}';\n`);
  await writeFile(join(project, 'main.js'), `export * from '@pixdock/client';\n${modules.join('')}`);
  const lib = { entry: 'main.js', formats: ['iife' as const], name: 'pixdock', fileName: 'bundle' };
  await build({
    root: project,
    configFile: false,
    logLevel: 'silent',
    build: { lib, outDir: 'out', minify: false },
  });
  const [bundle = ''] = await readdir(join(project, 'out'));
  const code = await readFile(join(project, 'out', bundle), 'utf8');
  expect(code).not.toMatch(/__vite-browser-external|["']node:/);
  const browser = createContext({
    fetch,
    Headers,
    URL,
    TextEncoder,
    TextDecoder,
    ReadableStream,
    AbortController,
  });
  runInContext(code, browser);
  const use = `const options = pixdock.optionsSchema.parse({ metadata: { album: '7' } });
    const client = new pixdock.Pixdock({ baseUrl: 'http://127.0.0.1', apiKey: 'key' });
    [options.metadata.album, typeof client.images.list, new pixdock.PixdockError('not_found').facts.status].join()`;
  expect(runInContext(use, browser)).toBe('7,function,404');
  const verify = `pixdock.verifyWebhook({ body: '{}', headers: {} }, 'whsec_AAAA')`;
  await expect(runInContext(verify, browser)).rejects.toThrow('Missing required headers');
});
