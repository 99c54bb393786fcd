import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { ERROR_CODES, ERROR_TABLE, type ErrorCode } from '@pixdock/contract/error-table';
import { detailOf, fixOf, sayDetail, titleOf } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import { meantName } from '@pixdock/contract/similar-name';
import { html } from 'hono/html';
import type { ApiEnv } from '../http/env.js';
import { languageOf } from '../http/language.js';
import { prefersHtml } from '../http/prefers-html.js';
import { say } from '../messages/pages.js';
import { type Html, respondWithPage } from '../pages/respond.js';
import { problem } from './responses.js';
import { serve } from './serve.js';

const errorSchema = z
  .object({
    code: z.enum(ERROR_CODES),
    type: z.string(),
    status: z.int(),
    retryable: z.boolean(),
    title: z.string(),
    fix: z.string(),
  })
  .openapi('ErrorCode');

/** The same facts are a page when Accept prefers text/html. */
const jsonOrPage = (description: string, schema: z.ZodType) => ({
  description,
  content: {
    'application/json': { schema },
    'text/html': { schema: z.string().openapi({ examples: ['<!doctype html>…'] }) },
  },
});

const listRoute = createRoute({
  method: 'get',
  path: '/v1/errors',
  operationId: 'listErrorCodes',
  tags: ['Errors'],
  summary: 'List all error codes',
  security: [],
  responses: {
    200: jsonOrPage(
      'The meaning and the fix of each code',
      z.object({ items: z.array(errorSchema) }).openapi('ErrorCodeList'),
    ),
  },
});

const readRoute = createRoute({
  method: 'get',
  path: '/v1/errors/{code}',
  operationId: 'readErrorCode',
  tags: ['Errors'],
  summary: 'Read one error code; the `type` of every problem is this path',
  security: [],
  request: { params: z.object({ code: z.string() }) },
  responses: {
    200: jsonOrPage('The meaning and the fix of the code', errorSchema),
    404: problem('The code does not exist'),
  },
});

export function errorRoutes(app: OpenAPIHono<ApiEnv>): void {
  serve(app, listRoute, async (c) => {
    c.header('Vary', 'Accept, Accept-Language');
    const language = languageOf(c);
    const items = ERROR_CODES.map((code) => describe(code, language));
    if (!prefersHtml(c)) return c.json({ items });
    const title = say(language, 'errors');
    return respondWithPage(c, { title, root: '..', body: errorListPage(items, language) });
  });
  serve(app, readRoute, async (c) => {
    const code = ERROR_CODES.find((known) => known === c.req.param('code'));
    if (code === undefined) throw unknownCode(c.req.param('code'));
    c.header('Vary', 'Accept, Accept-Language');
    const language = languageOf(c);
    const error = describe(code, language);
    if (!prefersHtml(c)) return c.json(error);
    return respondWithPage(c, { title: code, root: '../..', body: errorPage(error, language) });
  });
}

const unknownCode = (code: string) =>
  new PixdockError('not_found', detailOf('no-such-code', { code, meant: meantName(code, ERROR_CODES) }));

function describe(code: ErrorCode, language: Language) {
  const { status, retryable } = ERROR_TABLE[code];
  return {
    code,
    type: `/v1/errors/${code}`,
    status,
    retryable,
    title: titleOf(code, language),
    fix: sayDetail(language, fixOf(code)),
  };
}

type DescribedError = Omit<ReturnType<typeof describe>, 'type'>;

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
