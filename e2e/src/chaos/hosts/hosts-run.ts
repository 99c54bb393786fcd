import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OssDev } from '@pixdock/oss-dev/start';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { descendants } from '@pixdock/shared/testing/processes';
import { type Host, needNetwork } from '../../harness/hosts.js';
import { openLeaks } from '../../harness/leaks.js';
import { type Service, startService } from '../../harness/processes.js';
import { openShiftedClock, type ShiftedClock } from '../../harness/shifted-clock.js';
import { FAULT_TOKEN, inBucket, isBucketDefault, OSS, settingsOf } from '../../harness/stack.js';
import { type Sentinels, startSentinels } from '../../redis/topology.js';
import { type History, openHistory } from '../history.js';
import { type App, FILE_DOMAIN, HEALING, type Installation, startReview, startSources } from '../run.js';

/** A host with an API and a worker. */
export interface AppHost extends Host, Record<App, Service> {
  clock: ShiftedClock;
  /** Its own disk, if hosts share none. */
  dataDir: string;
  /** Whether the load balancer sends requests to it. */
  isInRotation: boolean;
  /** `kill -9`, and a restart. */
  kill(app: App): Promise<void>;
}

interface OssHost extends Host {
  oss: OssDev;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Hosts that share a folder, or stage in a bucket, a Redis with Sentinel on two more hosts, and the local OSS on another one. */
export interface HostsRun extends Installation {
  hosts: readonly AppHost[];
  redis: Sentinels;
  redisHosts: readonly Host[];
  ossHost: OssHost;
  env: Record<string, string>;
  say: (line: string) => void;
}

const PORT = '3000';
/** As in docs/operations.md. */
const SILENT_MS = 5000;

export async function startHosts(count: number, say: (line: string) => void): Promise<HostsRun> {
  const network = await needNetwork(say);
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-hosts-'));
  const source = await startSources(network.address);
  const history = openHistory();
  const review = await startReview(history, [], network.address);
  const redisHosts = [network.addHost('redis-1'), network.addHost('redis-2')] as const;
  const ossHost = await startOss(network.addHost('oss'), join(dataDir, 'oss'));
  const redis = await startSentinels({
    silentMs: SILENT_MS,
    at: { servers: redisHosts, sentinels: [ossHost, ...redisHosts] },
  });
  const env = {
    PORT,
    ...(await settingsOf(dataDir, redis.url, ossHost.oss.publicUrl)),
    ALIYUN_OSS_ALLOW_HTTP: 'true',
    ALIYUN_OSS_FILE_DOMAIN: FILE_DOMAIN,
    ...review.settings,
    SOURCE_ALLOW: source.host,
    WORKER_CONCURRENCY: '1',
    // The other intervals are those of production: a put may arrive as late as a host was cut off.
    PIXDOCK_TEST_CLOCKS: HEALING,
  };
  const services: Service[] = [];
  const hosts = await Promise.all(
    Array.from({ length: count }, (_, n) => network.addHost(`host-${n + 1}`)).map((host) =>
      startAppHost(
        host,
        { ...env, ...(isBucketDefault() && inBucket(join(dataDir, host.name))), HOST: host.address },
        history,
        services,
      ),
    ),
  );
  let turn = 0;

  return {
    stack: {
      dataDir,
      oss: ossHost.oss,
      env: { ...env, ...(isBucketDefault() && inBucket(join(dataDir, 'checks'))) },
      redis: { cli: (...args) => redis.master().cli(...args) },
    },
    hosts,
    redis,
    redisHosts,
    ossHost,
    env,
    say,
    nextApi() {
      const inRotation = hosts.filter((host) => host.isInRotation);
      return (inRotation[turn++ % inRotation.length] as AppHost).api;
    },
    apiStartedAtMs: () => Math.max(...hosts.map(({ api }) => api.startedAtMs)),
    history,
    leaks: openLeaks(env),
    pictures: source.pictures,
    urlOf: source.urlOf,
    logs: () => services.map((service) => service.output()).join(''),
    async stop() {
      for (const host of [...hosts, ...redisHosts, ossHost]) host.heal();
      try {
        await Promise.all(services.map((service) => service.stop()));
      } finally {
        await ossHost.stop();
        await redis.stop();
        await source.stop();
        await review.stop();
        network.remove();
        await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
}

/** @param started gets each service */
async function startAppHost(
  host: Host,
  env: Record<string, string>,
  history: History,
  started: Service[],
): Promise<AppHost> {
  const dataDir = env.DATA_DIR ?? '';
  mkdirSync(dataDir, { recursive: true });
  const clock = openShiftedClock(dataDir, `clock-${host.name}`);
  async function start(app: App): Promise<Service> {
    const service = await startService(app, { ...env, ...clock.env }, { through: host.through });
    started.push(service);
    return service;
  }
  const [api, worker] = await Promise.all([start('api'), start('worker')]);
  const appHost: AppHost = {
    ...host,
    api,
    worker,
    clock,
    dataDir,
    isInRotation: true,
    async kill(app) {
      const decoders = app === 'worker' ? descendants(appHost.worker.pid) : [];
      appHost[app].kill('SIGKILL');
      await appHost[app].exited;
      for (const pid of decoders) history.deadDecoders.add(pid);
      appHost[app] = await start(app);
    },
  };
  return appHost;
}

const OSS_MAIN = fileURLToPath(new URL('../../../../packages/oss-dev/dist/main.js', import.meta.url));

async function startOss(host: Host, dataDir: string): Promise<OssHost> {
  const env = {
    PATH: process.env.PATH ?? '',
    OSS_DEV_BIND: host.address,
    OSS_DEV_ALLOW_NON_LOOPBACK: 'true',
    OSS_DEV_DATA_DIR: dataDir,
    OSS_DEV_BUCKETS: OSS.bucket,
    OSS_DEV_PRIVATE_BUCKETS: `${OSS.privateBucket},${OSS.stagingBucket}`,
    OSS_DEV_REGION: OSS.region,
    OSS_DEV_ACCESS_KEY_ID: OSS.accessKeyId,
    OSS_DEV_ACCESS_KEY_SECRET: OSS.accessKeySecret,
    OSS_DEV_FAULT_TOKEN: FAULT_TOKEN,
  };
  let child: ChildProcess;
  async function start(): Promise<OssDev> {
    const [program, ...args] = [...host.through, process.execPath, OSS_MAIN];
    child = killOnExit(spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
    const [ready] = (await once(child, 'message')) as [OssDev];
    return ready;
  }
  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  return {
    ...host,
    oss: await start(),
    stop,
    async kill() {
      await stop();
      await start();
    },
  };
}
