import { PixdockError } from '@pixdock/contract/error';
import type { ErrorCode, Text } from '@pixdock/contract/error-table';
import type { BatchArrival } from '@pixdock/shared/state/batches/arrival';
import type { NewItem } from '@pixdock/shared/state/records/manifest-item';

/** As many as someone reads. */
const MAX_FAULTS = 100;
/**
 * Items may take this many times the bytes that were sent for them. The shortest row, `0` in NDJSON, takes 53 bytes for
 * 2; only long names of metadata columns, which each row repeats, take more.
 */
const MAX_GROWTH = 28;
/** On top of it, for what does not depend on the rows. */
const GROWTH_FREE_BYTES = 64 * 1024;

export interface RowFault {
  row: number;
  field: string | null;
  code: ErrorCode;
  detail: Text;
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
  return new PixdockError('too_many_items', {
    en: `The batch has more than ${maxItems} items, the most this server takes; split it.`,
    zh: `批次超过 ${maxItems} 个条目，这是服务器允许的上限；请拆分。`,
  });
}

function itemsTooLarge(maxBytes: number): PixdockError {
  return new PixdockError('payload_too_large', {
    en: `The batch takes more than ${maxBytes} bytes in staging; split it, leave columns out, or raise MAX_BATCH_BYTES on the server.`,
    zh: `批次保存后超过 ${maxBytes} 字节；请拆分、去掉部分列，或在服务器上调高 MAX_BATCH_BYTES。`,
  });
}

const GROWS_TOO_MUCH = () =>
  new PixdockError('payload_too_large', {
    en: `The batch takes more than ${MAX_GROWTH} times its size in staging, because each row repeats the names of its metadata columns; shorten these names.`,
    zh: `批次保存后超过自身大小的 ${MAX_GROWTH} 倍，因为每行都会重复保存 metadata 列的名称；请缩短这些名称。`,
  });
