import { type RedisOptions as AnyRedisOptions, Cluster, Redis } from 'ioredis';
import type { SettingsReader } from './env.js';
import { say } from './messages/settings.js';

export type RedisConnection = Redis | Cluster;

// Under exactOptionalPropertyTypes the constructors refuse their own option type because of this one field.
type RedisOptions = Omit<AnyRedisOptions, 'replyMapping'>;

export interface RedisSettings {
  /** redis:// or rediss://, `redis-sentinel://host:port,host:port/master-name`, `redis-cluster://host:port,host:port`. */
  url: string;
  /** The prefix of every key, with a hash tag so that all keys share a Cluster slot. */
  prefix: string;
}

/** Reads REDIS_URL and REDIS_PREFIX, and reports faults to `read`. */
export function readRedisSettings(read: SettingsReader): RedisSettings {
  const { language } = read;
  const url = read.required('REDIS_URL', say(language, 'redis-url.fix'));
  if (url !== '' && parseTarget(url) === null) {
    const facts = { characters: unencodedIn(url) };
    const problem = say(language, 'redis-url-malformed', facts);
    read.fault('REDIS_URL', problem, say(language, 'redis-url-malformed.fix', facts));
  }
  const prefix = read.text('REDIS_PREFIX', '{pixdock}');
  if (!/^\{[\w-]+\}[\w:-]*$/.test(prefix))
    read.fault('REDIS_PREFIX', say(language, 'redis-prefix', { prefix }), say(language, 'redis-prefix.fix'));
  return { url, prefix };
}

/**
 * `prompt`: commands fail immediately without a connection, and after a second without a reply (the API, which must respond
 * 503). `patient`: commands wait until Redis is back (workers). `subscribed`: the same, for a connection that only subscribes.
 */
export type Temper = 'prompt' | 'patient' | 'subscribed';

const PROMPT_TIMEOUT_MS = 1000;
/**
 * A connection whose commands get no byte for so long is closed: otherwise TCP would hold that of a host that vanished for 15 minutes,
 * although another one took its place. BullMQ's commands block for up to 10 s.
 */
const SILENCE_MS = { prompt: 3000, patient: 15_000, subscribed: 3000 };
/** Nothing else would tell a connection that only subscribes that its host vanished. */
const PING_EVERY_MS = 2000;
/** While Redis loads its data, ioredis would wait up to ten seconds, depending on an estimate that is often far too long. */
const LOADING_CHECK_MS = 500;

/** Connects in the background, and reconnects without a limit. `onError` is called for each failure. */
export function connectRedis(
  settings: RedisSettings,
  temper: Temper,
  onError: (error: Error) => void = () => {},
): RedisConnection {
  const target = parseTarget(settings.url);
  if (target === null) throw new TypeError('not a Redis address');
  const options: RedisOptions = {
    ...target.options,
    connectTimeout: 5000,
    socketTimeout: SILENCE_MS[temper],
    sentinelCommandTimeout: PROMPT_TIMEOUT_MS,
    maxLoadingRetryTime: LOADING_CHECK_MS,
    retryStrategy: retryDelayMs,
    ...(temper === 'prompt'
      ? { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: PROMPT_TIMEOUT_MS }
      : { maxRetriesPerRequest: null }),
  };
  const connection = open(target, options, temper);
  connection.on('error', onError);
  return connection;
}

function open({ kind, nodes }: Target, options: RedisOptions, temper: Temper): RedisConnection {
  if (temper === 'subscribed') return openSubscribed(kind === 'cluster' ? nodes : [], options);
  if (kind === 'single') return new Redis(options);
  // As without a Cluster, commands fail at once while there is no master.
  const noRetry = { enableOfflineQueue: false, retryDelayOnFailover: 0, retryDelayOnClusterDown: 0 };
  const cluster = new Cluster(nodes, {
    redisOptions: options,
    clusterRetryStrategy: retryDelayMs,
    // It asks one node, which may hang, and when it fails, `connect()` never settles: BullMQ would take no job any more.
    enableReadyCheck: false,
    ...(temper === 'prompt' ? noRetry : { maxRedirections: Number.POSITIVE_INFINITY }),
  });
  cluster.on('+node', refuseFailedCommands);
  return cluster;
}

/**
 * ioredis would send a command to the next node although its caller was told that it failed, when a redirection comes after the
 * timeout. The claim of a key would outlive its request.
 */
function refuseFailedCommands(node: Redis): void {
  const send = node.sendCommand.bind(node);
  node.sendCommand = (command, stream) => (command.isSettled ? command.promise : send(command, stream));
}

/** @param nodes of a cluster: each of them gets everything that is published, so one is enough, and the next if it is lost */
function openSubscribed(nodes: Target['nodes'], options: RedisOptions): Redis {
  const connection = new Redis({
    ...options,
    ...nodes[0],
    retryStrategy(attempt) {
      Object.assign(connection.options, nodes[attempt % nodes.length]);
      return retryDelayMs(attempt);
    },
  });
  const pinging = setInterval(() => {
    if (connection.status === 'ready') connection.ping().catch(() => {});
  }, PING_EVERY_MS).unref();
  connection.on('end', () => clearInterval(pinging));
  return connection;
}

const retryDelayMs = (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 6), 2000);

interface Target {
  kind: 'single' | 'cluster';
  options: RedisOptions;
  nodes: { host: string; port: number }[];
}

function parseTarget(raw: string): Target | null {
  const match =
    /^(redis|rediss|redis-sentinel|redis-cluster):\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^/?#]*))?(?:\/(\d+))?$/.exec(
      raw,
    );
  if (match === null) return null;
  const [, scheme, login = '', hosts = '', path = '', database] = match;
  const nodes = hosts.split(',').map(parseNode);
  if (nodes.some((node) => Number.isNaN(node.port) || node.host === '')) return null;
  const at = login.indexOf(':');
  const options: RedisOptions = {};
  const username = decoded(at === -1 ? '' : login.slice(0, at));
  const password = decoded(at === -1 ? login : login.slice(at + 1));
  if (username === null || password === null) return null;
  if (username !== '') options.username = username;
  if (password !== '') options.password = password;
  if (scheme === 'redis-cluster') return { kind: 'cluster', options, nodes };
  if (scheme === 'redis-sentinel') {
    if (path === '') return null;
    return {
      kind: 'single',
      nodes,
      options: { ...options, sentinels: nodes, name: path, db: Number(database ?? 0) },
    };
  }
  const [node] = nodes;
  if (nodes.length !== 1 || node === undefined || !/^\d*$/.test(path)) return null;
  if (scheme === 'rediss') options.tls = {};
  return { kind: 'single', nodes, options: { ...options, ...node, db: Number(path) } };
}

/** Characters of the password that have a meaning of their own in an address. */
function unencodedIn(url: string): string[] {
  const [, login = ''] = /^[\w-]+:\/\/(.*)@[^@]*$/.exec(url) ?? [];
  const password = login.slice(login.indexOf(':') + 1).replaceAll(/%[0-9a-f]{2}/gi, '');
  return ['@', '/', '#', '?', '%'].filter((character) => password.includes(character));
}

const HIGHEST_PORT = 65_535;

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function parseNode(text: string): { host: string; port: number } {
  const match = /^(\[[^\]]+\]|[^:@]+)(?::(\d+))?$/.exec(text);
  const port = match === null ? Number.NaN : Number(match[2] ?? 6379);
  return {
    host: (match?.[1] ?? '').replace(/^\[|\]$/g, ''),
    port: port <= HIGHEST_PORT ? port : Number.NaN,
  };
}
