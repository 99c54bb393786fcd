import { z } from 'zod';
import type { RedisConnection } from '../runtime/redis.js';
import { recordKeys } from './record-keys.js';

/** The date in China, where the day of Alibaba Cloud's quota begins at midnight. */
const dayOf = (ms: number) => new Date(ms + 8 * 3600_000).toISOString().slice(0, 10);

/** Today's use of the CDN quota. */
export interface CdnState {
  /** URLs that were sent today. */
  sent: number;
  isExhausted: boolean;
  /** The code with which the CDN refused the last request; null if it did not. */
  refusal: string | null;
}

export interface CdnDay {
  read(nowMs: number): Promise<CdnState>;
  write(nowMs: number, state: CdnState): Promise<void>;
}

const stateSchema = z.object({
  day: z.string(),
  sent: z.int(),
  isExhausted: z.boolean(),
  refusal: z.string().nullable(),
});

/** Two days: longer than any day, even with skewed clocks. */
const DAY_KEPT_MS = 48 * 3600_000;

export function openCdnDay(redis: RedisConnection, prefix: string): CdnDay {
  const { cdn } = recordKeys(prefix);
  return {
    async read(nowMs) {
      const text = await redis.get(cdn);
      const found = text === null ? null : stateSchema.parse(JSON.parse(text));
      if (found === null) return { sent: 0, isExhausted: false, refusal: null };
      const { day, ...state } = found;
      return day === dayOf(nowMs) ? state : { sent: 0, isExhausted: false, refusal: state.refusal };
    },
    async write(nowMs, state) {
      await redis.set(cdn, JSON.stringify({ day: dayOf(nowMs), ...state }), 'PX', DAY_KEPT_MS);
    },
  };
}
