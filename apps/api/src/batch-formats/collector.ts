import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { BatchArrival } from '@pixdock/shared/state/batches/arrival';
import type { NewItem } from '@pixdock/shared/state/records/manifest-item';
import type { StoredError } from '@pixdock/shared/state/records/stored-error';

/** As many as someone reads. */
const MAX_FAULTS = 100;
/**
 * Items may take this many times the bytes that were sent for them. The shortest row, `0` in NDJSON, takes 53 bytes for
 * 2; only long names of metadata columns, which each row repeats, take more.
 */
const MAX_GROWTH = 28;
/** On top of it, for what does not depend on the rows. */
const GROWTH_FREE_BYTES = 64 * 1024;

export interface RowFault extends StoredError {
  row: number;
  field: string | null;
}

interface Limits {
  maxBatchItems: number;
  maxBatchBytes: number;
}

/**
 * Hands items to the arrival one after the other and keeps account of them. `onMore` is waited for after each.
 * @param sentBytes bytes of the body up to now
 */
export function openCollector(
  arrival: BatchArrival,
  limits: Limits,
  sentBytes: () => number,
  onMore: () => Promise<void>,
) {
  const { maxBatchItems: maxItems, maxBatchBytes: maxBytes } = limits;
  const faults: RowFault[] = [];
  let total = 0;
  let invalid = 0;

  /** @throws PixdockError too_many_items for one more than there may be */
  function expectOne(): void {
    if (total >= maxItems) throw tooMany(maxItems);
  }

  return {
    maxItems,
    expectOne,
    /**
     * @param field that is at fault, where it is one
     * @throws PixdockError payload_too_large, since a few rows can make far more of items than they are themselves
     */
    async add(item: NewItem, field: string | null = null): Promise<void> {
      expectOne();
      total++;
      if (item.fault !== null) {
        invalid++;
        if (faults.length < MAX_FAULTS) faults.push({ row: item.row, field, ...item.fault });
      }
      await arrival.add(item);
      if (arrival.bytes() > maxBytes) throw itemsTooLarge(maxBytes);
      if (arrival.bytes() > GROWTH_FREE_BYTES + MAX_GROWTH * sentBytes()) throw GROWS_TOO_MUCH();
      await onMore();
    },
    account: () => ({ total, invalid, faults }),
  };
}

export type Collector = ReturnType<typeof openCollector>;

function tooMany(maxItems: number): PixdockError {
  return new PixdockError('too_many_items', detailOf('batch-too-many-items', { max: maxItems }));
}

function itemsTooLarge(maxBytes: number): PixdockError {
  return new PixdockError('payload_too_large', detailOf('batch-too-large-in-staging', { max: maxBytes }));
}

const GROWS_TOO_MUCH = () =>
  new PixdockError('payload_too_large', detailOf('batch-grows-too-much', { times: MAX_GROWTH }));
