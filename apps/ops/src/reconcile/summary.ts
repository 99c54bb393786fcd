import type { Text } from '@pixdock/contract/error-table';
import type { LookedAll } from './reconcile.js';
import type { Report } from './report.js';

export const unknownRedis: Text = {
  en: '! Redis is not the one that the API last restored into (emptied, restarted, or another one): orphans are told, not removed. With the API running, this passes within seconds; else check REDIS_URL and REDIS_PREFIX.',
  zh: '! 当前 Redis 与 API 上次恢复时的不同（被清空、重启或换了实例）：孤立对象只报告、不删除。API 运行时数秒内即可恢复；否则请检查 REDIS_URL 与 REDIS_PREFIX。',
};

/** What was looked at and what came of it. */
export function summary(looked: LookedAll, report: Report, fix: boolean): Text {
  const { records, objects, outlived, foreign, batches, jobs } = looked;
  const counts = [...report.counts].map(
    ([kind, { found, fixed }]) => `${kind} ${found}${fix ? `/${fixed}` : ''}`,
  );
  const list = counts.join(', ');
  return {
    en: [
      `${records} records, ${objects} objects, ${batches} batches, ${jobs} jobs looked at; ${outlived} published images outlived their record, ${foreign} objects are not Pixdock's`,
      list === '' ? 'Nothing found.' : `Found${fix ? '/fixed' : ''}: ${list}.`,
      ...(report.left() > 0
        ? [fix ? 'What is left needs a hand: see its "fix".' : 'Nothing was changed: --fix mends.']
        : []),
    ].join('\n'),
    zh: [
      `共检查 ${records} 条记录、${objects} 个对象、${batches} 个批次、${jobs} 个任务；${outlived} 张已发布图片的记录已过期，${foreign} 个对象不属于 Pixdock`,
      list === '' ? '未发现问题。' : `发现${fix ? '/已修复' : ''}：${list}。`,
      ...(report.left() > 0
        ? [fix ? '其余问题需人工处理，见各条的 "fix"。' : '未作任何更改：使用 --fix 修复。']
        : []),
    ].join('\n'),
  };
}
