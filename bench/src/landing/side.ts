import type { Picture } from './pictures.js';

/** A way to land pictures in OSS. */
export interface Side {
  name: string;
  /** The ids of the processes whose CPU time and memory count, each with its descendants. */
  processes: Readonly<Record<string, number>>;
  /** Resolves when the objects are stored. @returns ms until the upload was accepted; null without an upload */
  land: (picture: Picture) => Promise<number | null>;
  /** Memory of the data in Redis, in bytes; null without Redis. */
  redisBytes: () => number | null;
  stop: () => Promise<void>;
}
