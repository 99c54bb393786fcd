import { PixdockError } from '@pixdock/contract/error';
import { createLog } from '@pixdock/shared/runtime/log';
import { stub } from '@pixdock/shared/testing/stub';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { Parts } from '../deps.js';
import { openEvents } from '../events.js';
import { openCounters } from '../metrics.js';
import type { ApiEnv } from './env.js';
import { serveEveryRequest } from './every-request.js';
import { respondWithError } from './problem.js';

const [WARN, ERROR] = [40, 50];
const fullDisk = Object.assign(new Error('no space left'), { code: 'ENOSPC' });

test.each([
  ['not_found', new PixdockError('not_found'), null],
  ['staging_full', new PixdockError('staging_full'), WARN],
  ['staging_full of a full disk', fullDisk, WARN],
  ['queue_unavailable', new PixdockError('queue_unavailable'), ERROR],
  ['overloaded', new Error('a fault'), ERROR],
])('logs %s at its level', async (_, error, level) => {
  const lines: { msg: string; level: number }[] = [];
  const log = createLog('test', { destination: { write: (line) => void lines.push(JSON.parse(line)) } });
  const parts = stub<Parts<'config' | 'events' | 'stopping' | 'minimumRate'>>({
    config: { defaultLanguage: 'en' },
    events: openEvents(log, openCounters(), { write() {} }),
    stopping: new AbortController().signal,
  });
  const app = new Hono<ApiEnv>().use(serveEveryRequest(parts)).get('/', () => {
    throw error;
  });
  app.onError(respondWithError);
  await app.request('/');
  expect(lines.find(({ msg }) => msg === 'request failed')?.level ?? null).toBe(level);
});

test.each([
  [null, 'zh'],
  ['*', 'zh'],
  ['fr', 'zh'],
  ['fr, *;q=0.5', 'zh'],
  ['*, en;q=0.5', 'en'],
  ['en-GB', 'en'],
])('responds to Accept-Language: %s in %s where DEFAULT_LANGUAGE is zh', async (language, expected) => {
  const parts = stub<Parts<'config' | 'events' | 'stopping' | 'minimumRate'>>({
    config: { defaultLanguage: 'zh' },
    events: openEvents(createLog('test', { destination: { write: () => {} } }), openCounters(), {
      write() {},
    }),
    stopping: new AbortController().signal,
  });
  const app = new Hono<ApiEnv>().use(serveEveryRequest(parts)).get('/', () => {
    throw new PixdockError('not_found');
  });
  app.onError(respondWithError);
  const response = await app.request('/', {
    headers: language === null ? {} : { 'Accept-Language': language },
  });
  expect(response.headers.get('Content-Language')).toBe(expected);
  expect(await response.json()).toMatchObject({ title: expected === 'zh' ? '未找到' : 'Not found' });
});
