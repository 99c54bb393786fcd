import type { Status } from '@pixdock/contract/image';
import { loadScript } from '../../runtime/scripts.js';

type CreateFields = {
  batchId: string;
  createdAt: number;
  total: number;
  invalid: number;
  expiresAt: number | undefined;
  statuses: Status[];
  state: (string | number)[];
};
type BuryFields = {
  batchId: string;
  createdAt: number;
  expiresAt: number;
  channel: string;
  version: number;
  state: (string | number)[];
};
type EndItemsFields = {
  batchId: string;
  status: 'canceled' | 'deleted';
  nowMs: number;
  expiresAt: number;
  channel: string;
  minVersion: number;
  canceledBefore: number;
  deletedBefore: number;
  boundary: 'canceledBefore' | 'deletedBefore';
  to: number;
  counted: Partial<Record<Status, number>>;
};
export type ChangeFields = { batchId: string; field: string; nowMs: number; channel: string };
type FinishRetryFields = ChangeFields & { requestedAt: number };
type CloseFields = { batchId: string; nowMs: number; expiresAt: number };

/** The Lua scripts that change the state of a batch, with the fields that each takes. */
export const loadBatchScripts = () => ({
  create: loadScript<CreateFields, 0 | 1>('create-batch'),
  bury: loadScript<BuryFields, 0 | 1>('bury-batch'),
  close: loadScript<CloseFields, 0 | 1>('close-batch'),
  endItems: loadScript<EndItemsFields, 0 | 1>('end-items-without-record'),
  requestChange: loadScript<ChangeFields, 0 | 1>('request-batch-change'),
  finishRetry: loadScript<FinishRetryFields, 0 | 1>('finish-batch-retry'),
  openBatchesOfOwner: loadScript<Record<string, never>, string[]>('open-batches-of-owner'),
});
