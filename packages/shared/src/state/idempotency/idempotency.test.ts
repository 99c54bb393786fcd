import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { setRedisTime } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { endRestore as endRestoreOf } from '../../testing/end-restore.js';
import { testRecord } from '../../testing/record.js';
import { startTestRedis, type TestRedis } from '../../testing/redis.js';
import { openEpoch } from '../epoch.js';
import { openClaimBytes } from './claim-bytes.js';
import { type Idempotency, openIdempotency } from './idempotency.js';

let redis: TestRedis;
let idempotency: Idempotency;

beforeAll(async () => {
  redis = await startTestRedis();
  idempotency = openIdempotency(redis.connection, redis.settings.prefix);
  await endRestoreOf(openEpoch(redis.connection, redis.settings.prefix));
});
afterAll(() => redis.stop());

const newId = () => testRecord().id;
const STAGED = { keyHash: 'k', fingerprint: 'print' };

test('claims no key until Redis is restored', async () => {
  const emptied = openIdempotency(redis.connection, '{emptied}');
  await expect(emptied.claim('acme', ['k'], newId())).rejects.toMatchObject({ code: 'queue_unavailable' });
});

test('confirms a claim that Redis lost, unless another request has the key', async () => {
  const prefix = '{lost}';
  const [server, other] = [
    openIdempotency(redis.connection, prefix),
    openIdempotency(redis.connection, prefix),
  ];
  await endRestoreOf(openEpoch(redis.connection, prefix));
  const [id, newer] = [newId(), newId()];
  const claimed = await server.claim('acme', ['k'], id);
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  const { claim } = claimed;
  const lose = () => redis.connection.del(`${prefix}:epoch`, `${prefix}:idempotency:acme:k`);
  const endRestore = () => endRestoreOf(openEpoch(redis.connection, prefix));

  await claim.confirm();
  await lose();
  const confirming = claim.confirm();
  await endRestore();
  await confirming;
  expect((await other.claim('acme', ['k'], newer)).outcome).toBe('running');

  // The confirmation does not wait for a long restore.
  await lose();
  await claim.confirm();
  expect((await other.claim('acme', ['k'], newer)).outcome).toBe('running');
  await endRestore();

  // A restore does so, from staging.
  await lose();
  await other.restore('acme', STAGED, { id, createdAt: new Date().toISOString() });
  await endRestore();
  await claim.confirm();

  await lose();
  await endRestore();
  const taken = await other.claim('acme', ['k'], newer);
  expect(taken.outcome).toBe('claimed');
  await expect(claim.confirm()).rejects.toMatchObject({ code: 'idempotency_in_progress' });
  await claim.release();
  if (taken.outcome === 'claimed') await taken.claim.complete('print', null);
  expect(await server.claim('acme', ['k'], id)).toMatchObject({
    outcome: 'done',
    done: { resourceId: newer },
  });
});

test('confirms a claim that a restore completes at the same time', async () => {
  const prefix = '{meanwhile}';
  const endRestore = () => endRestoreOf(openEpoch(redis.connection, prefix));
  await endRestore();
  let afterNext: (() => Promise<void>) | null = null;
  const watched = withScripts(async (...call) => {
    const [reply, act] = [await redis.connection.evalsha(...call), afterNext];
    afterNext = null;
    await act?.();
    return reply;
  });
  const claimed = await openIdempotency(watched, prefix).claim('acme', ['k'], newId());
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  const made = { id: claimed.claim.resourceId, createdAt: new Date().toISOString() };
  await redis.connection.del(`${prefix}:epoch`, `${prefix}:idempotency:acme:k`);
  afterNext = async () => {
    await openIdempotency(redis.connection, prefix).restore('acme', STAGED, made);
    await endRestore();
  };
  await claimed.claim.confirm();
  claimed.claim.stop();
});

test('waits briefly for a restore before it refuses a key', async () => {
  const { connection, settings } = redis;
  const endRestore = () => endRestoreOf(openEpoch(connection, settings.prefix));
  await connection.del(`${settings.prefix}:epoch`);
  const claiming = idempotency.claim('acme', ['early'], newId());
  await new Promise((resolve) => setTimeout(resolve, 250));
  await endRestore();
  const claimed = await claiming;
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  claimed.claim.stop();
  await connection.del(`${settings.prefix}:epoch`);
  await expect(idempotency.claim('acme', ['earlier'], newId())).rejects.toMatchObject({
    code: 'queue_unavailable',
  });
  await endRestore();
});

test('releases a claim that a restore has completed', async () => {
  const claimed = await idempotency.claim('acme', ['k11'], newId());
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  await redis.connection.del(`${redis.settings.prefix}:idempotency:acme:k11`);
  const made = { id: claimed.claim.resourceId, createdAt: new Date().toISOString() };
  await idempotency.restore('acme', { ...STAGED, keyHash: 'k11' }, made);
  await claimed.claim.release();
  const next = await idempotency.claim('acme', ['k11'], newId());
  expect(next.outcome).toBe('claimed');
  if (next.outcome === 'claimed') next.claim.stop();
});

test('restores a claim for the rest of its 24 hours', async () => {
  const made = (hours: number) => ({
    id: newId(),
    createdAt: new Date(Date.now() - hours * 3600_000).toISOString(),
  });
  await idempotency.restore('acme', { ...STAGED, keyHash: 'k12' }, made(20));
  const leftMs = await redis.connection.pttl(`${redis.settings.prefix}:idempotency:acme:k12`);
  expect(Math.abs(leftMs - 4 * 3600_000)).toBeLessThan(60_000);
  await idempotency.restore('acme', { ...STAGED, keyHash: 'k13' }, made(25));
  const free = await idempotency.claim('acme', ['k13'], newId());
  expect(free.outcome).toBe('claimed');
  if (free.outcome === 'claimed') free.claim.stop();
});

test('gives the key to one of fifty concurrent requests', async () => {
  const claims = await Promise.all(
    Array.from({ length: 50 }, () => idempotency.claim('acme', ['k1'], newId())),
  );
  expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
  expect(claims.filter(({ outcome }) => outcome === 'running')).toHaveLength(49);
  for (const claimed of claims) if (claimed.outcome === 'claimed') claimed.claim.stop();
});

test('finds the claim of a repeat under an older hash of its key', async () => {
  const first = await idempotency.claim('acme', ['older'], newId());
  if (first.outcome !== 'claimed') throw new Error(first.outcome);
  expect((await idempotency.claim('acme', ['newer', 'older'], newId())).outcome).toBe('running');
  await first.claim.complete('print', null);
  const { resourceId } = first.claim;
  expect(await idempotency.claim('acme', ['newer', 'older'], newId())).toMatchObject({
    done: { resourceId },
  });
});

test('gives the key to one of fifty concurrent requests of servers between which it is rotated', async () => {
  const claims = await Promise.all(
    Array.from({ length: 50 }, (_, at) =>
      idempotency.claim('acme', at % 2 === 0 ? ['one', 'two'] : ['two', 'one'], newId()),
    ),
  );
  expect(claims.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
  for (const claimed of claims) if (claimed.outcome === 'claimed') claimed.claim.stop();
});

test('continues the claim of a dead request under the hash that it used', async () => {
  const id = newId();
  const dead = JSON.stringify({ state: 'running', resourceId: id, leaseUntil: 1, claimToken: 'dead' });
  await redis.connection.set(`${redis.settings.prefix}:idempotency:acme:old-hash`, dead);
  const claimed = await idempotency.claim('acme', ['new-hash', 'old-hash'], newId());
  expect(claimed).toMatchObject({ outcome: 'claimed', claim: { resourceId: id, keyHash: 'old-hash' } });
  if (claimed.outcome === 'claimed') claimed.claim.stop();
});

test('returns the response of a completed claim to its owner only', async () => {
  const claimed = await idempotency.claim('acme', ['k2'], newId());
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  await claimed.claim.complete('print', { status: 202, body: '{}' });
  const again = await idempotency.claim('acme', ['k2'], newId());
  expect(again).toMatchObject({ outcome: 'done', done: { fingerprint: 'print', response: { status: 202 } } });
  const other = await idempotency.claim('other', ['k2'], newId());
  expect(other.outcome).toBe('claimed');
  if (other.outcome === 'claimed') await other.claim.release();
});

test('allows a new claim after a release', async () => {
  const first = await idempotency.claim('acme', ['k3'], newId());
  if (first.outcome === 'claimed') await first.claim.release();
  const second = await idempotency.claim('acme', ['k3'], newId());
  expect(second.outcome).toBe('claimed');
  if (second.outcome === 'claimed') second.claim.stop();
});

test('takes over the key of a dead request with its image id', async () => {
  const id = newId();
  const dead = JSON.stringify({
    state: 'running',
    resourceId: id,
    leaseUntil: Date.now() - 1,
    claimToken: 'dead',
  });
  await redis.connection.set(`${redis.settings.prefix}:idempotency:acme:k4`, dead);
  const claimed = await idempotency.claim('acme', ['k4'], newId());
  expect(claimed.outcome === 'claimed' && claimed.claim.resourceId).toBe(id);
  if (claimed.outcome === 'claimed') claimed.claim.stop();
});

test('takes over the key of a dead request by the clock of Redis, whatever that of this host is', async () => {
  onTestFinished(() => setRedisTime(null));
  setRedisTime(Date.now() - 60_000);
  const claimed = await idempotency.claim('acme', ['k5b'], newId());
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  claimed.claim.stop();
  setRedisTime(Date.now() - 35_000);
  expect((await idempotency.claim('acme', ['k5b'], newId())).outcome).toBe('claimed');
});

test('refuses the key of an image for a batch, after a completed and after a dead request', async () => {
  const batchId = newId().replace('img', 'bat');
  const claimed = await idempotency.claim('acme', ['k5'], newId());
  expect((await idempotency.claim('acme', ['k5'], batchId)).outcome).toBe('running');
  if (claimed.outcome === 'claimed') await claimed.claim.complete('print', null);
  const dead = JSON.stringify({
    state: 'running',
    resourceId: newId(),
    leaseUntil: Date.now() - 1,
    claimToken: 'dead',
  });
  await redis.connection.set(`${redis.settings.prefix}:idempotency:acme:k6`, dead);
  for (const key of ['k5', 'k6'])
    await expect(idempotency.claim('acme', [key], batchId)).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
});

test('stores a response for 24 hours', async () => {
  const claimed = await idempotency.claim('acme', ['k7'], newId());
  if (claimed.outcome === 'claimed') await claimed.claim.complete('print', null);
  const key = `${redis.settings.prefix}:idempotency:acme:k7`;
  const leftMs = await redis.connection.pttl(key);
  expect(leftMs).toBeGreaterThan(23.9 * 3600_000);
  expect(leftMs).toBeLessThanOrEqual(24 * 3600_000);
  await redis.connection.pexpire(key, 0);
  const again = await idempotency.claim('acme', ['k7'], newId());
  expect(again.outcome).toBe('claimed');
  if (again.outcome === 'claimed') again.claim.stop();
});

test('keeps the claim when the reply to a renewal is lost', async () => {
  const { lossy, lose } = losing();
  const renewing = openIdempotency(lossy, redis.settings.prefix);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const claimed = await renewing.claim('acme', ['k8'], newId());
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    const lost = lose('reply');
    vi.advanceTimersByTime(7000);
    await lost;
    await claimed.claim.complete('print', null);
  } finally {
    vi.useRealTimers();
  }
  expect((await idempotency.claim('acme', ['k8'], newId())).outcome).toBe('done');
});

test('claims the key once when the reply is lost and the command sent again', async () => {
  const { lossy, lose } = losing();
  const [id, lost] = [newId(), lose('connection')];
  const claimed = await openIdempotency(lossy, redis.settings.prefix).claim('acme', ['k9'], id);
  await lost;
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
  expect(claimed.claim.resourceId).toBe(id);
  await claimed.claim.release();
  const next = await idempotency.claim('acme', ['k9'], newId());
  expect(next.outcome).toBe('claimed');
  if (next.outcome === 'claimed') next.claim.stop();
});

test('lets only the new owner change a claim that was taken over', async () => {
  const id = newId();
  const first = await idempotency.claim('acme', ['k10'], id);
  const key = `${redis.settings.prefix}:idempotency:acme:k10`;
  const claim = JSON.parse((await redis.connection.get(key)) ?? '');
  await redis.connection.set(key, JSON.stringify({ ...claim, leaseUntil: 1 }));
  const second = await idempotency.claim('acme', ['k10'], newId());
  if (first.outcome !== 'claimed' || second.outcome !== 'claimed') throw new Error('not claimed');
  expect(second.claim.resourceId).toBe(id);
  await first.claim.release();
  expect((await idempotency.claim('acme', ['k10'], newId())).outcome).toBe('running');
  await second.claim.complete('print', null);
  expect((await idempotency.claim('acme', ['k10'], newId())).outcome).toBe('done');
});

test('counts the responses that it stores for an owner, in keys that expire', async () => {
  const bytes = openClaimBytes(redis.connection, redis.settings.prefix);
  const before = await bytes.read('counted');
  for (const key of ['k1', 'k2']) {
    const claimed = await idempotency.claim('counted', [key], newId());
    if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome);
    await claimed.claim.complete('print', { status: 202, body: 'b'.repeat(1000) });
  }
  expect([before, await bytes.read('counted'), await bytes.read('another')]).toEqual([0, 2 * 1512, 0]);
  const [key = '', ...others] = await redis.connection.keys('*:claim-bytes:counted:*');
  expect([others, (await redis.connection.pttl(key)) > 0]).toEqual([[], true]);
  // As stored 24 hours ago, and before.
  for (const periods of [3, 4])
    await redis.connection.set(
      key.replace(/\d+$/, (period) => String(Number(period) - periods)),
      10 ** periods,
    );
  expect(await bytes.read('counted')).toBe(2 * 1512 + 1000);
});

/** A connection that loses the reply to a script: the command times out, or ioredis sends it again. */
function losing() {
  let next: { what: 'reply' | 'connection'; done: () => void } | null = null;
  const lossy = withScripts(async (...call) => {
    const reply = await redis.connection.evalsha(...call);
    if (next === null) return reply;
    const { what, done } = next;
    next = null;
    done();
    if (what === 'reply') throw new Error('Command timed out');
    return redis.connection.evalsha(...call);
  });
  const lose = (what: 'reply' | 'connection') =>
    new Promise<void>((done) => {
      next = { what, done };
    });
  return { lossy, lose };
}

/** The connection with another way to run a script. */
function withScripts(
  evalsha: (...call: Parameters<RedisConnection['evalsha']>) => Promise<unknown>,
): RedisConnection {
  return new Proxy(redis.connection, {
    get(target, name) {
      if (name === 'evalsha') return evalsha;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
