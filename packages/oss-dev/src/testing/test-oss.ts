import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type OssDev, type OssDevOptions, startOssDev } from '../start.js';

export type TestOss = OssDev & { dataDir: string };

export const labKey = { region: 'cn-hangzhou', accessKeyId: 'LTAIdev', accessKeySecret: 'devsecret' };

/** Starts a server for one test. An internal error of the server fails the test. */
export async function startTestOss(options: Partial<OssDevOptions> = {}): Promise<TestOss> {
  const dataDir = options.dataDir ?? (await temporaryDirectory());
  const logged: unknown[] = [];
  const oss = await startOssDev({
    dataDir,
    buckets: ['lab-bucket'],
    ...labKey,
    log: (error) => logged.push(error),
    ...options,
  });
  onTestFinished(async () => {
    await oss.stop();
    if (logged.length > 0) throw new AggregateError(logged, 'the server logged internal errors');
  });
  return { ...oss, dataDir };
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'oss-dev-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
