import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { NewItem } from '@pixdock/shared/state/batches/manifest-item';
import type { BatchArrival } from '@pixdock/shared/state/folder-staging/batch-arrival';
import type { StoredError } from '@pixdock/shared/state/images/stored-error';

/** In a response of about 500 KiB. */
const MAX_FAULTS = 1000;
/**
 * Items may take this many times the bytes of the body. The shortest row, `0` in NDJSON, has 2 bytes and takes 53; only long
 * names of metadata columns, which each item repeats, take more.
 */
const MAX_GROWTH = 28;
/** Added to it for bytes that do not depend on the rows. */
const GROWTH_FREE_BYTES = 64 * 1024;

/** The wrong field of a row, and the URL that the row has. */
export interface FaultyField {
  field: string | null;
  url: string | null;
}

export interface ReportedFault extends StoredError, FaultyField {
  row: number;
  externalId: string | null;
}

const WHOLE_ROW: FaultyField = { field: null, url: null };

interface Rules {
  maxBatchItems: number;
  maxBatchBytes: number;
  /** For items that do not set their own. */
  deleteAfterSeconds: number | null;
}

/** @throws when the owner has used up a limit */
export interface ItemCounter {
  /** @param bytes of the item in staging */
  countItem(bytes: number): Promise<void>;
}

/**
 * Adds items to the arrival and counts them. Awaits `onMore` after each.
 * @param sentBytes bytes of the body received so far
 */
export function openCollector(
  arrival: BatchArrival,
  rules: Rules,
  sentBytes: () => number,
  onMore: () => Promise<void>,
  counter: ItemCounter | null = null,
) {
  const { maxBatchItems: maxItems, maxBatchBytes: maxBytes } = rules;
  const faults: ReportedFault[] = [];
  let total = 0;
  let rows = 0;
  let lastRow = 0;
  let invalid = 0;

  /** @throws PixdockError too_many_items if the batch has the most items already */
  function checkItemLimit(): void {
    if (total >= maxItems) throw tooMany(maxItems);
  }

  return {
    maxItems,
    checkItemLimit,
    /**
     * @param faulty where its fault is, if it has one
     * @throws PixdockError payload_too_large, because items may take far more bytes than their rows
     */
    async add(item: NewItem, faulty: FaultyField = WHOLE_ROW): Promise<void> {
      checkItemLimit();
      total++;
      if (item.row !== lastRow) rows++;
      lastRow = item.row;
      if (item.fault !== null) {
        invalid++;
        const { row, externalId, fault } = item;
        if (faults.length < MAX_FAULTS) faults.push({ row, externalId, ...faulty, ...fault });
      }
      const before = arrival.bytes();
      // An invalid row never becomes an image, and may be as short as two bytes.
      const ofBatch = item.fault === null ? rules.deleteAfterSeconds : null;
      await arrival.add({ ...item, deleteAfterSeconds: item.deleteAfterSeconds ?? ofBatch });
      await counter?.countItem(arrival.bytes() - before);
      if (arrival.bytes() > maxBytes) throw itemsTooLarge(maxBytes);
      if (arrival.bytes() > GROWTH_FREE_BYTES + MAX_GROWTH * sentBytes()) throw GROWS_TOO_MUCH();
      await onMore();
    },
    tally: () => ({ total, rows, invalid, bytes: arrival.bytes(), faults }),
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
