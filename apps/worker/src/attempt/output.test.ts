import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtInProfiles, type Profile } from '@pixdock/contract/profile';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { CONTEXT, openWorkerParts } from '../testing/worker-parts.js';
import { findOutput, type Output, outputFolder, renderOutput } from './output.js';
import { startAttempt } from './start-attempt.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const PROFILE = builtInProfiles().get('default') as Profile;
const AVATAR = builtInProfiles().get('avatar') as Profile;

async function renderedImage() {
  const parts = await openWorkerParts(redis);
  const record = testRecord();
  await parts.records.create(record);
  const renderOnce = async (): Promise<Output> => {
    const started = await startAttempt(parts.records, { imageId: record.id, run: 1 }, 'validating');
    if (started.outcome !== 'started') throw new Error(started.outcome);
    const result = await renderOutput(parts, started.attempt, PROFILE, CONTEXT.signal);
    if (result.outcome !== 'rendered') throw new Error(result.outcome);
    return result.output;
  };
  const { staging } = parts;
  return { staging, id: record.id, renderOnce, output: await renderOnce() };
}

it('finds the output of an earlier attempt', async () => {
  const { staging, id, output } = await renderedImage();
  expect(await findOutput(staging, id, PROFILE)).toEqual(output);
});

it('finds no output before the first render', async () => {
  const { staging } = await openWorkerParts(redis);
  expect(await findOutput(staging, testRecord().id, PROFILE)).toBe(null);
});

it('finds no output of another profile', async () => {
  const { staging, id } = await renderedImage();
  expect(await findOutput(staging, id, AVATAR)).toBe(null);
});

it('finds no output with a file that a loss of power cut off', async () => {
  const { staging, id, output } = await renderedImage();
  await writeFile(join(outputFolder(staging, id, output), 'main.webp'), '');
  expect(await findOutput(staging, id, PROFILE)).toBe(null);
});

it('finds no output whose manifest a loss of power filled with zeros', async () => {
  const { staging, id } = await renderedImage();
  await writeFile(join(staging.layout.output(id), 'rendered.json'), Buffer.alloc(100));
  expect(await findOutput(staging, id, PROFILE)).toBe(null);
});

it('replaces the output of an earlier attempt, in a separate folder', async () => {
  const { staging, id, output, renderOnce } = await renderedImage();
  const next = await renderOnce();
  expect(next.folder).not.toBe(output.folder);
  const found = await readdir(staging.layout.output(id));
  expect(found.toSorted()).toEqual([next.folder, 'rendered.json'].toSorted());
});
