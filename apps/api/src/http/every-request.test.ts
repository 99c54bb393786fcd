import { createLog } from '@pixdock/shared/runtime/log';
import { stub } from '@pixdock/shared/testing/stub';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { Parts } from '../deps.js';
import { openEvents } from '../events.js';
import { openCounters } from '../metrics.js';
import type { ApiEnv } from './env.js';
import { serveEveryRequest } from './every-request.js';

/** An app with one route, and the lines that it logs. */
function newApp() {
  const lines: string[] = [];
  const log = createLog('test', { destination: { write: (line) => void lines.push(line) } });
  const parts = stub<Parts<'config' | 'events' | 'stopping' | 'minimumRate'>>({
    config: { defaultLanguage: 'en' },
    events: openEvents(log, openCounters(), { write() {} }),
    stopping: new AbortController().signal,
  });
  const app = new Hono<ApiEnv>().use(serveEveryRequest(parts)).get('/v1/images', (c) => c.text('all'));
  return { app, lines };
}

test('logs the path of a request without its query and its headers', async () => {
  const { app, lines } = newApp();
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

test.each([
  ['plain', 'a.B-7_', true],
  ['128 characters long', 'x'.repeat(128), true],
  ['129 characters long', 'x'.repeat(129), false],
  ['empty', '', false],
  ['with a space', 'a b', false],
])('gives a request its own X-Request-Id if that is %s', async (_, sent, isKept) => {
  const { app } = newApp();
  const { headers } = await app.request('/v1/images', { headers: { 'X-Request-Id': sent } });
  const id = headers.get('x-request-id') ?? '';
  if (isKept) expect(id).toBe(sent);
  else expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
});
