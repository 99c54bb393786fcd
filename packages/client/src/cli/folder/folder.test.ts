import { appendFileSync, chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sayCli } from '../../messages/cli.js';
import { fileError } from '../file-error.js';
import { temporaryFolder } from '../testing/run-pixdock.js';
import { externalIdOf, namesOf } from './names.js';
import { openState, statePath } from './state.js';
import { walk } from './walk.js';

it('finds images by extension, follows links, and does not loop', async () => {
  const root = temporaryFolder();
  const outside = temporaryFolder();
  mkdirSync(join(root, 'b/c'), { recursive: true });
  mkdirSync(join(root, '.git'));
  for (const file of [
    'z.JPG',
    'b/a.jpeg',
    'b/c/x.webp',
    'notes.txt',
    '.hidden.png',
    '.git/y.png',
    'b/raw.heic',
  ])
    writeFileSync(join(root, file), 'x');
  writeFileSync(join(outside, 'linked.png'), 'xyz');
  symlinkSync(root, join(root, 'b/c/up'));
  symlinkSync(outside, join(root, 'out'));
  symlinkSync(join(outside, 'linked.png'), join(root, 'file.png'));
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling.png'));
  symlinkSync(join(root, 'loop.png'), join(root, 'loop.png'));
  const found = await walk(Buffer.from(root), { signal: new AbortController().signal, say: sayCli('en') });
  expect(found.files.map(({ path }) => path)).toEqual([
    'b/a.jpeg',
    'b/c/x.webp',
    'b/raw.heic',
    'file.png',
    'out/linked.png',
    'z.JPG',
  ]);
  expect(found.files.find(({ path }) => path === 'file.png')?.size).toBe(3);
  expect([found.others.length, found.hidden]).toEqual([1, 2]);
  expect(found.unreadable).toEqual([
    { path: 'dangling.png', error: fileError('ENOENT', 'This link leads to no file.') },
    { path: 'loop.png', error: expect.objectContaining({ code: 'ELOOP' }) },
  ]);
});

it('decodes names as UTF-8, else as GB18030, else as Latin-1', () => {
  const texts = ['图.jpg', 'дом.jpg', 'hää.jpg', '', 'plain.jpg'].map((name) => Buffer.from(name));
  expect(namesOf(texts)).toEqual(['图.jpg', 'дом.jpg', 'hää.jpg', '', 'plain.jpg']);
  // 花.jpg, 图片1.jpg, which could be UTF-8, café.jpg in Latin-1, plain.jpg
  const bytes = ['bba82e6a7067', 'cdbcc6ac312e6a7067', '636166e92e6a7067', '706c61696e2e6a7067'];
  expect(namesOf([...bytes.map((hex) => Buffer.from(hex, 'hex')), Buffer.from('图片2.jpg')])).toEqual([
    '花.jpg',
    '图片1.jpg',
    'café.jpg',
    'plain.jpg',
    '图片2.jpg',
  ]);
});

it('remembers a sent file until it changes', async () => {
  const path = join(temporaryFolder(), 'deep/state.ndjson');
  const file = { path: 'a.jpg', absolute: Buffer.from('/a.jpg'), size: 3, mtimeMs: 1.5 };
  const sent = { path: 'a.jpg', size: 3, mtimeMs: 1.5, sha256: 'f', id: 'img_1', url: 'http://h/1' };
  const first = await openState(path, { forget: false });
  expect(first.find(file)).toBeUndefined();
  await first.add(sent);
  await first.add({ ...sent, path: 'b.jpg' });
  await first.close();
  // A line that was interrupted by a crash.
  appendFileSync(path, '{"path":"c.jpg","si');
  const second = await openState(path, { forget: false });
  expect(second.find(file)).toEqual(sent);
  expect(second.find({ ...file, size: 4 })).toBeUndefined();
  expect(second.find({ ...file, mtimeMs: 2 })).toBeUndefined();
  await second.add({ ...sent, path: 'd.jpg' });
  await second.close();
  const third = await openState(path, { forget: false });
  expect(third.find({ ...file, path: 'd.jpg' })?.id).toBe('img_1');
  await third.close();
  const again = await openState(path, { forget: true });
  expect(again.find(file)).toBeUndefined();
  await again.close();
  expect(readFileSync(path, 'utf8')).toContain('d.jpg');
});

it('keeps one state per server, folder and profile, in the XDG folder', () => {
  const paths = [
    statePath({ HOME: '/h' }, 'http://a/', '/p', 'default'),
    statePath({ HOME: '/h' }, 'http://b/', '/p', 'default'),
    statePath({ HOME: '/h' }, 'http://a/', '/q', 'default'),
    statePath({ HOME: '/h' }, 'http://a/', '/p', 'avatar'),
  ];
  expect(new Set(paths).size).toBe(4);
  expect(paths[0]).toMatch(/^\/h\/\.local\/state\/pixdock\/[0-9a-f]{32}\.ndjson$/);
  expect(statePath({ XDG_STATE_HOME: '/s' }, 'http://a/', '/p', 'default')).toMatch(/^\/s\/pixdock\//);
});

it('creates a different externalId for every path', () => {
  expect(externalIdOf('a/b.jpg')).toBe('a/b.jpg');
  const long = `${'d/'.repeat(200)}x.jpg`;
  expect(externalIdOf(long)).toHaveLength(256);
  expect(externalIdOf(long)).toMatch(/d\/x\.jpg$/);
  const emoji = `${'🖼'.repeat(200)}x`;
  expect(externalIdOf(`${emoji}.jpg`) + externalIdOf(`${emoji}.jpeg`)).not.toMatch(/\p{Cs}/u);
  expect(externalIdOf(long)).not.toBe(externalIdOf(`e/${long}`));
});

it.skipIf(process.getuid?.() === 0)('reports a folder without permission', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'locked'));
  chmodSync(join(root, 'locked'), 0);
  const { unreadable } = await walk(Buffer.from(root), {
    signal: new AbortController().signal,
    say: sayCli('en'),
  });
  expect(unreadable).toEqual([{ path: 'locked', error: expect.objectContaining({ code: 'EACCES' }) }]);
});
