import { createLog } from '@pixdock/shared/runtime/log';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { openEvents } from '../events.js';
import { openCounters } from '../metrics.js';
import type { ApiEnv } from './env.js';
import { requestLog } from './request-log.js';

test('logs the path of a request without its query and its headers', async () => {
  const lines: string[] = [];
  const log = createLog('test', { destination: { write: (line) => void lines.push(line) } });
  const app = new Hono<ApiEnv>()
    .use(requestLog(openEvents(log, openCounters())))
    .get('/v1/images', (c) => c.text('all'));
  const headers = { Authorization: 'Bearer secret', 'X-Request-Id': 'request-1' };
  await app.request('/v1/images?externalId=secret&metadata=secret', { headers });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    requestId: 'request-1',
    method: 'GET',
    path: '/v1/images',
    status: 200,
  });
  expect(lines[0]).not.toContain('secret');
});
