import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

const RESTORE_BY_HAND = {
  en: 'By hand: restore the object from a backup of the bucket, or delete the image and submit it again.',
  zh: '需人工处理：从 Bucket 备份恢复该对象，或删除图片后重新提交。',
};
const REMOVE_OBJECT = { en: '--fix removes the object.', zh: '--fix 会删除该对象。' };
const RESTORE_RECORD = { en: '--fix restores the record and its job.', zh: '--fix 会恢复记录及其任务。' };
const REQUEUE = { en: '--fix puts the job back into its queue.', zh: '--fix 会将任务重新放入队列。' };
const REMOVE_FILES = { en: '--fix removes it.', zh: '--fix 会将其删除。' };

/** Differences between records, jobs, staging and the bucket, by kind; each has a `.fix`. */
const discrepancies = catalog({
  'object-missing': {
    en: 'the image is published, but its object is missing in the bucket',
    zh: '已发布，但对象不在 Bucket 中',
  },
  'object-missing.fix': RESTORE_BY_HAND,
  'object-differs': {
    en: 'the image is published, but the bytes of its object differ from the record',
    zh: '已发布，但对象内容与记录不符',
  },
  'object-differs.fix': RESTORE_BY_HAND,
  'second-main': {
    en: 'a second main object exists beside the published one',
    zh: '已发布的 main 之外还有另一个 main',
  },
  'second-main.fix': {
    en: 'By hand: compare both and remove the one that the image does not reference.',
    zh: '需人工处理：比较两者，删除图片未引用的那个。',
  },
  'unnamed-variant': {
    en: 'neither the main object nor a record references this object',
    zh: 'main 和记录都没有引用该对象',
  },
  'unnamed-variant.fix': REMOVE_OBJECT,
  'leftover-object': {
    en: 'the image ended without objects, but this object exists',
    zh: '图片已结束且不应有对象，但该对象仍存在',
  },
  'leftover-object.fix': REMOVE_OBJECT,
  'orphan-object': {
    en: 'the object has no main object, no record and nothing in staging',
    zh: '对象没有 main、没有记录，暂存区也没有对应内容',
  },
  'orphan-object.fix': REMOVE_OBJECT,
  'sealed-metadata': {
    en: 'the metadata of its object was sealed with a key that METADATA_KEY lacks, or has with another value',
    zh: '加密其元数据的密钥不在 METADATA_KEY 中，或同一 id 的密钥内容不同',
  },
  'sealed-metadata.fix': {
    en: 'By hand: add this key to METADATA_KEY from your copy, after the first one.',
    zh: '需人工处理：从留存的副本中取出该密钥，加到 METADATA_KEY 的第一项之后。',
  },
  'unreadable-record': { en: 'the record cannot be read', zh: '记录无法读取' },
  'unreadable-record.fix': {
    en: 'By hand: a newer version may have written it. Upgrade, or report it.',
    zh: '需人工处理：可能由更新的版本写入；请升级，或向我们反馈。',
  },
  'unreadable-account': { en: 'its file in staging cannot be read', zh: '暂存区中的文件无法读取' },
  'unreadable-account.fix': {
    en: 'By hand: restore the file from a backup of DATA_DIR. Without a backup, remove it and submit again.',
    zh: '需人工处理：从 DATA_DIR 备份恢复该文件；若无备份，请删除后重新提交。',
  },
  'image-without-record': { en: 'the image is staged, but has no record', zh: '已暂存，但没有记录' },
  'image-without-record.fix': RESTORE_RECORD,
  'record-behind': {
    en: 'staging has a later state than the record, because Redis returned to an earlier one',
    zh: '暂存区的状态比记录更新：Redis 回退到了较早的状态',
  },
  'record-behind.fix': {
    en: '--fix updates the record to the state in staging.',
    zh: '--fix 会将记录更新到该状态。',
  },
  'batch-without-record': { en: 'the batch is staged, but has no record', zh: '批次已暂存，但没有记录' },
  'batch-without-record.fix': RESTORE_RECORD,
  'image-without-job': {
    en: 'the image is not final, but no job will continue it',
    zh: '尚未结束，但没有任务会继续处理',
  },
  'image-without-job.fix': REQUEUE,
  'item-adrift': { en: 'the batch does not process this item any more', zh: '批次不再处理该条目' },
  'item-adrift.fix': { en: '--fix returns the item to the batch.', zh: '--fix 会把它放回批次。' },
  'batch-without-job': {
    en: 'the batch is not finished, but no job will continue it',
    zh: '尚未完成，但没有任务会继续处理',
  },
  'batch-without-job.fix': REQUEUE,
  'batch-without-manifest': {
    en: 'the batch has a record, but its items are missing in staging',
    zh: '批次有记录，但暂存区没有其条目',
  },
  'batch-without-manifest.fix': {
    en: '--fix deletes the record of a batch that has not started. Otherwise restore staging from a backup of DATA_DIR, or submit the batch again.',
    zh: '--fix 会清除尚未开始的批次；否则请从 DATA_DIR 备份恢复暂存区，或重新提交该批次。',
  },
  'job-without-record': {
    en: 'the job has no record, or is unknown to this version',
    zh: '任务没有对应的记录，或当前版本无法识别',
  },
  'job-without-record.fix': {
    en: 'Harmless: a worker ends the job, or leaves it to a worker of a newer version.',
    zh: '没有影响：worker 会结束该任务，或留给更新版本的 worker。',
  },
  'staged-final-source': {
    en: 'the image is final, but its source or output is still staged',
    zh: '已结束，但原图或输出仍在暂存区',
  },
  'staged-final-source.fix': REMOVE_FILES,
  'deletion-pending': { en: 'a deletion was requested, but is not completed', zh: '已请求删除，但尚未完成' },
  'deletion-pending.fix': { en: '--fix completes it.', zh: '--fix 会完成删除。' },
  'abandoned-arrival': { en: 'an upload was abandoned', zh: '上传中途放弃，没有完成' },
  'abandoned-arrival.fix': REMOVE_FILES,
});

export type DiscrepancyKind = Exclude<keyof typeof discrepancies, `${string}.fix`>;
export const sayDiscrepancy = sayIn(discrepancies);
