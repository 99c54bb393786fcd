import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Parts } from '../deps.js';
import { needs } from '../http/auth.js';
import type { ApiEnv } from '../http/env.js';
import { refusals } from './responses.js';

const METRICS = '# TYPE pixdock_images_total counter\npixdock_images_total{status="published"} 12\n';

const route = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'readMetrics',
  tags: ['Health'],
  summary: 'Read the metrics of this API process',
  description: 'In the text format of Prometheus. With METRICS_PORT, that port serves them without a key.',
  security: needs('admin'),
  responses: {
    400: refusals[400],
    401: refusals[401],
    403: refusals[403],
    200: {
      description: 'The metrics',
      content: { 'text/plain': { schema: z.string().openapi({ examples: [METRICS] }) } },
    },
  },
});

export function readMetrics(app: OpenAPIHono<ApiEnv>, { metrics }: Parts<'metrics'>): void {
  app.openapi(route, async (c) => {
    c.header('Cache-Control', 'no-store');
    return c.text(await metrics.text(), 200, { 'Content-Type': metrics.contentType });
  });
}
