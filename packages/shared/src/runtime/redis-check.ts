import type { Text } from '@pixdock/contract/messages/text';
import { sleep } from './clock.js';
import type { Logger } from './log.js';
import { text } from './messages/start.js';
import type { RedisConnection, RedisSettings } from './redis.js';
import { StartFault } from './start-fault.js';

/** A Redis that is starting takes longer; the service then starts without it. */
const FIRST_REPLY_MS = 2000;
/** The versions that BullMQ requires and recommends. */
const OLDEST_VERSION = [5, 0];
const WANTED_VERSION = [6, 2];

/** Longest silence of the log while Redis cannot be used. */
const REPORT_EVERY_MS = 60_000;

/**
 * Checks at start, and after every reconnect, that Redis can be used, does not evict keys, and warns if a crash would empty
 * it. After the start a fault is only logged, once a minute with host and port: staging can restore lost data, and a failover
 * refuses for a while.
 * @throws StartFault if Redis refuses the credentials or is none, or if its settings would lose jobs
 */
export async function checkRedis(
  redis: RedisConnection,
  settings: RedisSettings,
  log: Logger,
): Promise<void> {
  const hosts = hostsOf(settings.url);
  const report = reportErrors(settings.url, log);
  let isStarting = true;
  let reported = '';
  let lastError: Error | null = null;
  const check = async (): Promise<StartFault | null> => {
    const { fault, warnings } = await examineRedis(redis, settings.prefix);
    const all = JSON.stringify([fault, warnings]);
    if (all === reported) return fault;
    reported = all;
    for (const warning of warnings) log.warn(warning);
    if (fault !== null && !isStarting) log.error({ fix: fault.fix.en }, `Redis ${fault.problem.en}`);
    return fault;
  };
  const first = new Promise<StartFault | null>((resolve) => {
    const onError = (error: Error) => {
      lastError = error;
      const refusal = refusalOf(error, hosts);
      if (refusal !== null) resolve(refusal);
    };
    const run = () => check().then(resolve, onError);
    redis.on('error', onError);
    // Also after a connection that ends without an error, as at a port for TLS.
    redis.on('reconnecting', () => {
      if (!isStarting) report(lastError ?? CLOSED);
    });
    redis.on('ready', () => {
      lastError = null;
      void run();
    });
    if (redis.status === 'ready') void run();
  });
  const waiting = new AbortController();
  const fault = await Promise.race([first, sleep(FIRST_REPLY_MS, waiting.signal)]);
  waiting.abort();
  isStarting = false;
  if (fault) throw fault;
  if (fault === undefined) report(lastError ?? CLOSED);
}

const CLOSED = new Error('it ends the connection');

/** Host and port of each node in a Redis address, without the password. */
export const hostsOf = (url: string): string => /^[\w-]+:\/\/(?:[^@/]*@)?([^/?#]*)/.exec(url)?.[1] ?? '';

function reportErrors(url: string, log: Logger): (error: Error) => void {
  const hosts = hostsOf(url);
  const unreachable = text(url.startsWith('rediss:') ? 'redis-tls-unreachable.fix' : 'redis-unreachable.fix');
  let silentUntil = 0;
  let last = '';
  return (error) => {
    const cause: NodeJS.ErrnoException = causeOf(error);
    const { message, code = message } = cause;
    if (code === last && performance.now() < silentUntil) return;
    silentUntil = performance.now() + REPORT_EVERY_MS;
    last = code;
    const fix = (refusalOf(error, hosts)?.fix ?? (cause.code === undefined ? undefined : unreachable))?.en;
    log.warn(
      { fix },
      `Redis at ${hosts} cannot be used: ${message.replace(/\.$/, '')}. Trying again until it responds`,
    );
  };
}

/** The fault of a Redis that can never be used with this address; null if it may recover, as after READONLY or LOADING. */
export function refusalOf(error: Error, hosts: string): StartFault | null {
  const { message } = causeOf(error);
  for (const [pattern, problem] of REFUSALS) {
    const [reason] = pattern.exec(message) ?? [];
    if (reason !== undefined)
      return new StartFault('REDIS_URL', text(problem, { hosts, reason }), text(`${problem}.fix` as const));
  }
  return null;
}

const REFUSALS = [
  [/\bNOAUTH\b/, 'redis-asks'],
  [/\bWRONGPASS\b|invalid password/, 'redis-refuses'],
  [/\bNOPERM\b[^\n]*/, 'redis-denies'],
  [/Unknown RESP type \d+ "[^"]*"|\bProtocol error\b|\bEPROTO\b|wrong version number/, 'not-redis'],
] as const;

/** The error of the node, which ioredis wraps for a Cluster. */
function causeOf(error: Error): Error {
  return 'lastNodeError' in error && error.lastNodeError instanceof Error ? error.lastNodeError : error;
}

export interface RedisFindings {
  /** A setting that would silently lose jobs. */
  fault: StartFault | null;
  warnings: string[];
}

type Node = Exclude<RedisConnection, { nodes: unknown }>;

/** Queries every master: `INFO` first, since managed services forbid `CONFIG`. */
async function examineRedis(redis: RedisConnection, prefix: string): Promise<RedisFindings> {
  const findings = await Promise.all(
    (await readInfo(redis)).map(async ({ node, facts }) => {
      if (facts.maxmemory_policy === undefined)
        Object.assign(facts, { maxmemory_policy: await configured(node, 'maxmemory-policy') });
      return judgeRedis(facts);
    }),
  );
  // Reveals a user that may not use these keys.
  await redis.exists(`${prefix}:start`);
  return {
    fault: findings.find(({ fault }) => fault !== null)?.fault ?? null,
    warnings: [...new Set(findings.flatMap(({ warnings }) => warnings))],
  };
}

/** The fields of `INFO` of every master. */
export function readInfo(redis: RedisConnection) {
  const masters: Node[] = 'nodes' in redis ? redis.nodes('master') : [redis];
  return Promise.all(masters.map(async (node) => ({ node, facts: parseInfo(await node.info()) })));
}

/** Judges the fields of `INFO`. */
export function judgeRedis(facts: Readonly<Record<string, string | undefined>>): RedisFindings {
  const { redis_version: version = '', maxmemory_policy: policy, aof_enabled: aof } = facts;
  const warnings: string[] = [];
  const fault = (problem: Text, fix: Text) => ({
    fault: new StartFault('REDIS_URL', problem, fix),
    warnings,
  });
  if (isOlder(version, OLDEST_VERSION))
    return fault(text('redis-too-old', { version }), text('redis-too-old.fix'));
  if (policy !== undefined && policy !== 'noeviction')
    return fault(text('redis-evicts', { policy }), text('redis-evicts.fix'));
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

function isOlder(version: string, than: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  const at = than.findIndex((wanted, i) => parts[i] !== wanted);
  return at !== -1 && (parts[at] ?? Number.NaN) < (than[at] ?? 0);
}

function parseInfo(info: string): Partial<Record<string, string>> {
  const pairs = info.matchAll(/^(\w+):(.*?)\r?$/gm);
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, value]));
}

async function configured(node: Node, name: string): Promise<string | undefined> {
  const reply = await node.config('GET', name).catch(() => []);
  return Array.isArray(reply) ? reply[1] : undefined;
}
