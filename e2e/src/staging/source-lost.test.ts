/* What lies in staging is damaged between the API, which took it, and the worker. */
import { existsSync } from 'node:fs';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import type { Image } from '@pixdock/contract/image';
import { stagingLayout } from '@pixdock/shared/state/folder-staging/layout';
import { batchFiles } from '@pixdock/shared/state/staged/staged-names';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { stagedBatches } from '../batch/expect-whole.js';
import { itemsOf, send, untilFinished } from '../batch/requests.js';
import { tiny } from '../batch/stack.js';
import { zipOf } from '../batch/zip.js';
import { ask, until, untilFinal, upload } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { type Stack, startApiOnly } from '../harness/stack.js';

// One stack for all tests; the worker starts after the damage.
let stack: Stack;
beforeAll(async () => {
  stack = await startApiOnly();
});
afterEach(() => stack.worker.stop());
afterAll(() => stack.stop());

const DAMAGES: Record<string, (path: string) => Promise<void>> = {
  vanished: (path) => rm(path),
  cut: (path) => truncate(path, 1000),
  // Another picture of the same size.
  altered: async (path) => {
    const bytes = await readFile(path);
    await writeFile(path, bytes.with(bytes.length - 300, bytes.at(-300) === 7 ? 8 : 7));
  },
  replaced: async (path) => writeFile(path, await photo(300, 200)),
};

test('fails an image whose source was changed as source_lost, and no other image', async () => {
  const layout = stagingLayout(stack.dataDir);
  const bytes = await photo();
  const submit = async (externalId: string) =>
    (await upload(stack, bytes, { fields: { externalId } })).body.id;
  const neighbour = await submit('neighbour');
  const ids = await Promise.all(Object.keys(DAMAGES).map(submit));
  for (const [i, damage] of Object.values(DAMAGES).entries()) await damage(layout.source(ids[i] ?? ''));
  await stack.restartWorker();
  for (const id of ids) {
    expect(await untilFinal(stack, id)).toMatchObject({
      status: 'failed',
      error: { code: 'source_lost', retryable: false, detail: 'Upload the image again.' },
    });
    const again = await ask(stack, `/v1/images/${id}/retry`, { method: 'POST' });
    expect([again.status, again.body.code]).toEqual([409, 'source_lost']);
  }
  expect(await untilFinal(stack, neighbour)).toMatchObject({ status: 'published' });
});

test('does the same for the files and the archive of a batch', async () => {
  const names = Object.keys(DAMAGES);
  const form = new FormData();
  for (const name of [...names, 'neighbour']) form.append('file', new Blob([await tiny(120)]), name);
  const files = (await send(stack, form)).body.id;
  const folder = batchFiles(stagingLayout(stack.dataDir).batch(files));
  for (const [i, damage] of Object.values(DAMAGES).entries()) await damage(folder.upload(String(i)));
  const zip = zipOf({ 'a.jpg': await tiny(20), 'b.jpg': await tiny(21) });
  const archive = (await send(stack, zip, { type: 'application/zip' })).body.id;
  await rm(batchFiles(stagingLayout(stack.dataDir).batch(archive)).archive);
  await stack.restartWorker();

  await untilFinished(stack, files);
  const codes = (items: Image[]) => items.map(({ error }) => error?.code ?? null);
  expect(codes(await itemsOf(stack, files))).toEqual([...names.map(() => 'source_lost'), null]);
  await untilFinished(stack, archive);
  expect(codes(await itemsOf(stack, archive))).toEqual(['source_lost', 'source_lost']);
  expect(await stagedBatches(stack)).toHaveLength(2);
});

test('publishes an image with a damaged submission while its record exists, and frees staging', async () => {
  const layout = stagingLayout(stack.dataDir);
  const bytes = await photo();
  const ids = await Promise.all([0, 1].map(async () => (await upload(stack, bytes)).body.id));
  await writeFile(layout.submission(ids[0] ?? ''), '{"record":');
  await stack.restartWorker();
  for (const id of ids) expect(await untilFinal(stack, id)).toMatchObject({ status: 'published' });
  await until('their sources to go', 20, async () =>
    ids.some((id) => existsSync(layout.image(id))) ? null : true,
  );
  stack.redis.cli('FLUSHALL');
  for (const id of ids)
    await until('its outcome to be reported', 20, async () =>
      (await ask(stack, `/v1/images/${id}`)).body.status === 'published' ? true : null,
    );
});
