import type { RedisConnection } from '../runtime/redis.js';
import { type Change, parseChange } from './records/change-message.js';
import { recordKeys } from './records/keys.js';

/** The changes of all images and batches. A change that is published while the subscription is down is lost. */
export interface Changes {
  /** Calls `listener` with each change, until the process ends. */
  listen(listener: (change: Change) => void): void;
}

/** Subscribes to the changes that Redis publishes. */
export function followChanges(subscriber: RedisConnection, prefix: string): Changes {
  const listeners: ((change: Change) => void)[] = [];
  subscriber.on('message', (_channel: string, message: string) => {
    const change = parseChange(message);
    if (change !== null) for (const listener of listeners) listener(change);
  });
  // ioredis repeats the subscription after each reconnect.
  void subscriber.subscribe(recordKeys(prefix).changes).catch(() => {});
  return { listen: (listener) => void listeners.push(listener) };
}
