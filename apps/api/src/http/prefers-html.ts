import { accepts } from 'hono/accepts';
import type { ApiContext } from './env.js';

const HTML = 'text/html';
const JSON_TYPE = 'application/json';

/** Whether `Accept` prefers HTML to JSON, as browsers do: a type that is named wins over one that only a wildcard matches. */
export function prefersHtml(c: ApiContext): boolean {
  const chosen = accepts(c, {
    header: 'Accept',
    supports: [JSON_TYPE, HTML],
    default: JSON_TYPE,
    match(ranges) {
      const qualityOf = (...types: string[]) => {
        const all = ranges.filter(({ type }) => types.includes(type.toLowerCase())).map(({ q }) => q);
        return all.length === 0 ? null : Math.max(...all);
      };
      const html = qualityOf(HTML) ?? 0;
      const json = qualityOf(JSON_TYPE);
      const isPreferred = json === null ? html >= (qualityOf('application/*', '*/*') ?? 0) : html > json;
      return html > 0 && isPreferred ? HTML : JSON_TYPE;
    },
  });
  return chosen === HTML;
}
