import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStaging } from '@pixdock/shared/state/folder-staging/open-staging';
import { METADATA_KEY, NEXT_METADATA_KEY } from '@pixdock/shared/testing/metadata-keys';
import { testRecord } from '@pixdock/shared/testing/record';
import { temporaryFolder } from '@pixdock/shared/testing/temporary-folder';
import { expect, it } from 'vitest';
import { runOps, startLab } from '../testing/run-doctor.js';

const KEYS = `${NEXT_METADATA_KEY},${METADATA_KEY}`;

/** A staging with one image, an empty folder for its backup, and `pixdock-ops` on both. */
async function openStaged() {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  const staging = await openStaging(dataDir);
  const record = testRecord();
  const arrival = await staging.openArrival(record.id);
  arrival.stream.end('abc');
  await once(arrival.stream, 'close');
  await arrival.commit({ record, origin: null, idempotency: null });
  const target = join(folder, 'backup');
  return {
    dataDir,
    target,
    record,
    backup: () => runOps(['backup', target], { DATA_DIR: dataDir, METADATA_KEY: KEYS }),
    restore: () => runOps(['restore', target], { DATA_DIR: dataDir }),
  };
}

it('restores what a backup contains, and says what to do next', async () => {
  const { dataDir, record, backup, restore } = await openStaged();
  const copied = 'Copied 1 images with their sources, 0 outcomes, 0 deletions and 0 batches';
  expect(await backup()).toEqual({ exit: 0, out: '', err: copied });
  await rm(join(dataDir, 'staging'), { recursive: true });
  const { exit, err } = await restore();
  expect([exit, err]).toEqual([0, expect.stringMatching(/^Copied 1 images.*\n.*metadata-key.*\nNow start/)]);
  expect((await (await openStaging(dataDir)).entry(record.id))?.record).toEqual(record);
});

it('brings METADATA_KEY back to where npm start keeps it, and never overwrites it', async () => {
  const { dataDir, target, backup, restore } = await openStaged();
  const path = join(dataDir, 'metadata-key');
  await backup();
  expect((await stat(join(target, 'metadata-key'))).mode & 0o777).toBe(0o600);
  const restoreTo = async (present: string | null) => {
    await rm(path, { force: true });
    if (present !== null) await writeFile(path, present);
    await rm(join(dataDir, 'staging'), { recursive: true });
    const { err } = await restore();
    return { err, kept: await readFile(path, 'utf8') };
  };
  const lines = KEYS.replace(',', '\n').concat('\n');
  expect(await restoreTo(null)).toEqual({ kept: lines, err: expect.stringContaining(`are in ${path}. `) });
  expect(await restoreTo(lines)).toEqual({ kept: lines, err: expect.not.stringContaining('metadata-key') });
  const other = await restoreTo(METADATA_KEY);
  expect(other).toEqual({
    kept: METADATA_KEY,
    err: expect.stringContaining(`are in ${target}/metadata-key. `),
  });
});

it('makes no backup without METADATA_KEY', async () => {
  const { dataDir, target } = await openStaged();
  const { exit, err } = await runOps(['backup', target], { DATA_DIR: dataDir });
  expect([exit, err]).toEqual([78, expect.stringContaining('METADATA_KEY')]);
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

it.each(['backup', 'restore'] as const)(
  'does not %s a staging in a bucket, and says why',
  async (command) => {
    const { ops } = await startLab();
    const target = temporaryFolder();
    const over = { DATA_DIR: temporaryFolder(), STAGING_URL: 'oss://lab-staging' };
    const { exit, err } = await ops([command, target], over);
    expect({ exit, err }).toEqual({
      exit: 2,
      err: expect.stringMatching(/^STAGING_URL names a bucket.*\n.*everything staged is in the bucket/),
    });
    expect(readdirSync(target)).toEqual([]);
  },
);
