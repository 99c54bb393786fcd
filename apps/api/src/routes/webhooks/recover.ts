import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { PixdockError } from '@pixdock/contract/error';
import { RECOVERY_ID, recoverRequestSchema, recoverySchema } from '@pixdock/contract/webhook';
import { isoTime } from '@pixdock/shared/runtime/clock';
import { newRecovery, type Recovery } from '@pixdock/shared/state/webhooks/recoveries';
import { readJson } from '../../body/json-body.js';
import type { Parts } from '../../deps.js';
import { needs } from '../../http/auth.js';
import type { ApiEnv } from '../../http/env.js';
import { parseFields } from '../../http/invalid.js';
import { setPrivateHeaders } from '../../http/state-headers.js';
import { idParam, jsonBody } from '../parameters.js';
import { bodyRefusals, json, refusals } from '../responses.js';
import { serve } from '../serve.js';

const PATH = '/v1/webhooks/recover';

const startedRoute = createRoute({
  method: 'post',
  path: PATH,
  operationId: 'recoverWebhooks',
  tags: ['Webhooks'],
  summary: 'Send all failed deliveries again',
  security: needs('submit', 'read'),
  request: { body: jsonBody('WebhookRecoveryRequest', recoverRequestSchema) },
  responses: { ...bodyRefusals, 202: json('The recovery runs; read it at its Location', recoverySchema) },
});

const readRoute = createRoute({
  method: 'get',
  path: `${PATH}/{id}`,
  operationId: 'readWebhookRecovery',
  tags: ['Webhooks'],
  summary: 'Show how many deliveries a recovery has sent again',
  security: needs('read'),
  request: {
    params: idParam(RECOVERY_ID),
  },
  responses: { ...refusals, 200: json('The recovery, for a day', recoverySchema) },
});

export function recoverWebhooks(
  app: OpenAPIHono<ApiEnv>,
  { recoveries, queue }: Parts<'recoveries' | 'queue'>,
): void {
  serve(app, startedRoute, async (c) => {
    const { since } = parseFields(recoverRequestSchema, await readJson(c));
    const recovery = await recoveries.create(newRecovery(c.get('owner'), isoTime(Date.parse(since))));
    if (recovery === null) throw new PixdockError('rate_limited', undefined, { retryAfterSeconds: 5 });
    await queue.recover(recovery);
    await recoveries.keep(recovery);
    c.set('object', recovery.id);
    setPrivateHeaders(c);
    c.header('Location', `${PATH}/${recovery.id}`);
    return c.json(view(recovery), 202);
  });

  serve(app, readRoute, async (c) => {
    const recovery = await recoveries.get(c.req.param('id'));
    if (recovery?.owner !== c.get('owner')) throw new PixdockError('not_found');
    setPrivateHeaders(c);
    return c.json(view(recovery));
  });
}

const view = ({ owner: _owner, cursor: _cursor, ...rest }: Recovery) => rest;
