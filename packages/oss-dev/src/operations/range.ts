import { OssError } from '../http/errors.js';

/** Byte offsets, both inclusive. */
export type Range = { start: number; end: number };

/**
 * The requested part of `size` bytes, or `undefined` for the whole object. OSS also sends the whole object for a range that
 * it cannot satisfy, unless the request has `x-oss-range-behavior: standard`, which asks for a 416.
 */
export function readRange(header: string | undefined, size: number, standard: boolean): Range | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (!first && !last) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  if (first && last && Number(last) < start) return undefined;
  if (start <= end) return { start, end };
  if (!standard) return undefined;
  const fields = { ActualObjectSize: String(size), RangeHeader: String(header) };
  throw new OssError('InvalidRange', 'The requested range cannot be satisfied', undefined, fields);
}
