import { connectRedis } from '@pixdock/shared/runtime/redis';
import { openRecords } from '@pixdock/shared/state/images/records';
import { recordKeys } from '@pixdock/shared/state/record-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { sweepEvery } from '../../harness/sweep.js';
import type { Attack } from '../attack.js';

const PREFIX = '{pixdock}';
const RECORDS_AT_ONCE = 500;
const UNREADABLE = 1000;
const MAX_RECORDS = 9000;
/** Instead of a minute. */
const SWEEP_MS = 15_000;
/** Minimum rate of retention on two cores. */
const PER_SECOND = 200;

export const expiredImages: Attack = {
  name: 'expired-images',
  about: 'D7: more images expire than 1,000 in each sweep, behind 1,000 records that cannot be read',
  maxMs: 80_000,
  async prepare(stack, size) {
    const redis = connectRedis({ url: stack.redis.url, prefix: PREFIX }, 'patient', () => {});
    const keys = recordKeys(PREFIX);
    const records = openRecords(redis, PREFIX);
    for (let n = 0; n < UNREADABLE; n++) {
      const { id } = testRecord();
      await redis.set(keys.record(id), 'not a record');
      await redis.zadd(keys.expiring, 1, id);
    }
    for (let made = 0; made < recordsOf(size); made += RECORDS_AT_ONCE) {
      const expired = () =>
        testRecord({ owner: 'alice', status: 'published', expiresAt: new Date(1000).toISOString() });
      await Promise.all(Array.from({ length: RECORDS_AT_ONCE }, () => records.create(expired())));
    }
    redis.disconnect();
    await sweepEvery(stack, SWEEP_MS);
  },
  // The first sweep starts within one interval.
  run: (alice, size) => alice.wait(SWEEP_MS + 2000 + ((recordsOf(size) + UNREADABLE) / PER_SECOND) * 1000),
  async check({ stack }) {
    const expired = Number(stack.redis.cli('ZCOUNT', recordKeys(PREFIX).expiring, '500', '2000'));
    return expired > 0 ? [`${expired} expired records are still there`] : [];
  },
};

const recordsOf = (size: number) => Math.min(3000 * size, MAX_RECORDS);
