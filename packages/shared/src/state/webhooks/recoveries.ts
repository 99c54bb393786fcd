import { randomBytes } from 'node:crypto';
import { recoverySchema } from '@pixdock/contract/webhook';
import { z } from 'zod';
import type { RedisConnection } from '../../runtime/redis.js';

const storedSchema = recoverySchema.extend({ owner: z.string(), cursor: z.string().nullable() });

/** A request to send all failed deliveries of an owner again, and its progress. */
export type Recovery = z.output<typeof storedSchema>;

export interface Recoveries {
  create(owner: string, since: string): Promise<Recovery>;
  get(id: string): Promise<Recovery | null>;
  save(recovery: Recovery): Promise<void>;
}

const SHOWN_MS = 24 * 3600_000;

export function openRecoveries(redis: RedisConnection, prefix: string): Recoveries {
  const keyOf = (id: string) => `${prefix}:webhook-recovery:${id}`;
  const save = async (recovery: Recovery) =>
    void (await redis.set(keyOf(recovery.id), JSON.stringify(recovery), 'PX', SHOWN_MS));
  return {
    save,
    async get(id) {
      const text = await redis.get(keyOf(id));
      return text === null ? null : storedSchema.parse(JSON.parse(text));
    },
    async create(owner, since) {
      const id = `whr_${randomBytes(16).toString('hex')}`;
      const recovery: Recovery = { id, owner, since, status: 'running', resent: 0, cursor: null };
      await save(recovery);
      return recovery;
    },
  };
}
