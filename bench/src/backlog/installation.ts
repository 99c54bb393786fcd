import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startRedis } from '@pixdock/e2e/harness/redis';
import { addKey, generateKey } from '@pixdock/shared/state/keys/key-file';
import { OWNER, startApi, untilRestored } from '../api/start-api.js';
import { openSeeder } from '../seed/seeder.js';

export interface Load {
  waiting: number;
  final: number;
}

export interface Installation {
  name: string;
  url: string;
  /** A key that may read everything. */
  adminKey: string;
  /** Paths of some waiting and published images, as many for each load. */
  polled: readonly string[];
  resetSlowLog(): void;
  /** Commands that took longer than 5 ms since the reset. */
  slowCommands: () => string[];
  stop(): Promise<void>;
}

interface Loading {
  name: string;
  load: Load;
  nextRecord: () => string;
  say: (line: string) => void;
}

/** Images of each kind that are polled. */
const POLLED = 50;
const SLOW_US = 5000;

/** Starts Redis and the API, then adds the images to both. */
export async function openInstallation(
  parent: string,
  { name, load, nextRecord, say }: Loading,
): Promise<Installation> {
  const dataDir = join(parent, name.replace(' ', '-'));
  await mkdir(dataDir);
  const redis = await startRedis(dataDir);
  // A rewrite of the file would disturb the rounds.
  redis.cli('config', 'set', 'auto-aof-rewrite-percentage', '0', 'slowlog-log-slower-than', String(SLOW_US));
  const adminKey = generateKey();
  const key = { owner: OWNER, scopes: ['read', 'admin'], expiresAt: null } as const;
  await addKey(join(dataDir, 'keys.json'), adminKey, key);
  const api = await startApi(dataDir, redis, null);
  await untilRestored(api);
  const polled: string[] = [];
  {
    await using seeder = await openSeeder({ redisUrl: redis.url, dataDir, owner: OWNER }, nextRecord, say);
    polled.push(...(await seeder.addWaiting(POLLED)), ...(await seeder.addFinal(POLLED)));
    await seeder.addWaiting(load.waiting);
    await seeder.addFinal(load.final);
  }
  return {
    name,
    url: api.url,
    adminKey,
    polled: polled.map((id) => `/v1/images/${id}`),
    resetSlowLog: () => void redis.cli('slowlog', 'reset'),
    slowCommands: () => slowCommandsIn(redis.cli('--json', 'slowlog', 'get', '-1')),
    async stop() {
      await api.stop();
      await redis.stop();
    },
  };
}

type SlowLogEntry = [id: number, at: number, micros: number, args: string[]];

const SHOWN_ARGUMENTS = 5;

function slowCommandsIn(json: string): string[] {
  const entries: SlowLogEntry[] = JSON.parse(json);
  return entries.map(([, , micros, args]) => {
    const shown = args.slice(0, SHOWN_ARGUMENTS).join(' ');
    return `${(micros / 1000).toFixed(1)} ms: ${shown}`;
  });
}
