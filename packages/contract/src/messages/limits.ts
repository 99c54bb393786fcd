import { catalog } from './catalog.js';
import { roughSize } from './values.js';

type Limit = {
  limit: number;
};

/** Limits that the settings set for an owner. */
export const ownerLimitMessages = catalog({
  'posts-per-minute': {
    en: ({ limit }: Limit) =>
      `You have sent more than ${limit} POST and DELETE requests in a minute. Wait as long as Retry-After says; one batch is faster for many images.`,
    zh: ({ limit }) =>
      `一分钟内的 POST 与 DELETE 请求超过 ${limit} 次。请按 Retry-After 等待；图片多时建议作为一个批次提交。`,
  },
  'gets-per-minute': {
    en: ({ limit }: Limit) =>
      `You have sent more than ${limit} GET requests in a minute. Wait as long as Retry-After says; Prefer: wait saves requests.`,
    zh: ({ limit }) =>
      `一分钟内的 GET 请求超过 ${limit} 次。请按 Retry-After 等待；使用 Prefer: wait 可减少请求次数。`,
  },
  'uploads-at-once': {
    en: ({ limit }: Limit) =>
      `You are sending more than ${limit} request bodies at once. Send the next one after one of them is finished.`,
    zh: ({ limit }) => `同时发送的请求体超过 ${limit} 个。请在其中一个完成后再发送下一个。`,
  },
  'waits-at-once': {
    en: ({ limit }: Limit) =>
      `More than ${limit} of your requests are waiting at once. Poll without Prefer: wait, or wait for fewer images.`,
    zh: ({ limit }) =>
      `同时等待的请求超过 ${limit} 个。请改为不带 Prefer: wait 的轮询，或减少同时等待的图片。`,
  },
  'open-batches': {
    en: ({ limit }: Limit) =>
      `You already have ${limit} unfinished batches. Submit the next one after one of them is finished.`,
    zh: ({ limit }) => `未完成的批次已达 ${limit} 个。请在其中一个完成后再提交下一个。`,
  },
  'items-per-hour': {
    en: ({ limit }: Limit) =>
      `You would submit or retry more than ${limit} items in an hour. Nothing of this request was accepted. Send it again after Retry-After, or split it.`,
    zh: ({ limit }) =>
      `一小时内提交或重试的条目将超过 ${limit} 个。此请求没有被接受。请在 Retry-After 之后重新提交，或拆成几个请求。`,
  },
  'waiting-images': {
    en: ({ limit }: Limit) =>
      `More than ${limit} of your images would wait to be processed. Send this request again after some of them are finished.`,
    zh: ({ limit }) => `等待处理的图片将超过 ${limit} 张。请在部分图片处理完成后重新提交。`,
  },
  'held-images': {
    en: ({ limit }: Limit) =>
      `${limit} of your images already wait for a decision by a person. Submit images for profiles with a review again after some of them are decided.`,
    zh: ({ limit }) =>
      `等待人工审核的图片已达 ${limit} 张。请在部分图片审核完成后，再提交使用需审核处理方案的图片。`,
  },
});

/** The bytes that an owner uses and may use. */
type Bytes = { used: number; max: number };
type RedisBytes = Bytes & { records: number; events: number; responses: number };

/** Other limits of an owner or of this process. */
export const limitMessages = catalog({
  'staging-share': {
    en: ({ used, max }: Bytes) =>
      `Your files take ${roughSize(used)} of staging. While other owners need the rest, they may take ${roughSize(max)}. Wait until some of your images are finished.`,
    zh: ({ used, max }) =>
      `您的文件已占用暂存区 ${roughSize(used)}；其余空间要留给其他租户时，最多可占 ${roughSize(max)}。请等部分图片处理完再试。`,
  },
  'redis-bytes': {
    en: ({ used, max, records, events, responses }: RedisBytes) =>
      `You would take ${roughSize(used)} of Redis, and may take ${roughSize(max)}: your images and batches ${roughSize(records)}, webhook events ${roughSize(events)}, responses kept for an Idempotency-Key ${roughSize(responses)}. Delete some images or batches, or wait: their retention ends, events are kept for up to eight days, and responses for one.`,
    zh: ({ used, max, records, events, responses }) =>
      `您将占用 Redis ${roughSize(used)}，上限为 ${roughSize(max)}：图片与批次 ${roughSize(records)}，Webhook 事件 ${roughSize(events)}，为 Idempotency-Key 保留的响应 ${roughSize(responses)}。请删除部分图片或批次，或等待：图片有保留期，事件最多保留八天，响应保留一天。`,
  },
  'unfinished-uploads': {
    en: ({ limit }: Limit) =>
      `You already have ${limit} unfinished resumable or direct uploads. Finish or remove some; each expires within 24 hours.`,
    zh: ({ limit }) =>
      `未完成的断点续传与直传已达 ${limit} 个。请先完成或删除其中一些；未完成的最迟 24 小时后过期。`,
  },
  'writes-at-once': {
    en: 'The disk is still busy with your other requests. Send fewer at once.',
    zh: '磁盘仍在处理您的其他请求。请减少同时发送的请求。',
  },
  'unknown-ids-at-once': {
    en: ({ limit }: Limit) =>
      `You may look up ${limit} images or batches at a time whose records have expired or that do not exist.`,
    zh: ({ limit }) => `对于记录已过期或不存在的图片和批次，每个租户最多同时查找 ${limit} 个。`,
  },
  'scans-at-once': {
    en: ({ limit }: Limit) => `Each owner may run ${limit} lists and look-ups at a time.`,
    zh: ({ limit }) => `每个租户最多同时进行 ${limit} 个列表或查找请求。`,
  },
  'lookups-in-storage': {
    en: ({ limit, seconds }: Limit & { seconds: number }) =>
      `Each owner may read ${limit} images per ${seconds} seconds whose records have expired or that do not exist.`,
    zh: ({ limit, seconds }) => `每个租户每 ${seconds} 秒最多读取 ${limit} 张记录已过期或不存在的图片。`,
  },
  'streams-opened': {
    en: ({ limit, seconds }: Limit & { seconds: number }) =>
      `Each owner may open ${limit} streams of all changes in ${seconds} seconds. Keep a stream open instead of opening it again.`,
    zh: ({ limit, seconds }) =>
      `每个租户每 ${seconds} 秒最多打开 ${limit} 个全部变更的事件流。请保持连接，不要反复打开。`,
  },
  'reads-at-once': {
    en: ({ limit }: Limit) =>
      `${limit} reports or pages of items are being sent already. Repeat the request after one of them is finished.`,
    zh: ({ limit }) => `已有 ${limit} 个报告或条目列表正在发送。请等其中一个完成后重试。`,
  },
});
