import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { problem, type Reply, type Seen, serve } from '../../testing/serve.js';
import { runPixdock, temporaryFolder } from '../testing/run-pixdock.js';

/** 花 and 照片.jpg in GBK. */
const GBK_FOLDER = Buffer.from('bba8', 'hex');
const GBK_FILE = Buffer.from('d5d5c6ac2e6a7067', 'hex');

const sha256 = (bytes: string) => createHash('sha256').update(bytes).digest('hex');

function published(id: string, more: object = {}) {
  const image = { id, status: 'published', url: `http://oss/${id}`, version: 2, profile: 'default' };
  return { ...image, deleteRequestedAt: null, error: null, source: { sha256: null }, ...more };
}

/** A server that publishes whatever it gets, but for what `special` answers. */
function landingServer(special: (seen: Seen) => Reply | 'reset' | undefined = () => undefined) {
  return serve((seen) => {
    const told = special(seen);
    if (told !== undefined) return told;
    const { method, url, body } = seen;
    if (url.pathname === '/v1/images/lookup' || (method === 'GET' && url.pathname === '/v1/images'))
      return { body: { items: [] } };
    if (method === 'POST')
      return { status: 202, body: published(`img_${String(body)}`, { status: 'queued' }) };
    return { body: published(url.pathname.replace('/v1/images/', '')) };
  });
}

function folderOf(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

function notesIn(home: string): string {
  const folder = join(home, '.local/state/pixdock');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
}

const uploads = (seen: Seen[]) =>
  seen.filter(({ method, url }) => method === 'POST' && url.pathname === '/v1/images');
const hows = (out: string) =>
  Object.fromEntries(
    out.split('\n').flatMap((line) => {
      if (line === '') return [];
      const { file, how } = JSON.parse(line) as { file: string; how: string };
      return [[file, how]];
    }),
  );

it('sends path, digest and a key that the same file gives again', async () => {
  const { url, seen } = await landingServer();
  const folder = folderOf({ 'a.jpg': 'A' });
  for (const profile of ['default', 'default', 'avatar'])
    await runPixdock(['import', folder, '--profile', profile], { url });
  const [first, second, third] = uploads(seen);
  expect(Object.fromEntries(first?.url.searchParams ?? [])).toEqual({
    profile: 'default',
    externalId: 'a.jpg',
    sha256: sha256('A'),
  });
  expect(first?.headers['idempotency-key']).toMatch(/^"pixdock-[0-9a-f]{64}"$/);
  expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  expect(third?.headers['idempotency-key']).not.toBe(first?.headers['idempotency-key']);
});

it('sends nothing that is unchanged, known or a copy; --again looks once more', async () => {
  const { url, seen } = await landingServer(({ url: asked, body }) => {
    if (asked.pathname !== '/v1/images/lookup') return undefined;
    const wanted = (JSON.parse(String(body)) as { sha256: string[] }).sha256;
    const has = (bytes: string) => wanted.includes(sha256(bytes));
    const known = [
      published('img_K', { source: { sha256: sha256('K') } }),
      published('img_other', { source: { sha256: sha256('A') }, profile: 'avatar' }),
    ];
    return { body: { items: has('K') ? known : [] } };
  });
  const home = temporaryFolder();
  const folder = folderOf({ 'a.jpg': 'A', 'b.jpg': 'A', 'k.jpg': 'K' });
  const first = await runPixdock(['import', folder, '--json'], { url, home });
  expect(first.exit).toBe(0);
  expect(hows(first.out)).toMatchObject({ 'k.jpg': 'known' });
  expect(new Set(Object.values(hows(first.out)))).toEqual(new Set(['sent', 'copy', 'known']));
  expect(uploads(seen)).toHaveLength(1);

  writeFileSync(join(folder, 'b.jpg'), 'changed');
  const second = await runPixdock(['import', folder, '--json'], { url, home });
  expect(hows(second.out)).toEqual({ 'a.jpg': 'unchanged', 'b.jpg': 'sent', 'k.jpg': 'unchanged' });
  expect(second.out).toContain('"url":"http://oss/img_A"');
  expect(uploads(seen)).toHaveLength(2);

  const again = await runPixdock(['import', folder, '--json', '--again'], { url, home });
  expect(hows(again.out)).toEqual({ 'a.jpg': 'sent', 'b.jpg': 'sent', 'k.jpg': 'known' });
});

it('retries what failed for a passing reason, and sends anew what was deleted', async () => {
  const failed = (retryable: boolean) => ({
    status: 'failed',
    url: null,
    error: {
      code: retryable ? 'processing_timeout' : 'image_corrupt',
      detail: 'Detail.',
      title: '',
      retryable,
    },
  });
  let retried = 0;
  let gone = 0;
  const { url, seen } = await landingServer(({ method, url: { pathname } }) => {
    if (pathname.endsWith('/retry'))
      return { status: 202, body: published('img_R', { status: 'queued' }), ...(retried++, {}) };
    if (method !== 'GET') return undefined;
    if (pathname.endsWith('img_R') && retried === 0) return { body: published('img_R', failed(true)) };
    if (pathname.endsWith('img_F')) return { body: published('img_F', failed(false)) };
    if (pathname.endsWith('img_D') && gone++ === 0)
      return { body: published('img_D', { status: 'deleted', url: null }) };
    return undefined;
  });
  const folder = folderOf({ 'r.jpg': 'R', 'f.jpg': 'F', 'd.jpg': 'D' });
  const { exit, out, err } = await runPixdock(['import', folder], { url });
  expect(exit).toBe(1);
  expect(out.trim().split('\n')).toHaveLength(2);
  expect(err).toContain('failed  f.jpg  image_corrupt: Detail.');
  expect(retried).toBe(1);
  const keys = uploads(seen).flatMap(({ body, headers }) =>
    String(body) === 'D' ? [headers['idempotency-key']] : [],
  );
  expect(new Set(keys).size).toBe(2);
});

it('stops at once when every other file would fail alike', async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`${n}.jpg`, `${n}`]));
  const { url, seen } = await landingServer(({ method, url: { pathname } }) =>
    method === 'POST' && pathname === '/v1/images' ? problem(400, 'unknown_profile') : undefined,
  );
  const { exit, err } = await runPixdock(['import', folderOf(files)], { url });
  expect(exit).toBe(1);
  expect(err).toContain('unknown_profile: Detail.');
  expect(err).not.toContain('failed  ');
  expect(uploads(seen).length).toBeLessThan(20);
});

it('after Ctrl-C keeps what is done, and says how to go on', async () => {
  const interrupt = new AbortController();
  const home = temporaryFolder();
  const files = { 'a.jpg': 'A', 'b.jpg': 'B' };
  const folder = folderOf(files);
  let stop = true;
  const { url, seen } = await landingServer(({ method, body }) => {
    if (!stop || method !== 'POST' || String(body) !== 'B') return undefined;
    void expect
      .poll(() => notesIn(home))
      .toContain('a.jpg')
      .then(() => interrupt.abort());
    return problem(503, 'overloaded', { retryAfter: 60 });
  });
  const first = await runPixdock(['import', folder], { url, home, signal: interrupt.signal });
  expect(first).toMatchObject({ exit: 130, out: 'http://oss/img_A\ta.jpg\n' });
  expect(first.err).toContain('goes on from here');
  stop = false;
  const second = await runPixdock(['import', folder, '--json'], { url, home });
  expect(hows(second.out)).toEqual({ 'a.jpg': 'unchanged', 'b.jpg': 'sent' });
  const [before, after] = uploads(seen).filter(({ body }) => String(body) === 'B');
  expect(after?.headers['idempotency-key']).toBe(before?.headers['idempotency-key']);
});

it('says what it skipped, and that a file changed under its hands', async () => {
  const folder = folderOf({ 'a.jpg': 'A', 'notes.txt': 'x', '.hidden.jpg': 'x' });
  const { url } = await landingServer(({ url: { pathname } }) => {
    if (pathname !== '/v1/images/lookup') return undefined;
    writeFileSync(join(folder, 'a.jpg'), '');
    return { body: { items: [] } };
  });
  const { exit, err } = await runPixdock(['import', folder], { url });
  expect(exit).toBe(1);
  expect(err).toContain('skipped: 1 that are no images by name, 1 hidden');
  expect(err).toContain('failed  a.jpg  ESHORT: The file became shorter while it was read.');
  expect(readFileSync(join(folder, 'a.jpg'), 'utf8')).toBe('');
});

it.skipIf(process.platform !== 'linux')('lands files whose names are not UTF-8', async () => {
  const folder = temporaryFolder();
  const below = Buffer.concat([Buffer.from(`${folder}/`), GBK_FOLDER]);
  mkdirSync(below);
  writeFileSync(Buffer.concat([below, Buffer.from('/'), GBK_FILE]), 'A');
  const { url, seen } = await landingServer();
  const home = temporaryFolder();
  const { exit, out } = await runPixdock(['import', folder], { url, home });
  expect([exit, out]).toEqual([0, 'http://oss/img_A\t花/照片.jpg\n']);
  expect(uploads(seen)[0]?.url.searchParams.get('externalId')).toBe('花/照片.jpg');
  const again = await runPixdock(['import', folder, '--json'], { url, home });
  expect(hows(again.out)).toEqual({ '花/照片.jpg': 'unchanged' });
});

it('counts what it cannot look at, and tells of it in JSON', async () => {
  const folder = folderOf({ 'a.jpg': 'A' });
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.jpg'));
  const { url } = await landingServer();
  const { exit, out, err } = await runPixdock(['import', folder, '--json'], { url });
  expect([exit, err]).toEqual([1, expect.stringContaining('1 of 2 published, 1 failed')]);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toContainEqual({
    file: 'dangling.jpg',
    error: { code: 'ENOENT', detail: expect.stringContaining('no such file') },
  });
});
