import { OpenAPIHono } from '@hono/zod-openapi';
import { createLog } from '@pixdock/shared/runtime/log';
import { formatDocument, storedImage } from '@pixdock/shared/state/images/document';
import { toImage } from '@pixdock/shared/state/images/view';
import { testRecord } from '@pixdock/shared/testing/record';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test } from 'vitest';
import type { ApiDeps } from '../../deps.js';
import { openEvents } from '../../events.js';
import type { ApiEnv } from '../../http/env.js';
import { respondWithError } from '../../http/problem.js';
import type { Caller } from '../../keys/keyring.js';
import { openReadLimits } from '../../limits/read-limits.js';
import type { SharedCounts } from '../../limits/shared-counts.js';
import { openCounters } from '../../metrics.js';
import { readOneImage } from './read.js';

const record = testRecord({ version: 3 });
const log = createLog('test', { level: 'silent' });

/** Polls the image as this owner, with a key or an upload token. */
async function poll(owner: string, token: string | null, headers: Record<string, string> = {}) {
  const app = new OpenAPIHono<ApiEnv>();
  app.onError(respondWithError);
  app.use(async (c, next) => {
    c.set('owner', owner);
    c.set('caller', stub<Caller>({ owner, token: token === null ? null : { id: token } }));
    c.set('events', openEvents(log, openCounters(), { write() {} }));
    await next();
  });
  readOneImage(
    app,
    stub<ApiDeps>({
      readLimits: openReadLimits(() => false, stub<SharedCounts>({})),
      images: { read: async () => storedImage(formatDocument(record)), get: async () => null },
      store: { head: async () => null },
      config: { store: { prefix: '', privateBucket: null } },
      backlog: { sizeFor: async () => 80 },
      waits: {},
    }),
  );
  return app.request(`/v1/images/${record.id}`, { headers });
}

test('sends the JSON of the record with its version, and when to poll again', async () => {
  const response = await poll('acme', null);
  expect(await response.text()).toBe(JSON.stringify(toImage(record, 'en')));
  expect(Object.fromEntries(response.headers)).toEqual({
    'cache-control': 'private, no-cache',
    'content-type': 'application/json',
    etag: '"3"',
    'retry-after': '11',
    vary: 'Accept-Language, Authorization',
  });
});

test('sends a 304 without a body for the version that the caller has', async () => {
  const response = await poll('acme', null, { 'If-None-Match': '"3"' });
  expect([response.status, await response.text()]).toEqual([304, '']);
  expect(response.headers.get('ETag')).toBe('"3"');
  expect((await poll('acme', null, { 'If-None-Match': '"2"' })).status).toBe(200);
});

test("hides another owner's image, and one that an upload token did not submit", async () => {
  expect((await poll('other', null)).status).toBe(404);
  expect((await poll('acme', 'token-of-another-page')).status).toBe(404);
});
