import { createHash, randomUUID } from 'node:crypto';
import { PixdockError } from '@pixdock/contract/error';
import { z } from 'zod';
import { sleep } from '../../runtime/clock.js';
import type { RedisConnection } from '../../runtime/redis.js';
import { loadScript } from '../../runtime/scripts.js';
import type { Entry } from './entry.js';
import { recordKeys } from './keys.js';

const KEPT_MS = 24 * 3600 * 1000;
/** An image's or a batch's. */
const RESOURCE_ID = /^(?:img|bat)_[0-9a-f]{32}$/;
/** A request that stops renewing for this long is taken for dead, and its id is handed to the next with the same key. */
const LEASE_MS = 20_000;
/** Who waits for a restore looks this often, and so long at most. */
const RESTORED_EVERY_MS = 100;
const RESTORED_WITHIN_MS = 1500;

const claimSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('running'),
    resourceId: z.string().regex(RESOURCE_ID),
    leaseUntil: z.number(),
    /** Of the request that has it; an earlier version wrote none. */
    mark: z.string().optional(),
  }),
  z.object({
    state: z.literal('done'),
    resourceId: z.string().regex(RESOURCE_ID),
    fingerprint: z.string(),
    /** The first answer; null where only a restored account is left, and the image as it is now must do. */
    answer: z
      .object({
        status: z.int(),
        body: z.string(),
        /** Of a problem; an earlier version did not keep it. */
        language: z.enum(['en', 'zh']).optional(),
      })
      .nullable(),
  }),
]);

export type DoneClaim = Extract<z.output<typeof claimSchema>, { state: 'done' }>;
export type Answer = NonNullable<DoneClaim['answer']>;

export interface Claim {
  /** The id this request must use: its own, or that of a dead request with the same key. */
  resourceId: string;
  /**
   * Makes sure that the key still is this request's, once what it makes is staged and before anybody hears of it: Redis may
   * have been emptied since it was claimed. From then on a restore finds it by what is staged.
   * @throws PixdockError idempotency_in_progress when another has the key by now
   */
  confirm(): Promise<void>;
  /** Keeps the answer for 24 hours. */
  complete(fingerprint: string, answer: Answer | null): Promise<void>;
  /** Frees the key: nothing came of the request. */
  release(): Promise<void>;
  /** Stops renewing the lease. */
  stop(): void;
}

export type ClaimOutcome =
  | { outcome: 'claimed'; claim: Claim }
  | { outcome: 'running' }
  | { outcome: 'done'; done: DoneClaim };

/** Idempotency-Keys of one owner at a time (draft-ietf-httpapi-idempotency-key-header-07). */
export function openIdempotency(redis: RedisConnection, prefix: string) {
  const keys = recordKeys(prefix);
  const script = loadScript('swap');
  /** Null where `mustBe` names something that is not there; `orNone` is satisfied with no value as well. */
  async function swap(
    key: string,
    seen: string,
    next: string,
    { mustBe = [], orNone = false }: { mustBe?: string[]; orNone?: boolean } = {},
  ): Promise<boolean | null> {
    const came = await script(redis, [key, ...mustBe], [seen, next, KEPT_MS, orNone ? 1 : 0]);
    return came === -1 ? null : came === 1;
  }

  return {
    /**
     * Claims the key for a request that would make `resourceId`.
     * @throws PixdockError queue_unavailable where Redis is not restored soon, idempotency_conflict when the key was used for another kind
     */
    async claim(owner: string, keyHash: string, resourceId: string): Promise<ClaimOutcome> {
      const key = keys.idempotency(owner, keyHash);
      const mark = randomUUID();
      const end = performance.now() + RESTORED_WITHIN_MS;
      // Most keys are new, so the first look is a write.
      for (let seen = ''; ; seen = (await redis.get(key)) ?? '') {
        const found = seen === '' ? null : claimSchema.parse(JSON.parse(seen));
        // The answer to our write was lost, and the write sent again.
        if (found?.state === 'running' && found.mark === mark)
          return { outcome: 'claimed', claim: holdClaim(key, found.resourceId, mark) };
        if (found?.state === 'running' && isHeld(found.leaseUntil - Date.now()))
          return { outcome: 'running' };
        if (found !== null && kindOf(found.resourceId) !== kindOf(resourceId))
          throw new PixdockError('idempotency_conflict');
        if (found?.state === 'done') return { outcome: 'done', done: found };
        const id = found?.resourceId ?? resourceId;
        const came = await swap(key, seen, running(id, mark), { mustBe: [keys.epoch] });
        // What Redis lost, and the restore has not put back yet, would be taken for never made.
        if (came === null && performance.now() > end) throw new PixdockError('queue_unavailable');
        if (came === null) await sleep(RESTORED_EVERY_MS);
        else if (came) return { outcome: 'claimed', claim: holdClaim(key, id, mark) };
      }
    },

    /**
     * Puts back the claim of a staged image or batch, where Redis lost it, for what is left of its 24 hours.
     * @param made its id, and when it was submitted
     */
    async restore(
      owner: string,
      { keyHash, fingerprint }: NonNullable<Entry['idempotency']>,
      made: { id: string; createdAt: string },
    ): Promise<void> {
      const leftMs = Date.parse(made.createdAt) + KEPT_MS - Date.now();
      if (leftMs <= 0) return;
      const done = { state: 'done', resourceId: made.id, fingerprint, answer: null } satisfies DoneClaim;
      await redis.set(keys.idempotency(owner, keyHash), JSON.stringify(done), 'PX', leftMs, 'NX');
    },
  };

  /** What Redis did of a write that it did not answer does not matter: the mark tells that the claim is ours still. */
  function holdClaim(key: string, resourceId: string, mark: string): Claim {
    let pending: Promise<boolean | null> = Promise.resolve(true);
    // One write at a time, or a renewal could undo what completes the claim.
    const replace = (next: string) => {
      pending = pending.catch(() => false).then(() => swap(key, mark, next));
      return pending;
    };
    const own = `"resourceId":"${resourceId}"`;
    const renew = () => void replace(running(resourceId, mark)).catch(() => {});
    const timer = setInterval(renew, LEASE_MS / 3);
    const stop = () => clearInterval(timer);
    return {
      resourceId,
      stop,
      async confirm() {
        const next = running(resourceId, mark);
        const end = performance.now() + RESTORED_WITHIN_MS;
        for (;;) {
          // A restore tells whether another has it by now. One that takes long is not waited for: it finds what is staged.
          const mustBe = performance.now() < end ? [keys.epoch] : [];
          const came = await swap(key, own, next, { mustBe, orNone: true });
          if (came === true) return;
          if (came === false) throw new PixdockError('idempotency_in_progress');
          await sleep(RESTORED_EVERY_MS);
        }
      },
      async complete(fingerprint, answer) {
        stop();
        await replace(JSON.stringify({ state: 'done', resourceId, fingerprint, answer } satisfies DoneClaim));
      },
      async release() {
        stop();
        // A restore may have put it back for what was staged meanwhile.
        if (!(await replace(''))) await swap(key, `"state":"done",${own}`, '');
      },
    };
  }
}

export type Idempotency = ReturnType<typeof openIdempotency>;

/** Hex SHA-256: a key is never kept as it came. */
export function hashIdempotencyKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** `img` or `bat`. */
const kindOf = (resourceId: string) => resourceId.slice(0, 3);

/** Servers' clocks differ by less; a lease that has longer to go was given before the clock went back. */
const LONGEST_LEFT_MS = 10 * LEASE_MS;

const isHeld = (leftMs: number) => leftMs > 0 && leftMs <= LONGEST_LEFT_MS;

const running = (resourceId: string, mark: string) =>
  JSON.stringify({ state: 'running', resourceId, leaseUntil: Date.now() + LEASE_MS, mark });
