import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { publint } from 'publint';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endProcess } from './harness/end-process.js';
import { startRegistry, tarballName } from './harness/npm-registry.js';
import { photo } from './harness/pictures.js';
import { startStack } from './harness/stack.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGES = ['contract', 'client', 'oss-dev'];
const BIN = join(ROOT, 'node_modules/.bin');
const OLDEST_NODE = '20.19.0';

let folder: string;
let project: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-pack-'));
  project = join(folder, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  const folders = PACKAGES.map((name) => join(ROOT, 'packages', name));
  for (const from of folders) await run(join(BIN, 'pnpm'), ['pack', '--pack-destination', folder], from);
  await using registry = await startRegistry(folders, folder);
  const install = ['install', '--no-audit', '--no-fund', '--registry', registry.url];
  await run('npm', [...install, '@pixdock/client', '@pixdock/oss-dev']);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command without the npm_* variables that npm or pnpm set for this test. */
async function run(
  command: string,
  args: string[],
  cwd = project,
  variables: NodeJS.ProcessEnv = {},
): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: folder, ...variables };
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

test.each(PACKAGES)('publishes exports of %s that exist and have their types', async (name) => {
  const tarball = join(folder, tarballName(`@pixdock/${name}`, '0.1.0'));
  const bytes = new Uint8Array(await readFile(tarball));
  expect((await publint({ pack: { tarball: bytes.buffer } })).messages).toEqual([]);
  const dist = await readdir(join(project, 'node_modules/@pixdock', name, 'dist'), { recursive: true });
  const modules = dist.filter((file) => file.endsWith('.js')).map((file) => `./${file.slice(0, -3)}`);
  const attw = join(ROOT, 'e2e/node_modules/.bin/attw');
  // It fails for types that `import` does not find; all packages are ES modules.
  await run(attw, [
    tarball,
    '--profile',
    'esm-only',
    '--entrypoints',
    ...(name === 'client' ? ['.'] : modules),
  ]);
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

test('uploads with the client and the command on the oldest Node that they promise', async ({ skip }) => {
  const node = await installNode(OLDEST_NODE);
  skip(node === null, `Node ${OLDEST_NODE} cannot be installed from the npm registry here.`);
  const stack = await startStack();
  try {
    await writeFile(join(project, 'photo.jpg'), await photo(320, 240));
    const code = `import { openAsBlob } from 'node:fs';
      import { Pixdock } from '@pixdock/client';
      const client = new Pixdock({ baseUrl: process.env.PIXDOCK_URL, apiKey: process.env.PIXDOCK_API_KEY });
      const { id } = await client.images.upload(await openAsBlob('photo.jpg'), { filename: 'photo.jpg' });
      const statuses = [];
      for await (const { status } of client.images.events(id)) statuses.push(status);
      console.log(process.version, statuses.at(-1));`;
    const settings = { PIXDOCK_URL: stack.api.url, PIXDOCK_API_KEY: 'key-of-the-owner-acme' };
    const onNode = { ...settings, PATH: `${dirname(node ?? '')}:${process.env.PATH}` };
    const printed = await run('node', ['--input-type=module', '--eval', code], project, onNode);
    expect(printed).toBe(`v${OLDEST_NODE} published\n`);
    const pixdock = join(project, 'node_modules/.bin/pixdock');
    expect(await run(pixdock, ['--version'], project, onNode)).toContain(`node-v${OLDEST_NODE}`);
    const uploaded = await run(pixdock, ['upload', 'photo.jpg', '--json'], project, onNode);
    expect(JSON.parse(uploaded)).toMatchObject({ file: 'photo.jpg', how: 'sent' });
    const { url } = JSON.parse(uploaded) as { url: string };
    expect((await fetch(url)).headers.get('content-type')).toBe('image/jpeg');
  } finally {
    await stack.stop();
  }
});

/** Installs a Node once for all test runs, from its package that runs no script; null if that fails. */
async function installNode(version: string): Promise<string | null> {
  const name = `node-${process.platform}-${process.arch}`;
  const prefix = join(ROOT, 'node_modules/.pixdock', `node-${version}`);
  const node = join(prefix, 'node_modules', name, 'bin/node');
  const isInstalled = () => run(node, ['--version']).then((text) => text === `v${version}\n`);
  if (await isInstalled().catch(() => false)) return node;
  const install = ['install', '--prefix', prefix, '--no-audit', '--no-fund', `${name}@${version}`];
  // With the registry of this machine.
  await promisify(execFile)('npm', install, { timeout: 120_000 }).catch(() => {});
  return (await isInstalled().catch(() => false)) ? node : null;
}
