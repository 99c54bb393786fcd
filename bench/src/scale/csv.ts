import { type Rows, rowAt } from './rows.js';

const CHUNK_CHARS = 16 * 1024;

/** Cell of a column that the service does not use. */
export const noteOf = (place: number) => `note ${place}`;

/** Query that maps the columns. */
export const COLUMNS = 'picture:url,sku:externalId';

/** The rows as CSV, some KiB at a time. */
export function* csvOf(rows: Rows): Generator<string> {
  let text = 'note,sku,picture\r\n';
  for (let place = 0; place < rows.total; place++) {
    const { externalId, url } = rowAt(rows, place);
    text += `${noteOf(place)},${externalId},${url}\r\n`;
    if (text.length < CHUNK_CHARS) continue;
    yield text;
    text = '';
  }
  yield text;
}
