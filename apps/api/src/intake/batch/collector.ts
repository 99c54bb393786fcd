import type { BatchArrival } from '@pixdock/shared/batches/arrival';
import type { NewItem } from '@pixdock/shared/contract/batch';
import type { ErrorCode, Text } from '@pixdock/shared/error-table';
import { PixdockError } from '@pixdock/shared/errors';

/** As many as someone reads. */
const MAX_FAULTS = 100;

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

/** Hands items to the arrival one after the other and keeps account of them. `onMore` is waited for after each. */
export function openCollector(arrival: BatchArrival, limits: Limits, onMore: () => Promise<void>) {
  const { maxBatchItems: maxItems, maxBatchBytes: maxBytes } = limits;
  const faults: RowFault[] = [];
  let total = 0;
  let invalid = 0;

  /** @throws PixdockError too_many_items for one more than there may be */
  function expectOne(): void {
    if (total >= maxItems) throw tooMany(maxItems);
  }

  return {
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
    en: `The batch takes more than ${maxBytes} bytes as it is kept, with all cells of a row for each of its addresses; split it, leave columns out, or raise MAX_BATCH_BYTES on the server.`,
    zh: `批次保存后超过 ${maxBytes} 字节（每个地址都保存所在行的全部单元格）；请拆分、去掉部分列，或在服务器上调高 MAX_BATCH_BYTES。`,
  });
}
