import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import type { Snapshot } from './check.js';
import { checkPromise } from './check-promise.js';
import { groupBy } from './group.js';
import type { Finding, History, WantedBatch } from './history.js';

/** I1, I3 and I6 for batches: each batch exists once, each item exists once, and the counts match the items. */
export function checkBatches(history: History, { batches, images }: Snapshot): Finding[] {
  const findings: Finding[] = [];
  const items = groupBy(images, ({ batchId }) => batchId ?? '');
  items.delete('');
  const left = new Map(batches.map((batch) => [batch.id, batch]));
  for (const wanted of history.batches.values()) {
    const made = batches.filter(({ id }) => isOf(history, wanted, items.get(id) ?? []) || wanted.ids.has(id));
    for (const { id } of made) left.delete(id);
    findings.push(...checkPromise(wanted, made));
    for (const batch of made)
      findings.push(...compareItems(history, wanted, batch, items.get(batch.id) ?? []));
  }
  for (const id of left.keys()) findings.push({ about: id, what: 'was never requested' });
  for (const id of items.keys())
    if (!batches.some((batch) => batch.id === id))
      findings.push({ about: id, what: 'has items but does not exist' });
  return findings;
}

const isOf = ({ nameOf }: History, { items }: WantedBatch, images: readonly Image[]) =>
  images.some((image) => items.includes(nameOf(image)));

function compareItems(
  { nameOf }: History,
  wanted: WantedBatch,
  batch: Batch,
  items: readonly Image[],
): Finding[] {
  const findings: Finding[] = [];
  const add = (what: string) => void findings.push({ about: batch.id, what });
  const names = items.map(nameOf).toSorted();
  if (names.join() !== wanted.items.toSorted().join())
    add(`${wanted.items.length} items were sent, ${names.length} exist`);
  if (batch.status === 'running') add('still running');
  if (batch.total !== wanted.items.length) add(`total is ${batch.total}`);
  for (const [status, count] of Object.entries(batch.counts)) {
    const real = items.filter((item) => item.status === status).length;
    if (count !== real) add(`counts ${count} as ${status}, but ${real} are`);
  }
  return findings;
}
