import type { RedisConnection } from '../runtime/redis.js';
import type { GuardedCommand } from './guarded-write.js';
import { type RecordKeys, recordKeys } from './record-keys.js';

/** A new version of an image or a batch, as Redis publishes it. */
export interface Change {
  id: string;
  version: number;
}

/** The topic of images that a change has taken from an attempt. No owner has this name. */
export const TAKEN_IMAGES = '-';

/**
 * Subscribes to changes: a process gets only those that it follows. A change that is published while the subscription is down
 * is lost.
 */
export interface Changes {
  /**
   * Calls `onChange` with the changes of one image or batch, of all images and batches of an owner, or of `TAKEN_IMAGES`.
   * @param onLoss called when changes may have been lost, once the subscription is back
   */
  follow(topic: string, onChange: (change: Change) => void, onLoss?: () => void): Following;
}

export interface Following {
  /** Resolves once all changes from then on are received; while Redis is away, at once or when its connection is closed. */
  ready: Promise<void>;
  leave(): void;
}

interface Channel {
  followers: Set<{ onChange: (change: Change) => void; onLoss: () => void }>;
  ready: Promise<void>;
}

export function openChanges(subscriber: RedisConnection, prefix: string): Changes {
  const channels = new Map<string, Channel>();
  subscriber.on('message', (name: string, message: string) => {
    const change = parseChange(message);
    if (change === null) return;
    for (const { onChange } of channels.get(name)?.followers ?? []) onChange(change);
  });
  let wasClosed = false;
  /** Functions that end the waits for subscriptions. */
  const waits = new Set<() => void>();
  subscriber.on('close', () => {
    wasClosed = true;
    // Redis may be away for long. Once it is back, all followers learn that changes may have been lost.
    for (const end of waits) end();
  });
  subscriber.on('ready', () => {
    if (!wasClosed) return;
    wasClosed = false;
    // ioredis has sent the subscriptions again; Redis responds in order.
    void subscriber.ping().then(reportLoss, () => {});
  });

  function reportLoss(): void {
    for (const { followers } of channels.values()) for (const { onLoss } of followers) onLoss();
  }

  function subscribe(name: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    waits.add(resolve);
    if (subscriber.status !== 'ready') resolve();
    const end = () => {
      waits.delete(resolve);
      resolve();
    };
    subscriber.subscribe(name).then(end, end);
    return promise;
  }

  return {
    follow(topic, onChange, onLoss = () => {}) {
      const name = recordKeys(prefix).changes(topic);
      const channel = channels.get(name) ?? { followers: new Set(), ready: subscribe(name) };
      channels.set(name, channel);
      const follower = { onChange, onLoss };
      channel.followers.add(follower);
      return {
        ready: channel.ready,
        leave() {
          channel.followers.delete(follower);
          if (channel.followers.size > 0 || channels.get(name) !== channel) return;
          channels.delete(name);
          subscriber.unsubscribe(name).catch(() => {});
        },
      };
    },
  };
}

// Versions have at most 15 digits, so that they are exact as numbers. A newer version may add fields at the end.
const MESSAGE = /^((?:img|bat)_[0-9a-f]{32}) (\d{1,15})(?: |$)/;

/** The commands that publish a change about itself and its owner, as `lua/prelude.lua` does. */
export const publishCommands = (keys: RecordKeys, { id, version, owner }: Change & { owner: string }) =>
  [id, owner].map((topic): GuardedCommand => ['PUBLISH', keys.changes(topic), `${id} ${version}`]);

/** @returns null when the message names no change */
export function parseChange(message: string): Change | null {
  const [, id, version] = MESSAGE.exec(message) ?? [];
  return id === undefined ? null : { id, version: Number(version) };
}
