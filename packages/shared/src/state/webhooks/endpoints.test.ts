import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { MAX_WEBHOOK_ENDPOINTS, MAX_WEBHOOK_SECRETS } from '@pixdock/contract/webhook';
import { afterAll, afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { startTestRedis } from '../../testing/redis.js';
import { stagingAt } from '../folder-staging/open-staging.js';
import { folderOf } from './endpoint-files.js';
import { type Endpoints, openEndpoints } from './endpoints.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const WANTED = { url: 'https://a.example/hook', events: ['image.published' as const], items: false };
const NONE = `whe_${'0'.repeat(32)}`;

let endpoints: Endpoints;
let folder: string;
beforeEach(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-endpoints-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await redis.connection.flushall();
  folder = join(dataDir, 'staging', folderOf('acme'));
  endpoints = openEndpoints(redis.connection, redis.settings.prefix, stagingAt(dataDir).notes);
});
afterEach(() => {
  vi.useRealTimers();
});

it('creates, lists and removes the endpoints of an owner', async () => {
  const created = await endpoints.create('acme', { ...WANTED, items: true });
  expect(created?.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const id = created?.id ?? '';
  expect(await endpoints.list('acme')).toEqual([created]);
  expect(await endpoints.find('other', id)).toBeNull();
  expect(await endpoints.find('acme', '../../keys')).toBeNull();
  expect(await endpoints.subscribed('acme', 'image.published', true)).toEqual([id]);
  expect(await endpoints.subscribed('acme', 'image.failed', false)).toEqual([]);
  expect(await endpoints.remove('other', id)).toBe(false);
  expect(await endpoints.remove('acme', id)).toBe(true);
  expect(await endpoints.remove('acme', NONE)).toBe(false);
  expect(await endpoints.list('acme')).toEqual([]);
  expect(await endpoints.subscribed('acme', 'image.published', true)).toEqual([]);
});

it('removes nothing of another owner for an id that is a path', async () => {
  const id = (await endpoints.create('acme', WANTED))?.id ?? '';
  await endpoints.disable('acme', id);
  expect(await endpoints.remove('other', `../${basename(folder)}/${id}`)).toBe(false);
  expect((await endpoints.find('acme', id))?.disabledAt).not.toBeNull();
});

it('never exceeds the number of endpoints per owner', async () => {
  const tries = Array.from({ length: MAX_WEBHOOK_ENDPOINTS + 4 }, () => endpoints.create('acme', WANTED));
  const created = (await Promise.all(tries)).filter((endpoint) => endpoint !== null);
  expect(created.length).toBeLessThanOrEqual(MAX_WEBHOOK_ENDPOINTS);
  expect(await endpoints.list('acme')).toHaveLength(created.length);
  while ((await endpoints.list('acme')).length < MAX_WEBHOOK_ENDPOINTS)
    expect(await endpoints.create('acme', WANTED)).not.toBeNull();
  expect(await endpoints.create('acme', WANTED)).toBeNull();
  expect(await endpoints.create('other', WANTED)).not.toBeNull();
});

it('restores in Redis the endpoints that are not disabled', async () => {
  const [kept, gone] = [await endpoints.create('acme', WANTED), await endpoints.create('acme', WANTED)];
  await endpoints.disable('acme', gone?.id ?? '');
  expect(await endpoints.subscribed('acme', 'image.published', false)).toEqual([kept?.id]);
  expect((await endpoints.find('acme', gone?.id ?? ''))?.disabledAt).not.toBeNull();
  await redis.connection.flushall();
  await endpoints.restore();
  expect(await endpoints.subscribed('acme', 'image.published', false)).toEqual([kept?.id]);
});

it('keeps the secret before a rotation for a day', async () => {
  const created = await endpoints.create('acme', WANTED);
  const id = created?.id ?? '';
  const began = Date.now();
  const rotated = await endpoints.rotate('acme', id);
  const ended = Date.now();
  if (rotated === null || rotated === 'too-many') throw new Error('not rotated');
  expect(rotated.secret).toMatch(/^whsec_/);
  expect(rotated.secret).not.toBe(created?.secret);
  expect(rotated.previous).toMatchObject([{ secret: created?.secret }]);
  expect(await endpoints.find('acme', id)).toEqual(rotated);
  const rotatedAt = Date.parse(rotated.previous[0]?.endsAt ?? '') - 24 * 3600_000;
  expect(rotatedAt).toBeGreaterThanOrEqual(began);
  expect(rotatedAt).toBeLessThanOrEqual(ended);

  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(rotated.previous[0]?.endsAt ?? '') - 1 });
  expect((await endpoints.find('acme', id))?.previous).toHaveLength(1);
  vi.setSystemTime(Date.now() + 1);
  expect(await endpoints.find('acme', id)).toMatchObject({ secret: rotated.secret, previous: [] });
  expect(await endpoints.rotate('acme', id)).toMatchObject({ previous: [{ secret: rotated.secret }] });
  expect(await endpoints.rotate('other', id)).toBeNull();
});

it('loses no secret when rotations happen at the same time, and keeps a few at most', async () => {
  const id = (await endpoints.create('acme', WANTED))?.id ?? '';
  const rotated = await Promise.all([endpoints.rotate('acme', id), endpoints.rotate('acme', id)]);
  const made = rotated.map((endpoint) => (endpoint as { secret: string }).secret);
  const found = await endpoints.find('acme', id);
  const valid = [found?.secret, ...(found?.previous ?? []).map(({ secret }) => secret)];
  expect(valid).toEqual(expect.arrayContaining(made));
  for (let secrets = valid.length; secrets < MAX_WEBHOOK_SECRETS; secrets++)
    expect(await endpoints.rotate('acme', id)).not.toBe('too-many');
  expect(await endpoints.rotate('acme', id)).toBe('too-many');
  await endpoints.remove('acme', id);
  expect(await readdir(folder)).toEqual([]);
});

it('permits the URL of a submission at the origin of an endpoint', async () => {
  const id = (await endpoints.create('acme', { ...WANTED, events: [] }))?.id ?? '';
  expect(await endpoints.targetOf('acme', 'https://A.example/order/7')).toEqual({
    endpointId: id,
    url: 'https://a.example/order/7',
  });
  expect(await endpoints.targetOf('acme', WANTED.url)).toEqual({ endpointId: id, url: null });
  const orders = await endpoints.create('acme', { ...WANTED, url: 'https://a.example/order/', events: [] });
  expect(await endpoints.targetOf('acme', 'https://a.example/order/7')).toMatchObject({
    endpointId: orders?.id,
  });
  expect(await endpoints.targetOf('acme', WANTED.url)).toMatchObject({ endpointId: id });
  for (const url of ['http://a.example/hook', 'https://a.example:8443/hook', 'https://b.a.example/hook'])
    expect(await endpoints.targetOf('acme', url)).toBeNull();
  expect(await endpoints.targetOf('other', WANTED.url)).toBeNull();
  await endpoints.disable('acme', id);
  await endpoints.disable('acme', orders?.id ?? '');
  expect(await endpoints.targetOf('acme', WANTED.url)).toBeNull();
});
