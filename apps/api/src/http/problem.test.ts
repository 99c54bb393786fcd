import { PixdockError } from '@pixdock/contract/error';
import { createLog } from '@pixdock/shared/runtime/log';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { openEvents } from '../events.js';
import { openCounters } from '../metrics.js';
import type { ApiEnv } from './env.js';
import { respondWithError } from './problem.js';
import { requestLog } from './request-log.js';

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
  const app = new Hono<ApiEnv>().use(requestLog(openEvents(log, openCounters()))).get('/', () => {
    throw error;
  });
  app.onError(respondWithError);
  await app.request('/');
  expect(lines.find(({ msg }) => msg === 'request failed')?.level ?? null).toBe(level);
});
