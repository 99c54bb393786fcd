import { openQueue } from '@pixdock/shared/queue/queue';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import type { Stack } from './stack.js';

/** Schedules the sweep, which the API schedules once a minute, more often. */
export async function sweepEvery({ redis }: Stack, ms: number): Promise<void> {
  const prefix = '{pixdock}';
  // A changed schedule would start only at the next time of the old one.
  redis.cli('DEL', `${prefix}:queue:upkeep:repeat`, `${prefix}:queue:upkeep:repeat:sweep`);
  const connection = connectRedis({ url: redis.url, prefix }, 'patient', () => {});
  const queue = openQueue(connection, prefix);
  await queue.scheduleSweep(ms);
  await queue.close();
  connection.disconnect();
}
