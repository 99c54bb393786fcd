import { type BodyLimits, refusePartOfFile } from '../body/check-headers.js';
import type { ApiContext } from '../http/env.js';
import { batchFormatOf } from './batch-format.js';
import { bodyTooLarge } from './counted-body.js';
import { givenEncoding } from './csv-encoding.js';
import { type BatchOptions, parseQuery } from './query.js';
import type { ItemRules } from './to-item.js';

export interface BatchLimits extends BodyLimits {
  maxBatchItems: number;
  maxBatchBytes: number;
  /** In a dry run: why a URL will not be fetched; null if nothing in the URL itself forbids it. */
  forbiddenUrl?: ItemRules['forbiddenUrl'];
}

/** The options of a batch in its query. Refuses a body by its headers, before any of it is sent. */
export function checkBatchHeaders(c: ApiContext, limits: BatchLimits): BatchOptions {
  refusePartOfFile(c);
  const contentType = c.req.header('Content-Type');
  const isCsv = batchFormatOf(contentType) === 'csv';
  if (isCsv) givenEncoding(contentType ?? '');
  const length = c.req.header('Content-Length');
  if (length !== undefined && Number(length) > limits.maxBatchBytes) throw bodyTooLarge(limits.maxBatchBytes);
  return parseQuery(c, isCsv, limits.profiles);
}
