import { createLog } from '@pixdock/shared/runtime/log';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test, vi } from 'vitest';
import { createApp } from './app.js';
import type { ApiDeps } from './deps.js';
import { openEvents } from './events.js';
import { openCounters } from './metrics.js';

test('generates the OpenAPI document once', async () => {
  const log = createLog('test', { level: 'silent' });
  const parts = stub<ApiDeps>({
    config: { corsOrigins: [], store: { fileDomain: 'https://img.example.com' } },
    waits: {},
    log,
    events: openEvents(log, openCounters(), { write() {} }),
    stopping: new AbortController().signal,
  });
  const app = createApp(parts);
  const make = vi.spyOn(app, 'getOpenAPI31Document');
  const ask = async () => (await app.request('/openapi.json')).text();
  const first = await ask();
  expect(JSON.parse(first)).toMatchObject({ openapi: '3.1.0', paths: { '/v1/images': {} } });
  expect(await ask()).toBe(first);
  expect(make).toHaveBeenCalledTimes(1);
});
