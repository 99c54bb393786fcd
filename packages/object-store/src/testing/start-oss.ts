import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OssDevOptions, startOssDev } from '@pixdock/oss-dev/start';
import { onTestFinished } from 'vitest';

export const SECRET = 'devsecret-7d1f';
/** A custom domain of the bucket. */
export const OWN_DOMAIN = 'img.localhost';
const FAULT_TOKEN = 'fault-token';

/** Starts a local OSS with the bucket `lab-bucket` for one test; `fault` adds a fault rule. */
export async function startOss(options: Partial<OssDevOptions> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'object-store-'));
  const server = await startOssDev({
    dataDir,
    buckets: ['lab-bucket'],
    region: 'cn-hangzhou',
    accessKeyId: 'LTAIdev',
    accessKeySecret: SECRET,
    cnames: { [OWN_DOMAIN]: 'lab-bucket' },
    faultToken: FAULT_TOKEN,
    ...options,
  });
  onTestFinished(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function faults(method: string, rule?: object): Promise<unknown> {
    const body = rule === undefined ? {} : { body: JSON.stringify(rule) };
    const headers = { authorization: `Bearer ${FAULT_TOKEN}` };
    const response = await fetch(`${server.endpoint}/__oss-dev/faults`, { method, headers, ...body });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }
  return { server, fault: (rule: object) => faults('POST', rule), faultRules: () => faults('GET') };
}
