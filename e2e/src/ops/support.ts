import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aliClient } from '@pixdock/oss-dev/testing/ali-client';
import { openQueue } from '@pixdock/shared/queue/queue';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import { openBatchStates } from '@pixdock/shared/state/batches/batch-states';
import { openRecords } from '@pixdock/shared/state/images/records';
import { openTestStaging } from '@pixdock/shared/testing/staging';
import { expect } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { linesOf } from '../harness/pixdock.js';
import type { Stack } from '../harness/stack.js';

const DIST = new URL('../../../apps/ops/dist/', import.meta.url);
const cli: typeof import('../../../apps/ops/src/cli.js') = await import(new URL('cli.js', DIST).href);
const PREFIX = '{pixdock}';

export interface Line {
  kind: string;
  id?: string;
  key?: string;
  detail: string;
  fix: string;
  fixed: boolean;
}

/** Runs `pixdock-ops` to its end, in this process, because starting a process takes longer than most commands. */
export async function runOps(
  { env }: Pick<Stack, 'env'>,
  args: string[],
  changes: Record<string, string> = {},
) {
  const written = { out: '', err: '' };
  const exit = await cli.run(
    args,
    { ...env, ...changes },
    {
      out: (line) => void (written.out += `${line}\n`),
      err: (line) => void (written.err += `${line}\n`),
    },
  );
  return { exit, ...written };
}

/** Runs the installed `pixdock-ops` in its own process, as an operator does. */
export async function spawnOps({ env, dataDir }: Pick<Stack, 'env' | 'dataDir'>, args: string[]) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('main.js', DIST)), ...args], {
    cwd: dataDir,
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  const written = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (written.out += String(chunk)));
  child.stderr.on('data', (chunk) => (written.err += String(chunk)));
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, ...written };
}

/** The commands in the audit trail. */
export function commandsIn({ dataDir }: Pick<Stack, 'dataDir'>): string[] {
  const folder = join(dataDir, 'audit');
  const text = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const lines = linesOf(text.join('')).map((line) => JSON.parse(line) as { action: string; outcome: string });
  return lines
    .filter(({ action }) => action.startsWith('pixdock-ops '))
    .map(
      ({ action, outcome }) =>
        `${action.slice('pixdock-ops '.length)}${outcome === 'done' ? '' : ` ${outcome}`}`,
    );
}

/** Runs `pixdock-ops reconcile --before 1ms`, which includes the newest changes; `args` may override it. */
export async function reconcile(stack: Pick<Stack, 'env'>, ...args: string[]) {
  const { exit, out, err } = await runOps(stack, ['reconcile', '--before', '1ms', ...args]);
  const lines: Line[] = linesOf(out).map((line) => JSON.parse(line));
  return { exit, err, lines, found: lines.map(({ kind, id, key }) => [kind, id, key]) };
}

/** Direct access to Redis, queue, bucket and staging, to damage and inspect them. */
export async function openInternals(stack: Stack) {
  const redis = connectRedis({ url: stack.redis.url, prefix: PREFIX }, 'patient', () => {});
  const queue = openQueue(redis, PREFIX);
  const bucket = aliClient(stack.oss);
  async function put(
    key: string,
    body: Buffer | string = 'bytes',
    headers: Record<string, string> = {},
  ): Promise<void> {
    await bucket.put(key, Buffer.from(body), { headers });
  }
  return {
    redis,
    queue,
    records: openRecords(redis, PREFIX),
    batches: openBatchStates(redis, PREFIX),
    staging: await openTestStaging(stack.dataDir),
    put,
    remove: async (key: string): Promise<void> => void (await bucket.delete(key)),
    headers: async (key: string) => (await bucket.head(key)).res.headers as Record<string, string>,
    /** Deletes all jobs with all their keys. */
    async dropJobs() {
      const keys = await redis.keys(`${PREFIX}:queue:*`);
      const ofJobs = keys.filter((key) => !/:(meta|events|stalled-check)$|repeat/.test(key));
      if (ofJobs.length > 0) await redis.del(ofJobs);
    },
    async stop() {
      await queue.close();
      redis.disconnect();
    },
  };
}

export type Internals = Awaited<ReturnType<typeof openInternals>>;

/**
 * The whole state: keys in the bucket, images and batches in Redis, files in staging. Without what processes report at
 * intervals, such as the bytes of staging that they reserve.
 */
export async function everything(stack: Stack, { redis }: Internals): Promise<string[]> {
  const keys = (await redis.keys(`${PREFIX}:*`)).filter(
    (key) =>
      !/:(queue|order|rate|held|epoch|staging|storage|walked|workers|outcomes|outbox|outboxes)\b/.test(key),
  );
  const dumps = await Promise.all(
    keys.map(async (key) => {
      const isHash = (await redis.type(key)) === 'hash';
      const dump = isHash ? await redis.hgetall(key) : await redis.zrange(key, '0', '-1');
      return `redis ${key} ${createHash('sha1').update(JSON.stringify(dump)).digest('hex')}`;
    }),
  );
  const root = join(stack.dataDir, 'staging');
  const files = readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(root, name)).isFile());
  return [...(await listKeys(stack)), ...dumps, ...files].toSorted();
}

/** Checks that `reconcile` only reports the damage, that `--fix` repairs it, and that a third run finds nothing. */
export async function expectRepaired(
  stack: Stack,
  findings: [kind: string, id: string, key?: string][],
): Promise<void> {
  const expected = inOrder(findings.map(([kind, id, key]) => [kind, id, key]));
  const seen = await reconcile(stack);
  expect(inOrder(seen.found)).toEqual(expected);
  expect(seen).toMatchObject({ exit: 1, err: expect.stringContaining('Nothing was changed') });
  expect(seen.lines.filter(({ fixed }) => fixed)).toEqual([]);
  const fixed = await reconcile(stack, '--fix');
  expect(inOrder(fixed.found)).toEqual(expected);
  expect(fixed.lines.filter((line) => !line.fixed)).toEqual([]);
  expect(fixed.exit).toBe(0);
  expect(await reconcile(stack)).toMatchObject({
    exit: 0,
    found: [],
    err: expect.stringContaining('No differences found'),
  });
}

const inOrder = (found: (string | undefined)[][]) => found.toSorted((a, b) => (a.join() < b.join() ? -1 : 1));
