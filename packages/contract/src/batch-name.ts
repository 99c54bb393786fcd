import { z } from 'zod';
import { reason } from './messages/reason.js';

/** In UTF-16 code units, as that of a file name. */
const MAX_LENGTH = 255;
/** Control characters, line ends, and marks that reorder text and can show gpj.exe as exe.jpg. */
export const INVISIBLE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The name that a person gives to a batch. */
export const batchNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(MAX_LENGTH)
  .refine((name) => name.search(INVISIBLE) === -1, reason('control-characters'))
  .refine((name) => !/\p{Cs}/u.test(name), reason('lone-surrogate'));

/** The name of a file about a batch: `spring.report.csv` for `spring.csv`. A workbook with macros does not open as `.xlsx`. */
export function fileNameOf(
  { id, name }: { id: string; name: string | null },
  ending: `report.${'csv' | 'ndjson' | 'xlsx'}` | `failed.${'csv' | 'xlsx'}`,
): string {
  // That of a file that was corrected has such an ending already.
  const stem =
    name?.replace(/(?:\.report|\.failed)*\.(?:csv|tsv|txt|json|jsonl|ndjson|zip|xls[xm])$/i, '') ?? '';
  const shown = /\.xlsm$/i.test(name ?? '') ? ending.replace(/xlsx$/, 'xlsm') : ending;
  // Windows allows none of these characters.
  return `${stem === '' ? id : stem.replaceAll(/[\\/:*?"<>|]/g, '_')}.${shown}`;
}
