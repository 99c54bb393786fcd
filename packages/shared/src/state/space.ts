import { access, constants, statfs } from 'node:fs/promises';
import { type Detail, detailOf } from '@pixdock/contract/messages/detail';
import type { RedisConnection } from '../runtime/redis.js';
import { readInfo } from '../runtime/redis-check.js';

export interface StagingSpace {
  usedBytes: number;
  maxBytes: number;
  /** Bytes without which no submission is accepted. */
  neededBytes: number;
}

/** What is full below a folder, by what, and what the operator does; null while submissions find space. */
export async function findFullDisk(
  folder: string,
  { usedBytes: used, maxBytes: max, neededBytes }: StagingSpace,
): Promise<Detail | null> {
  if (max - used < neededBytes) return detailOf('staging-at-limit', { used, max });
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(folder);
  if (bavail * bsize < neededBytes) {
    const others = Math.max(0, (blocks - bfree) * bsize - used);
    return others > used
      ? detailOf('disk-full-of-others', { used, others })
      : detailOf('disk-full-of-staging', { used, max });
  }
  // Some file systems do not count inodes.
  if (files > 0 && ffree === 0) return detailOf('disk-without-inodes', { inodes: files });
  return access(folder, constants.W_OK).then(
    () => null,
    () => detailOf('disk-not-writable'),
  );
}

/** The bytes that Redis may use, as its `maxmemory` says; Infinity without a limit. Of a Cluster, those of the smallest master. */
export async function readMaxMemory(redis: RedisConnection): Promise<number> {
  const limits = (await readInfo(redis)).map(({ facts }) => Number(facts.maxmemory ?? 0));
  return Math.min(...limits.map((bytes) => (bytes > 0 ? bytes : Number.POSITIVE_INFINITY)));
}

/** Why a Redis that responds accepts no writes, and what the operator does; null while it accepts them. */
export async function findFullRedis(redis: RedisConnection): Promise<Detail | null> {
  for (const { facts } of await readInfo(redis)) {
    if (facts.role === 'slave') return detailOf('redis-read-only');
    const max = Number(facts.maxmemory ?? 0);
    const used = Number(facts.used_memory ?? 0) - Number(facts.mem_not_counted_for_evict ?? 0);
    if (max > 0 && used > max) return detailOf('redis-memory-full', { used, max });
    if (facts.aof_enabled === '1' && facts.aof_last_write_status === 'err')
      return detailOf('redis-disk-full');
  }
  return null;
}
