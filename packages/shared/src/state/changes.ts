import type { RedisConnection } from '../runtime/redis.js';
import { type Change, parseChange } from './change-message.js';
import { recordKeys } from './record-keys.js';

/** The changes of all images and batches. A change that is published while the subscription is down is lost. */
export interface Changes {
  /**
   * Calls `listener` with each change, until the process ends.
   * @param onLoss called when changes may have been lost, once the subscription is back
   */
  listen(listener: (change: Change) => void, onLoss?: () => void): void;
}

/** Subscribes to the changes that Redis publishes. */
export function followChanges(subscriber: RedisConnection, prefix: string): Changes {
  const listeners: ((change: Change) => void)[] = [];
  const lossListeners: (() => void)[] = [];
  const channel = recordKeys(prefix).changes;
  subscriber.on('message', (_channel: string, message: string) => {
    const change = parseChange(message);
    if (change !== null) for (const listener of listeners) listener(change);
  });
  // ioredis subscribes again after each reconnect, but does not report when the subscription works.
  void subscriber.subscribe(channel).catch(() => {});
  let wasClosed = false;
  subscriber.on('close', () => {
    wasClosed = true;
  });
  subscriber.on('ready', () => {
    if (!wasClosed) return;
    wasClosed = false;
    const report = () => {
      for (const onLoss of lossListeners) onLoss();
    };
    void subscriber.subscribe(channel).then(report, () => {});
  });
  return {
    listen(listener, onLoss) {
      listeners.push(listener);
      if (onLoss !== undefined) lossListeners.push(onLoss);
    },
  };
}
