import { expect, it } from 'vitest';
import { openReadLimits } from './read-limits.js';

it('refuses an owner who opens streams of all changes again and again, and no other owner', async () => {
  const limits = openReadLimits(() => true);
  for (let n = 0; n < 128; n++) await limits.openFeed('alice');
  await expect(limits.openFeed('alice')).rejects.toMatchObject({ code: 'rate_limited' });
  await limits.openFeed('bob');
  const alone = openReadLimits(() => false);
  for (let n = 0; n < 200; n++) await alone.openFeed('alice');
});
