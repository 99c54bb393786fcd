import type { SourceLimits } from './types.js';

const SECOND_MS = 1000;

/** Limits of one fetch; a 20 MiB image within the total time needs 350 kB/s. */
export const SOURCE_LIMITS: SourceLimits = {
  /** Name, TCP and TLS: five round trips even to the far side of the world, with one lost packet (1 s, then 2 s). */
  connectMs: 5 * SECOND_MS,
  /** Servers that create a thumbnail on demand take seconds; a slower server is overloaded. */
  headersMs: 10 * SECOND_MS,
  idleMs: 10 * SECOND_MS,
  /** For all hops together. A slow sender that is never idle holds its slot no longer than this. */
  totalMs: 60 * SECOND_MS,
  /** http → https → www → CDN → the region's edge. */
  redirects: 5,
  /** Node's own limit for requests. */
  headerBytes: 16 * 1024,
};

/** Addresses of a name that are tried; with more, dead addresses would use up the connect time. */
export const MAX_CONNECT_TRIES = 3;

/** A source that asks for a longer delay is tried again after this time anyway. */
export const MAX_RETRY_AFTER_MS = 10 * 60 * SECOND_MS;
