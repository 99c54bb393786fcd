import { z } from 'zod';
import { nowMs } from '../../runtime/clock.js';

/** The id of an image, a batch, or a retry of failures. */
const RESOURCE_ID = /^(?:img|bat|frt)_[0-9a-f]{32}$/;
/** A request that does not renew its claim for this long counts as dead; the next one with the key gets its id. */
export const LEASE_MS = 20_000;

export const claimSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('running'),
    resourceId: z.string().regex(RESOURCE_ID),
    leaseUntil: z.number(),
    /** Identifies the claim of one request. */
    claimToken: z.string(),
  }),
  z.object({
    state: z.literal('done'),
    resourceId: z.string().regex(RESOURCE_ID),
    fingerprint: z.string(),
    /** The first response; null after a restore, when the current state of the image replaces it. */
    response: z
      .object({
        status: z.int(),
        body: z.string(),
        /** Of a problem only. */
        language: z.enum(['en', 'zh']).optional(),
      })
      .nullable(),
  }),
]);

export type DoneClaim = Extract<z.output<typeof claimSchema>, { state: 'done' }>;
export type StoredResponse = NonNullable<DoneClaim['response']>;

/** `img`, `bat` or `frt`. */
export const kindOf = (resourceId: string) => resourceId.slice(0, 3);

/** A longer lease was set before the clock of Redis was set back, and does not count. */
const MAX_REMAINING_MS = 10 * LEASE_MS;

export const isAlive = (remainingMs: number) => remainingMs > 0 && remainingMs <= MAX_REMAINING_MS;

export const runningClaim = (resourceId: string, claimToken: string) =>
  JSON.stringify({ state: 'running', resourceId, leaseUntil: nowMs() + LEASE_MS, claimToken });

export const doneClaim = (resourceId: string, fingerprint: string, response: StoredResponse | null) =>
  JSON.stringify({ state: 'done', resourceId, fingerprint, response });
