import type { ErrorCode } from '@pixdock/contract/error-table';
import { detailText, fixOf } from '@pixdock/contract/messages/detail';
import type { Text } from '@pixdock/contract/messages/text';
import type { QueueName } from '@pixdock/shared/queue/jobs';
import { isRefused } from '@pixdock/shared/state/cdn-day';
import { type ProblemReason, text } from '../messages/status.js';
import type { ApiState, Facts } from './facts.js';

/** A reason why the service is not healthy, and what to do. */
export interface Problem {
  reason: ProblemReason;
  detail: Text;
  fix: Text;
}

// The same limits as in deploy/alerts.yml.
const OLD_MS = 5 * 60_000;
const NEARLY_FULL_SHARE = 0.8;
/** Queues of single images. Items of a large batch may wait for hours. */
const PROMPT_QUEUES: readonly QueueName[] = ['images', 'sources'];
/** Failures that no caller causes. */
const OWN_FAILURES: readonly ErrorCode[] = [
  'storage_denied',
  'storage_unavailable',
  'storage_conflict',
  'source_lost',
];

/** Lists everything that needs an operator. */
export function judge(facts: Facts): Problem[] {
  const full = judgeFull(facts);
  // The API says only that something is full.
  const isKnown = full.length > 0 && FULL.includes(facts.api.readiness);
  return [
    ...(isKnown ? [] : judgeApi(facts.api)),
    ...full,
    ...judgeRedis(facts.redis),
    ...judgeStaging(facts),
    ...judgeCdn(facts),
  ];
}

const FULL: readonly string[] = ['staging_full', 'queue_unavailable'] satisfies ErrorCode[];

function judgeFull({ redis, staging }: Facts): Problem[] {
  const found = [redis.isUp ? redis.full : null, staging?.full ?? null];
  return found.flatMap((full) =>
    full === null ? [] : [{ reason: 'full', detail: text('full'), fix: detailText(full) }],
  );
}

function judgeApi({ url, isGiven, readiness }: ApiState): Problem[] {
  if (readiness === 'ready') return [];
  if (readiness !== 'unreachable') {
    const detail = text('api-not-ready', { code: readiness });
    return [{ reason: 'api-not-ready', detail, fix: detailText(fixOf(readiness)) }];
  }
  if (!isGiven) return [];
  return [
    { reason: 'api-unreachable', detail: text('api-unreachable', { url }), fix: text('api-unreachable.fix') },
  ];
}

function judgeRedis(redis: Facts['redis']): Problem[] {
  if (!redis.isUp) {
    const detail = text('redis-away', { reason: redis.reason });
    return [{ reason: 'redis-away', detail, fix: redis.fix ?? text('redis-away.fix') }];
  }
  const { state, outcomes, otherStaging, wrongClocks } = redis;
  const { storageTrouble, pausedSince } = state;
  const problems: Problem[] = [];
  const add = (reason: ProblemReason, detail: Text, fix: Text) => problems.push({ reason, detail, fix });
  if (otherStaging !== null)
    add('other-staging', text('other-staging', { problem: otherStaging.problem }), otherStaging.fix);
  for (const clock of wrongClocks) add('wrong-clock', text('wrong-clock', clock), text('wrong-clock.fix'));
  if (state.processing === 'no_worker') add('no-worker', text('no-worker'), text('no-worker.fix'));
  if (storageTrouble !== null) {
    const fix = text('storage-degraded.fix', { fix: storageTrouble.fix });
    add('storage-degraded', text('storage-degraded', storageTrouble), fix);
  }
  if (pausedSince !== null) add('paused', text('paused', { since: pausedSince }), text('paused.fix'));
  else
    for (const { queue, oldestMs, waiting } of state.queues)
      if (PROMPT_QUEUES.includes(queue) && oldestMs > OLD_MS) {
        const detail = text('queue-old', { queue, waiting, seconds: oldestMs / 1000 });
        add('queue-old', detail, text('queue-old.fix'));
      }
  for (const { code, count } of outcomes)
    if (code !== null && OWN_FAILURES.includes(code))
      add('own-failures', text('own-failures', { code, count }), detailText(fixOf(code)));
  return problems;
}

function judgeCdn({ redis }: Facts): Problem[] {
  if (!redis.isUp || !isRefused(redis.state.cdn)) return [];
  const detail = text('cdn-refuses', { code: redis.state.cdn.refusal ?? '' });
  return [{ reason: 'cdn-refuses', detail, fix: text('cdn-refuses.fix') }];
}

function judgeStaging({ staging, place }: Facts): Problem[] {
  if (staging === null)
    return [{ reason: 'no-staging', detail: text('no-staging', { place }), fix: text('no-staging.fix') }];
  const { limit, byUse, full } = staging;
  const share = Object.values(byUse).reduce((sum, bytes) => sum + bytes, 0) / limit;
  if (share <= NEARLY_FULL_SHARE || full !== null) return [];
  const detail = text('staging-nearly-full', { share });
  return [{ reason: 'staging-nearly-full', detail, fix: text('staging-nearly-full.fix') }];
}
