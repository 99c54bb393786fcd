import { detailOf } from '@pixdock/contract/messages/detail';
import type { QueueDepth } from '@pixdock/shared/queue/queue-depths';
import { expect, it } from 'vitest';
import type { Facts } from './facts.js';
import { judge } from './judge.js';
import { printStatus, toJson } from './print.js';

const MINUTE_MS = 60_000;
const GIB = 1024 ** 3;

const queue = (name: QueueDepth['queue'], oldestMs: number): QueueDepth => ({
  queue: name,
  waiting: 1200,
  active: 4,
  delayed: 0,
  oldestMs,
});

const STAGING = {
  id: '4fd0b9a2-6c1e-4a53-9d1f-0c8e5b7a2f10',
  limit: 10 * GIB,
  byUse: { uploads: 0, images: 2 * GIB, batches: 0, outcomes: 2048, endpoints: 4096 },
  full: null,
};

const HEALTHY: Facts = {
  api: { url: 'http://127.0.0.1:3000', isGiven: false, readiness: 'ready' },
  place: 'host:/data',
  redis: {
    isUp: true,
    state: {
      queues: [queue('images', 3000)],
      processing: 'ok',
      workers: 2,
      openBatches: 1,
      held: { count: 2, oldestMs: 60_000 },
      storageTrouble: null,
      cdn: { sent: 0, isExhausted: false, refusal: null, waiting: 0 },
      pausedSince: null,
    },
    outcomes: [
      { status: 'published', code: null, count: 120 },
      { status: 'failed', code: 'image_corrupt', count: 2 },
    ],
    full: null,
    otherStaging: null,
    wrongClocks: [],
  },
  staging: STAGING,
};

const inRedis = (changes: Partial<Extract<Facts['redis'], { isUp: true }>['state']>): Partial<Facts> => ({
  redis: { ...HEALTHY.redis, state: { ...stateOf(HEALTHY), ...changes } } as Facts['redis'],
});
const stateOf = ({ redis }: Facts) => {
  if (!redis.isUp) throw new Error('Redis is away');
  return redis.state;
};

it('reports that all is well, in both languages', () => {
  expect(judge(HEALTHY)).toEqual([]);
  expect(linesOf(HEALTHY, 'en')).toEqual([
    'Healthy.',
    '',
    'API        ready at http://127.0.0.1:3000',
    'Workers    2; 1 open batch',
    'Queue      images: 1,200 waiting, oldest 3 s, 4 in progress, 0 later',
    'OSS        ok',
    'Staging    4fd0b9a2, 2.0 GiB of 10 GiB: images 2.0 GiB, batches 0 B, uploads 0 B, outcomes 2.0 KiB, endpoints 4.0 KiB',
    'Last hour  120 published, 2 failed',
    '           2 image_corrupt: The image is damaged',
  ]);
  expect(linesOf(HEALTHY, 'zh')[0]).toBe('运行正常。');
  expect(linesOf(HEALTHY, 'zh').join('\n')).not.toMatch(/waiting|oldest|published|failed/);
});

it.each<[string, Partial<Facts>]>([
  [
    'other-staging',
    {
      redis: {
        ...HEALTHY.redis,
        otherStaging: {
          problem: { en: 'a is not b', zh: 'a 不是 b' },
          fix: { en: 'mount it', zh: '请挂载' },
        },
      } as Facts['redis'],
    },
  ],
  [
    'wrong-clock',
    { redis: { ...HEALTHY.redis, wrongClocks: [{ host: 'a', aheadMs: -MINUTE_MS }] } as Facts['redis'] },
  ],
  ['api-not-ready', { api: { ...HEALTHY.api, readiness: 'staging_full' } }],
  ['api-unreachable', { api: { ...HEALTHY.api, isGiven: true, readiness: 'unreachable' } }],
  ['redis-away', { redis: { isUp: false, reason: 'ECONNREFUSED', fix: null } }],
  [
    'redis-away',
    { redis: { isUp: false, reason: 'WRONGPASS', fix: { en: 'correct REDIS_URL', zh: '请更正 REDIS_URL' } } },
  ],
  ['no-worker', inRedis({ processing: 'no_worker', workers: 0 })],
  ['paused', inRedis({ pausedSince: '2027-01-31T00:00:00.000Z', queues: [queue('images', 60 * MINUTE_MS)] })],
  ['queue-old', inRedis({ queues: [queue('sources', 6 * MINUTE_MS)] })],
  [
    'storage-degraded',
    inRedis({
      storageTrouble: {
        code: 'AccessDenied',
        since: '2027-01-31T00:00:00.000Z',
        fix: { en: 'Grant it.', zh: '请授权。' },
      },
    }),
  ],
  [
    'own-failures',
    {
      redis: {
        ...HEALTHY.redis,
        outcomes: [{ status: 'failed', code: 'storage_denied', count: 1 }],
      } as Facts['redis'],
    },
  ],
  ['no-staging', { staging: null }],
  ['cdn-refuses', inRedis({ cdn: { sent: 0, isExhausted: false, refusal: 'Forbidden.RAM', waiting: 3 } })],
  [
    'full',
    {
      api: { ...HEALTHY.api, readiness: 'staging_full' },
      staging: { ...STAGING, full: detailOf('disk-full-of-others', { used: 0, others: GIB }) },
    },
  ],
  [
    'full',
    {
      api: { ...HEALTHY.api, readiness: 'queue_unavailable' },
      redis: {
        ...HEALTHY.redis,
        full: detailOf('redis-memory-full', { used: GIB, max: GIB }),
      } as Facts['redis'],
    },
  ],
  [
    'staging-nearly-full',
    {
      staging: {
        ...STAGING,
        limit: 100,
        byUse: { uploads: 1, images: 70, batches: 5, outcomes: 5, endpoints: 0 },
      },
    },
  ],
])('reports %s, with its fix in both languages', (reason, changes) => {
  const facts = { ...HEALTHY, ...changes };
  const problems = judge(facts);
  expect(problems.map((problem) => problem.reason)).toEqual([reason]);
  expect(JSON.parse(toJson(facts, problems))).toMatchObject({ healthy: false, problems: [{ reason }] });
  for (const language of ['en', 'zh'] as const) {
    const [verdict, problem, fix] = linesOf(facts, language);
    expect(verdict).toBe(language === 'en' ? 'Not healthy: 1 problem.' : '运行异常：1 个问题。');
    expect(problem).toMatch(/^✗ ./);
    expect(fix).toMatch(language === 'en' ? /^ {2}fix: ./ : /^ {2}处理方法：./);
    if (reason === 'full')
      expect(fix).toMatch(language === 'en' ? /1\.0 GiB.*(disk|maxmemory)/ : /1\.0 GiB.*(磁盘|maxmemory)/);
    if (reason === 'storage-degraded') expect(fix).toContain(language === 'en' ? 'Grant it.' : '请授权。');
  }
});

it('does not call the service unhealthy for images that callers broke, or items of a large batch that wait', () => {
  expect(judge({ ...HEALTHY, ...inRedis({ queues: [queue('items', 60 * MINUTE_MS)] }) })).toEqual([]);
  expect(judge({ ...HEALTHY, api: { ...HEALTHY.api, readiness: 'unreachable' } })).toEqual([]);
});

function linesOf(facts: Facts, language: 'en' | 'zh'): string[] {
  const lines: string[] = [];
  printStatus(facts, judge(facts), language, (line) => void lines.push(line));
  return lines;
}
