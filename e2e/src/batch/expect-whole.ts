import type { Image } from '@pixdock/contract/image';
import { isOpenStatus } from '@pixdock/contract/status';
import { expect } from 'vitest';
import { listKeys } from '../harness/bucket.js';
import { ask, until } from '../harness/client.js';
import { openStackStaging, staged } from '../harness/leftovers.js';
import type { Stack } from '../harness/stack.js';
import { reportLines } from './reports.js';
import { itemsOf, readBatch } from './requests.js';

/**
 * Expects that all state is consistent: each item is final once, counts and report match the items, the bucket contains
 * exactly the objects of the published items, and staging no source.
 * @param others other expected keys in the bucket
 */
export async function expectWhole(
  stack: Stack,
  ids: readonly string[],
  others: string[] = [],
): Promise<Image[]> {
  const all: Image[] = [];
  for (const id of ids) {
    const { body: batch } = await readBatch(stack, id);
    if (batch.deleteRequestedAt !== null && batch.counts.deleted === batch.total) {
      await untilBuried(stack, id);
      continue;
    }
    const items = await itemsOf(stack, id);
    expect(items).toHaveLength(batch.total);
    expect(new Set(items.map((item) => item.id)).size).toBe(batch.total);
    expect(items.filter(({ status }) => isOpenStatus(status))).toEqual([]);
    const counts = Object.fromEntries(Object.keys(batch.counts).map((status) => [status, 0]));
    for (const { status } of items) counts[status] = (counts[status] ?? 0) + 1;
    expect(batch.counts).toEqual(counts);
    const lines = await reportLines(stack, id);
    expect(lines.map((line) => [line.id, line.status])).toEqual(items.map((item) => [item.id, item.status]));
    all.push(...items);
  }
  const keys = all.flatMap(({ variants }) => Object.values(variants).map(({ key }) => key));
  const owned = new Set([...keys, ...others]);
  const found = new Set(await listKeys(stack));
  const orphans = [...found].filter((key) => !owned.has(key));
  const missing = [...owned].filter((key) => !found.has(key));
  expect({ orphans, missing }).toEqual({ orphans: [], missing: [] });
  for (const { status, variants } of all) expect('main' in variants).toBe(status === 'published');
  await untilStagingIsEmpty(stack);
  return all;
}

/** Waits until only the file of a deleted batch remains. */
export async function untilBuried(stack: Stack, id: string): Promise<void> {
  const { batches } = await openStackStaging(stack);
  const isCleared = async () => (await batches.tombstone(id)) !== null && !(await batches.hasRows(id));
  await until(`${id} to be cleared`, 20, async () => ((await isCleared()) ? true : null));
  for (const path of ['/items', '/report.csv', '/report.ndjson'])
    expect((await ask(stack, `/v1/batches/${id}${path}`)).status).toBe(404);
}

async function untilStagingIsEmpty(stack: Stack): Promise<void> {
  await until('staging to be empty', 20, async () =>
    (await staged(stack)).length === 0 ? true : null,
  ).catch(async () => expect(await staged(stack)).toEqual([]));
}

/** Ids of the batches in staging. */
export async function stagedBatches(stack: Stack): Promise<string[]> {
  return Array.fromAsync((await openStackStaging(stack)).batches.ids());
}
