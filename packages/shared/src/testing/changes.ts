import { connectRedis } from '../runtime/redis.js';
import { type Change, parseChange } from '../state/changes.js';
import { recordKeys } from '../state/record-keys.js';
import type { TestRedis } from './redis.js';

/** Collects the changes of an owner's images and batches until it is disposed; null for a message that cannot be parsed. */
export async function recordChanges(
  redis: TestRedis,
  owner: string,
): Promise<AsyncDisposable & { seen: readonly (Change | null)[] }> {
  const subscriber = connectRedis(redis.settings, 'patient', () => {});
  const seen: (Change | null)[] = [];
  subscriber.on('message', (_channel: string, message: string) => void seen.push(parseChange(message)));
  await subscriber.subscribe(recordKeys(redis.settings.prefix).changes(owner));
  return { seen, [Symbol.asyncDispose]: async () => subscriber.disconnect() };
}
