import { chown, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { builtInProfiles, type Profile } from '@pixdock/contract/profile';
import { testRecord } from '@pixdock/shared/testing/record';
import { startTestRedis } from '@pixdock/shared/testing/redis';
import { afterAll, expect, it } from 'vitest';
import { startTestAttempt } from '../testing/start-test-attempt.js';
import { CONTEXT, openWorkerParts } from '../testing/worker-parts.js';
import { findOutput, type Output, renderOutput, saveOutput } from './output.js';

const redis = await startTestRedis();
afterAll(() => redis.stop());

const PROFILE = builtInProfiles().get('default') as Profile;
const AVATAR = builtInProfiles().get('avatar') as Profile;

async function renderedImage() {
  const parts = await openWorkerParts(redis);
  const record = testRecord();
  await parts.records.create(record);
  const renderOnce = async (): Promise<Output> => {
    const attempt = await startTestAttempt(parts, record.id, 'validating');
    const rendered = await renderOutput(parts, attempt, CONTEXT.signal);
    if (rendered.outcome === 'refused') throw new Error(rendered.code);
    await saveOutput(parts.staging, attempt, rendered);
    const output = await findOutput(parts.staging, record.id, PROFILE);
    if (output === null) throw new Error('no output');
    return output;
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
  await writeFile(join(staging.layout.output(id), output.folder, 'main.webp'), '');
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

it.runIf(process.getuid?.() === 0)(
  'gives its files to the owner of staging, whose API shows them',
  async () => {
    const { staging, id, renderOnce } = await renderedImage();
    const user = 1234;
    await staging.outputs.discard(id);
    await chown(dirname(staging.layout.output(id)), user, user);
    const { folder } = await renderOnce();
    const files = ['rendered.json', join(folder, 'main.webp')].map((file) =>
      join(staging.layout.output(id), file),
    );
    expect(await Promise.all(files.map(async (file) => (await stat(file)).uid))).toEqual([user, user]);
  },
);
