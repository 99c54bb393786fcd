import { networkInterfaces } from 'node:os';
import { createApp } from './app.js';
import { listen } from './listen.js';
import type { Versioning } from './operations/context.js';
import { openStore, type Store } from './store/disk-store.js';
import { bucketName } from './store/layout.js';

export type OssDevOptions = {
  /** Directory for objects; only one server at a time may use it. */
  dataDir: string;
  /** The first free one is used; `0`, the default, is any free port. */
  ports?: readonly number[];
  /** Created at start if missing. */
  buckets: readonly string[];
  /** Further buckets, without any public key. */
  privateBuckets?: readonly string[];
  /** Those of the buckets that have versioning, or had it. Old versions are not kept. */
  versioning?: Readonly<Record<string, Versioning>>;
  /** The bare id, `cn-hangzhou`. */
  region: string;
  accessKeyId: string;
  accessKeySecret: string;
  /** Makes the key a temporary STS key: every signed request must carry this token. */
  securityToken?: string | undefined;
  /** Serves keys that are valid for so long at `/__oss-dev/credentials`, like a metadata server; off by default. */
  temporaryKeySeconds?: number | undefined;
  /** Prefixes of publicly readable keys; by default every key is public. */
  publicPrefixes?: readonly string[];
  /** Bucket by host, like custom domains. */
  cnames?: Readonly<Record<string, string>>;
  /** Bearer token for fault injection at `/__oss-dev/faults`; disabled without it. */
  faultToken?: string | undefined;
  /** Lowers the 5 GiB limit of OSS. */
  maxObjectBytes?: number;
  /** Address to listen on besides 127.0.0.1 and ::1; a non-loopback address needs `allowNonLoopback`. */
  bind?: string;
  allowNonLoopback?: boolean;
  /** The clock of the server, in Unix milliseconds. */
  now?: () => number;
  log?: (error: unknown) => void;
  /** Is called with each object that was stored. */
  onStored?: (object: { bucket: string; key: string }) => void;
};

export type OssDev = {
  port: number;
  endpoint: string;
  /** The endpoint as machines use it that reach the address of `bind`. */
  publicUrl: string;
  bucket: string;
  buckets: readonly string[];
  privateBuckets: readonly string[];
  region: string;
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string | undefined;
  stop: () => Promise<void>;
};

/** OSS allows 5 GiB in one PutObject or PostObject. */
const ossMaxObjectBytes = 5 * 1024 ** 3;

/** Starts a local OSS; `stop` closes open connections and waits for running requests. */
export async function startOssDev(options: OssDevOptions): Promise<OssDev> {
  const { buckets, region, accessKeyId, accessKeySecret, securityToken, temporaryKeySeconds } = options;
  const { privateBuckets = [] } = options;
  const all = [...buckets, ...privateBuckets];
  const [bucket] = buckets;
  if (bucket === undefined || !all.every((name) => bucketName.test(name))) {
    throw new Error(
      `"${all.join(', ')}" is not a list of bucket names: use 3 to 63 of a-z, 0-9 and "-" for each.`,
    );
  }
  const store = await openStore(options.dataDir);
  for (const name of all) await store.createBucket(name);
  const issuesTemporaryKeys = temporaryKeySeconds !== undefined;
  const credentials = { region, accessKeyId, accessKeySecret, securityToken, issuesTemporaryKeys };
  const app = createApp({
    store: { ...store, upload },
    credentials,
    maxObjectBytes: Math.min(options.maxObjectBytes ?? ossMaxObjectBytes, ossMaxObjectBytes),
    cnames: new Map(Object.entries(options.cnames ?? {})),
    publicPrefixes: options.publicPrefixes ?? [''],
    privateBuckets,
    versioning: new Map(Object.entries(options.versioning ?? {})),
    faultToken: options.faultToken,
    temporaryKeySeconds,
    now: options.now ?? Date.now,
    log: options.log ?? console.error,
  });
  async function upload(...args: Parameters<Store['upload']>) {
    const record = await store.upload(...args);
    options.onStored?.(record);
    return record;
  }
  const { port, stop } = await listen(app, addressesOf(options), options.ports ?? [0]);
  const endpoint = `http://localhost:${port}`;
  const publicUrl = `http://${publicHost(options.bind)}:${port}`;
  const server = { port, endpoint, publicUrl, stop };
  return { ...server, bucket, buckets, privateBuckets, region, accessKeyId, accessKeySecret, securityToken };
}

function addressesOf({ bind, allowNonLoopback }: OssDevOptions): string[] {
  if (bind === undefined || bind === 'localhost') return LOOPBACK;
  if (!allowNonLoopback && !isLoopback(bind)) {
    throw new Error(
      `The local OSS is for this machine only. To listen on ${bind}, set OSS_DEV_ALLOW_NON_LOOPBACK=true.`,
    );
  }
  // All addresses include loopback.
  return ALL_ADDRESSES.includes(bind) ? [bind] : [...new Set([...LOOPBACK, bind])];
}

const ALL_ADDRESSES = ['0.0.0.0', '::'];
const LOOPBACK = ['127.0.0.1', '::1'];

const isLoopback = (host: string) => /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host);

function publicHost(bind = 'localhost'): string {
  if (isLoopback(bind)) return 'localhost';
  if (!ALL_ADDRESSES.includes(bind)) return bind.includes(':') ? `[${bind}]` : bind;
  const addresses = Object.values(networkInterfaces()).flat();
  const reachable = addresses.find((one) => one?.family === 'IPv4' && !one.internal);
  return reachable?.address ?? 'localhost';
}
