import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { ERROR_TABLE } from '@pixdock/contract/error-table';
import { type FailureGroup, failureFilterSchema, failureGroupSchema } from '@pixdock/contract/failure';
import { fixOf, sayDetail, titleOf } from '@pixdock/contract/messages/detail';
import type { Language } from '@pixdock/contract/messages/text';
import { decodeGroup } from '@pixdock/shared/state/failures/failure-group';
import type { CountedGroup } from '@pixdock/shared/state/failures/failures';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { languageOf } from '../../http/language.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { pageQuery, wrongCursor } from '../parameters.js';
import { pageOf, refusals } from '../responses.js';

const route = createRoute({
  method: 'get',
  path: '/v1/failures',
  operationId: 'listFailures',
  tags: ['Failures'],
  summary: 'List failed images by day, error code and host',
  description:
    'Single images and items of all batches, newest day first. Invalid rows of a batch are only in its report.',
  security: needs('read'),
  request: { query: failureFilterSchema.extend(pageQuery) },
  responses: {
    ...refusals,
    200: pageOf('FailureGroupList', failureGroupSchema),
  },
});

export function listFailures(
  app: OpenAPIHono<ApiEnv>,
  { failures, readLimits }: Parts<'failures' | 'readLimits'>,
): void {
  app.openapi(route, async (c) => {
    const { cursor: after = null, limit, ...filter } = c.req.valid('query');
    if (after !== null && decodeGroup(after) === null) throw wrongCursor();
    using _ = await readLimits.scans.acquire(c.get('owner'));
    const page = await failures.list(c.get('owner'), filter, after, limit);
    const language = languageOf(c);
    setPrivateHeaders(c);
    const items = page.groups.map((group) => view(group, language));
    return c.json(page.next === null ? { items } : { items, next: page.next }, 200);
  });
}

function view(group: CountedGroup, language: Language): FailureGroup {
  const { code } = group;
  const { retryable } = ERROR_TABLE[code];
  return { ...group, retryable, title: titleOf(code, language), fix: sayDetail(language, fixOf(code)) };
}
