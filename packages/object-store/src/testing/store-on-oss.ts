import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OssDevOptions, startOssDev } from '@pixdock/oss-dev/start';
import { onTestFinished } from 'vitest';
import { openObjectStore, type StoreNotice } from '../open.js';
import type { StoreSettings } from '../settings.js';
import { type NewObject, StorageFault } from '../types.js';

export const SECRET = 'devsecret-7d1f';
const FAULT_TOKEN = 'fault-token';
export const OWN_DOMAIN = 'img.localhost';

/** A local OSS and a store on it, for one test; `fault` adds a rule to the OSS. */
export async function openStoreOnOss(
  settings: Partial<StoreSettings> = {},
  oss: Partial<OssDevOptions> = {},
  responseMs = 5000,
) {
  const dataDir = await mkdtemp(join(tmpdir(), 'object-store-'));
  const server = await startOssDev({
    dataDir,
    buckets: ['lab-bucket'],
    region: 'cn-hangzhou',
    accessKeyId: 'LTAIdev',
    accessKeySecret: SECRET,
    cnames: { [OWN_DOMAIN]: 'lab-bucket' },
    faultToken: FAULT_TOKEN,
    ...oss,
  });
  const host = settings.addressing === 'cname' ? OWN_DOMAIN : 'localhost';
  const notices: StoreNotice[] = [];
  const store = openObjectStore(
    {
      endpoint: `http://${host}:${server.port}`,
      region: 'cn-hangzhou',
      bucket: 'lab-bucket',
      addressing: 'path',
      fileDomain: `http://localhost:${server.port}/lab-bucket`,
      prefix: '',
      accessKeyId: 'LTAIdev',
      accessKeySecret: SECRET,
      securityToken: null,
      warnings: [],
      ...settings,
    },
    {
      timeouts: { connectMs: 2000, responseMs },
      retry: { tries: 4, baseMs: 1, capMs: 300 },
      onNotice: (notice) => notices.push(notice),
    },
  );
  onTestFinished(async () => {
    store.stop();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function faults(method: string, rule?: object): Promise<unknown> {
    const body = rule === undefined ? {} : { body: JSON.stringify(rule) };
    const headers = { authorization: `Bearer ${FAULT_TOKEN}` };
    const answer = await fetch(`${server.endpoint}/__oss-dev/faults`, { method, headers, ...body });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }
  return {
    server,
    store,
    notices,
    fault: (rule: object) => faults('POST', rule),
    faultRules: () => faults('GET'),
  };
}

/** An object of `bytes` with everything we send. */
export function sampleObject(over: Partial<NewObject> = {}): NewObject {
  const body = over.body ?? Buffer.from('not really a picture');
  return {
    key: '5f/5f0c/main.jpg',
    body,
    contentType: 'image/jpeg',
    md5: createHash('md5').update(body).digest('hex'),
    cacheControl: 'public, max-age=31536000, immutable',
    metadata: { 'pixdock-id': 'img_5f0c', 'pixdock-owner': 'acme: a "b"', 'pixdock-empty': '' },
    ...over,
  };
}

/** The StorageFault that `call` ends with. */
export async function faultOf(call: Promise<unknown>): Promise<StorageFault> {
  const thrown: unknown = await call.then(
    (value) => Promise.reject(new Error(`succeeded: ${JSON.stringify(value)}`)),
    (reason: unknown) => reason,
  );
  if (thrown instanceof StorageFault) return thrown;
  throw thrown;
}
