import { createApp } from './app.js';
import { listen } from './listen.js';
import { openStore } from './store/disk-store.js';
import { bucketName } from './store/layout.js';

export type OssDevOptions = {
  /** Where objects are kept; for one server at a time. */
  dataDir: string;
  /** `0`, the default, takes a free one. */
  port?: number;
  /** Made at start if they do not exist. */
  buckets: readonly string[];
  /** The bare id, `cn-hangzhou`. */
  region: string;
  accessKeyId: string;
  accessKeySecret: string;
  /** Makes the key a temporary one of STS: every signed request must carry this token. */
  securityToken?: string | undefined;
  /** Accepts V1 signatures in the Authorization header, which OSS refuses new users and buckets. */
  allowV1?: boolean;
  /** Keys that anyone may read start with one of these; by default all. */
  publicPrefixes?: readonly string[];
  /** Hosts that stand for a bucket, as a custom domain does. */
  cnames?: Readonly<Record<string, string>>;
  /** Hosts that serve path style, and `bucket.host`; by default `localhost`. */
  hosts?: readonly string[];
  /** Opens the fault control at `/__oss-dev/faults` to whoever bears it. */
  faultToken?: string | undefined;
  /** A smaller limit than OSS's 5 GB. */
  maxObjectBytes?: number;
  /** Listens there instead of on 127.0.0.1 and ::1; anything but a loopback address needs `allowNonLoopback`. */
  bind?: string;
  allowNonLoopback?: boolean;
  /** The server's clock, in milliseconds. */
  now?: () => number;
  log?: (error: unknown) => void;
};

export type OssDev = {
  port: number;
  endpoint: string;
  bucket: string;
  buckets: readonly string[];
  region: string;
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string | undefined;
  stop: () => Promise<void>;
};

/** OSS allows 5 GB in one PutObject or PostObject. */
const ossMaxObjectBytes = 5 * 1024 ** 3;

/** Starts a local OSS; `stop` cuts open connections and leaves nothing running. */
export async function startOssDev(options: OssDevOptions): Promise<OssDev> {
  const { buckets, region, accessKeyId, accessKeySecret, securityToken } = options;
  const [bucket] = buckets;
  if (bucket === undefined || !buckets.every((name) => bucketName.test(name))) {
    throw new Error(`Not a list of valid bucket names: ${buckets.join(', ')}`);
  }
  const store = await openStore(options.dataDir);
  for (const name of buckets) await store.createBucket(name);
  const credentials = { region, accessKeyId, accessKeySecret, securityToken };
  const app = createApp({
    store,
    credentials,
    maxObjectBytes: Math.min(options.maxObjectBytes ?? ossMaxObjectBytes, ossMaxObjectBytes),
    addressing: {
      hosts: options.hosts ?? ['localhost'],
      cnames: new Map(Object.entries(options.cnames ?? {})),
    },
    allowV1: options.allowV1 ?? false,
    publicPrefixes: options.publicPrefixes ?? [''],
    faultToken: options.faultToken,
    now: options.now ?? Date.now,
    log: options.log ?? console.error,
  });
  const { port, stop } = await listen(app, addressesOf(options), options.port ?? 0);
  const endpoint = `http://localhost:${port}`;
  return { port, endpoint, bucket, buckets, region, accessKeyId, accessKeySecret, securityToken, stop };
}

function addressesOf({ bind, allowNonLoopback }: OssDevOptions): string[] {
  if (bind === undefined) return ['127.0.0.1', '::1'];
  if (!allowNonLoopback && !/^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(bind)) {
    throw new Error(`The local OSS is for this machine only; binding ${bind} must be allowed explicitly.`);
  }
  return [bind];
}
