import type { ErrorCode } from '@pixdock/contract/error-table';
import { catalog, sayIn, textIn } from '@pixdock/contract/messages/catalog';
import type { Text } from '@pixdock/contract/messages/text';
import { grouped, roughSize, shortId, size } from '@pixdock/contract/messages/values';
import type { QueueName } from '@pixdock/shared/queue/jobs';
import type { WrongClock } from '@pixdock/shared/state/service/redis-clock';
import type { ApiState, Facts } from '../status/facts.js';

/** Why the service is not healthy. */
const problems = catalog({
  'api-not-ready': {
    en: ({ code }: { code: ErrorCode }) => `The API accepts no submissions: ${code}`,
    zh: ({ code }) => `API 不接受提交：${code}`,
  },
  'api-unreachable': {
    en: ({ url }: { url: string }) => `The API at ${url} does not respond`,
    zh: ({ url }) => `API（${url}）没有响应`,
  },
  'redis-away': {
    en: ({ reason }: { reason: string }) => `Redis is not available: ${reason}`,
    zh: ({ reason }) => `Redis 不可用：${reason}`,
  },
  'no-worker': {
    en: 'No worker has reported in the last 20 seconds: images wait',
    zh: '最近 20 秒没有 worker 上报：图片在排队等待',
  },
  'storage-degraded': {
    en: ({ code, since }: { code: string; since: string }) =>
      `OSS has a fault (${code}) since ${since}: images wait in staging`,
    zh: ({ code, since }) => `OSS 自 ${since} 起有故障（${code}）：图片在暂存区等待`,
  },
  paused: {
    en: ({ since }: { since: string }) => `Processing is paused since ${since}: images wait`,
    zh: ({ since }) => `处理已暂停（自 ${since} 起）：图片在等待`,
  },
  'queue-old': {
    en: ({ queue, waiting, seconds }: Waiting) =>
      `Single images wait for up to ${time.en(seconds)} (queue ${queue}, ${grouped(waiting)} waiting)`,
    zh: ({ queue, waiting, seconds }) =>
      `单张图片最长已等待 ${time.zh(seconds)}（队列 ${queue}，${grouped(waiting)} 个等待）`,
  },
  'own-failures': {
    en: ({ code, count }: { code: ErrorCode; count: number }) =>
      `${grouped(count)} images failed in the last hour by a fault of the service: ${code}`,
    zh: ({ code, count }) => `最近一小时有 ${grouped(count)} 张图片因服务故障失败：${code}`,
  },
  'no-staging': {
    en: ({ place }: { place: string }) => `${place} has no staging`,
    zh: ({ place }) => `${place} 中没有暂存区`,
  },
  'other-staging': {
    en: ({ problem }: { problem: Text }) => `DATA_DIR: ${problem.en}`,
    zh: ({ problem }) => `DATA_DIR：${problem.zh}`,
  },
  'wrong-clock': {
    en: ({ host, aheadMs }: WrongClock) =>
      `The clock of host ${host} is ${time.en(Math.abs(aheadMs) / 1000)} ${aheadMs > 0 ? 'ahead of' : 'behind'} that of Redis`,
    zh: ({ host, aheadMs }) =>
      `主机 ${host} 的时钟比 Redis ${aheadMs > 0 ? '快' : '慢'} ${time.zh(Math.abs(aheadMs) / 1000)}`,
  },
  full: {
    en: 'The service accepts no submissions, because something is full',
    zh: '空间已满，服务不接受提交',
  },
  'cdn-refuses': {
    en: ({ code }: { code: string }) => `The CDN does not refresh deleted images: ${code}`,
    zh: ({ code }) => `CDN 没有刷新已删除的图片：${code}`,
  },
  'staging-nearly-full': {
    en: ({ share }: { share: number }) => `Staging is ${Math.round(share * 100)} % full`,
    zh: ({ share }) => `暂存区已用 ${Math.round(share * 100)}%`,
  },
});

const others = catalog({
  verdict: {
    en: ({ problems: count }: { problems: number }) =>
      count === 0 ? 'Healthy.' : `Not healthy: ${count} ${count === 1 ? 'problem' : 'problems'}.`,
    zh: ({ problems: count }) => (count === 0 ? '运行正常。' : `运行异常：${count} 个问题。`),
  },
  fix: { en: ({ fix }: { fix: string }) => `fix: ${fix}`, zh: ({ fix }) => `处理方法：${fix}` },
  'api-unreachable.fix': {
    en: 'Start the API, or correct --api.',
    zh: '请启动 API，或更正 --api。',
  },
  'redis-away.fix': {
    en: 'Start Redis, or set REDIS_URL, including its password, to that of the API and the workers.',
    zh: '请启动 Redis，或将 REDIS_URL（含密码）设为 API 与 worker 所用的地址。',
  },
  'wrong-clock.fix': {
    en: 'Enable time synchronisation (NTP, chrony) there and on the host of Redis. Pixdock goes by the clock of Redis; the delays of jobs go by that of the host.',
    zh: '请在该主机和 Redis 所在主机上开启时间同步（NTP、chrony）。Pixdock 以 Redis 的时钟为准；任务的延迟以主机的时钟为准。',
  },
  'no-worker.fix': {
    en: 'Start a worker. If one runs, its log says why it does not work.',
    zh: '请启动 worker。若已在运行，其日志会说明原因。',
  },
  'storage-degraded.fix': {
    en: ({ fix }: { fix: Text }) => `${fix.en} \`pixdock-ops doctor\` tests the bucket.`,
    zh: ({ fix }) => `${fix.zh}可运行 \`pixdock-ops doctor\` 检查 Bucket。`,
  },
  'paused.fix': {
    en: 'Run `pixdock-ops resume` to continue.',
    zh: '如需恢复处理，请运行 `pixdock-ops resume`。',
  },
  'queue-old.fix': {
    en: 'Add workers or decoders (WORKER_CONCURRENCY), or wait: the queue drains after a peak or an outage.',
    zh: '请增加 worker 或解码进程（WORKER_CONCURRENCY）；若刚经历高峰或故障，也可等待队列消化。',
  },
  'cdn-refuses.fix': {
    en: 'Give the key or the role of the workers the action cdn:RefreshObjectCaches, and check that ALIYUN_OSS_FILE_DOMAIN is a domain of this CDN account. Until then the URLs wait in staging.',
    zh: '请给 worker 的密钥或角色授予 cdn:RefreshObjectCaches 权限，并确认 ALIYUN_OSS_FILE_DOMAIN 是该 CDN 账号的域名。在此之前，链接保留在暂存区。',
  },
  'no-staging.fix': {
    en: 'Set DATA_DIR to the folder of the API and the workers.',
    zh: '请将 DATA_DIR 设为 API 与 worker 所用的目录。',
  },
  'staging-nearly-full.fix': {
    en: 'Raise STAGING_MAX_BYTES if the disk has space. During an OSS outage, staging empties once OSS works again.',
    zh: '若磁盘有空间，请调高 STAGING_MAX_BYTES。OSS 故障期间，暂存区会在 OSS 恢复后自动释放。',
  },
  api: {
    en: ({ url, readiness }: ApiState) =>
      readiness === 'unreachable'
        ? `API        no response at ${url} (--api URL names another address)`
        : `API        ${readiness} at ${url}`,
    zh: ({ url, readiness }) =>
      readiness === 'unreachable'
        ? `API        ${url} 无响应（可用 --api URL 指定其他地址）`
        : `API        ${readiness === 'ready' ? '就绪' : readiness}，${url}`,
  },
  workers: {
    en: ({ workers, openBatches }: { workers: number; openBatches: number }) =>
      `Workers    ${workers}; ${grouped(openBatches)} open ${openBatches === 1 ? 'batch' : 'batches'}`,
    zh: ({ workers, openBatches }) => `Worker     ${workers} 个；未完成的批次 ${grouped(openBatches)} 个`,
  },
  queue: {
    en: ({ queue, waiting, active, delayed, seconds }: Depth) =>
      `Queue      ${queue}: ${grouped(waiting)} waiting${waiting === 0 ? '' : `, oldest ${time.en(seconds)}`}, ` +
      `${grouped(active)} in progress, ${grouped(delayed)} later`,
    zh: ({ queue, waiting, active, delayed, seconds }) =>
      `队列       ${queue}：${grouped(waiting)} 个等待${waiting === 0 ? '' : `（最久 ${time.zh(seconds)}）`}，` +
      `${grouped(active)} 个处理中，${grouped(delayed)} 个稍后重试`,
  },
  oss: {
    en: ({ code }: { code: string | null }) => `OSS        ${code ?? 'ok'}`,
    zh: ({ code }) => `OSS        ${code ?? '正常'}`,
  },
  staging: {
    en: ({ id, limit, byUse }: Staging) =>
      `Staging    ${id === null ? '' : `${shortId(id)}, `}${roughSize(sum(byUse))} of ${size.en(limit)}: images ${roughSize(byUse.images)}, ` +
      `batches ${roughSize(byUse.batches)}, uploads ${roughSize(byUse.uploads)}, outcomes ${roughSize(byUse.outcomes)}, endpoints ${roughSize(byUse.endpoints)}`,
    zh: ({ id, limit, byUse }) =>
      `暂存区     ${id === null ? '' : `${shortId(id)}，`}${roughSize(sum(byUse))}，上限 ${size.zh(limit)}：图片 ${roughSize(byUse.images)}，` +
      `批次 ${roughSize(byUse.batches)}，上传中 ${roughSize(byUse.uploads)}，结果 ${roughSize(byUse.outcomes)}，端点 ${roughSize(byUse.endpoints)}`,
  },
  cdn: {
    en: ({ waiting, sent, isExhausted }: { waiting: number; sent: number; isExhausted: boolean }) =>
      `CDN        ${grouped(sent)} URLs refreshed today; ${grouped(waiting)} deleted images wait${isExhausted ? ' until tomorrow, because the daily quota is used up' : ''}`,
    zh: ({ waiting, sent, isExhausted }) =>
      `CDN        今天已刷新 ${grouped(sent)} 个链接；${grouped(waiting)} 张已删除的图片等待刷新${isExhausted ? '，当天配额已用完，明天继续' : ''}`,
  },
  'last-hour': {
    en: ({ published, failed }: { published: number; failed: number }) =>
      `Last hour  ${grouped(published)} published, ${grouped(failed)} failed`,
    zh: ({ published, failed }) => `最近一小时 已发布 ${grouped(published)}，失败 ${grouped(failed)}`,
  },
  failure: {
    en: ({ code, count, title }: { code: ErrorCode; count: number; title: string }) =>
      `           ${grouped(count)} ${code}: ${title}`,
    zh: ({ code, count, title }) => `           ${grouped(count)} ${code}：${title}`,
  },
});

interface Waiting {
  queue: QueueName;
  waiting: number;
  seconds: number;
}

interface Depth extends Waiting {
  active: number;
  delayed: number;
}

type Staging = NonNullable<Facts['staging']>;

const sum = (byUse: Staging['byUse']) => Object.values(byUse).reduce((all, bytes) => all + bytes, 0);

const MINUTE = 60;
const HOUR = 3600;

/** `42 s`, `5 min`, `2 h`. */
function timeWith(units: { s: string; min: string; h: string }) {
  return (seconds: number): string => {
    if (seconds < 2 * MINUTE) return `${Math.round(seconds)} ${units.s}`;
    if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} ${units.min}`;
    return `${Math.round(seconds / HOUR)} ${units.h}`;
  };
}

const time = {
  en: timeWith({ s: 's', min: 'min', h: 'h' }),
  zh: timeWith({ s: '秒', min: '分钟', h: '小时' }),
};

export type ProblemReason = keyof typeof problems;
const messages = { ...problems, ...others };
export const say = sayIn(messages);
export const text = textIn(messages);
