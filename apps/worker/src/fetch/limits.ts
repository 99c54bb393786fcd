import type { SourceLimits } from './types.js';

const SECOND_MS = 1000;

/** What a source may cost; a 20 MiB image in the total time needs 350 kB a second. */
export const SOURCE_LIMITS: SourceLimits = {
  /** Name, TCP and TLS: five round trips even to the far side of the world, with one lost packet (1 s, then 2 s). */
  connectMs: 5 * SECOND_MS,
  /** Servers that make a thumbnail on demand take seconds; whoever takes longer is overloaded. */
  headersMs: 10 * SECOND_MS,
  idleMs: 10 * SECOND_MS,
  /** Of all hops together. A slow sender that never idles holds its slot no longer than this. */
  totalMs: 60 * SECOND_MS,
  /** http → https → www → CDN → the region's edge. */
  redirects: 5,
  /** Node's own limit for requests. */
  headerBytes: 16 * 1024,
};

/** Of the checked addresses of a name; with more, a dead host would use up the connect time of others. */
export const MAX_CONNECT_TRIES = 3;

/** A source that asks for longer is tried again at this time nevertheless. */
export const MAX_RETRY_AFTER_MS = 10 * 60 * SECOND_MS;
