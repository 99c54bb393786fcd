import type { Text } from '@pixdock/contract/error-table';

export type Kind = keyof typeof KINDS;

const kind = (
  [problemEn, problemZh]: [en: string, zh: string],
  [fixEn, fixZh]: [en: string, zh: string],
): { problem: Text; fix: Text } => ({
  problem: { en: problemEn, zh: problemZh },
  fix: { en: fixEn, zh: fixZh },
});

const BY_HAND: [string, string] = [
  'By hand: restore the object from a backup of the bucket, or delete the image and submit it again.',
  '需人工处理：从 Bucket 备份恢复该对象，或删除图片后重新提交。',
];
const REMOVE: [string, string] = ['--fix removes the object.', '--fix 会删除该对象。'];

/** Everything that can be wrong between records, jobs, staging and the bucket, and what mends it. */
export const KINDS = {
  'object-missing': kind(
    ['published, but the object is not in the bucket', '已发布，但对象不在 Bucket 中'],
    BY_HAND,
  ),
  'object-differs': kind(
    ['published, but the object has other bytes than the record says', '已发布，但对象内容与记录不符'],
    BY_HAND,
  ),
  'second-main': kind(
    ['another main beside the published one', '已发布的 main 之外还有另一个 main'],
    [
      'By hand: look at both and remove the one that the image does not name.',
      '需人工处理：比较两者，删除图片未引用的那个。',
    ],
  ),
  'unnamed-variant': kind(
    ['an object beside main that neither main nor a record names', 'main 旁有未被 main 或记录引用的对象'],
    REMOVE,
  ),
  'leftover-object': kind(
    ['the image has ended without objects, but this one is there', '图片已结束且不应有对象，但该对象仍存在'],
    REMOVE,
  ),
  'orphan-object': kind(
    [
      'an object without main, without a record and without anything staged',
      '对象没有 main、没有记录，暂存区也没有对应内容',
    ],
    REMOVE,
  ),
  'unreadable-record': kind(
    ['the record cannot be read', '记录无法读取'],
    [
      'By hand: it may be of a newer version; upgrade, or report it.',
      '需人工处理：可能由更新的版本写入；请升级，或向我们反馈。',
    ],
  ),
  'unreadable-account': kind(
    ['what staging keeps of it cannot be read', '暂存区中的记录无法读取'],
    [
      'By hand: restore the file from a backup of DATA_DIR; if there is none, remove it and submit again.',
      '需人工处理：从 DATA_DIR 备份恢复该文件；若无备份，请删除后重新提交。',
    ],
  ),
  'image-without-record': kind(
    ['staged, but without a record', '已暂存，但没有记录'],
    ['--fix restores the record and its job.', '--fix 会恢复记录及其任务。'],
  ),
  'record-behind': kind(
    [
      'staging tells of a later state than the record: Redis went back to an earlier one',
      '暂存区的状态比记录更新：Redis 回退到了较早的状态',
    ],
    ['--fix brings the record up to it.', '--fix 会将记录更新到该状态。'],
  ),
  'batch-without-record': kind(
    ['a staged batch without a record', '批次已暂存，但没有记录'],
    ['--fix restores the record and its job.', '--fix 会恢复记录及其任务。'],
  ),
  'image-without-job': kind(
    ['not final, and no job will go on with it', '尚未结束，但没有任务会继续处理'],
    ['--fix puts the job back into its queue.', '--fix 会将任务重新放入队列。'],
  ),
  'item-adrift': kind(
    ['an item of a batch that the batch does not look at any more', '批次不再处理该条目'],
    ['--fix gives it back to the batch.', '--fix 会将其交还给批次。'],
  ),
  'batch-without-job': kind(
    ['not finished, and no job will go on with it', '尚未完成，但没有任务会继续处理'],
    ['--fix puts the job back into its queue.', '--fix 会将任务重新放入队列。'],
  ),
  'batch-without-manifest': kind(
    ['the batch has a record, but staging does not have its items', '批次有记录，但暂存区没有其条目'],
    [
      '--fix forgets a batch of which nothing was begun; else restore staging from a backup of DATA_DIR, or submit the batch again.',
      '--fix 会清除尚未开始的批次；否则请从 DATA_DIR 备份恢复暂存区，或重新提交该批次。',
    ],
  ),
  'job-without-record': kind(
    [
      'a job of nothing that has a record, or that is known to this version',
      '任务没有对应的记录，或当前版本无法识别',
    ],
    [
      'Harmless: a worker finds nothing to do, or leaves it to a newer one.',
      '无害：worker 会发现无事可做，或留给更新版本的 worker。',
    ],
  ),
  'staged-final-source': kind(
    ['final, but its source or output is still staged', '已结束，但源文件或输出仍在暂存区'],
    ['--fix removes it.', '--fix 会将其删除。'],
  ),
  'deletion-pending': kind(
    ['a deletion was asked for and is not done', '已请求删除，但尚未完成'],
    ['--fix has it done.', '--fix 会使其完成。'],
  ),
  'abandoned-arrival': kind(
    ['an upload that nobody goes on with', '无人继续的上传'],
    ['--fix removes it.', '--fix 会将其删除。'],
  ),
} as const;

/** Told, but nothing that anybody has to do something about. */
export const HARMLESS: readonly Kind[] = ['job-without-record'];
