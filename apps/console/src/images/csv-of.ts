import type { Image } from '@pixdock/client';
import { csvLine } from '@pixdock/contract/csv-line';

/** A sheet of images, which Excel reads as UTF-8, with the columns of a report. */
export function csvOf(images: readonly Image[]): string {
  const names = new Set(images.flatMap(({ variants }) => Object.keys(variants)));
  const further = [...names].filter((name) => name !== 'main');
  const heads = ['externalId', 'filename', 'id', 'status', 'url', ...further.map((name) => `${name}.url`)];
  const rows = images.map(({ externalId, source, id, status, url, variants, error }) => {
    const urls = further.map((name) => variants[name]?.url ?? null);
    return [
      externalId,
      source.filename,
      id,
      status,
      url,
      ...urls,
      error?.code ?? null,
      error?.detail ?? null,
    ];
  });
  return `\ufeff${[[...heads, 'code', 'reason'], ...rows].map((cells) => csvLine(cells)).join('')}`;
}
