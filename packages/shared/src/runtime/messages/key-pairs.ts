import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Faults of settings with keys. */
export const say = sayIn(
  catalog({
    'not-a-pair': {
      en: ({ position, form }: { position: number; form: string }) => `pair ${position} is not ${form}`,
      zh: ({ position, form }) => `第 ${position} 项不是 ${form}`,
    },
    'no-pair': {
      en: ({ form }: { form: string }) => `has no ${form}`,
      zh: ({ form }) => `没有 ${form}`,
    },
    'file-unreadable': {
      en: ({ reason }: { reason: string }) => `the file behind the @ cannot be read: ${reason}`,
      zh: ({ reason }) => `无法读取 @ 后面的文件：${reason}`,
    },
    'too-short': {
      en: ({ position, min }: { position: number; min: number }) =>
        `the key of pair ${position} has fewer than ${min} characters`,
      zh: ({ position, min }) => `第 ${position} 项的密钥少于 ${min} 个字符`,
    },
    placeholder: {
      en: ({ position }: { position: number }) => `the key of pair ${position} is a placeholder`,
      zh: ({ position }) => `第 ${position} 项的密钥是占位文字`,
    },
    repeated: {
      en: ({ position }: { position: number }) =>
        `the key of pair ${position} repeats the same few characters`,
      zh: ({ position }) => `第 ${position} 项的密钥只是重复少数字符`,
    },
    'metadata-key.fix': {
      en: 'write id:key with any short id, for example k1: followed by the output of `openssl rand -hex 32`; separate several pairs by commas, or write @file with one on each line. Keep a copy elsewhere: without this key nobody can read who owns a published image',
      zh: '写成 id:key，id 可自定，例如 k1: 后接 `openssl rand -hex 32` 的输出；多项用逗号分隔，也可写 @文件，每行一项。请另存一份：丢失该密钥后，谁也读不出已发布图片属于谁',
    },
    'metadata-key.weak-fix': {
      en: 'make a key with: openssl rand -hex 32',
      zh: '请用此命令生成密钥：openssl rand -hex 32',
    },
    'same-id': {
      en: ({ id }: { id: string }) => `two keys have the id ${id}`,
      zh: ({ id }) => `有两个密钥的 id 都是 ${id}`,
    },
    'same-id.fix': {
      en: 'give each key an id of its own; never change the id of a key in use',
      zh: '请为每个密钥使用不同的 id；使用中的密钥不要更改 id',
    },
  }),
);
