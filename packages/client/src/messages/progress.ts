import { catalog } from '@pixdock/contract/messages/catalog';

export interface TotalsText {
  files: string;
  published: string;
  existing: string | null;
  failed: string | null;
  unfinished: string | null;
  time: string;
}

export interface FailureGroupText {
  count: string;
  code: string;
  host: string | null;
  first: string;
  last: string;
  id: string;
  title: string;
  fix: string;
}

/** Progress, results and failures. */
export const progress = catalog({
  failed: { en: 'failed', zh: '失败' },
  failure: {
    en: ({ code, title, detail }: { code: string; title: string; detail: string }) =>
      `${code}: ${title === '' ? '' : `${title}. `}${detail}`,
    zh: ({ code, title, detail }) =>
      `${code}：${title === '' || detail.startsWith(title) ? '' : `${title}。`}${detail}`,
  },
  'failure-with-request': {
    en: ({ failure, requestId }: { failure: string; requestId: string }) =>
      `${failure} (request ${requestId})`,
    zh: ({ failure, requestId }) => `${failure}（请求 ${requestId}）`,
  },
  'status-reason': {
    en: ({ title, status }: { title: string; status: number }) => `${title} (${status}).`,
    zh: ({ title, status }) => `${title}（${status}）。`,
  },
  retrying: {
    en: ({ reason, seconds }: { reason: string; seconds: number }) =>
      `${reason} Trying again in ${seconds} s.`,
    zh: ({ reason, seconds }) => `${reason}${seconds} 秒后重试。`,
  },
  'image-ended': {
    en: ({ status }: { status: string }) => `The image is ${status}.`,
    zh: ({ status }) => `图片${status}。`,
  },
  'no-such-file': { en: 'This file does not exist.', zh: '文件不存在。' },
  'name-not-utf8': {
    en: 'Its name may not be UTF-8; pixdock import FOLDER supports such names.',
    zh: '文件名可能不是 UTF-8；pixdock import 文件夹 支持此类文件名。',
  },
  'not-a-file': {
    en: 'This is a pipe or a device, not a file: save it to a file first.',
    zh: '这是管道或设备，不是文件：请先保存为文件。',
  },
  'is-folder': { en: 'This is a folder: use pixdock import.', zh: '这是文件夹：请使用 pixdock import。' },
  'broken-link': { en: 'This link leads to no file.', zh: '这个软链接指向的文件不存在。' },
  'link-loop': { en: 'This link leads back to itself.', zh: '这个软链接循环指向自身。' },
  'no-permission': { en: 'Permission denied.', zh: '没有权限。' },
  'disk-full': { en: 'The disk is full.', zh: '磁盘已满。' },
  'file-empty': { en: 'This file is empty.', zh: '文件为空。' },
  'file-shrank': { en: 'The file became shorter while it was read.', zh: '文件在读取过程中变短了。' },

  listening: {
    en: ({ url }: { url: string }) => `Listening to ${url}. Stop with Ctrl-C.`,
    zh: ({ url }) => `正在接收 ${url} 的事件。按 Ctrl-C 停止。`,
  },
  'events-missing': {
    en: 'Some events may be missing here. See: pixdock list',
    zh: '此处可能缺少部分事件。请查看：pixdock list',
  },

  'failure-group': {
    en: ({ count, code, host, first, last, id, title, fix }: FailureGroupText) =>
      `${count}  ${code}${host === null ? '' : `  ${host}`}  ${first} to ${last}  ${id}\n    ${title}. ${fix}`,
    zh: ({ count, code, host, first, last, id, title, fix }) =>
      `${count}  ${code}${host === null ? '' : `  ${host}`}  ${first} 至 ${last}  ${id}\n    ${fix.startsWith(title) ? '' : `${title}。`}${fix}`,
  },
  'no-failures': { en: 'No image has failed.', zh: '没有失败的图片。' },
  'retry-progress': {
    en: ({ retried, skipped }: { retried: string; skipped: string }) =>
      `retried ${retried}, skipped ${skipped} (source gone, deleted, or canceled)`,
    zh: ({ retried, skipped }) => `已重试 ${retried} 张，跳过 ${skipped} 张（原图已不存在，或已删除、取消）`,
  },

  'no-endpoints': {
    en: 'You have no webhook endpoint. Create one: pixdock webhooks add URL',
    zh: '没有 webhook 端点。创建：pixdock webhooks add URL',
  },
  'delivery.pending': { en: 'pending', zh: '待投递' },
  'delivery.delivered': { en: 'delivered', zh: '已送达' },
  'delivery.failed': { en: 'failed', zh: '失败' },
  'delivery.next-attempt': {
    en: ({ at }: { at: string }) => `next attempt: ${at}`,
    zh: ({ at }) => `下次尝试：${at}`,
  },
  'endpoint-disabled': { en: 'disabled', zh: '已停用' },
  'no-deliveries': { en: 'There are no such deliveries.', zh: '没有符合条件的投递。' },
  resent: {
    en: ({ count }: { count: number }) =>
      `${count} failed ${count === 1 ? 'delivery is' : 'deliveries are'} sent again. Pending ones are retried without this.`,
    zh: ({ count }) => `已重新发送 ${count} 条失败的投递。待投递的会自动重试。`,
  },
  'events-read-again': {
    en: 'The connection was lost. Forwarding what ended in the meantime.',
    zh: '连接曾中断，正在补发此间结束的事件。',
  },
  forwarding: {
    en: ({ url, secret }: { url: string; secret: string }) =>
      `Forwarding events to ${url}. Their secret is ${secret}`,
    zh: ({ url, secret }) => `事件转发到 ${url}，签名密钥为 ${secret}`,
  },
  forwarded: {
    en: ({ latencyMs }: { latencyMs: number }) => `${latencyMs} ms`,
    zh: ({ latencyMs }) => `${latencyMs} 毫秒`,
  },
  'forward-again': {
    en: ({ seconds }: { seconds: number }) => `again in ${seconds} s`,
    zh: ({ seconds }) => `${seconds} 秒后重试`,
  },

  processing: { en: 'processing', zh: '处理中' },
  'time-left': { en: ({ time }: { time: string }) => `${time} left`, zh: ({ time }) => `剩余 ${time}` },
  'files-done': {
    en: ({ done, files }: { done: string; files: string }) => `${done} of ${files}`,
    zh: ({ done, files }) => `${done} / ${files}`,
  },
  totals: {
    en: ({ files, published, existing, failed, unfinished, time }: TotalsText) => {
      const parts = [
        `${published} published`,
        existing === null ? null : `${existing} already there`,
        failed === null ? null : `${failed} failed`,
        unfinished === null ? null : `${unfinished} not finished`,
      ];
      return `${files} ${files === '1' ? 'file' : 'files'}: ${parts.filter((part) => part !== null).join(', ')} (${time})`;
    },
    zh: ({ files, published, existing, failed, unfinished, time }) => {
      const parts = [
        `已发布 ${published} 个`,
        existing === null ? null : `已存在 ${existing} 个`,
        failed === null ? null : `失败 ${failed} 个`,
        unfinished === null ? null : `未完成 ${unfinished} 个`,
      ];
      return `共 ${files} 个文件：${parts.filter((part) => part !== null).join('，')}（${time}）`;
    },
  },

  'no-images': { en: 'There are no images in this folder.', zh: '此文件夹中没有图片。' },
  'more-files': {
    en: ({ count }: { count: string }) => `and ${count} more`,
    zh: ({ count }) => `另有 ${count} 个`,
  },
  skipped: {
    en: ({ others, hidden }: { others: string | null; hidden: string | null }) =>
      `skipped: ${[
        others === null ? null : `${others} without an image extension`,
        hidden === null ? null : `${hidden} hidden`,
      ]
        .filter((part) => part !== null)
        .join(', ')}`,
    zh: ({ others, hidden }) =>
      `已跳过：${[
        others === null ? null : `${others} 个非图片文件`,
        hidden === null ? null : `${hidden} 个隐藏文件`,
      ]
        .filter((part) => part !== null)
        .join('，')}`,
  },
  'folder-stopped': {
    en: 'Stopped. Run the same command again to continue.',
    zh: '已停止。再次执行同一命令即可继续。',
  },
  'config-saved': {
    en: ({ path }: { path: string }) => `Saved in ${path}`,
    zh: ({ path }) => `已保存到 ${path}`,
  },

  'server-unreachable': {
    en: ({ detail }: { detail: string }) =>
      `${detail}\nIs the server running there? "npm start" starts one; set another with --url, PIXDOCK_URL or "pixdock config set url URL".`,
    zh: ({ detail }) =>
      `${detail}\n服务是否已在该地址运行？可用 npm start 启动，或用 --url、PIXDOCK_URL、pixdock config set url URL 指定其他地址。`,
  },
  'unexpected-server': {
    en: ({ detail }: { detail: string }) => `${detail}\nIs the address right?`,
    zh: ({ detail }) => `${detail}\n地址是否正确？`,
  },
  'key-refused': {
    en: ({ reason }: { reason: string | null }) =>
      `The server does not accept this key.${reason === null ? '' : ` ${reason}`}\nSet another with --key, PIXDOCK_API_KEY or "pixdock config set key KEY"; "pixdock config show" shows the current one.`,
    zh: ({ reason }) =>
      `服务器不接受此密钥。${reason ?? ''}\n请通过 --key、PIXDOCK_API_KEY 或 pixdock config set key KEY 换用其他密钥；pixdock config show 可查看当前使用的密钥。`,
  },
});
