import { residentMib } from '@pixdock/e2e/harness/process-stats';
import type { TestRedis } from '@pixdock/e2e/harness/redis';
import { SMALL_PICTURE } from '../api/small-picture.js';
import type { Picture } from '../landing/pictures.js';
import { type AcceptSide, uploadAll } from './sides.js';

export interface RedisUse {
  /** Commands that Redis runs for one raw upload, those of scripts included. */
  commandsPerUpload: Readonly<Record<string, number>>;
  /** Memory of the data in Redis for each image that waits. */
  redisBytesPerWaiting: number;
}

export async function measureRedis(
  redis: TestRedis,
  { upload }: AcceptSide,
  { pictures, small, inFlight }: { pictures: readonly Picture[]; small: number; inFlight: number },
): Promise<RedisUse> {
  const bytes = () => Number(/used_memory_dataset:(\d+)/.exec(redis.cli('info', 'memory'))?.[1]);
  redis.cli('config', 'resetstat');
  await uploadAll(upload, pictures, inFlight);
  const lines = redis.cli('info', 'commandstats').matchAll(/cmdstat_([\w|-]+):calls=(\d+)/g);
  const commands = [...lines].map(([, name = '', calls]) => [name, Number(calls) / pictures.length] as const);
  const before = bytes();
  await uploadAll(
    upload,
    Array.from({ length: small }, () => SMALL_PICTURE),
    inFlight,
  );
  return {
    redisBytesPerWaiting: (bytes() - before) / small,
    commandsPerUpload: Object.fromEntries(commands),
  };
}

export interface Memory {
  /** Right after the start. */
  idleMib: number;
  peakMib: number;
  atOnce: number;
}

const SAMPLE_MS = 20;

export async function measureMemory(
  { pid, upload }: AcceptSide,
  picture: Picture | undefined,
  atOnce: number,
): Promise<Omit<Memory, 'idleMib'>> {
  if (picture === undefined) throw new TypeError('there are pictures');
  let peakMib = residentMib(pid);
  const timer = setInterval(() => {
    peakMib = Math.max(peakMib, residentMib(pid));
  }, SAMPLE_MS);
  await uploadAll(
    upload,
    Array.from({ length: atOnce }, () => picture),
    atOnce,
  );
  clearInterval(timer);
  return { peakMib, atOnce };
}
