import { asError } from './as-error.js';
import { sleep } from './clock.js';
import { type SettingFault, SettingsError } from './env.js';
import type { Logger } from './log.js';
import type { RedisConnection } from './redis.js';

/** A Redis on its way up takes longer; the service then starts without it. */
const FIRST_ANSWER_MS = 2000;
/** What BullMQ refuses to work with, and what it asks for. */
const OLDEST_VERSION = [5, 0];
const WANTED_VERSION = [6, 2];

/**
 * Checks, before anything is put into it, that Redis deletes nothing by itself, and warns when it would forget all in a
 * crash; again after every reconnect, since it may then be another one. A fault found that late is an error in the log
 * only: what is staged can be given back, and a service that ends helps nobody.
 * @throws SettingsError when Redis answers within two seconds and its settings would lose jobs
 */
export async function checkRedis(redis: RedisConnection, log: Logger): Promise<void> {
  let isStarting = true;
  let told = '';
  const check = async (): Promise<SettingFault | null> => {
    const { fault, warnings } = await examineRedis(redis);
    const all = JSON.stringify([fault, warnings]);
    if (all === told) return fault;
    told = all;
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
  const fault = await Promise.race([first, sleep(FIRST_ANSWER_MS, waiting.signal)]);
  waiting.abort();
  isStarting = false;
  if (fault !== undefined && fault !== null) throw new SettingsError([fault]);
}

export interface RedisFindings {
  /** What would lose jobs without a word. */
  fault: SettingFault | null;
  warnings: string[];
}

type Node = Exclude<RedisConnection, { nodes: unknown }>;

/** Asks every master; `INFO` first, since managed services forbid `CONFIG`. */
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

/** What fields of `INFO` mean for a queue. */
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
  const answer = await node.config('GET', name).catch(() => []);
  return Array.isArray(answer) ? answer[1] : undefined;
}
