import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openWriteLimits } from './write-limits.js';

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
