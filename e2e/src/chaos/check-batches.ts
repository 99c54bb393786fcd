import type { Batch } from '@pixdock/contract/batch';
import type { Image } from '@pixdock/contract/image';
import type { Account } from './check.js';
import { checkPromise } from './check-promise.js';
import { groupBy } from './group.js';
import type { Find, History, WantedBatch } from './history.js';

/** I1, I3 and I6 of batches: each there once, each item once, the counts those of the items. */
export function checkBatches(history: History, { batches, images }: Account): Find[] {
  const finds: Find[] = [];
  const items = groupBy(images, ({ batchId }) => batchId ?? '');
  items.delete('');
  const left = new Map(batches.map((batch) => [batch.id, batch]));
  for (const wanted of history.batches.values()) {
    const made = batches.filter(({ id }) => isOf(wanted, items.get(id) ?? []) || wanted.ids.has(id));
    for (const { id } of made) left.delete(id);
    finds.push(...checkPromise(wanted, made));
    for (const batch of made) finds.push(...compareItems(wanted, batch, items.get(batch.id) ?? []));
  }
  for (const id of left.keys()) finds.push({ about: id, what: 'nobody asked for this batch' });
  for (const id of items.keys())
    if (!batches.some((batch) => batch.id === id))
      finds.push({ about: id, what: 'has items, and is not there' });
  return finds;
}

const isOf = ({ items }: WantedBatch, images: readonly Image[]) =>
  images.some(({ externalId }) => items.includes(externalId ?? ''));

function compareItems(wanted: WantedBatch, batch: Batch, items: readonly Image[]): Find[] {
  const finds: Find[] = [];
  const add = (what: string) => void finds.push({ about: batch.id, what });
  const names = items.map(({ externalId }) => externalId ?? '').toSorted();
  if (names.join() !== wanted.items.toSorted().join())
    add(`${wanted.items.length} items were sent, ${names.length} are there`);
  if (batch.status === 'running') add('still running');
  if (batch.total !== wanted.items.length) add(`total is ${batch.total}`);
  for (const [status, count] of Object.entries(batch.counts)) {
    const real = items.filter((item) => item.status === status).length;
    if (count !== real) add(`counts ${count} ${status}, and ${real} are`);
  }
  return finds;
}
