import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openReadLimits, openWriteLimits } from './process-limits.js';

it('admits five concurrent writes of an owner, and those of another owner at once', async () => {
  const limits = openWriteLimits(() => true);
  const begun: string[] = [];
  const permits = Array.from({ length: 20 }, async () => {
    const permit = await limits.acquire('alice');
    begun.push('alice');
    return permit;
  });
  await limits.acquire('bob');
  await nextTurn();
  expect(begun).toHaveLength(5);
  (await permits[0])?.[Symbol.dispose]();
  await nextTurn();
  expect(begun).toHaveLength(6);
  for (const permit of permits.slice(1)) (await permit)[Symbol.dispose]();
});

it('refuses an owner who opens streams of all changes again and again, and no other owner', async () => {
  const limits = openReadLimits(() => true);
  for (let n = 0; n < 128; n++) await limits.openFeed('alice');
  await expect(limits.openFeed('alice')).rejects.toMatchObject({ code: 'rate_limited' });
  await limits.openFeed('bob');
  const alone = openReadLimits(() => false);
  for (let n = 0; n < 200; n++) await alone.openFeed('alice');
});
