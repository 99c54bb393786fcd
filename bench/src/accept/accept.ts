import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSeconds, residentMib } from '@pixdock/e2e/harness/process-stats';
import type { Service } from '@pixdock/e2e/harness/processes';
import { startRedis, type TestRedis } from '@pixdock/e2e/harness/redis';
import { SMALL_PICTURE } from '../api/small-picture.js';
import { startApi } from '../api/start-api.js';
import { uploadTo } from '../api/upload-to.js';
import { type Circumstances, circumstances } from '../command/machine.js';
import { makePictures, type Picture } from '../landing/pictures.js';
import { formOf, rawOf } from '../landing/send.js';
import { kill, startNodeServer } from '../landing/sides/node-server.js';
import { median, quantile } from '../landing/summarize.js';

export interface AcceptOptions {
  rounds: number;
  pictures: number;
  inFlight: number;
  /** Uploads of 12 MP at once, whose memory is measured. */
  atOnce: number;
  /** Images that wait while Redis' memory is measured. */
  small?: number;
  scale?: number;
  profileFolder: string | null;
  say: (line: string) => void;
}

/** Medians over the rounds. */
export interface AcceptSummary {
  name: string;
  /** CPU time of the server and of Redis for each upload. */
  serverMs: number;
  redisMs: number;
  /** Median of the ratios to the raw bodies in the same round. */
  ratio: number;
  p50Ms: number;
  p99Ms: number;
}

export interface AcceptResult extends Circumstances {
  sides: readonly AcceptSummary[];
  /** Commands that Redis runs for one raw upload, those of scripts included. */
  commandsPerUpload: Readonly<Record<string, number>>;
  memory: Memory;
  /** Memory of the data in Redis for each image that waits. */
  redisBytesPerWaiting: number;
}

/** Redis' memory grows in steps, which many images even out. */
const SMALL = 1000;

interface Memory {
  /** Right after the start. */
  idleMib: number;
  peakMib: number;
  atOnce: number;
}

const WARM_UP = 8;
const SAMPLE_MS = 20;

/** Uploads pictures to an API without a worker, and to a bare Hono that writes them to files. */
export async function runAccept(options: AcceptOptions): Promise<AcceptResult> {
  const { rounds, inFlight, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  const files = join(folder, 'files');
  await mkdir(files);
  const redis = await startRedis(folder);
  const api = await startApi(folder, redis, options.profileFolder);
  const idleMib = residentMib(api.pid);
  const hono = await startNodeServer(new URL('hono.mjs', import.meta.url), { FOLDER: files });
  try {
    const pictures = await makePictures(folder, options.pictures, options.scale ?? 1);
    const sides = sidesOf(api, redis, { port: hono.port, pid: hono.child.pid ?? 0 });
    for (const side of sides) await measure(side, pictures.slice(0, WARM_UP), inFlight);
    const samples: AcceptSample[][] = [];
    for (let round = 1; round <= rounds; round++) {
      const ofRound: AcceptSample[] = [];
      for (const side of sides) {
        say(`round ${round} of ${rounds}: ${side.name}`);
        ofRound.push(await measure(side, pictures, inFlight));
      }
      samples.push(ofRound);
    }
    const [raw] = sides;
    if (raw === undefined) throw new TypeError('there are sides');
    return {
      ...circumstances(),
      sides: sides.map(({ name }, i) => ({ name, ...summaryOf(samples, i) })),
      ...(await measureRedis(redis, raw, { pictures, small: options.small ?? SMALL, inFlight })),
      memory: { idleMib, ...(await measureMemory(raw, pictures[0], options.atOnce)) },
    };
  } finally {
    await kill(hono.child);
    await api.stop();
    await redis.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface AcceptSide {
  name: string;
  pid: number;
  redisPid: number | null;
  upload: (picture: Picture) => Promise<number>;
}

function sidesOf(api: Service, redis: TestRedis, hono: { port: number; pid: number }): AcceptSide[] {
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

interface AcceptSample {
  serverMs: number;
  redisMs: number;
  acceptMs: readonly number[];
}

async function measure(
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

async function uploadAll(
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

function summaryOf(rounds: readonly (readonly AcceptSample[])[], i: number): Omit<AcceptSummary, 'name'> {
  const own = rounds.flatMap((round) => round[i] ?? []);
  const first = rounds.flatMap((round) => round[0] ?? []);
  const accepted = own.flatMap(({ acceptMs }) => acceptMs);
  return {
    serverMs: median(own.map(({ serverMs }) => serverMs)),
    redisMs: median(own.map(({ redisMs }) => redisMs)),
    ratio: median(own.map(({ serverMs }, round) => serverMs / (first[round]?.serverMs ?? Number.NaN))),
    p50Ms: quantile(accepted, 0.5) ?? Number.NaN,
    p99Ms: quantile(accepted, 0.99) ?? Number.NaN,
  };
}

async function measureRedis(
  redis: TestRedis,
  { upload }: AcceptSide,
  { pictures, small, inFlight }: { pictures: readonly Picture[]; small: number; inFlight: number },
): Promise<Pick<AcceptResult, 'commandsPerUpload' | 'redisBytesPerWaiting'>> {
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

async function measureMemory(
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
