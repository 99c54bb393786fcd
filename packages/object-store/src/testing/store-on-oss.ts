import { hash } from 'node:crypto';
import type { OssDevOptions } from '@pixdock/oss-dev/start';
import { onTestFinished } from 'vitest';
import type { OssCall, StoreNotice } from '../bucket.js';
import type { Credentials, CredentialsSettings } from '../credentials.js';
import { openObjectStore } from '../open.js';
import type { StoreSettings } from '../settings.js';
import { type NewObject, StorageFault } from '../types.js';
import { OWN_DOMAIN, SECRET, startOss } from './start-oss.js';

/** Starts a local OSS and opens a store on it for one test. `settings` may depend on the port. */
export async function openStoreOnOss(
  over: Partial<StoreSettings> | ((port: number) => Partial<StoreSettings>) = {},
  options: Partial<OssDevOptions> = {},
  responseMs = 5000,
  maxSockets = 64,
) {
  const oss = await startOss(options);
  const { port } = oss.server;
  const settings = typeof over === 'function' ? over(port) : over;
  const host = settings.addressing === 'cname' ? OWN_DOMAIN : 'localhost';
  const notices: StoreNotice[] = [];
  const calls: OssCall[] = [];
  const store = openObjectStore(
    {
      endpoint: `http://${host}:${port}`,
      region: 'cn-hangzhou',
      bucket: 'lab-bucket',
      addressing: 'path',
      fileDomain: `http://localhost:${port}/lab-bucket`,
      prefix: '',
      prefixes: [''],
      privateBucket: null,
      cdnAuth: null,
      credentials: staticKey(),
      warnings: [],
      ...settings,
    },
    {
      timeouts: { connectMs: 2000, responseMs },
      retry: { tries: 4, baseMs: 1, capMs: 300 },
      maxSockets,
      onNotice: (notice) => notices.push(notice),
      onCall: (call) => calls.push(call),
    },
  );
  onTestFinished(() => store.stop());
  return { ...oss, store, notices, calls };
}

/** The key of the local OSS in tests. */
export function staticKey(over: Partial<Credentials> = {}): CredentialsSettings {
  return { from: 'static', accessKeyId: 'LTAIdev', accessKeySecret: SECRET, securityToken: null, ...over };
}

/** An object with every header that Pixdock sends. */
export function sampleObject(over: Partial<NewObject> = {}): NewObject {
  const body = over.body ?? Buffer.from('not really a picture');
  return {
    key: '5f/5f0c/main.jpg',
    body,
    contentType: 'image/jpeg',
    md5: hash('md5', body),
    cacheControl: 'public, max-age=31536000, immutable',
    metadata: { 'pixdock-id': 'img_5f0c', 'pixdock-owner': 'acme: a "b"', 'pixdock-empty': '' },
    ...over,
  };
}

/** The StorageFault that `call` rejects with. */
export async function faultOf(call: Promise<unknown>): Promise<StorageFault> {
  const thrown: unknown = await call.then(
    (value) => Promise.reject(new Error(`succeeded: ${JSON.stringify(value)}`)),
    (reason: unknown) => reason,
  );
  if (thrown instanceof StorageFault) return thrown;
  throw thrown;
}
