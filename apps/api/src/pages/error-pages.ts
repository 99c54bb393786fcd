import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Language } from '@pixdock/contract/messages/text';
import { html } from 'hono/html';
import { say } from '../messages/pages.js';
import type { Html } from './respond.js';

/** An error code as `/v1/errors` describes it. */
export interface DescribedError {
  code: ErrorCode;
  status: number;
  retryable: boolean;
  title: string;
  fix: string;
}

export function errorListPage(items: readonly DescribedError[], language: Language): Html {
  const row = ({ code, status, title, fix }: DescribedError) =>
    html`<tr><th><a href="errors/${code}"><code>${code}</code></a></th><td>${status}</td><td>${title}</td><td>${withCode(fix)}</td></tr>`;
  return html`<h1>${say(language, 'errors')}</h1>
<table>
<thead><tr><th>${say(language, 'code')}</th><th>${say(language, 'status')}</th><th>${say(language, 'meaning')}</th><th>${say(language, 'fix')}</th></tr></thead>
<tbody>${items.map(row)}</tbody>
</table>`;
}

export function errorPage({ code, status, retryable, title, fix }: DescribedError, language: Language): Html {
  const row = (name: string, value: string | number | Html[]) =>
    html`<tr><th>${name}</th><td>${value}</td></tr>`;
  return html`<h1><code>${code}</code></h1>
<table><tbody>
${row(say(language, 'meaning'), title)}
${row(say(language, 'status'), status)}
${row(say(language, 'retryable'), say(language, retryable ? 'retryable.yes' : 'retryable.no'))}
${row(say(language, 'fix'), withCode(fix))}
</tbody></table>
<p><a href="../errors">${say(language, 'errors.all')}</a></p>`;
}

/** A sentence in which names are between backticks. */
function withCode(sentence: string): Html[] {
  return sentence.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
