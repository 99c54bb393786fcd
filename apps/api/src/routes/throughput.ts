import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { throughputSchema } from '@pixdock/contract/throughput';
import type { Parts } from '../deps.js';
import { needs } from '../http/auth.js';
import type { ApiEnv } from '../http/env.js';
import { setPrivateHeaders } from '../http/state-headers.js';
import { json, refusals } from './responses.js';

const route = createRoute({
  method: 'get',
  path: '/v1/throughput',
  operationId: 'readThroughput',
  tags: ['Health'],
  summary: 'Show how many images of all owners became final in each minute of the last hour',
  security: needs('admin'),
  responses: {
    ...refusals,
    200: json('The minutes, and the failures by code', throughputSchema),
  },
});

export function readThroughput(app: OpenAPIHono<ApiEnv>, { outcomes }: Parts<'outcomes'>): void {
  app.openapi(route, async (c) => {
    const throughput = await outcomes.throughput();
    setPrivateHeaders(c);
    return c.json(throughput, 200);
  });
}
