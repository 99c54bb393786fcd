import type { ErrorCode, ImageFilter } from '@pixdock/client';

const NAMES = ['search', 'status', 'code', 'aiLabel', 'batchId', 'since', 'until'] as const;

export type FilterName = (typeof NAMES)[number];
/**
 * The filter of the gallery; `since` and `until` are the first and the last day, as `2027-01-31`, and `search` is the beginning of
 * an externalId or a file name.
 */
export type Filter = Pick<ImageFilter, Exclude<FilterName, 'search'>> & { search?: string };

/** The error codes of images, as far as people filter by them. */
export const IMAGE_CODES: readonly ErrorCode[] = [
  'image_truncated',
  'image_corrupt',
  'unsupported_media_type',
  'heic_unsupported',
  'image_too_small',
  'aspect_mismatch',
  'image_too_large',
  'image_too_complex',
  'too_many_frames',
  'digest_mismatch',
  'source_not_found',
  'source_denied',
  'source_timeout',
  'source_unreachable',
  'source_too_large',
  'source_forbidden',
  'source_lost',
  'processing_timeout',
  'processing_crashed',
  'storage_unavailable',
  'storage_denied',
  'storage_conflict',
  'invalid_row',
  'canceled',
];

/** The filter in the query of an address, so that it can be linked and survives a reload. */
export function filterOf(query: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const name of NAMES) {
    const value = query.get(name) ?? '';
    const isWrong = (name === 'since' || name === 'until') && dayStart(value, 0) === null;
    if (value !== '' && !isWrong) Object.assign(filter, { [name]: value });
  }
  return filter;
}

/** The filters of the lists that together are the gallery. Days begin and end in the time zone of the browser. */
export function requestsOf({ search, since, until, ...rest }: Filter): ImageFilter[] {
  const filter = {
    ...rest,
    since: (since === undefined ? null : dayStart(since, 0)) ?? undefined,
    until: (until === undefined ? null : dayStart(until, 1)) ?? undefined,
  };
  if (search === undefined) return [filter];
  return [
    { ...filter, externalIdPrefix: search },
    { ...filter, filenamePrefix: search },
  ];
}

/** The time at which a day, or one of the days after it, begins; null if the text is not a day. No image is older than 1970. */
function dayStart(text: string, daysLater: number): string | null {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return null;
  const start = new Date(2000, 0, 1);
  // The constructor takes 26 for 1926. A date field has such years while a person types 2026.
  start.setFullYear(Number(year), Number(month) - 1, Number(day));
  if (start.getMonth() !== Number(month) - 1 || start.getDate() !== Number(day)) return null;
  start.setDate(start.getDate() + daysLater);
  return new Date(Math.max(0, start.getTime())).toISOString();
}
