import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Faults of API_KEYS. */
export const say = sayIn(
  catalog({
    fix: {
      en: 'owner:key pairs separated by commas, @file with one pair on each line, or a key from `pixdock-ops keys create --owner NAME` and no API_KEYS',
      zh: '请填写以逗号分隔的 owner:key，或每行一个 owner:key 的 @文件；也可以不设置 API_KEYS，改用 `pixdock-ops keys create --owner 名称` 创建密钥',
    },
    'same-key': {
      en: ({ owners }: { owners: readonly string[] }) => `${owners.join(' and ')} have the same key`,
      zh: ({ owners }) => `${owners.join(' 与 ')} 的密钥相同`,
    },
    'same-key.fix': { en: 'give each owner a key of its own', zh: '请为每个租户设置各自的密钥' },
    'weak.fix': {
      en: 'use random characters, for example from: openssl rand -hex 24',
      zh: '请使用随机字符，例如：openssl rand -hex 24',
    },
  }),
);
