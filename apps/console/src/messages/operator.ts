import { catalog } from '@pixdock/contract/messages/catalog';

/** Texts of the operator's view. */
export const operatorMessages = catalog({
  'operator.title': { en: 'Operations', zh: '运维' },
  'operator.ready': { en: 'Accepting images', zh: '正常接收图片' },
  'operator.not-ready': { en: 'Not accepting images', zh: '暂停接收图片' },
  'operator.storage': { en: 'OSS', zh: 'OSS' },
  'operator.storage-ok': { en: 'Healthy', zh: '正常' },
  'operator.storage-degraded': { en: 'Has a fault; images wait in staging', zh: '有故障，图片在暂存区等待' },
  'operator.paused': {
    en: 'Paused: images wait until `pixdock-ops resume`.',
    zh: '已暂停：运行 `pixdock-ops resume` 后继续处理。',
  },
  'operator.workers': { en: 'Workers', zh: 'Worker' },
  'operator.open-batches': { en: 'Open batches', zh: '未完成批次' },
  'operator.accepted': { en: 'Images since the start', zh: '启动以来接收的图片' },
  'operator.waiting': { en: 'Waiting jobs', zh: '等待中的任务' },
  'operator.active': { en: 'Active jobs', zh: '进行中的任务' },
  'operator.oldest': { en: 'Oldest job', zh: '等得最久的任务' },
  'operator.staging': { en: 'Staging', zh: '暂存区' },
  'operator.staging-of': {
    en: ({ used, limit }: { used: string; limit: string }) => `${used} of ${limit}`,
    zh: ({ used, limit }) => `${used} / ${limit}`,
  },
  'operator.throughput': { en: 'The last hour', zh: '最近一小时' },
  'operator.per-minute': {
    en: ({ amount }: { amount: string }) => `${amount} images per minute`,
    zh: ({ amount }) => `每分钟 ${amount} 张`,
  },
  'operator.per-hour': {
    en: ({ count }: { count: number }) => `${count} ${count === 1 ? 'image' : 'images'} in this hour`,
    zh: ({ count }) => `最近一小时 ${count} 张`,
  },
  'operator.most': {
    en: ({ amount }: { amount: string }) => `at most ${amount} in a minute`,
    zh: ({ amount }) => `最高每分钟 ${amount} 张`,
  },
  'operator.outcomes': {
    en: ({ published, failed }: { published: string; failed: string }) =>
      `${published} published, ${failed} failed; invalid rows not counted`,
    zh: ({ published, failed }) => `已发布 ${published} 张，失败 ${failed} 张（不含无效的行）`,
  },
  'operator.hour-ago': { en: 'an hour ago', zh: '一小时前' },
  'operator.now': { en: 'now', zh: '现在' },
  'operator.queues': { en: 'Queues', zh: '队列' },
  'operator.queue': { en: 'Queue', zh: '队列' },
  'operator.failures': { en: 'Failures', zh: '失败' },
  'operator.no-failures': { en: 'Nothing has failed', zh: '没有失败的图片' },
  'operator.count': { en: 'Images', zh: '张数' },
  'operator.reason': { en: 'Reason', zh: '原因' },
  'operator.host': { en: 'Host', zh: '主机' },
  'operator.last': { en: 'Latest', zh: '最近一次' },
  'operator.no-url': { en: 'Upload', zh: '上传' },
  'operator.retried': {
    en: ({ retried, skipped }: { retried: string; skipped: string }) =>
      `Queued again: ${retried}. Left out because the source or the batch is gone: ${skipped}.`,
    zh: ({ retried, skipped }) => `重新排队：${retried} 张。原图或批次已不存在而跳过：${skipped} 张。`,
  },
  'operator.no-retry': { en: 'A retry fails again', zh: '重试也会失败' },
  'operator.deliveries': { en: 'Webhook deliveries', zh: 'Webhook 投递' },
  'operator.no-deliveries': { en: 'No deliveries lately', zh: '最近没有投递' },
  'operator.event': { en: 'Event', zh: '事件' },
  'operator.state': { en: 'State', zh: '状态' },
  'operator.last-response': { en: 'Last response', zh: '最近响应' },
  'operator.time': { en: 'Time', zh: '时间' },
  'operator.resend': { en: 'Resend', zh: '重新投递' },
  'operator.no-response': { en: 'No response', zh: '无响应' },
  'operator.delivery.pending': { en: 'Pending', zh: '待投递' },
  'operator.delivery.delivered': { en: 'Delivered', zh: '已送达' },
  'operator.delivery.failed': { en: 'Failed', zh: '失败' },
  'operator.command': { en: 'The same in a terminal', zh: '对应的命令' },
});
