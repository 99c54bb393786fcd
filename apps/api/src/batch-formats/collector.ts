import { PixdockError } from '@pixdock/contract/error';
import type { ErrorCode, Text } from '@pixdock/contract/error-table';
import type { BatchArrival } from '@pixdock/shared/state/batches/arrival';
import type { NewItem } from '@pixdock/shared/state/records/manifest-item';

/** More would only lengthen the response. */
const MAX_FAULTS = 100;
/**
 * Items may take this many times the bytes of the body. The shortest row, `0` in NDJSON, has 2 bytes and takes 53; only long
 * names of metadata columns, which each item repeats, take more.
 */
const MAX_GROWTH = 28;
/** Added to it for bytes that do not depend on the rows. */
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
 * Adds items to the arrival and counts them. Awaits `onMore` after each.
 * @param sentBytes bytes of the body received so far
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

  /** @throws PixdockError too_many_items if the batch has the most items already */
  function checkItemLimit(): void {
    if (total >= maxItems) throw tooMany(maxItems);
  }

  return {
    maxItems,
    checkItemLimit,
    /**
     * @param field the invalid field, if the fault is in a field
     * @throws PixdockError payload_too_large, because items may take far more bytes than their rows
     */
    async add(item: NewItem, field: string | null = null): Promise<void> {
      checkItemLimit();
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
    tally: () => ({ total, invalid, faults }),
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
