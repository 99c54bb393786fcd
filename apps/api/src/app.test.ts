import { createLog } from '@pixdock/shared/runtime/log';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test, vi } from 'vitest';
import { createApp } from './app.js';
import type { ApiDeps } from './deps.js';
import { openEvents } from './events.js';
import { CHINESE_OPENAPI } from './messages/openapi.js';
import { openCounters } from './metrics.js';

function openApp() {
  const log = createLog('test', { level: 'silent' });
  const parts = stub<ApiDeps>({
    config: {
      corsOrigins: [],
      metadataIndex: [],
      store: { fileDomain: 'https://img.example.com', privateBucket: null, cdnAuth: null },
    },
    waits: {},
    log,
    events: openEvents(log, openCounters(), { write() {} }),
    stopping: new AbortController().signal,
  });
  return createApp(parts);
}

test('generates the OpenAPI document once', async () => {
  const app = openApp();
  const make = vi.spyOn(app, 'getOpenAPI31Document');
  const ask = async () => (await app.request('/openapi.json')).text();
  const first = await ask();
  expect(JSON.parse(first)).toMatchObject({ openapi: '3.1.0', paths: { '/v1/images': {} } });
  expect(await ask()).toBe(first);
  expect(make).toHaveBeenCalledTimes(1);
});

test('has each text of the OpenAPI document in Chinese, and no Chinese text without a place', async () => {
  const response = await openApp().request('/openapi.json', { headers: { 'Accept-Language': 'zh-CN' } });
  expect(response.headers.get('Content-Language')).toBe('zh');
  const texts = textsIn(await response.json());
  expect(texts.length).toBeGreaterThan(500);
  expect(texts.filter((text) => !/\p{Script=Han}/u.test(text))).toEqual([]);
  expect(Object.entries(CHINESE_OPENAPI).filter(([, text]) => !texts.includes(text))).toEqual([]);
});

/** The descriptions and summaries, apart from those in the values of examples. */
function textsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => {
    if (/^(description|summary)$/.test(name) && typeof value === 'string') return [value];
    return /^(example|value)$/.test(name) ? [] : textsIn(value);
  });
}
