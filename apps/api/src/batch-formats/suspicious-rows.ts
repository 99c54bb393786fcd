import { hash } from 'node:crypto';
import { detailOf } from '@pixdock/contract/messages/detail';
import { repairedUrl } from '@pixdock/contract/repaired-url';
import type { NewItem } from '@pixdock/shared/state/batches/manifest-item';
import type { Warning } from '../http/warnings.js';
import type { UncheckedItem } from './unchecked-item.js';

/** Rows of each kind that are named. */
const MAX_NAMED = 20;
/** URLs, and as many ids, that are compared: a dry run keeps two numbers for each, in at most 10 MiB. */
const MAX_COMPARED = 100_000;

/** A long number as Excel shortens it. */
const SHORTENED = /^\d(?:[.,]\d+)?E\+\d+$/i;

type Kind = Exclude<Warning['code'], 'ignored_field' | 'ignored_rows' | 'ignored_sheets'>;

/** Finds rows that are valid and look wrong. */
export function openSuspiciousRows() {
  const named: Warning[] = [];
  const counts = new Map<Kind, number>();
  const urls = openRepeats();
  const externalIds = openRepeats();
  let lastRow = 0;

  function add(warning: Warning & { code: Kind }): void {
    const count = (counts.get(warning.code) ?? 0) + 1;
    counts.set(warning.code, count);
    if (count <= MAX_NAMED) named.push(warning);
  }

  return {
    note({ row, value }: UncheckedItem, { origin, externalId }: NewItem): void {
      const isNewRow = row !== lastRow;
      lastRow = row;
      const { url } = (value ?? {}) as { url?: unknown };
      const repaired = typeof url === 'string' ? repairedUrl(url) : null;
      if (repaired !== null)
        add({ code: 'full_width_url', detail: detailOf('full-width-url', { row, url: repaired }) });
      if (origin === null) return;
      const first = origin.kind === 'url' ? urls.firstRow(origin.url, row) : null;
      if (first !== null && origin.kind === 'url')
        add({ code: 'repeated_url', detail: detailOf('url-repeated', { row, first, url: origin.url }) });
      if (externalId === null || !isNewRow) return;
      if (SHORTENED.test(externalId))
        add({ code: 'shortened_number', detail: detailOf('number-shortened', { row, value: externalId }) });
      const same = externalIds.firstRow(externalId, row);
      if (same !== null)
        add({
          code: 'repeated_external_id',
          detail: detailOf('external-id-repeated', { row, first: same, value: externalId }),
        });
    },
    warnings(): Warning[] {
      const more = [...counts].flatMap(([code, count]): Warning[] =>
        count > MAX_NAMED
          ? [{ code, detail: detailOf('more-such-rows', { code, rows: count - MAX_NAMED }) }]
          : [],
      );
      return [...named, ...more];
    },
  };
}

/** The row of the first of equal texts. */
function openRepeats() {
  const rows = new Map<number, number>();
  return {
    /** Null for the first one. */
    firstRow(text: string, row: number): number | null {
      const key = hash('sha256', text, 'buffer').readUIntBE(0, 6);
      const first = rows.get(key);
      if (first === undefined && rows.size < MAX_COMPARED) rows.set(key, row);
      return first ?? null;
    },
  };
}
