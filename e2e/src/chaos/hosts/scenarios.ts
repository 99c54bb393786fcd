import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sleep } from '@pixdock/shared/runtime/clock';
import { until } from '../../harness/client.js';
import type { Host } from '../../harness/hosts.js';
import { spawnOps } from '../../ops/support.js';
import type { Fault } from '../faults/fault.js';
import { underTraffic } from '../scenarios/under-traffic.js';
import type { AppHost, HostsRun } from './hosts-run.js';

/** Longer than a lock of a job, a lease, and the silence after which a connection is closed. */
const CUT_OFF_MS = 25_000;
/** After this time a load balancer that checks `/readyz` sends a host no more requests. */
const NOTICED_MS = 5000;
/** A failover takes the silence of 5 s and a few seconds more. */
const FAILOVER_WITHIN_S = 60;
const READY_WITHIN_S = 60;
/** For requests that were in progress, and those of clients that repeat theirs. */
const SETTLED_MS = 2000;
const MINUTE_MS = 60_000;
const FLUSHES = 3;
const RESTORED_WITHIN_MS = 60_000;
/** Each host reads the clock of Redis once a minute. */
const NAMED_WITHIN_S = 90;
const CLOCKS = '{pixdock}:clocks';

const FAULTS: readonly Fault<HostsRun>[] = [
  {
    name: 'hosts-kill',
    what: 'kill -9 of each API and worker, of OSS, of a Sentinel and of the master of Redis, in turn',
    async strike(run) {
      for (const host of run.hosts)
        for (const app of ['api', 'worker'] as const)
          await watch(run, `kill -9 of the ${app} of ${host.name}`, () => host.kill(app));
      await watch(run, 'kill -9 of OSS', () => run.ossHost.kill());
      const [sentinel] = run.redis.sentinels;
      await watch(run, 'kill -9 of a Sentinel', async () => {
        await sentinel?.kill();
        await sentinel?.restart();
      });
      const master = run.redis.master();
      await watch(run, 'kill -9 of the master of Redis', async () => {
        await master.kill();
        await untilReplaced(run, master.address);
        await master.restart();
        await untilFollowed(run);
      });
    },
  },
  {
    name: 'hosts-cut-off',
    what: 'every packet from and to each host is dropped for 25 s, one host after the other',
    async strike(run) {
      for (const host of run.hosts)
        await watch(run, `${host.name} cut off`, () => cutOffBehindBalancer(host));
    },
  },
  {
    name: 'hosts-redis-cut-off',
    what: 'every packet from and to the host of the master of Redis, and of a Sentinel, is dropped until 25 s after the failover',
    async strike(run) {
      const { address } = run.redis.master();
      const host = run.redisHosts.find((one) => one.address === address) as Host;
      await watch(run, 'the host of the master of Redis cut off', async () => {
        await cutOff(host, async () => {
          await untilReplaced(run, address);
          await untilReady(run);
          await sleep(CUT_OFF_MS);
        });
        await untilFollowed(run);
      });
    },
  },
  {
    name: 'hosts-oss-cut-off',
    what: 'every packet from and to the host of OSS, and of a Sentinel, is dropped for 25 s',
    strike: (run) => watch(run, 'OSS cut off', () => cutOff(run.ossHost, () => sleep(CUT_OFF_MS))),
  },
  {
    name: 'hosts-flush',
    what: 'FLUSHALL, and kill -9 of the API that restores what is lost, three times',
    async strike(run) {
      for (let nth = 1; nth <= FLUSHES; nth++)
        await watch(run, 'FLUSHALL, and kill -9 of the API that restores', async () => {
          const restorer = await flush(run);
          await restorer.kill('api');
        });
    },
  },
  clocks('minute', MINUTE_MS),
  clocks('hour', 60 * MINUTE_MS),
];

/** Of hosts with a disk of their own. */
const LOST_DISKS: Fault<HostsRun> = {
  name: 'hosts-lose-disk',
  what: 'kill -9 of the API and the worker of each host, and its disk is lost; only with --staging bucket',
  async strike(run) {
    for (const host of run.hosts)
      await watch(run, `${host.name} lost with its disk`, async () => {
        for (const app of ['api', 'worker'] as const) host[app].kill('SIGKILL');
        await rm(join(host.dataDir, 'staging'), { recursive: true, force: true, maxRetries: 5 });
        for (const app of ['api', 'worker'] as const) await host.kill(app);
      });
  },
};

/** The scenarios of `pnpm chaos --hosts 3`, in order. They share the uploads. */
export const HOST_SCENARIOS = [...FAULTS, LOST_DISKS].map((fault) => underTraffic(fault, 1 / FAULTS.length));
/** Those of hosts that share a folder. */
export const SHARED_DISK_SCENARIOS = HOST_SCENARIOS.filter(({ name }) => name !== LOST_DISKS.name);

function clocks(time: string, offMs: number): Fault<HostsRun> {
  return {
    name: `hosts-clocks-${time}`,
    what: `one host is a ${time} ahead and another one behind; FLUSHALL, kill -9 of their services, OSS cut off`,
    async strike(run) {
      const [ahead, behind] = run.hosts as [AppHost, AppHost];
      const { redis, dataDir } = run.stack;
      redis.cli('DEL', CLOCKS);
      ahead.clock.set(offMs);
      behind.clock.set(-offMs);
      try {
        await until('both hosts to report their clocks', NAMED_WITHIN_S, async () =>
          redis.cli('HLEN', CLOCKS) === '2' ? true : null,
        );
        const { out } = await spawnOps({ env: run.stack.env, dataDir }, ['status']);
        for (const { name } of [ahead, behind])
          if (!out.includes(`clock of host ${name} is`))
            throw new Error(`status does not name ${name}:\n${out}`);
        await watch(run, 'OSS cut off', () => cutOff(run.ossHost, () => sleep(CUT_OFF_MS)));
        await watch(run, 'FLUSHALL', async () => void run.redis.master().cli('FLUSHALL'));
        for (const host of [ahead, behind])
          for (const app of ['api', 'worker'] as const)
            await watch(run, `kill -9 of the ${app} of ${host.name}`, () => host.kill(app));
      } finally {
        for (const host of [ahead, behind]) host.clock.set(0);
      }
    },
  };
}

/** Waits after a fault until every API is ready, and says how long submissions got 503. */
async function watch(run: HostsRun, what: string, act: () => Promise<void>): Promise<void> {
  const { submissions } = run.history;
  const before = submissions.length;
  const beganAt = performance.now();
  await act();
  await untilReady(run);
  await sleep(SETTLED_MS);
  const since = submissions.slice(before);
  const refusedAt = since.filter(({ status }) => status === 503).map(({ atMs }) => atMs - beganAt);
  const silent = since.filter(({ status }) => status === null).length;
  const seconds = (ms: number | undefined) => ((ms ?? 0) / 1000).toFixed(1);
  const refused =
    refusedAt.length === 0
      ? 'no 503'
      : `${refusedAt.length} × 503, from ${seconds(refusedAt[0])} to ${seconds(refusedAt.at(-1))} s after it`;
  run.say(`  ${what}: ${refused}; ${silent} requests without a response`);
}

const untilReady = ({ hosts }: HostsRun) =>
  until('every API to be ready', READY_WITHIN_S, async () => {
    const all = hosts.map(({ api }) =>
      fetch(new URL('/readyz', api.url), { signal: AbortSignal.timeout(NOTICED_MS) }),
    );
    return (await Promise.all(all)).every(({ ok }) => ok) ? true : null;
  });

async function cutOffBehindBalancer(host: AppHost): Promise<void> {
  try {
    await cutOff(host, async () => {
      await sleep(NOTICED_MS);
      host.isInRotation = false;
      await sleep(CUT_OFF_MS - NOTICED_MS);
    });
  } finally {
    host.isInRotation = true;
  }
}

async function cutOff(host: Host, act: () => Promise<void>): Promise<void> {
  host.cutOff();
  try {
    await act();
  } finally {
    host.heal();
  }
}

const untilReplaced = ({ redis }: HostsRun, address: string) =>
  until('a new master', FAILOVER_WITHIN_S, async () => (redis.master().address === address ? null : true));

/** Until the former master follows the new one, as the next failover needs. */
const untilFollowed = ({ redis }: HostsRun) =>
  until('the former master to follow', FAILOVER_WITHIN_S, async () =>
    redis.master().cli('INFO', 'replication').includes('state=online') ? true : null,
  );

/** FLUSHALL. @returns the host of the API that restores what is lost */
async function flush({ redis, hosts }: HostsRun): Promise<AppHost> {
  const master = redis.master();
  const monitor = connect(master.port, master.address);
  const signal = AbortSignal.timeout(RESTORED_WITHIN_MS);
  let isFlushed = false;
  try {
    monitor.write('MONITOR\r\n');
    for await (const line of createInterface({ input: monitor, signal })) {
      if (line === '+OK') master.cli('FLUSHALL');
      isFlushed ||= line.endsWith('"FLUSHALL"');
      // The first one that asks for the lease gets it.
      const [, client] = /\[\d+ ([\d.]+):\d+\] .*:restoring"/.exec(line) ?? [];
      const host = isFlushed ? hosts.find(({ address }) => address === client) : undefined;
      if (host !== undefined) return host;
    }
    throw new Error('no API restores what FLUSHALL removed');
  } finally {
    monitor.destroy();
  }
}
