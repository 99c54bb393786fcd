import { catalog, sayIn, textIn } from '@pixdock/contract/messages/catalog';

const messages = catalog({
  problem: {
    en: ({ problem, fix }: { problem: string; fix: string }) => `${problem}\n  fix: ${fix}`,
    zh: ({ problem, fix }) => `${problem}\n  处理方法：${fix}`,
  },
  mistyped: {
    en: ({ name, meant }: { name: string; meant: string }) =>
      `${name} is not a setting and has no effect: rename it to ${meant}`,
    zh: ({ name, meant }) => `${name} 不是配置项，不起作用：请改名为 ${meant}`,
  },
  'not-a-url': {
    en: ({ url }: { url: string }) => `--api: "${url}" is not an http(s) address`,
    zh: ({ url }) => `--api：“${url}”不是 http(s) 地址`,
  },
  'not-a-url.fix': { en: 'For example --api http://127.0.0.1:3000', zh: '例如 --api http://127.0.0.1:3000' },
  'not-an-owner': {
    en: ({ owner }: { owner: string }) => `--owner: "${owner}" is not the name of an owner`,
    zh: ({ owner }) => `--owner：“${owner}”不是有效的租户名称`,
  },
  'not-an-owner.fix': {
    en: 'For example --owner acme; `pixdock-ops keys list` prints the owners.',
    zh: '例如 --owner acme；`pixdock-ops keys list` 会列出租户。',
  },
  'oss-problem': {
    en: ({ operation, code, detail }: { operation: string; code: string; detail: string }) =>
      `OSS ${operation}: ${code}: ${detail}`,
    zh: ({ operation, code, detail }) => `OSS ${operation}：${code}：${detail}`,
  },
  'staging-missing': {
    en: ({ place }: { place: string }) => `${place} has no staging`,
    zh: ({ place }) => `${place} 中没有暂存区`,
  },
  'staging-missing.fix': {
    en: 'Set DATA_DIR to the folder of the API and the workers. If that folder is lost, start the API once: it creates an empty one.',
    zh: '请将 DATA_DIR 设为 API 与 worker 所用的目录。若该目录已丢失，请先启动一次 API，它会新建空目录。',
  },
  'redis-unavailable': {
    en: ({ hosts, reason }: { hosts: string; reason: string | null }) =>
      `Redis at ${hosts} (REDIS_URL) is not available${reason === null ? '' : `: ${reason}`}`,
    zh: ({ hosts, reason }) =>
      `REDIS_URL 指向的 Redis（${hosts}）不可用${reason === null ? '' : `：${reason}`}`,
  },
  'redis-unavailable.fix': {
    en: 'Set REDIS_URL, including its password, to that of the API and the workers, and check that Redis is running. `npm start` prints where it saved its own REDIS_URL.',
    zh: '请将 REDIS_URL（含密码）设为 API 与 worker 所用的地址，并确认 Redis 正在运行。`npm start` 会打印它自己的 REDIS_URL 保存在哪里。',
  },
  'services-env': {
    en: ({ file }: { file: string }) =>
      `For the services of \`npm start\`: node --env-file=${file} apps/ops/dist/main.js`,
    zh: ({ file }) => `若要使用 \`npm start\` 启动的服务：node --env-file=${file} apps/ops/dist/main.js`,
  },
  adopted: {
    en: ({ place }: { place: string }) =>
      `Redis belongs to ${place} now. Restart the API and the workers that see another folder.`,
    zh: ({ place }) => `Redis 现在属于 ${place}。请重启仍使用其他目录的 API 与 worker。`,
  },
  paused: {
    en: ({ since }: { since: string }) =>
      `Processing is paused since ${since}. Images in progress are finished; uploads are accepted and wait. Continue with: pixdock-ops resume`,
    zh: ({ since }) =>
      `处理已暂停（自 ${since} 起）。进行中的图片会处理完；上传照常接受，排队等待。恢复处理：pixdock-ops resume`,
  },
  resumed: { en: 'Processing continues.', zh: '处理已恢复。' },
  'not-paused': { en: 'Processing was not paused.', zh: '处理没有暂停，无需恢复。' },
  // Faults that object-store or Pixdock itself report.
  'storage-fault': {
    en: ({ kind, status, requestId, ecCode }: StorageFacts) =>
      [
        `${kind} fault`,
        status === null ? 'no response' : `status ${status}`,
        ...idsOf(requestId, ecCode),
      ].join(', '),
    zh: ({ kind, status, requestId, ecCode }) =>
      [
        KINDS_ZH[kind] ?? kind,
        status === null ? '无响应' : `状态码 ${status}`,
        ...idsOf(requestId, ecCode),
      ].join('，'),
  },
  'audit-lost': {
    en: ({ reason }: { reason: string }) =>
      `! The audit trail has no line for this command: ${reason}. Run pixdock-ops as the user of the API, and check the folder audit in DATA_DIR.`,
    zh: ({ reason }) =>
      `! 审计日志未能记录此命令：${reason}。请以 API 的用户身份运行 pixdock-ops，并检查 DATA_DIR 下的 audit 目录。`,
  },
  bug: { en: ({ message }: { message: string }) => message, zh: ({ message }) => message },
  'bug.fix': {
    en: 'This is a bug in Pixdock: please report it.',
    zh: '这是 Pixdock 自身的问题，请反馈给我们。',
  },
});

/** The kinds of faults of the object store. */
const KINDS_ZH: Readonly<Record<string, string>> = {
  transient: '临时故障',
  throttled: '被 OSS 限流',
  configuration: '配置错误',
  rejected: 'OSS 拒绝了这个对象',
};

interface StorageFacts {
  kind: string;
  status: number | null;
  requestId: string | null;
  ecCode: string | null;
}

function idsOf(requestId: string | null, ecCode: string | null): string[] {
  return [
    ...(requestId === null ? [] : [`request ${requestId}`]),
    ...(ecCode === null ? [] : [`EC ${ecCode}`]),
  ];
}

export const say = sayIn(messages);
export const text = textIn(messages);
