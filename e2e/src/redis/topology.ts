import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@pixdock/shared/testing/free-port';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { REDIS_SERVER } from '@pixdock/shared/testing/redis-programs';
import { until } from '../harness/client.js';
import type { Host } from '../harness/hosts.js';
import { redisCli } from '../harness/redis-cli.js';
import type { TcpProxy } from '../harness/tcp-proxy.js';

const MASTER_NAME = 'pixdock';

/** Where a server runs. */
type Place = Pick<Host, 'address' | 'through'>;
const HERE: Place = { address: '127.0.0.1', through: [] };

interface Server {
  address: string;
  port: number;
  cli(...args: string[]): string;
  kill(): Promise<void>;
  /** Starts it again with its data. */
  restart(): Promise<void>;
  hang(): void;
}

export interface Topology {
  /** The value of REDIS_URL. */
  url: string;
  servers: Server[];
  /** The master; in a cluster, the master of the prefix `{pixdock}`. */
  master(): Server;
  /** Stops the host of the master, a Sentinel's too, with every connection open. */
  hang(): void;
  stop(): Promise<void>;
}

export interface Sentinels extends Topology {
  sentinels: Server[];
  /** Kills the first master. */
  killMaster(): Promise<void>;
}

interface SentinelOptions {
  silentMs?: number;
  /** Between the master and its replica. */
  link?: TcpProxy;
  /** Of the master and the replica, and of the sentinels; the first of these says who is the master. */
  at?: { servers: readonly [Place, Place]; sentinels: readonly [Place, Place, Place] };
}

/** A master, a replica, and three sentinels that replace a master that is silent for so long. */
export async function startSentinels({
  silentMs = 1000,
  link,
  at = EVERYTHING_HERE,
}: SentinelOptions = {}): Promise<Sentinels> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-sentinel-'));
  const [here, there] = at.servers;
  const master = await startServer(folder, 'master', [], here);
  link?.forward(master.port);
  const source = [master.address, String(link?.port ?? master.port)];
  const replica = await startServer(folder, 'replica', ['--replicaof', ...source], there);
  await until('the replica to follow', 20, async () =>
    replica.cli('INFO', 'replication').includes('master_link_status:up') ? true : null,
  );
  const monitor = [
    `sentinel monitor ${MASTER_NAME} ${master.address} ${master.port} 2`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${silentMs}`,
    // After this, the sentinels would let the replica reach its master without the link.
    `sentinel failover-timeout ${MASTER_NAME} ${link === undefined ? ELECTION_MS : 60_000}`,
  ].join('\n');
  const sentinels = await Promise.all(
    at.sentinels.map((place, n) => startSentinel(folder, n, monitor, place)),
  );
  const [first] = sentinels as [Server, ...Server[]];
  await until('the sentinels to know each other and the replica', 20, async () => {
    const known = first.cli('SENTINEL', 'MASTER', MASTER_NAME);
    return /num-slaves\n1\n/.test(known) && /num-other-sentinels\n2\n/.test(known) ? true : null;
  });
  const servers = [master, replica];
  return {
    hang() {
      for (const server of [master, first]) server.hang();
    },
    async killMaster() {
      await master.kill();
      for (const sentinel of sentinels)
        sentinel.cli('SENTINEL', 'SET', MASTER_NAME, 'failover-timeout', String(ELECTION_MS));
    },
    url: `redis-sentinel://${sentinels.map(({ address, port }) => `${address}:${port}`).join()}/${MASTER_NAME}`,
    servers,
    sentinels,
    master() {
      const [, port] = first.cli('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME).split('\n');
      return find(servers, Number(port));
    },
    stop: () => stopAll(folder, [...sentinels, ...servers]),
  };
}

/** Two sentinels that vote at the same moment elect none. They repeat the election after twice this time. */
const ELECTION_MS = 5000;

const EVERYTHING_HERE = { servers: [HERE, HERE], sentinels: [HERE, HERE, HERE] } as const;

/** Three masters that share the slots, and a replica of the one with the prefix, which replaces it when it is silent for so long. */
export async function startCluster(silentMs = 2000): Promise<Topology> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-cluster-'));
  const buses = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const options = (bus: number) => [
    '--cluster-enabled',
    'yes',
    '--cluster-port',
    String(bus),
    '--cluster-node-timeout',
    String(silentMs),
  ];
  const started = await Promise.all(buses.map((bus, n) => startServer(folder, `node-${n}`, options(bus))));
  const [first, ...others] = started as [Server, ...Server[]];
  // As `redis-cli --cluster create` does: a replica that knows an older epoch of its master than the others is never elected.
  for (const [n, server] of started.entries()) server.cli('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
  // `redis-cli --cluster create` expects the bus at the port plus 10000, which may be impossible for a free port.
  for (const [n, { port }] of others.entries())
    first.cli('CLUSTER', 'MEET', '127.0.0.1', String(port), String(buses[n + 1]));
  const servers = started.slice(0, MASTERS);
  const share = Math.ceil(SLOTS / MASTERS);
  for (const [n, server] of servers.entries())
    server.cli('CLUSTER', 'ADDSLOTSRANGE', String(n * share), String(Math.min(SLOTS, (n + 1) * share) - 1));
  await until('the cluster to be whole', 20, async () =>
    started.every((server) => server.cli('CLUSTER', 'INFO').includes('cluster_state:ok')) ? true : null,
  );
  const slot = Number(first.cli('CLUSTER', 'KEYSLOT', '{pixdock}'));
  const master = servers[Math.floor(slot / share)] as Server;
  const replica = started[MASTERS] as Server;
  replica.cli('CLUSTER', 'REPLICATE', master.cli('CLUSTER', 'MYID'));
  await until('the replica to follow', 20, async () =>
    replica.cli('INFO', 'replication').includes('master_link_status:up') ? true : null,
  );
  return {
    url: `redis-cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join()}`,
    servers,
    master: () => master,
    hang: () => master.hang(),
    stop: () => stopAll(folder, started),
  };
}

const SLOTS = 16_384;
const MASTERS = 3;

async function startServer(folder: string, name: string, options: string[], place = HERE): Promise<Server> {
  const port = await freePort();
  const dir = join(folder, name);
  await mkdir(dir);
  const reached = ['--port', String(port), '--bind', place.address, '--protected-mode', 'no'];
  const kept = ['--dir', dir, '--save', '', '--appendonly', 'yes', '--repl-diskless-sync-delay', '0'];
  return start(place, port, [...reached, ...kept, ...options]);
}

async function startSentinel(folder: string, n: number, monitor: string, place: Place): Promise<Server> {
  const port = await freePort();
  const config = join(folder, `sentinel-${n}.conf`);
  await writeFile(config, `port ${port}\nbind ${place.address}\ndir ${folder}\n${monitor}\n`);
  return start(place, port, [config, '--sentinel']);
}

async function start({ address, through }: Place, port: number, args: string[]): Promise<Server> {
  const cli = (...command: string[]) => redisCli({ address, port }, ...command);
  const [program = '', ...rest] = [...through, REDIS_SERVER, ...args];
  let child: ChildProcess;
  async function run(): Promise<void> {
    child = killOnExit(spawn(program, rest, { stdio: 'ignore' }));
    await until(`redis-server at ${port}`, 20, async () => (cli('PING') === 'PONG' ? true : null));
  }
  await run();
  return {
    address,
    port,
    cli,
    kill: () => kill(child),
    restart: run,
    hang: () => void child.kill('SIGSTOP'),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function stopAll(folder: string, servers: Server[]): Promise<void> {
  await Promise.all(servers.map((server) => server.kill()));
  await rm(folder, { recursive: true, force: true });
}

function find(servers: Server[], port: number): Server {
  const found = servers.find((server) => server.port === port);
  if (found === undefined) throw new Error(`no server at ${port}`);
  return found;
}
