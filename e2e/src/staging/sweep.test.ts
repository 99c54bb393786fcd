/* The sweep removes abandoned files and never live ones. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type StagingLayout, stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { unabbreviate } from '@pixdock/shared/state/images/abbreviate';
import { type ImageRecord, recordSchema } from '@pixdock/shared/state/images/image-record';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jpegLike, untilArriving } from '../api/support.js';
import { addFault, clearFaults, listKeys } from '../harness/bucket.js';
import { ask, until, untilFinal, upload, uploadAndWait } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { filePart, form, formRequest, openRaw, type RawConnection } from '../harness/raw-http.js';
import { clocks, type Stack, startApiOnly } from '../harness/stack.js';
import { sweepEvery } from '../harness/sweep.js';
import { acceptedOf, sendDuring } from '../redis/support.js';

const DAY_MS = 24 * 3600_000;
const JOBS = '{pixdock}:queue:images';

let stack: Stack;
let layout: StagingLayout;
let bytes: Buffer;
let request: Buffer;
beforeAll(async () => {
  stack = await startApiOnly();
  layout = stagingLayout(stack.dataDir);
  bytes = await photo();
  request = formRequest(form(filePart(bytes)));
});
afterAll(() => stack.stop());

test('removes expired, interrupted and abandoned files, and keeps files of waiting, incoming and retryable images', async () => {
  await stack.restartWorker({ RETENTION: '1s' });
  const expired = await uploadAndWait(stack, bytes);
  await stack.worker.stop();
  await stack.restartWorker();
  const published = await uploadAndWait(stack, bytes);
  const failed = await uploadAndWait(stack, jpegLike(900));
  const longFailed = await uploadAndWait(stack, jpegLike(900));
  await stack.worker.stop();
  await change(longFailed.id, { finishedAt: new Date(Date.now() - 2 * DAY_MS).toISOString() });
  const waiting = (await upload(stack, bytes)).body;
  const jobless = (await upload(stack, bytes)).body;

  const brokenOff = await beginUpload();
  stack.api.kill('SIGKILL');
  await stack.api.exited;
  // A killed process leaves this, or a worker that had lost the image without knowing.
  const lateOutput = join(layout.output(published.id), 'late', 'main.jpg');
  const nobodys = layout.source(`img_${'0a'.repeat(16)}`);
  const begun = `${layout.outcome(waiting.id)}.99.x.tmp`;
  for (const path of [lateOutput, nobodys, begun]) await plant(path);
  // A damaged disk does this for one file.
  await mkdir(layout.submission(`img_${'00'.repeat(16)}`), { recursive: true });
  await age(layout.root);

  // The half of an upload waits until all has been swept.
  await stack.restartApi(clocks('pace=300000'));
  const coming = await beginUpload();
  // The folder of a long upload is old; only its file is being written.
  await utimes(layout.arriving(coming.id), 0, 0);
  const justBegun = layout.source(`img_${'0b'.repeat(16)}`);
  await plant(justBegun);
  const accountJustBegun = `${layout.outcome(waiting.id)}.98.x.tmp`;
  await plant(accountJustBegun);
  await addFault(stack, {
    operation: 'PutObject',
    action: { type: 'error', status: 503, code: 'ServiceUnavailable' },
  });
  await sweepOften();
  // Nothing touches it before the sweep, as if it had waited for two days.
  expect(stack.redis.cli('ZREM', `${JOBS}:prioritized`, `${jobless.id}-1`)).toBe('1');
  expect(stack.redis.cli('DEL', `${JOBS}:${jobless.id}-1`)).toBe('1');
  await stack.restartWorker();
  await until('the sweep', 60, async () => (stack.worker.output().includes('looked at all') ? true : null));

  const gone = [
    layout.outcome(expired.id),
    layout.arriving(brokenOff.id),
    layout.image(published.id),
    layout.image(longFailed.id),
    dirname(nobodys),
    begun,
  ];
  expect(gone.filter((path) => existsSync(path))).toEqual([]);
  const kept = [
    layout.outcome(published.id),
    ...[failed, waiting, jobless].map(({ id }) => layout.source(id)),
    justBegun,
    accountJustBegun,
  ];
  expect(kept.filter((path) => !existsSync(path))).toEqual([]);

  await clearFaults(stack);
  for (const { id } of [waiting, jobless]) expect((await untilFinal(stack, id)).status).toBe('published');
  await coming.connection.send(request.subarray(HALF));
  const accepted = await coming.connection.response();
  expect(accepted?.status).toBe(202);
  expect((await untilFinal(stack, coming.id)).status).toBe('published');
  expect((await ask(stack, `/v1/images/${failed.id}/retry`, { method: 'POST' })).status).toBe(202);
  const late = await ask(stack, `/v1/images/${longFailed.id}/retry`, { method: 'POST' });
  expect([late.status, late.body.code]).toEqual([409, 'source_lost']);
  // Only the object of an expired image remains.
  expect((await ask(stack, `/v1/images/${expired.id}`)).body.status).toBe('published');
});

test('never harms an upload in progress, however often it runs', async () => {
  const before = await listKeys(stack);
  const sweeps = () => stack.worker.output().split('"swept"').length;
  const first = sweeps();
  const sent = await sendDuring(stack, 'swept', 2, async () => {
    await until('ten sweeps', 40, async () => (sweeps() > first + 10 ? true : null));
  });
  const ids = acceptedOf(sent);
  expect(ids).toHaveLength(sent.length);
  for (const id of ids) expect((await untilFinal(stack, id)).status).toBe('published');
  expect(await listKeys(stack)).toHaveLength(before.length + 2 * ids.length);
});

/** Waits for the schedule, which the API sets at its start. */
async function sweepOften(): Promise<void> {
  await until('the API to be at rest', 60, async () =>
    stack.api.output().includes('restored') ? true : null,
  );
  await sweepEvery(stack, 100);
}

const HALF = 10_000;

/** Sends half of an upload. */
async function beginUpload(): Promise<{ id: string; connection: RawConnection }> {
  const before = await readdir(layout.incoming);
  const connection = await openRaw(stack.api.url);
  await connection.send(request.subarray(0, HALF));
  await untilArriving(stack, before.length + 1);
  const id = (await readdir(layout.incoming)).find((name) => !before.includes(name)) ?? '';
  return { id, connection };
}

async function change(id: string, changes: Partial<ImageRecord>): Promise<void> {
  const key = `{pixdock}:image:${id}`;
  const record = recordSchema.parse(JSON.parse(unabbreviate(stack.redis.cli('HGET', key, 'doc')) ?? ''));
  stack.redis.cli('HSET', key, 'doc', JSON.stringify({ ...record, ...changes }));
}

async function plant(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** Makes files two days old. */
async function age(folder: string): Promise<void> {
  const then = new Date(Date.now() - 2 * DAY_MS);
  for (const name of await readdir(folder, { recursive: true })) await utimes(join(folder, name), then, then);
}
