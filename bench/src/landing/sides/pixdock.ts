import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '@pixdock/contract/image';
import { type Service, startService } from '@pixdock/e2e/harness/processes';
import { startRedis, type TestRedis } from '@pixdock/e2e/harness/redis';
import { freePort } from '@pixdock/shared/testing/free-port';
import { METADATA_KEY } from '@pixdock/shared/testing/metadata-keys';
import type { Picture } from '../pictures.js';
import { formOf, rawOf, send } from '../send.js';
import type { Side } from '../side.js';
import type { Surroundings } from './all.js';

/** Where an installation runs, and what it stores in. */
interface Place extends Pick<Surroundings, 'folder' | 'sink' | 'lanes'> {
  /** Where API and worker write their CPU profiles when they stop. */
  profileFolder?: string | null;
  /** How many of each; one by default. */
  apis?: number;
  workers?: number;
}

type Some<T> = [T, ...T[]];

export interface Installation {
  apis: Some<Service>;
  workers: Some<Service>;
  redis: TestRedis;
}

const KEY = 'key-of-the-benchmark';
/** The same output as that of the other sides. */
const PROFILES = {
  jpeg: { variants: { main: { width: 2560, height: 2560, format: 'jpeg', quality: 82 } } },
};

/** The compiled APIs and workers, as `npm start` runs them, with a Redis of their own. */
export async function startPixdock({
  folder,
  sink,
  lanes,
  profileFolder = null,
  apis = 1,
  workers = 1,
}: Place): Promise<Installation> {
  const dataDir = join(folder, 'pixdock');
  await mkdir(dataDir);
  const profiles = join(folder, 'profiles.json');
  await writeFile(profiles, JSON.stringify(PROFILES));
  const redis = await startRedis(dataDir);
  const env = {
    DATA_DIR: dataDir,
    REDIS_URL: redis.url,
    METADATA_KEY,
    API_KEYS: `bench:${KEY}`,
    PROFILES_FILE: profiles,
    WORKER_CONCURRENCY: String(lanes),
    ALIBABA_CLOUD_ACCESS_KEY_ID: 'LTAI-bench',
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'secret-of-the-benchmark',
    ALIYUN_OSS_ENDPOINT: sink.endpoint,
    ALIYUN_OSS_REGION: sink.region,
    ALIYUN_OSS_BUCKET: sink.bucket,
    ALIYUN_OSS_ADDRESSING: 'path',
    ALIYUN_OSS_FILE_DOMAIN: `${sink.endpoint}/${sink.bucket}`,
  };
  const nodeOptions = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const startAll = async (app: 'api' | 'worker', count: number) => {
    const starting = Array.from({ length: count }, async () => {
      const own = { ...env, PORT: String(await freePort()) };
      return startService(app, own, { savesMemory: true, nodeOptions });
    });
    return (await Promise.all(starting)) as Some<Service>;
  };
  const [allApis, allWorkers] = await Promise.all([startAll('api', apis), startAll('worker', workers)]);
  return { apis: allApis, workers: allWorkers, redis };
}

interface Upload {
  isForm: boolean;
  profile: string;
}

export interface How extends Upload {
  name: string;
}

/** A caller of the installation. */
export interface Client {
  /** Uploads a picture. @returns the id, and ms until it was accepted */
  submit(picture: Picture): Promise<{ id: string; acceptMs: number }>;
  /** Waits until an image is published. @throws when it ends otherwise */
  untilPublished(id: string): Promise<void>;
}

/** A caller that sends each request to the next API. */
export function clientOf({ apis }: Installation, { isForm, profile }: Upload): Client {
  let turn = 0;
  const next = () => apis[turn++ % apis.length] ?? apis[0];
  const authorization = { authorization: `Bearer ${KEY}` };
  return {
    async submit(picture) {
      const { headers, ...sent } = isForm ? formOf(picture, { profile }) : rawOf(picture);
      const began = performance.now();
      const accepted = await send(`${next().url}/v1/images${isForm ? '' : `?profile=${profile}`}`, {
        ...sent,
        headers: { ...headers, ...authorization },
      });
      return { acceptMs: performance.now() - began, id: imageIn(accepted).id };
    },
    untilPublished: (id) => untilPublished(`${next().url}/v1/images/${id}`, authorization),
  };
}

/** @param isOwner whether this side stops the installation, which several sides share */
export function pixdockSide({ name, ...upload }: How, installation: Installation, isOwner: boolean): Side {
  const { apis, workers, redis } = installation;
  const client = clientOf(installation, upload);
  return {
    name,
    processes: { ...pidsOf('api', apis), ...pidsOf('worker', workers), redis: redis.pid() },
    async land(picture) {
      const { id, acceptMs } = await client.submit(picture);
      await client.untilPublished(id);
      return acceptMs;
    },
    redisBytes: () =>
      Number(/used_memory_dataset:(\d+)/.exec(redis.cli('info', 'memory'))?.[1] ?? Number.NaN),
    async stop() {
      if (!isOwner) return;
      await Promise.all([...apis, ...workers].map((service) => service.stop()));
      await redis.stop();
    },
  };
}

/** `api`, `api 2` and so on. */
const pidsOf = (name: string, services: readonly Service[]) =>
  Object.fromEntries(services.map(({ pid }, n) => [n === 0 ? name : `${name} ${n + 1}`, pid]));

const imageIn = (response: Buffer): Image => JSON.parse(response.toString('utf8'));

async function untilPublished(url: string, authorization: Record<string, string>): Promise<void> {
  for (;;) {
    const headers = { ...authorization, prefer: 'wait=60' };
    const image = imageIn(await send(url, { method: 'GET', headers }));
    if (image.status === 'published') return;
    if (image.status !== 'queued' && image.status !== 'processing')
      throw new Error(`an image ended as ${image.status}: ${JSON.stringify(image)}`);
  }
}
