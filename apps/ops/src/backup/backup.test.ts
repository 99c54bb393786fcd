import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStaging } from '@pixdock/shared/state/staging';
import { testRecord } from '@pixdock/shared/testing/record';
import { expect, it, onTestFinished } from 'vitest';
import { runOps } from '../testing/run-doctor.js';

/** A staging with one image, an empty folder for its backup, and `pixdock-ops` on both. */
async function openStaged() {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-backup-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const dataDir = join(folder, 'data');
  const staging = await openStaging(dataDir);
  const record = testRecord();
  const arrival = await staging.receive(record.id);
  arrival.stream.end('abc');
  await once(arrival.stream, 'close');
  await arrival.commit({ record, origin: null, idempotency: null });
  const target = join(folder, 'backup');
  return {
    dataDir,
    target,
    record,
    backup: () => runOps(['backup', target], { DATA_DIR: dataDir }),
    restore: () => runOps(['restore', target], { DATA_DIR: dataDir }),
  };
}

it('restores what a backup contains, and says what to do next', async () => {
  const { dataDir, record, backup, restore } = await openStaged();
  const copied = 'Copied 1 images with their sources, 0 outcomes, 0 deletions and 0 batches';
  expect(await backup()).toEqual({ exit: 0, out: '', err: copied });
  await rm(join(dataDir, 'staging'), { recursive: true });
  const { exit, err } = await restore();
  expect([exit, err]).toEqual([0, expect.stringMatching(/^Copied 1 images.*\nNow start the API/)]);
  expect((await (await openStaging(dataDir)).entry(record.id))?.record).toEqual(record);
});

it('never overwrites a backup or a staging with images', async () => {
  const { dataDir, target, backup, restore } = await openStaged();
  await backup();
  expect(await backup()).toMatchObject({ exit: 2, err: expect.stringContaining(`${target} is not empty`) });
  expect(await restore()).toMatchObject({
    exit: 2,
    err: expect.stringContaining(`mv ${dataDir}/staging ${dataDir}/staging.before`),
  });
});

it('restores nothing from an incomplete backup', async () => {
  const { target, backup, restore } = await openStaged();
  await backup();
  await rm(join(target, 'backup.json'));
  await writeFile(join(target, 'other.json'), '');
  expect(await restore()).toMatchObject({
    exit: 2,
    err: expect.stringContaining('is not a complete backup: it has no backup.json'),
  });
});
