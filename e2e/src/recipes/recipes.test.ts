import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Image } from '@pixdock/contract/image';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { findPythonWith } from '../fidelity/decoders/find-python.js';
import { installWithApt } from '../harness/apt.js';
import { findChromium, startChromium } from '../harness/chromium.js';
import { until } from '../harness/client.js';
import { endProcess } from '../harness/end-process.js';
import { type Stack, startStack } from '../harness/stack.js';
import { startTcpProxy } from '../harness/tcp-proxy.js';
import { type Pages, startPages } from './pages.js';
import { recipesOf } from './recipes.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PHOTO = join(ROOT, 'examples/photo.jpg');
const RECIPES = recipesOf('docs/clients.md');
const DEBIAN = [
  'chromium',
  'python3-requests',
  'python3-fastapi',
  'python3-httpx',
  'python3-python-multipart',
  'python3-uvicorn',
];
const BROWSER = [
  'Browser: fetch',
  'Browser: progress',
  'Browser: our client',
  'Uppy',
  'Uppy: resumable',
  'FilePond',
];
const OTHERS = ['curl', 'Python: requests', 'FastAPI', 'Node: fetch', 'Node: axios'];

let chromium: string | null;
let requests: string | null;
let fastapi: string | null;
let folder: string;
let pages: Pages & AsyncDisposable;
let stack: Stack;

function findClients(): boolean {
  chromium = findChromium();
  requests = findPythonWith('requests');
  fastapi = findPythonWith('fastapi, httpx, python_multipart, uvicorn');
  return chromium !== null && requests !== null && fastapi !== null;
}

beforeAll(async () => {
  if (!findClients() && (await installWithApt(DEBIAN, (line) => console.log(line)))) findClients();
  folder = await mkdtemp(join(tmpdir(), 'pixdock-recipes-'));
  await copyFile(PHOTO, join(folder, 'photo.jpg'));
  await symlink(join(ROOT, 'e2e/node_modules'), join(folder, 'node_modules'));
  pages = await startPages(PHOTO);
  const { host } = new URL(pages.origin);
  const settings = { CORS_ORIGINS: pages.origin, SOURCE_ALLOW: host, SOURCE_PORTS: host.split(':')[1] ?? '' };
  stack = await startStack(settings);
});
afterAll(async () => {
  await stack.stop();
  await pages[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const key = () => /^\w+:([^,]+)/.exec(stack.env.API_KEYS ?? '')?.[1] ?? '';

/** A token for a page, as the server of a reader makes it. */
async function makeToken(): Promise<string> {
  const response = await fetch(`${stack.api.url}/v1/upload-tokens`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key()}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ origins: [pages.origin] }),
  });
  const { token } = (await response.json()) as { token: string };
  return token;
}

/** The recipes below a heading, with the reader's own values. */
const recipesBelow = (heading: string, token = ''): string[] =>
  (RECIPES.get(heading)?.recipes ?? []).map(({ code }) =>
    code
      .replaceAll('http://127.0.0.1:3000', stack.api.url)
      .replaceAll('https://www.example.com', pages.origin)
      .replaceAll('KEY', key())
      .replaceAll('TOKEN', token),
  );

async function run(command: string, args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd: folder });
  return stdout.trim();
}

async function expectImageAt(url: string): Promise<void> {
  expect(url).toMatch(/^http:\/\/localhost:\d+\/\S+$/);
  const response = await fetch(url);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
}

function skipWithout(context: TestContext, client: string | null, name: string): asserts client is string {
  context.skip(client === null, `${name} is not installed: apt-get install ${DEBIAN.join(' ')}`);
}

test('publishes with each curl recipe', async () => {
  const commands = recipesBelow('curl');
  expect(commands).toHaveLength(3);
  const images = await Promise.all(
    commands.map(async (command) => JSON.parse(await run('sh', ['-c', command]))),
  );
  for (const image of images) {
    expect(image).toMatchObject({ status: 'published', receipt: { gpsRemoved: true } });
    await expectImageAt(image.url);
  }
});

test('publishes with the recipe for Python requests', async (context) => {
  skipWithout(context, requests, 'requests');
  await writeFile(join(folder, 'upload.py'), recipesBelow('Python: requests')[0] ?? '');
  await expectImageAt(await run(requests, ['upload.py']));
});

test.each(['Node: fetch', 'Node: axios'])('publishes with the recipe for %s', async (heading) => {
  const file = `${heading.split(' ')[1]}.mjs`;
  await writeFile(join(folder, file), recipesBelow(heading)[0] ?? '');
  await expectImageAt(await run(process.execPath, [file]));
});

test('publishes an avatar through examples/fastapi, and passes on a refusal', async (context) => {
  skipWithout(context, fastapi, 'FastAPI');
  await using app = await startFastApi(fastapi);
  const put = async (bytes: string) => {
    const file = join(folder, `avatar-${bytes}.jpg`);
    await run('sh', ['-c', `head -c ${bytes} photo.jpg > ${file}`]);
    const args = ['-X', 'PUT', '-H', 'Accept-Language: zh', '-w', '\n%{http_code}', '-F', `file=@${file}`];
    const [body = '', status] = (await run('curl', ['-sS', ...args, `${app.url}/users/7/avatar`])).split(
      '\n',
    );
    return { ...JSON.parse(body), http: Number(status) };
  };
  const published = await put('1000000');
  expect(published).toMatchObject({ http: 201, status: 'published' });
  await expectImageAt(published.url);
  expect(await put('3000')).toEqual({
    http: 422,
    code: 'image_truncated',
    detail: expect.stringMatching(/完整原图/),
  });
  const deletion = await fetch(`${app.url}/avatars/${published.id}`, { method: 'DELETE' });
  expect(deletion.status).toBe(202);
});

async function startFastApi(python: string): Promise<{ url: string } & AsyncDisposable> {
  const env = {
    PATH: process.env.PATH,
    PYTHONDONTWRITEBYTECODE: '1',
    PIXDOCK_URL: stack.api.url,
    PIXDOCK_API_KEY: key(),
  };
  const options = { cwd: join(ROOT, 'examples/fastapi'), env };
  const child = killOnExit(spawn(python, ['-m', 'uvicorn', 'main:app', '--port', '0'], options));
  const ended = once(child, 'close');
  let output = '';
  const url = new Promise<string>((resolve, reject) => {
    createInterface(child.stderr).on('line', (line) => {
      output += `${line}\n`;
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`uvicorn ended:\n${output}`)));
  });
  return {
    url: await url,
    async [Symbol.asyncDispose]() {
      await endProcess(child, 20_000);
    },
  };
}

const MIB = 1024 * 1024;
/** Pieces have 64 KiB at most, so that 4 MiB are cut five times at least. */
const PIECES_PER_CUT = 12;

test('resumes with Uppy in Chromium, although its connection is destroyed again and again', async (context) => {
  skipWithout(context, chromium, 'Chromium');
  const proxy = await startTcpProxy();
  context.onTestFinished(() => proxy.stop());
  proxy.forward(Number(new URL(stack.api.url).port));
  proxy.resetAt(PIECES_PER_CUT, 'request', true);
  // It only begins like an image.
  const bytes = Buffer.concat([await readFile(PHOTO), randomBytes(4 * MIB)]);
  const [recipe = ''] = recipesBelow('Uppy: resumable', await makeToken());
  const endpoint = `${stack.api.url}/v1/uploads`;
  const options = '  headers,\n';
  expect(recipe).toContain(endpoint);
  expect(recipe).toContain(options);
  // A cut may lose all bytes since the one before: on a slow machine more often than Uppy retries.
  const code = recipe
    .replace(endpoint, `http://127.0.0.1:${proxy.port}/v1/uploads`)
    .replace(options, `${options}  retryDelays: new Array(100).fill(50),\n`);
  await pages.serve(new Map([['cut', code]]), bytes);
  await using browser = await startChromium(chromium);
  await (await browser.newPage()).goto(pages.origin, { waitUntil: 'commit' });
  await until('five cuts', 60, async () => (proxy.resets() >= 5 ? true : null));
  proxy.heal();
  await pages.printed('cut');
  const response = await fetch(`${stack.api.url}/v1/images?limit=100`, {
    headers: { Authorization: `Bearer ${key()}` },
  });
  const { items } = (await response.json()) as { items: Image[] };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(items.filter(({ source }) => source.sha256 === sha256)).toHaveLength(1);
});

/** Uploads by our client, with and without progress. It prints what it saw. */
const PROGRESS = `
import { Pixdock } from '@pixdock/client';

const client = new Pixdock({ baseUrl: SERVER, apiKey: 'TOKEN', retries: 0 });
const nowhere = new Pixdock({ baseUrl: 'http://127.0.0.1:1', apiKey: 'TOKEN', retries: 0 });
const { open } = XMLHttpRequest.prototype;
let requests = 0;
XMLHttpRequest.prototype.open = function (...of) {
  requests++;
  open.apply(this, of);
};
const withoutId = ({ requestId, ...error }) => error;
const errorOf = (upload) => upload.then(JSON.stringify, (error) => JSON.stringify(withoutId(error)));
document.querySelector('#photo').addEventListener('change', async ({ target }) => {
  const [photo] = target.files;
  const text = new Blob(['no picture']);
  const sent = [];
  const onProgress = (progress) => void sent.push(progress);
  const none = await errorOf(client.images.upload(text));
  const offline = await errorOf(nowhere.images.upload(text));
  const byFetch = requests;
  const { id } = await client.images.upload(new Blob([photo, new Uint8Array(4_000_000)]), { onProgress });
  const ending = new AbortController();
  const { signal } = ending;
  const stop = ({ sentBytes }) => sentBytes > 0 && ending.abort('enough');
  const fail = ({ sentBytes }) => sentBytes > 0 && missing;
  const seen = {
    id,
    byFetch,
    sent,
    none: JSON.parse(none),
    offline: JSON.parse(offline),
    sameNone: (await errorOf(client.images.upload(text, { onProgress() {} }))) === none,
    sameOffline: (await errorOf(nowhere.images.upload(text, { onProgress() {} }))) === offline,
    aborted: await client.images.upload(photo, { onProgress: stop, signal }).catch((error) => error),
    broken: await client.images.upload(photo, { onProgress: fail }).catch((error) => error.name),
  };
  console.log(JSON.stringify(seen));
});
`;

test('publishes in Chromium with fetch, XMLHttpRequest, our client, Uppy and FilePond, each with an upload token, and reports the progress of our client', async (context) => {
  skipWithout(context, chromium, 'Chromium');
  const nameOf = (heading: string) => heading.split(' ').at(-1)?.toLowerCase() ?? '';
  const token = await makeToken();
  const recipes = BROWSER.map((heading) => [nameOf(heading), recipesBelow(heading, token)[0] ?? ''] as const);
  const progress = PROGRESS.replace('SERVER', JSON.stringify(stack.api.url)).replaceAll(
    'TOKEN',
    await makeToken(),
  );
  await pages.serve(new Map([...recipes, ['ours', progress]]));
  await using browser = await startChromium(chromium);
  await (await browser.newPage()).goto(pages.origin, { waitUntil: 'commit' });
  const printed = recipes.map(async ([name]) => [name, await pages.printed(name)] as const);
  for (const [name, url] of await Promise.all(printed)) {
    expect({ name, url }).toMatchObject({ url: expect.stringMatching(/^http/) });
    await expectImageAt(url);
  }
  const seen = JSON.parse(await pages.printed('ours'));
  expect(seen).toMatchObject({
    id: expect.stringMatching(/^img_/),
    byFetch: 0,
    none: { code: 'unsupported_media_type', status: 415, detail: expect.any(String) },
    offline: { code: 'unreachable', status: 0 },
    sameNone: true,
    sameOffline: true,
    aborted: 'enough',
    broken: 'ReferenceError',
  });
  const sent = seen.sent.map(({ sentBytes }: { sentBytes: number }) => sentBytes);
  const total = (await stat(PHOTO)).size + 4_000_000;
  expect(sent).toEqual([...new Set(sent)].toSorted((a, b) => Number(a) - Number(b)));
  expect([sent[0], sent.at(-1), seen.sent.at(-1).totalBytes]).toEqual([0, total, total]);
});

/** A recipe for Uppy with another file. It prints the number of its requests before the error. */
const withFile = (recipe: string, file: string) => `
let requests = 0;
// Uppy writes errors to it, too.
const print = console.error;
console.error = () => {};
const { send } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.send = function (body) {
  requests++;
  send.call(this, body);
};
${recipe.replace('console.error(', 'printError(').replace('target.files[0]', file)}
function printError(message) {
  print(requests + ' ' + message);
}`;

const CUT = "new File([target.files[0].slice(0, 3000)], 'cut.jpg')";

test('says on a page with Uppy why a file was refused, after one request', async (context) => {
  skipWithout(context, chromium, 'Chromium');
  const token = await makeToken();
  const [recipe = ''] = recipesBelow('Uppy', token);
  const [resumable = ''] = recipesBelow('Uppy: resumable', token);
  const recipes = {
    cut: withFile(recipe, CUT),
    text: withFile(resumable, "new File(['no picture'], 'text.jpg')"),
  };
  await pages.serve(new Map(Object.entries(recipes)));
  await using browser = await startChromium(chromium);
  await (await browser.newPage()).goto(pages.origin, { waitUntil: 'commit' });
  const refusalOf = async (body: Uint8Array<ArrayBuffer>) => {
    const headers = { Authorization: `Bearer ${key()}` };
    const response = await fetch(`${stack.api.url}/v1/images?wait=20`, { method: 'POST', headers, body });
    return (await response.json()) as { code: string; detail: string };
  };
  const { code, detail } = await refusalOf(new Uint8Array(await readFile(PHOTO)).subarray(0, 3000));
  expect(code).toBe('image_truncated');
  expect(await pages.printed('cut')).toBe(`1 ${detail}`);
  const ofText = await refusalOf(new TextEncoder().encode('no picture'));
  expect(await pages.printed('text')).toBe(`2 ${ofText.detail}`);
});

test.each([
  ['docs/clients.md', 'Run in a test', /^(Run in a test|Run by hand|From documentation)\b/],
  ['docs/clients.zh-CN.md', '由测试运行', /^(由测试运行|手动运行过|依据文档)/],
])('%s says of each recipe how it was checked', (page, inTest, checked) => {
  const sections = [...recipesOf(page)];
  expect(sections.filter(([, section]) => !checked.test(section.checked))).toEqual([]);
  expect(sections.filter(([, section]) => section.checked.startsWith(inTest))).toHaveLength(
    BROWSER.length + OTHERS.length,
  );
});

test('docs/clients.zh-CN.md has the same recipes as docs/clients.md', () => {
  const codes = (page: string) => [...recipesOf(page).values()].map(({ recipes }) => recipes);
  expect(codes('docs/clients.zh-CN.md')).toEqual(codes('docs/clients.md'));
});

test('has a test for each recipe that claims one', () => {
  const claimed = [...RECIPES].filter(([, { checked }]) => checked.startsWith('Run in a test'));
  expect(claimed.map(([heading]) => heading).toSorted()).toEqual([...BROWSER, ...OTHERS].toSorted());
});
