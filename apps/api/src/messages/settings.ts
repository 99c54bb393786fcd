import { catalog, sayIn } from '@pixdock/contract/messages/catalog';
import { printable } from '@pixdock/contract/messages/values';

/** Faults of CORS_ORIGINS, METADATA_INDEX and LIMITS_FILE. */
export const say = sayIn(
  catalog({
    'not-an-origin': {
      en: ({ origin }: { origin: string }) => `"${origin}" is not an origin`,
      zh: ({ origin }) => `“${origin}”不是 Origin`,
    },
    'not-an-origin.fix': {
      en: 'write https://host[:port] without a path',
      zh: '请写成 https://主机[:端口]，不带路径',
    },
    'too-many-keys': {
      en: ({ count }: { count: number }) => `has ${count} keys`,
      zh: ({ count }) => `有 ${count} 个键`,
    },
    'long-key': {
      en: ({ key, max }: { key: string; max: number }) =>
        `"${printable(key)}" has more than ${max} characters`,
      zh: ({ key, max }) => `“${printable(key)}”超过 ${max} 个字符`,
    },
    'metadata-index.fix': {
      en: ({ max }: { max: number }) => `at most ${max} keys of metadata, for example color,season`,
      zh: ({ max }) => `最多 ${max} 个 metadata 键，例如 color,season`,
    },
    'limits-file.fix': {
      en: 'a JSON or YAML object with `default` and `owners`, as in docs/operations.md',
      zh: '应为包含 `default` 与 `owners` 的 JSON 或 YAML 对象，见 docs/operations.zh-CN.md',
    },
    'owner-without-key': {
      en: ({ owner, meant }: { owner: string; meant: string | undefined }) =>
        `owners.${owner}: has no key${meant === undefined ? '' : `; write ${meant}`}`,
      zh: ({ owner, meant }) => `owners.${owner}：没有密钥${meant === undefined ? '' : `；应为 ${meant}`}`,
    },
    'owner-without-key.fix': { en: 'correct the name or remove it', zh: '请改正名称或将其删除' },
  }),
);
