import { catalog, sayIn, textIn } from '@pixdock/contract/messages/catalog';

interface Counts {
  live: number;
  outcomes: number;
  deletions: number;
  batches: number;
}

const messages = catalog({
  copied: {
    en: ({ live, outcomes, deletions, batches }: Counts) =>
      `Copied ${live} images with their sources, ${outcomes} outcomes, ${deletions} deletions and ${batches} batches`,
    zh: ({ live, outcomes, deletions, batches }) =>
      `已复制 ${live} 张图片及其原图、${outcomes} 个结果、${deletions} 个删除请求、${batches} 个批次`,
  },
  'next-steps': {
    en: 'Now start the API and the workers, then run pixdock-ops recover and pixdock-ops reconcile --fix.',
    zh: '接下来请启动 API 与 worker，然后运行 pixdock-ops recover 和 pixdock-ops reconcile --fix。',
  },
  'keys-restored': {
    en: ({ keys }: { keys: string }) =>
      `The metadata keys of the backup are in ${keys}. METADATA_KEY needs all of them: npm start reads them from DATA_DIR, elsewhere set METADATA_KEY=@${keys} or add them to yours.`,
    zh: ({ keys }) =>
      `备份中的元数据密钥在 ${keys}。METADATA_KEY 必须包含其中全部密钥：npm start 会从 DATA_DIR 读取，其他情况请设置 METADATA_KEY=@${keys}，或把它们加到您的配置中。`,
  },
  'staging-in-bucket': {
    en: 'STAGING_URL names a bucket, but this command copies only a folder',
    zh: 'STAGING_URL 指定了 Bucket，而此命令只复制目录',
  },
  'staging-in-bucket.fix': {
    en: 'No copy is needed: everything staged is in the bucket, and the API restores Redis from it. Keep METADATA_KEY in a safe place. To survive the loss of the bucket, let OSS replicate it.',
    zh: '无需复制：暂存的全部内容都在该 Bucket 中，API 会据此恢复 Redis。请妥善保管 METADATA_KEY。如需防范 Bucket 丢失，请使用 OSS 的数据复制功能。',
  },
  'target-not-empty': {
    en: ({ folder }: { folder: string }) => `${folder} is not empty`,
    zh: ({ folder }) => `${folder} 不是空目录`,
  },
  'target-not-empty.fix': { en: 'Use a new folder for each backup.', zh: '请为每次备份指定新目录。' },
  'incomplete-backup': {
    en: ({ folder, manifest }: { folder: string; manifest: string }) =>
      `${folder} is not a complete backup: it has no ${manifest}`,
    zh: ({ folder, manifest }) => `${folder} 不是完整的备份：缺少 ${manifest}`,
  },
  'incomplete-backup.fix': {
    en: 'Use a folder in which `pixdock-ops backup` has finished.',
    zh: '请指定 `pixdock-ops backup` 已完成的目录。',
  },
  'staging-not-empty': {
    en: ({ root }: { root: string }) => `${root} is not empty`,
    zh: ({ root }) => `${root} 不为空`,
  },
  'staging-not-empty.fix': {
    en: ({ root }: { root: string }) =>
      `Stop the API and all workers, then move the folder away: mv ${root} ${root}.before`,
    zh: ({ root }) => `请停止 API 与所有 worker，并将其移走：mv ${root} ${root}.before`,
  },
});

export const say = sayIn(messages);
export const text = textIn(messages);
