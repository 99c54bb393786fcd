import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

interface Counts {
  dryRun: boolean;
  objects: number;
  recovered: number;
  existing: number;
  staged: number;
  foreign: number;
}

interface Sealed {
  keyId: string;
  images: number;
  example: string;
}

export const say = sayIn(
  catalog({
    recovered: {
      en: ({ dryRun, objects, recovered, existing, staged, foreign }: Counts) =>
        `${objects} objects listed: ${recovered} images ${dryRun ? 'can be recovered' : 'recovered'}, ${existing} already have a record, ${staged} will be restored from staging, ${foreign} objects are not Pixdock's`,
      zh: ({ dryRun, objects, recovered, existing, staged, foreign }) =>
        `已列出 ${objects} 个对象：${dryRun ? '可' : '已'}恢复 ${recovered} 张图片，${existing} 张已有记录，${staged} 张由暂存区恢复，${foreign} 个对象不属于 Pixdock`,
    },
    sealed: {
      en: ({ keyId, images, example }: Sealed) =>
        `${images} images cannot be read: they were sealed with key ${keyId}, which METADATA_KEY lacks or has with another value (for example ${example}). Add the key from your copy, after the first one, and run recover again.`,
      zh: ({ keyId, images, example }) =>
        `${images} 张图片无法读取：加密元数据的密钥 ${keyId} 不在 METADATA_KEY 中，或密钥内容不同（例如 ${example}）。请从留存的副本中取出该密钥，加到第一项之后，再运行 recover。`,
    },
  }),
);
