import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_WEBHOOK_ENDPOINTS } from '@pixdock/contract/webhook';
import { afterAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { startTestRedis } from '../../testing/redis.js';
import { stagingLayout } from '../files/layout.js';
import { type Endpoints, openEndpoints } from './endpoints.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const WANTED = { url: 'https://a.example/hook', events: ['image.published' as const], items: false };
const NONE = `whe_${'0'.repeat(32)}`;

let endpoints: Endpoints;
beforeEach(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-endpoints-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await redis.connection.flushall();
  endpoints = openEndpoints(redis.connection, redis.settings.prefix, stagingLayout(dataDir));
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
