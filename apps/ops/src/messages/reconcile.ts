import { catalog, sayIn, textIn } from '@pixdock/contract/messages/catalog';

interface Counts {
  records: number;
  objects: number;
  batches: number;
  jobs: number;
  outlived: number;
  foreign: number;
}

const messages = catalog({
  'unknown-redis': {
    en: '! Redis was emptied, restarted or replaced since the API last restored it: orphans are reported, not removed. If the API is running, it restores Redis within seconds; otherwise check REDIS_URL and REDIS_PREFIX.',
    zh: '! 当前 Redis 与 API 上次恢复时的不同（被清空、重启或换了实例）：孤立对象只报告、不删除。API 运行时数秒内即可恢复；否则请检查 REDIS_URL 与 REDIS_PREFIX。',
  },
  checked: {
    en: ({ records, objects, batches, jobs, outlived, foreign }: Counts) =>
      `Checked ${records} records, ${objects} objects, ${batches} batches and ${jobs} jobs; ${outlived} published images have no record here${outlived === 0 ? '' : ': it expired, or this Redis never had it (`pixdock-ops recover` restores it)'}; ${foreign} objects are not Pixdock's`,
    zh: ({ records, objects, batches, jobs, outlived, foreign }) =>
      `共检查 ${records} 条记录、${objects} 个对象、${batches} 个批次、${jobs} 个任务；${outlived} 张已发布图片在此没有记录${outlived === 0 ? '' : '（已过期，或这个 Redis 从未有过；可用 `pixdock-ops recover` 恢复）'}，${foreign} 个对象不属于 Pixdock`,
  },
  'nothing-found': { en: 'No differences found.', zh: '没有发现不一致。' },
  found: {
    en: ({ list }: { list: string }) => `Found: ${list}.`,
    zh: ({ list }) => `发现：${list}。`,
  },
  'found-and-fixed': {
    en: ({ list }: { list: string }) => `Found/fixed: ${list}.`,
    zh: ({ list }) => `发现/已修复：${list}。`,
  },
  'needs-fix': { en: 'Nothing was changed: use --fix.', zh: '没有作任何更改，加 --fix 才会修复。' },
  'needs-only-hand': {
    en: 'Nothing was changed, and --fix would change nothing: see "fix" in each line.',
    zh: '没有作任何更改，加 --fix 也不会修复，见各条的 "fix"。',
  },
  'needs-hand': {
    en: 'The rest must be fixed by hand: see "fix" in each line.',
    zh: '其余问题需人工处理，见各条的 "fix"。',
  },

  'batch-progress': {
    en: ({ queued, total, published }: { queued: number; total: number; published: number }) =>
      `${queued} of ${total} items not started, ${published} published`,
    zh: ({ queued, total, published }) => `共 ${total} 个条目，${queued} 个未开始，${published} 个已发布`,
  },
  'deletion-done': { en: 'completed, but its mark remains', zh: '已完成，但标记仍在' },
  'deletion-not-in-record': { en: 'marked, but not in the record', zh: '已标记，但记录中没有' },
  'deletion-done-with-batch': {
    en: 'completed with its batch, but its mark remains',
    zh: '已随批次完成，但标记仍在',
  },
  'deletion-of-nothing': { en: 'nothing is left to delete', zh: '没有可删除的内容' },
  'deletion-only-in-bucket': { en: 'the image exists only in the bucket', zh: '图片仅存在于 Bucket 中' },
});

export const say = sayIn(messages);
export const text = textIn(messages);
