import { catalog, sayIn, textIn } from '@pixdock/contract/messages/catalog';

interface Created {
  id: string;
  owner: string;
  scopes: string;
  expiresAt: string | null;
  /** The key file, which must be that of the API. */
  path: string;
}

interface Revoked {
  id: string;
  owner: string;
}

interface Labeled extends Revoked {
  label: string;
}

const messages = catalog({
  created: {
    en: ({ id, owner, scopes, expiresAt, path }: Created) =>
      `${id} of ${owner}: ${scopes}; ${expiresAt === null ? 'does not expire' : `expires at ${expiresAt}`}; in ${path}. The line on stdout is the key; it is not stored and not shown again.`,
    zh: ({ id, owner, scopes, expiresAt, path }) =>
      `${id}，租户 ${owner}，权限 ${scopes}，${expiresAt === null ? '不过期' : `${expiresAt} 过期`}，保存在 ${path}。标准输出中的一行即为密钥；密钥不会保存，也不会再次显示。`,
  },
  revoked: {
    en: ({ id, owner }: Revoked) =>
      `${id} of ${owner} is revoked. Within 5 seconds the API refuses it and the upload tokens made with it.`,
    zh: ({ id, owner }) => `已吊销 ${owner} 的 ${id}。API 会在 5 秒内拒绝该密钥以及用它生成的上传令牌。`,
  },
  labeled: {
    en: ({ id, owner, label }: Labeled) => `${id} of ${owner} is labeled "${label}".`,
    zh: ({ id, owner, label }) => `${owner} 的 ${id} 的备注已设为“${label}”。`,
  },
  'no-label': { en: '--label is missing', zh: '缺少 --label' },
  'no-label.fix': {
    en: 'Give the label: keys label ID --label checkout',
    zh: '请给出备注：keys label ID --label checkout',
  },
  'wrong-label': {
    en: 'The label is longer than 64 characters, or contains control characters',
    zh: '备注超过 64 个字符，或含有控制字符',
  },
  'wrong-label.fix': { en: 'Give a short label: --label checkout', zh: '请使用简短的备注：--label checkout' },
  header: {
    en: 'ID,OWNER,SCOPES,CREATED,LAST USED,EXPIRES,STATE,LABEL',
    zh: 'ID,租户,权限,创建,最近使用,到期,状态,备注',
  },
  'is-active': { en: 'active', zh: '有效' },
  'is-expired': { en: 'expired', zh: '已过期' },
  'is-revoked': { en: 'revoked', zh: '已吊销' },
  none: {
    en: ({ path }: { path: string }) => `${path} has no keys. Keys in API_KEYS are not listed here.`,
    zh: ({ path }) => `${path} 中没有密钥。API_KEYS 中的密钥不在此列出。`,
  },
  'unknown-action': {
    en: ({ action }: { action: string }) => `Unknown command: keys ${action}`,
    zh: ({ action }) => `未知命令：keys ${action}`,
  },
  'unknown-action.fix': {
    en: 'Use keys create, keys list, keys label ID or keys revoke ID.',
    zh: '请使用 keys create、keys list、keys label ID 或 keys revoke ID。',
  },
  'no-owner': {
    en: ({ owner }: { owner: string | null }) =>
      owner === null ? '--owner is missing' : `"${owner}" is not the name of an owner`,
    zh: ({ owner }) => (owner === null ? '缺少 --owner' : `“${owner}”不是有效的租户名称`),
  },
  'no-owner.fix': {
    en: 'Give the owner 1 to 64 letters, digits, dots, underscores or hyphens: keys create --owner acme',
    zh: '租户名称为 1 到 64 个字母、数字、点、下划线或连字符：keys create --owner acme',
  },
  'too-long': { en: '--expires is longer than a hundred years', zh: '--expires 超过一百年' },
  'too-long.fix': {
    en: 'Write a shorter duration, for example --expires 90d, or leave it out.',
    zh: '请填写较短的时长，例如 --expires 90d，或省略该选项。',
  },
  'unknown-scope': {
    en: ({ scope }: { scope: string }) => `"${scope}" is not a scope`,
    zh: ({ scope }) => `“${scope}”不是有效的权限`,
  },
  'unknown-scope.fix': {
    en: 'Write one or more of submit, read, delete, webhooks, admin, separated by commas.',
    zh: '请从 submit、read、delete、webhooks、admin 中选择，以逗号分隔。',
  },
  'unknown-key': {
    en: ({ id, path }: { id: string | null; path: string }) =>
      id === null ? 'The id of the key is missing' : `${path} has no key ${id}`,
    zh: ({ id, path }) => (id === null ? '缺少密钥的 id' : `${path} 中没有密钥 ${id}`),
  },
  'unknown-key.fix': {
    en: '`pixdock-ops keys list` prints the ids. To end a key of API_KEYS, remove it there and restart the API.',
    zh: '`pixdock-ops keys list` 会列出 id。如需停用 API_KEYS 中的密钥，请将其从中删除并重启 API。',
  },
  broken: {
    en: ({ path, problem }: { path: string; problem: string }) => `${path}: ${problem}`,
    zh: ({ path, problem }) => `${path}：${problem}`,
  },
  locked: {
    en: ({ lock }: { lock: string }) => `Another command writes the key file: ${lock} exists`,
    zh: ({ lock }) => `另一个命令正在写入密钥文件：${lock} 已存在`,
  },
  'locked.fix': {
    en: 'Run this command again. If no other one is running, remove that file first.',
    zh: '请重新运行此命令。若没有其他命令在运行，请先删除该文件。',
  },
});

export const say = sayIn(messages);
export const text = textIn(messages);
