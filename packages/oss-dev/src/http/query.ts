import { decode } from './encoding.js';
import { OssError } from './errors.js';

export type Query = ReadonlyMap<string, string>;

/** `k` and `k=` both mean an empty value: V4 signs them alike. */
export function parseQuery(text: string): Query {
  const query = new Map<string, string>();
  for (const pair of text.split('&').filter(Boolean)) {
    const at = pair.indexOf('=');
    const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    const decoded = decodeForm(name);
    if (query.has(decoded)) throw new OssError('InvalidArgument', `The parameter ${decoded} is given twice.`);
    query.set(decoded, decodeForm(value));
  }
  return query;
}

function decodeForm(text: string): string {
  return decode(text.replaceAll('+', ' '));
}
