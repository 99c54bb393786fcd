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
  /** Deleted images whose URLs waited after the last refresh. */
  waiting: number;
}

/** Whether URLs wait for an operator, and not for the next day. */
export const isRefused = ({ isExhausted, refusal, waiting }: CdnState) =>
  !isExhausted && refusal !== null && waiting > 0;

export interface CdnDay {
  read(nowMs: number): Promise<CdnState>;
  write(nowMs: number, state: CdnState): Promise<void>;
}

const stateSchema = z.object({
  day: z.string(),
  sent: z.int(),
  isExhausted: z.boolean(),
  refusal: z.string().nullable(),
  waiting: z.int().default(0),
});

/** Two days: longer than any day, even with skewed clocks. */
const DAY_KEPT_MS = 48 * 3600_000;

export function openCdnDay(redis: RedisConnection, prefix: string): CdnDay {
  const { cdn } = recordKeys(prefix);
  return {
    async read(nowMs) {
      const text = await redis.get(cdn);
      const found = text === null ? null : stateSchema.parse(JSON.parse(text));
      if (found === null) return { sent: 0, isExhausted: false, refusal: null, waiting: 0 };
      const { day, ...state } = found;
      return day === dayOf(nowMs) ? state : { ...state, sent: 0, isExhausted: false };
    },
    async write(nowMs, state) {
      await redis.set(cdn, JSON.stringify({ day: dayOf(nowMs), ...state }), 'PX', DAY_KEPT_MS);
    },
  };
}
