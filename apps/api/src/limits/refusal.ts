import type { Text } from '@pixdock/contract/error-table';
import { OverLimitError, type Quota } from './over-limit.js';
import type { OwnerLimits } from './settings.js';

type LimitName = Exclude<keyof OwnerLimits, 'stagingShare'>;

interface Policy extends Omit<Quota, 'limit'> {
  /** Seconds until a repeat may succeed, if no window determines them. */
  retryAfterSeconds: number;
  detail: (limit: number) => Text;
}

const MINUTE_SECONDS = 60;
export const HOUR_SECONDS = 3600;

/** The name and the explanation of each limit. */
const POLICIES: Record<LimitName, Policy> = {
  postsPerMinute: {
    name: 'posts',
    windowSeconds: MINUTE_SECONDS,
    retryAfterSeconds: MINUTE_SECONDS,
    detail: (n) => ({
      en: `More than ${n} POST and DELETE requests in a minute. Wait as Retry-After says; many images go faster as one batch.`,
      zh: `一分钟内的 POST 与 DELETE 请求超过 ${n} 次。请按 Retry-After 等待；大量图片建议作为一个批次提交。`,
    }),
  },
  getsPerMinute: {
    name: 'gets',
    windowSeconds: MINUTE_SECONDS,
    retryAfterSeconds: MINUTE_SECONDS,
    detail: (n) => ({
      en: `More than ${n} GET requests in a minute. Wait as Retry-After says; Prefer: wait saves requests.`,
      zh: `一分钟内的 GET 请求超过 ${n} 次。请按 Retry-After 等待；使用 Prefer: wait 可减少请求次数。`,
    }),
  },
  uploads: {
    name: 'uploads',
    unit: 'concurrent-requests',
    retryAfterSeconds: 1,
    detail: (n) => ({
      en: `More than ${n} request bodies at once. Send the next one when one of them is done.`,
      zh: `同时发送的请求体超过 ${n} 个。请在其中一个完成后再发送下一个。`,
    }),
  },
  waits: {
    name: 'waits',
    unit: 'concurrent-requests',
    retryAfterSeconds: 2,
    detail: (n) => ({
      en: `More than ${n} requests that wait at once. Poll without Prefer: wait, or wait for fewer images.`,
      zh: `同时等待的请求超过 ${n} 个。请改为不带 Prefer: wait 的轮询，或减少同时等待的图片。`,
    }),
  },
  openBatches: {
    name: 'open-batches',
    retryAfterSeconds: 30,
    detail: (n) => ({
      en: `${n} batches are unfinished already. Send the next one when one of them is finished.`,
      zh: `未完成的批次已达 ${n} 个。请在其中一个完成后再提交下一个。`,
    }),
  },
  itemsPerHour: {
    name: 'items',
    windowSeconds: HOUR_SECONDS,
    retryAfterSeconds: HOUR_SECONDS,
    detail: (n) => ({
      en: `More than ${n} batch items in an hour. Nothing of this batch was kept; send it again after Retry-After, or split it.`,
      zh: `一小时内的批次条目超过 ${n} 个。本批次未保留任何内容；请在 Retry-After 之后重新提交，或将其拆分。`,
    }),
  },
  waitingImages: {
    name: 'waiting-images',
    retryAfterSeconds: 30,
    detail: (n) => ({
      en: `${n} images are waiting to be processed already. Send the next ones when some of them are finished.`,
      zh: `等待处理的图片已达 ${n} 张。请在部分图片处理完成后再提交。`,
    }),
  },
  records: {
    name: 'records',
    retryAfterSeconds: HOUR_SECONDS,
    detail: (n) => ({
      en: `There are ${n} images on record already. Delete some, or wait until their retention ends.`,
      zh: `已有 ${n} 张图片的记录。请删除部分图片，或等待其保留期结束。`,
    }),
  },
};

/** The policy of a limit as its response headers describe it. */
export function quotaOf(name: LimitName, limit: number): Quota {
  const { name: policy, windowSeconds, unit } = POLICIES[name];
  return {
    name: policy,
    limit,
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...(unit === undefined ? {} : { unit }),
  };
}

/** The error for an owner who is over a limit. */
export function overLimit(name: LimitName, limit: number, retryAfterSeconds?: number): OverLimitError {
  const policy = POLICIES[name];
  return new OverLimitError(
    quotaOf(name, limit),
    policy.detail(limit),
    retryAfterSeconds ?? policy.retryAfterSeconds,
  );
}
