import { asError } from './as-error.js';
import { sleep } from './clock.js';
import type { Logger } from './log.js';
import type { RedisConnection } from './redis.js';
import { type SettingFault, SettingsError } from './settings-error.js';

/** A Redis that is starting takes longer; the service then starts without it. */
const FIRST_REPLY_MS = 2000;
/** The versions that BullMQ requires and recommends. */
const OLDEST_VERSION = [5, 0];
const WANTED_VERSION = [6, 2];

/**
 * Checks at start, and after every reconnect, that Redis does not evict keys, and warns if a crash would empty it. After the
 * start a fault is only logged: staging can restore lost data, and exiting would not help.
 * @throws SettingsError if Redis replies within two seconds and its settings would lose jobs
 */
export async function checkRedis(redis: RedisConnection, log: Logger): Promise<void> {
  let isStarting = true;
  let reported = '';
  const check = async (): Promise<SettingFault | null> => {
    const { fault, warnings } = await examineRedis(redis);
    const all = JSON.stringify([fault, warnings]);
    if (all === reported) return fault;
    reported = all;
    for (const warning of warnings) log.warn(warning);
    if (fault !== null && !isStarting) log.error({ fix: fault.fix }, `Redis ${fault.problem}`);
    return fault;
  };
  const checkSafely = () =>
    check().catch((error) => {
      log.warn({ err: asError(error) }, 'Redis cannot be checked');
      return null;
    });
  const first = new Promise<SettingFault | null>((resolve) => {
    const run = () => resolve(checkSafely());
    redis.on('ready', run);
    if (redis.status === 'ready') run();
  });
  const waiting = new AbortController();
  const fault = await Promise.race([first, sleep(FIRST_REPLY_MS, waiting.signal)]);
  waiting.abort();
  isStarting = false;
  if (fault !== undefined && fault !== null) throw new SettingsError([fault]);
}

export interface RedisFindings {
  /** A setting that would silently lose jobs. */
  fault: SettingFault | null;
  warnings: string[];
}

type Node = Exclude<RedisConnection, { nodes: unknown }>;

/** Queries every master: `INFO` first, since managed services forbid `CONFIG`. */
async function examineRedis(redis: RedisConnection): Promise<RedisFindings> {
  const masters = 'nodes' in redis ? redis.nodes('master') : [redis];
  const findings = await Promise.all(
    masters.map(async (node) => {
      const facts = parseInfo(await node.info());
      if (facts.maxmemory_policy === undefined)
        Object.assign(facts, { maxmemory_policy: await configured(node, 'maxmemory-policy') });
      return judgeRedis(facts);
    }),
  );
  return {
    fault: findings.find(({ fault }) => fault !== null)?.fault ?? null,
    warnings: [...new Set(findings.flatMap(({ warnings }) => warnings))],
  };
}

/** Judges the fields of `INFO`. */
export function judgeRedis(facts: Readonly<Record<string, string | undefined>>): RedisFindings {
  const { redis_version: version = '', maxmemory_policy: policy, aof_enabled: aof } = facts;
  const warnings: string[] = [];
  const fault = (problem: string, fix: string) => ({ fault: { name: 'REDIS_URL', problem, fix }, warnings });
  if (isOlder(version, OLDEST_VERSION))
    return fault(`is version ${version}, which the queue cannot work with`, 'use Redis 6.2 or newer');
  if (policy !== undefined && policy !== 'noeviction')
    return fault(`has maxmemory-policy ${policy}: it would delete jobs when its memory is full`, POLICY_FIX);
  if (policy === undefined)
    warnings.push('Redis does not tell its maxmemory-policy; make sure that it is noeviction');
  if (isOlder(version, WANTED_VERSION))
    warnings.push(`Redis is version ${version}; the queue asks for 6.2 or newer`);
  if (aof !== '1')
    warnings.push(
      'Redis keeps no append-only file: a crash empties it, and all is restored from staging; set appendonly yes',
    );
  return { fault: null, warnings };
}

const POLICY_FIX =
  'set maxmemory-policy noeviction (CONFIG SET and redis.conf; of a managed Redis, its parameter settings)';

function isOlder(version: string, than: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  const at = than.findIndex((wanted, i) => parts[i] !== wanted);
  return at !== -1 && (parts[at] ?? Number.NaN) < (than[at] ?? 0);
}

function parseInfo(text: string): Record<string, string> {
  const pairs = text.matchAll(/^(\w+):(.*?)\r?$/gm);
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, value]));
}

async function configured(node: Node, name: string): Promise<string | undefined> {
  const reply = await node.config('GET', name).catch(() => []);
  return Array.isArray(reply) ? reply[1] : undefined;
}
