import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testBatch, testItem } from '../../testing/batch.js';
import { openTestStaging } from '../../testing/staging.js';
import { watchSyncs } from '../../testing/watch-syncs.js';

test('makes every file and folder of a batch durable before the commit ends', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pixdock-arrival-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const staging = await openTestStaging(dataDir);
  const syncs = await watchSyncs();
  const entry = testBatch({ total: 2 });
  const arrival = await staging.batches.openArrival(entry.id);
  await once((await arrival.file('0')).end('bytes'), 'close');
  const origin = { kind: 'file', name: '0', received: { bytes: 5, sha256: '0'.repeat(64) } } as const;
  await arrival.add(testItem(1, { origin }));
  const headers = { referer: 'https://a.example/' };
  await arrival.add(testItem(2, { origin: { kind: 'url', url: 'https://a.example/', headers } }));
  await arrival.commit(entry);
  const path = staging.layout.batch(entry.id);
  const inside = (await readdir(path, { recursive: true })).map((name) => join(path, name));
  expect(inside.length).toBeGreaterThan(3);
  for (const made of [...inside, path, dirname(path), staging.layout.batches])
    expect(syncs.includes(made), made).toBe(true);
});
