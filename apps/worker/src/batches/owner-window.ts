import type { BatchState } from '@pixdock/shared/state/batches/batch-state';
import type { Batches } from '@pixdock/shared/state/batches/batches';
import { LRUCache } from 'lru-cache';

/** Active items of all batches of one owner: enough to keep several workers busy from one pass to the next. */
export const WINDOW = 512;
/** Of these, items from one host: a host that hangs leaves room for all others. */
const PER_HOST = 128;
/** Reading the windows costs one command per open batch, so passes within this time share the counts. */
const FRESH_MS = 250;
/** Owners whose counts are kept; each has at most some 500 host names. */
const KEPT = 1000;

/** Active items of one batch, in total and by host. */
interface Count {
  total: number;
  ofHost: Map<string, number>;
}

interface OwnerCounts {
  readAt: number;
  read: Promise<void>;
  ofBatch: Map<string, Count>;
}

const newCounts = (): OwnerCounts => ({
  readAt: Number.NEGATIVE_INFINITY,
  read: Promise.resolve(),
  ofBatch: new Map(),
});

/**
 * Divides one window among the batches of an owner. The active items are counted from the batches' windows in Redis, so a
 * crash leaves no wrong count. The count of another worker's items is up to 250 ms old: several workers together may
 * exceed the window by the items that they add in that time.
 */
export function openOwnerWindows(
  batches: Pick<Batches, 'activeHosts'>,
  now: () => number = () => performance.now(),
) {
  const known = new LRUCache<string, OwnerCounts>({ max: KEPT });

  async function countsOf(owner: string): Promise<OwnerCounts> {
    const counts = known.get(owner) ?? newCounts();
    known.set(owner, counts);
    if (now() - counts.readAt >= FRESH_MS) {
      counts.readAt = now();
      counts.read = read(owner, counts);
    }
    await counts.read;
    return counts;
  }

  async function read(owner: string, counts: OwnerCounts): Promise<void> {
    const found = await batches.activeHosts(owner);
    // Passes in progress see the new counts, too: a pass may take longer than 250 ms.
    counts.ofBatch = new Map([...found].map(([id, hosts]) => [id, countOf(hosts)]));
  }

  return {
    /**
     * The part of its owner's window that one batch may fill.
     * @param hosts of the batch's own active items
     */
    async shareOf({ id, owner }: Pick<BatchState, 'id' | 'owner'>, hosts: readonly string[]) {
      const counts = await countsOf(owner);
      counts.ofBatch.set(id, countOf(hosts));
      const mayAddTo = (most: number, part: (count: Count) => number) => {
        const { ofBatch } = counts;
        const total = [...ofBatch.values()].reduce((sum, count) => sum + part(count), 0);
        return mayAdd(most, part(ofBatch.get(id) ?? countOf([])), total, ofBatch.size);
      };
      const change = (host: string, by: 1 | -1) => {
        const own = counts.ofBatch.get(id) ?? countOf([]);
        counts.ofBatch.set(id, addTo(own, host, by));
      };
      return {
        hasRoom: () => mayAddTo(WINDOW, ({ total }) => total),
        hasRoomForHost: (host: string) =>
          host === '' || mayAddTo(PER_HOST, ({ ofHost }) => ofHost.get(host) ?? 0),
        /** Counts an item that is being started. */
        add: (host: string) => change(host, 1),
        /** Counts it no longer, because it was not started. */
        remove: (host: string) => change(host, -1),
      };
    },
  };
}

export type OwnerWindows = ReturnType<typeof openOwnerWindows>;
export type WindowShare = Awaited<ReturnType<OwnerWindows['shareOf']>>;

/**
 * Whether a batch with `own` active items, when its owner has `total`, may start one more. Half of the window is divided
 * equally among the batches and reserved for them, so that no batch starves; the first batch to ask gets the rest. `total`
 * never exceeds `most`: above `most - (batches - 1) * reserved`, a batch only fills its reserved part. (With more batches
 * than half of `most`, each has one reserved place.)
 */
function mayAdd(most: number, own: number, total: number, batches: number): boolean {
  const reserved = Math.max(1, Math.floor(most / 2 / batches));
  return own < reserved || total < most - (batches - 1) * reserved;
}

function countOf(hosts: readonly string[]): Count {
  const count: Count = { total: 0, ofHost: new Map() };
  for (const host of hosts) addTo(count, host);
  return count;
}

function addTo(count: Count, host: string, by = 1): Count {
  count.total += by;
  count.ofHost.set(host, (count.ofHost.get(host) ?? 0) + by);
  return count;
}
