import { OssError } from '../http/errors.js';

/** Both ends included. */
export type Range = { start: number; end: number };

/**
 * The part of `size` bytes that a Range header asks for, `undefined` meaning all of it. OSS answers a range it cannot
 * satisfy with the whole object, unless `x-oss-range-behavior: standard` asks for 416.
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
