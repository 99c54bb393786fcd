import { openQueue } from '@pixdock/shared/queue/queue';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import type { Stack } from './stack.js';

/** Has staging swept as the API does each minute, only more often. */
export async function sweepEvery({ redis }: Stack, ms: number): Promise<void> {
  const prefix = '{pixdock}';
  // A schedule that is changed begins when the old one would have gone on.
  redis.cli('DEL', `${prefix}:queue:upkeep:repeat`, `${prefix}:queue:upkeep:repeat:sweep`);
  const connection = connectRedis({ url: redis.url, prefix }, 'patient', () => {});
  const queue = openQueue(connection, prefix, () => {});
  await queue.scheduleSweep(ms);
  await queue.close();
  connection.disconnect();
}
