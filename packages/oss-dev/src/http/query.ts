import { decode } from './encoding.js';
import { OssError } from './errors.js';

export type Query = ReadonlyMap<string, string>;

/** `k` and `k=` both mean an empty value, as in V4 signatures. */
export function parseQuery(text: string): Query {
  const query = new Map<string, string>();
  for (const parameter of text.split('&').filter(Boolean)) {
    const at = parameter.indexOf('=');
    const [name, value] = at < 0 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)];
    const decoded = decodeForm(name);
    if (query.has(decoded)) throw new OssError('InvalidArgument', `The parameter ${decoded} appears twice.`);
    query.set(decoded, decodeForm(value));
  }
  return query;
}

function decodeForm(text: string): string {
  return decode(text.replaceAll('+', ' '));
}
