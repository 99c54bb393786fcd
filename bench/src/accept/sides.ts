import { cpuSeconds } from '@pixdock/e2e/harness/process-stats';
import type { Service } from '@pixdock/e2e/harness/processes';
import type { TestRedis } from '@pixdock/e2e/harness/redis';
import { uploadTo } from '../api/upload-to.js';
import type { Picture } from '../landing/pictures.js';
import { formOf, rawOf } from '../landing/send.js';

export interface AcceptSide {
  name: string;
  pid: number;
  redisPid: number | null;
  upload: (picture: Picture) => Promise<number>;
}

export function sidesOf(api: Service, redis: TestRedis, hono: { port: number; pid: number }): AcceptSide[] {
  const pixdock = { pid: api.pid, redisPid: redis.pid() };
  return [
    { name: 'raw', ...pixdock, upload: (picture) => uploadTo(api.url, rawOf(picture)) },
    { name: 'form', ...pixdock, upload: (picture) => uploadTo(api.url, formOf(picture)) },
    {
      name: 'hono',
      pid: hono.pid,
      redisPid: null,
      upload: (picture) => uploadTo(`http://127.0.0.1:${hono.port}`, rawOf(picture)),
    },
  ];
}

export interface AcceptSample {
  serverMs: number;
  redisMs: number;
  acceptMs: readonly number[];
}

export async function measure(
  { pid, redisPid, upload }: AcceptSide,
  pictures: readonly Picture[],
  inFlight: number,
): Promise<AcceptSample> {
  const spent = () => [cpuSeconds(pid).own, redisPid === null ? 0 : cpuSeconds(redisPid).own] as const;
  const [server, redis] = spent();
  const acceptMs = await uploadAll(upload, pictures, inFlight);
  const [serverNow, redisNow] = spent();
  const ms = (seconds: number) => (seconds / pictures.length) * 1000;
  return { serverMs: ms(serverNow - server), redisMs: ms(redisNow - redis), acceptMs };
}

export async function uploadAll(
  upload: AcceptSide['upload'],
  pictures: readonly Picture[],
  inFlight: number,
): Promise<number[]> {
  const waiting = pictures.values();
  const acceptMs: number[] = [];
  async function lane(): Promise<void> {
    for (const picture of waiting) acceptMs.push(await upload(picture));
  }
  await Promise.all(Array.from({ length: inFlight }, lane));
  return acceptMs;
}
