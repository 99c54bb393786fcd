import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Faults of the key file. */
export const say = sayIn(
  catalog({
    'not-json': { en: 'the file is not JSON', zh: '文件不是 JSON' },
    'wrong-field': {
      en: ({ field, problem }: { field: string; problem: string }) => `${field}: ${problem}`,
      zh: ({ field, problem }) => `${field}：${problem}`,
    },
    'not-a-hash': {
      en: 'is not the SHA-256 of a key in 64 hexadecimal digits',
      zh: '不是密钥的 SHA-256（64 位十六进制）',
    },
    'same-id': {
      en: ({ id }: { id: string }) => `two keys have the id ${id}`,
      zh: ({ id }) => `两个密钥的 id 都是 ${id}`,
    },
    'same-key': {
      en: ({ ids }: { ids: readonly string[] }) => `${ids.join(' and ')} are the same key`,
      zh: ({ ids }) => `${ids.join(' 与 ')} 是同一个密钥`,
    },
    missing: { en: 'the file does not exist', zh: '文件不存在' },
    unreadable: {
      en: ({ code }: { code: string }) => `the file cannot be read (${code})`,
      zh: ({ code }) => `无法读取该文件（${code}）`,
    },
    unwritable: {
      en: ({ code }: { code: string }) => `the file cannot be changed (${code})`,
      zh: ({ code }) => `无法修改该文件（${code}）`,
    },
    'unwritable.fix': {
      en: 'run the command as the user of the API and with its settings',
      zh: '请用运行 API 的用户和同样的配置运行该命令',
    },
    fix: {
      en: 'restore the file from a copy, or remove it and create the keys again: pixdock-ops keys create --owner NAME',
      zh: '请从备份恢复该文件，或删除它并重新创建密钥：pixdock-ops keys create --owner 名称',
    },
    'two-files': { en: 'names another key file than API_KEYS', zh: '与 API_KEYS 指定的密钥文件不同' },
    'two-files.fix': { en: 'set only one of them', zh: '请只设置其中之一' },
  }),
);
