import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { problem, type ReceivedRequest, type Reply, serve } from '../../testing/serve.js';
import { runPixdock, temporaryFolder } from '../testing/run-pixdock.js';

/** 花 and 照片.jpg in GBK. */
const GBK_FOLDER = Buffer.from('bba8', 'hex');
const GBK_FILE = Buffer.from('d5d5c6ac2e6a7067', 'hex');

const sha256 = (bytes: string) => hash('sha256', bytes);

function published(id: string, more: object = {}) {
  const image = { id, status: 'published', url: `http://oss/${id}`, version: 2, profile: 'default' };
  return { ...image, deleteRequestedAt: null, error: null, source: { sha256: null }, ...more };
}

/** A server that publishes everything; `special` can override a response. */
function publishingServer(
  special: (request: ReceivedRequest) => Reply | 'reset' | undefined = () => undefined,
) {
  return serve((request) => {
    const override = special(request);
    if (override !== undefined) return override;
    const { method, url, body } = request;
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

function stateIn(home: string): string {
  const folder = join(home, '.local/state/pixdock');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');
}

const uploads = (requests: ReceivedRequest[]) =>
  requests.filter(({ method, url }) => method === 'POST' && url.pathname === '/v1/images');
const hows = (out: string) =>
  Object.fromEntries(
    out.split('\n').flatMap((line) => {
      if (line === '') return [];
      const { file, how } = JSON.parse(line) as { file: string; how: string };
      return [[file, how]];
    }),
  );

it('sends path, digest and the same key for the same file', async () => {
  const { url, requests } = await publishingServer();
  const folder = folderOf({ 'a.jpg': 'A' });
  for (const profile of ['default', 'default', 'avatar'])
    await runPixdock(['import', folder, '--profile', profile], { url });
  const [first, second, third] = uploads(requests);
  expect(Object.fromEntries(first?.url.searchParams ?? [])).toEqual({
    profile: 'default',
    externalId: 'a.jpg',
    sha256: sha256('A'),
  });
  expect(first?.headers['idempotency-key']).toMatch(/^"pixdock-[0-9a-f]{64}"$/);
  expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  expect(third?.headers['idempotency-key']).not.toBe(first?.headers['idempotency-key']);
});

it('does not send unchanged and known files; --again checks them again', async () => {
  const { url, requests } = await publishingServer(({ url: target, body }) => {
    if (target.pathname !== '/v1/images/lookup') return undefined;
    const hashes = (JSON.parse(String(body)) as { sha256: string[] }).sha256;
    const has = (bytes: string) => hashes.includes(sha256(bytes));
    const known = [
      published('img_K', { externalId: 'k.jpg', source: { sha256: sha256('K') } }),
      published('img_other', { externalId: 'a.jpg', source: { sha256: sha256('A') }, profile: 'avatar' }),
    ];
    return { body: { items: has('K') ? known : [] } };
  });
  const home = temporaryFolder();
  const folder = folderOf({ 'a.jpg': 'A', 'b.jpg': 'B', 'k.jpg': 'K' });
  const first = await runPixdock(['import', folder, '--json'], { url, home });
  expect(first.exit).toBe(0);
  expect(hows(first.out)).toEqual({ 'a.jpg': 'sent', 'b.jpg': 'sent', 'k.jpg': 'known' });

  writeFileSync(join(folder, 'b.jpg'), 'changed');
  const second = await runPixdock(['import', folder, '--json'], { url, home });
  expect(hows(second.out)).toEqual({ 'a.jpg': 'unchanged', 'b.jpg': 'sent', 'k.jpg': 'unchanged' });
  expect(second.err).toContain('3 files: 1 published, 2 already there (');
  expect(second.out).toContain('"url":"http://oss/img_A"');
  expect(uploads(requests)).toHaveLength(3);

  const again = await runPixdock(['import', folder, '--json', '--again'], { url, home });
  expect(hows(again.out)).toEqual({ 'a.jpg': 'sent', 'b.jpg': 'sent', 'k.jpg': 'known' });
});

it('sends a file again whose image is deleted, failed or gone from the server', async () => {
  const gone: Record<string, Reply> = {};
  const { url } = await publishingServer(({ method, url: { pathname }, body }) => {
    // An upload creates another image, which the server has.
    if (method === 'POST') delete gone[`img_${String(body)}`];
    return method === 'GET' ? gone[pathname.replace('/v1/images/', '')] : undefined;
  });
  const home = temporaryFolder();
  const folder = folderOf({ 'd.jpg': 'D', 'e.jpg': 'E', 'f.jpg': 'F', 'g.jpg': 'G', 'h.jpg': 'H' });
  await runPixdock(['import', folder], { url, home });
  Object.assign(gone, {
    img_D: { body: published('img_D', { status: 'deleted', url: null }) },
    img_E: { body: published('img_E', { deleteRequestedAt: '2026-01-01T00:00:00Z' }) },
    img_F: { body: published('img_F', { status: 'failed', url: null }) },
    img_G: problem(404, 'not_found'),
  } satisfies Record<string, Reply>);
  const { exit, out, err } = await runPixdock(['import', folder, '--json'], { url, home });
  expect(exit).toBe(0);
  expect(hows(out)).toEqual({
    'd.jpg': 'sent',
    'e.jpg': 'sent',
    'f.jpg': 'sent',
    'g.jpg': 'sent',
    'h.jpg': 'unchanged',
  });
  expect(err).toContain('5 files: 4 published, 1 already there (');
});

it('asks about a thousand remembered images in one request', async () => {
  let isPublished = false;
  const { url, requests } = await publishingServer(({ url: target, body }) => {
    if (target.pathname !== '/v1/images/lookup' || !isPublished) return undefined;
    const hashes = (JSON.parse(String(body)) as { sha256: string[] }).sha256;
    const items = hashes.map((digest) =>
      published(`img_${files.indexOf(digest)}`, { source: { sha256: digest } }),
    );
    return { body: { items } };
  });
  const all = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`${n}.jpg`, String(n)]));
  const files = Object.values(all).map(sha256);
  const home = temporaryFolder();
  const folder = folderOf(all);
  await runPixdock(['import', folder], { url, home });
  isPublished = true;
  const before = requests.length;
  const { out } = await runPixdock(['import', folder, '--json'], { url, home });
  expect(new Set(Object.values(hows(out)))).toEqual(new Set(['unchanged']));
  const paths = requests.slice(before).map(({ url: { pathname } }) => pathname);
  expect(paths).toEqual(['/v1/images', '/v1/images/lookup']);
});

it('sends equal bytes once for each path, and knows the image of each path again', async () => {
  const images: object[] = [];
  const { url, requests } = await serve(({ method, url: { pathname, searchParams }, body }) => {
    if (pathname === '/v1/images/lookup') return { body: { items: images.slice(-1) } };
    if (method === 'GET' && pathname === '/v1/images') {
      const externalId = searchParams.get('externalId');
      return {
        body: { items: images.filter((image) => 'externalId' in image && image.externalId === externalId) },
      };
    }
    if (method !== 'POST')
      return { body: images.find((image) => 'id' in image && pathname.endsWith(String(image.id))) };
    const externalId = searchParams.get('externalId');
    const image = published(`img_${images.length}`, { externalId, source: { sha256: sha256(String(body)) } });
    images.push(image);
    return { status: 202, body: image };
  });
  const folder = folderOf({ 'a.jpg': 'A', 'b.jpg': 'A' });
  const first = await runPixdock(['import', folder, '--json'], { url });
  expect(hows(first.out)).toEqual({ 'a.jpg': 'sent', 'b.jpg': 'sent' });
  expect(new Set(first.out.match(/img_\d/g))).toEqual(new Set(['img_0', 'img_1']));
  // Without the state of the first run.
  const second = await runPixdock(['import', folder, '--json'], { url });
  expect(hows(second.out)).toEqual({ 'a.jpg': 'known', 'b.jpg': 'known' });
  expect(uploads(requests)).toHaveLength(2);
});

it('retries temporary failures and sends deleted images again', async () => {
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
  let deletedReads = 0;
  const { url, requests } = await publishingServer(({ method, url: { pathname } }) => {
    if (pathname.endsWith('/retry'))
      return { status: 202, body: published('img_R', { status: 'queued' }), ...(retried++, {}) };
    if (method !== 'GET') return undefined;
    if (pathname.endsWith('img_R') && retried === 0) return { body: published('img_R', failed(true)) };
    if (pathname.endsWith('img_F')) return { body: published('img_F', failed(false)) };
    if (pathname.endsWith('img_D') && deletedReads++ === 0)
      return { body: published('img_D', { status: 'deleted', url: null }) };
    return undefined;
  });
  const folder = folderOf({ 'r.jpg': 'R', 'f.jpg': 'F', 'd.jpg': 'D' });
  const { exit, out, err } = await runPixdock(['import', folder], { url });
  expect(exit).toBe(1);
  expect(out.trim().split('\n')).toHaveLength(2);
  expect(err).toContain('failed  f.jpg  image_corrupt: Detail.');
  expect(retried).toBe(1);
  const keys = uploads(requests).flatMap(({ body, headers }) =>
    String(body) === 'D' ? [headers['idempotency-key']] : [],
  );
  expect(new Set(keys).size).toBe(2);
});

it('stops at the first error that affects every file', async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`${n}.jpg`, `${n}`]));
  const { url, requests } = await publishingServer(({ method, url: { pathname } }) =>
    method === 'POST' && pathname === '/v1/images' ? problem(400, 'unknown_profile') : undefined,
  );
  const { exit, err } = await runPixdock(['import', folderOf(files)], { url });
  expect(exit).toBe(1);
  expect(err).toContain('unknown_profile: Title. Detail.');
  expect(err).not.toContain('failed  ');
  expect(uploads(requests).length).toBeLessThan(20);
});

it('keeps finished files after Ctrl-C and prints how to continue', async () => {
  const interrupt = new AbortController();
  const home = temporaryFolder();
  const files = { 'a.jpg': 'A', 'b.jpg': 'B' };
  const folder = folderOf(files);
  let stop = true;
  const { url, requests } = await publishingServer(({ method, body }) => {
    if (!stop || method !== 'POST' || String(body) !== 'B') return undefined;
    void expect
      .poll(() => stateIn(home))
      .toContain('a.jpg')
      .then(() => interrupt.abort());
    return problem(503, 'overloaded', { retryAfter: 60 });
  });
  const first = await runPixdock(['import', folder], { url, home, signal: interrupt.signal });
  expect(first).toMatchObject({ exit: 130, out: 'http://oss/img_A\ta.jpg\n' });
  expect(first.err).toContain('2 files: 1 published, 1 not finished');
  expect(first.err).toContain('Run the same command again to continue.');
  stop = false;
  const second = await runPixdock(['import', folder, '--json'], { url, home });
  expect(hows(second.out)).toEqual({ 'a.jpg': 'unchanged', 'b.jpg': 'sent' });
  const [before, after] = uploads(requests).filter(({ body }) => String(body) === 'B');
  expect(after?.headers['idempotency-key']).toBe(before?.headers['idempotency-key']);
});

it('reports skipped files and a file that shrinks while it is read', async () => {
  const folder = folderOf({ 'a.jpg': 'A', 'notes.txt': 'x', '.hidden.jpg': 'x' });
  const { url } = await publishingServer(({ url: { pathname } }) => {
    if (pathname !== '/v1/images/lookup') return undefined;
    writeFileSync(join(folder, 'a.jpg'), '');
    return { body: { items: [] } };
  });
  const { exit, err } = await runPixdock(['import', folder], { url });
  expect(exit).toBe(1);
  expect(err).toMatch(/skipped: 1 without an image extension, 1 hidden\n {2}\S+\n/);
  expect(err).toContain('failed  a.jpg  ESHORT: The file became shorter while it was read.');
  expect(readFileSync(join(folder, 'a.jpg'), 'utf8')).toBe('');
});

it.skipIf(process.platform !== 'linux')('imports files whose names are not UTF-8', async () => {
  const folder = temporaryFolder();
  const below = Buffer.concat([Buffer.from(`${folder}/`), GBK_FOLDER]);
  mkdirSync(below);
  writeFileSync(Buffer.concat([below, Buffer.from('/'), GBK_FILE]), 'A');
  const { url, requests } = await publishingServer();
  const home = temporaryFolder();
  const { exit, out } = await runPixdock(['import', folder], { url, home });
  expect([exit, out]).toEqual([0, 'http://oss/img_A\t花/照片.jpg\n']);
  expect(uploads(requests)[0]?.url.searchParams.get('externalId')).toBe('花/照片.jpg');
  const again = await runPixdock(['import', folder, '--json'], { url, home });
  expect(hows(again.out)).toEqual({ '花/照片.jpg': 'unchanged' });
});

it('counts unreadable files and reports them as JSON', async () => {
  const folder = folderOf({ 'a.jpg': 'A' });
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.jpg'));
  const { url } = await publishingServer();
  const { exit, out, err } = await runPixdock(['import', folder, '--json'], { url });
  expect([exit, err]).toEqual([1, expect.stringContaining('2 files: 1 published, 1 failed')]);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toContainEqual({
    file: 'dangling.jpg',
    id: null,
    error: { code: 'ENOENT', detail: 'This link leads to no file.' },
  });
});

it('saves what became of each file in a report that spreadsheets can open', async () => {
  const { url } = await publishingServer(({ method, body }) =>
    method === 'POST' && String(body) === 'bad'
      ? problem(415, 'unsupported_media_type')
      : method === 'POST' && String(body) === 'broken'
        ? problem(422, 'image_corrupt', { image: { id: 'img_9', status: 'failed' } })
        : undefined,
  );
  const folder = folderOf({ 'a.jpg': '1', '=b.jpg': 'bad', 'c.jpg': 'broken' });
  const report = join(temporaryFolder(), 'result.csv');
  const { exit, err } = await runPixdock(['import', folder, '--report', report], { url });
  expect([exit, err]).toEqual([1, expect.stringContaining(`report: ${report}`)]);
  const lines = readFileSync(report, 'utf8').split('\r\n');
  expect(lines[0]).toBe('\uFEFFfile,status,how,id,url,code,detail');
  expect(lines.slice(1, 4).toSorted()).toEqual([
    `'=b.jpg,failed,,,,unsupported_media_type,Detail.`,
    'a.jpg,published,sent,img_1,http://oss/img_1,,',
    'c.jpg,failed,,img_9,,image_corrupt,Detail.',
  ]);
});

it('lists an empty file as failed with --dry-run', async () => {
  const { url } = await publishingServer();
  const folder = folderOf({ 'a.jpg': '1', 'empty.jpg': '' });
  const { exit, out, err } = await runPixdock(['import', folder, '--dry-run'], { url });
  expect([exit, out]).toEqual([1, 'a.jpg\n']);
  expect(err).toContain('failed  empty.jpg  This file is empty.\n');
  expect(err).toContain('2 files: 1 to send, 0 already there, 1 empty; nothing was sent');
});

it('lists what it would send with --dry-run, and sends nothing', async () => {
  const home = temporaryFolder();
  const { url, requests } = await publishingServer();
  const folder = folderOf({ 'a.jpg': '1' });
  await runPixdock(['import', folder], { url, home });
  writeFileSync(join(folder, 'b.jpg'), '2');
  const sent = uploads(requests).length;
  const { exit, out, err } = await runPixdock(['import', folder, '--dry-run'], { url, home });
  expect([exit, out]).toEqual([0, 'b.jpg\n']);
  expect(err).toContain('2 files: 1 to send, 1 already there; nothing was sent');
  expect(uploads(requests)).toHaveLength(sent);
});
