import { catalog, sayIn, textIn } from '@pixdock/contract/messages/catalog';
import { grouped, roughSize, shortId } from '@pixdock/contract/messages/values';
import type { MoveProgress, MoveTarget } from '@pixdock/shared/state/move-staging/move-staging';

interface Ends {
  id: string;
  source: string;
  target: string;
}

const messages = catalog({
  'no-bucket': { en: 'is not set, and names the bucket of the move', zh: '未设置，需要由它指定 Bucket' },
  'no-bucket.fix': {
    en: 'for example STAGING_URL=oss://my-staging/pixdock, for both directions',
    zh: '两个方向都需要设置，例如 STAGING_URL=oss://my-staging/pixdock',
  },
  'no-target': {
    en: ({ to }: { to: string | undefined }) =>
      to === undefined ? '--to is missing' : `--to: "${to}" is neither bucket nor folder`,
    zh: ({ to }) => (to === undefined ? '缺少 --to' : `--to：“${to}”不是 bucket 或 folder`),
  },
  'no-target.fix': {
    en: 'For example `pixdock-ops move-staging --to bucket`, or `--to folder` for the way back.',
    zh: '例如 `pixdock-ops move-staging --to bucket`；迁回则用 `--to folder`。',
  },
  'services-run': {
    en: ({ workers, api }: { workers: number; api: string | null }) =>
      `Services are running: ${[...(api === null ? [] : [`the API at ${api}`]), ...(workers === 0 ? [] : [`${workers} ${workers === 1 ? 'worker' : 'workers'}`])].join(' and ')}`,
    zh: ({ workers, api }) =>
      `服务正在运行：${[...(api === null ? [] : [`API（${api}）`]), ...(workers === 0 ? [] : [`${workers} 个 worker`])].join('、')}`,
  },
  'services-run.fix': {
    en: 'Stop the API and the workers on all hosts, then run this command again. A worker that was killed counts for 20 seconds.',
    zh: '请停止所有主机上的 API 与 worker，然后重新运行此命令。被强制终止的 worker 在 20 秒内仍算作运行中。',
  },
  'no-source': {
    en: ({ place }: { place: string }) => `${place} has no staging that services have used`,
    zh: ({ place }) => `${place} 中没有服务用过的暂存区`,
  },
  'no-source.fix': {
    en: 'Set DATA_DIR and STAGING_URL to the folder and the bucket of this installation, and check --to. A new installation has nothing to move.',
    zh: '请将 DATA_DIR 与 STAGING_URL 设为本安装的目录与 Bucket，并检查 --to。新安装没有需要迁移的内容。',
  },
  'moved-already': {
    en: ({ source, target, id }: Ends) => `${target} has staging ${shortId(id)} of ${source} already`,
    zh: ({ source, target, id }) => `${target} 中已有 ${source} 的暂存区 ${shortId(id)}`,
  },
  'moved-already.fix': {
    en: ({ target }: Ends) =>
      `If it was just moved, start the services. To move it again, first move away or remove what ${target} has, or choose another target.`,
    zh: ({ target }) =>
      `若刚刚完成迁移，请启动服务。若要再次迁移，请先移走或删除 ${target} 中的内容，或另选目标。`,
  },
  'other-target': {
    en: ({ source, target, id }: Ends) => `${target} has another staging (${shortId(id)}) than ${source}`,
    zh: ({ source, target, id }) => `${target} 中是另一个暂存区（${shortId(id)}），与 ${source} 不同`,
  },
  'other-target.fix': {
    en: 'Choose an empty target: another prefix in STAGING_URL, or another DATA_DIR.',
    zh: '请选择空的目标：更换 STAGING_URL 的前缀，或更换 DATA_DIR。',
  },
  began: {
    en: ({ source, target }: { source: string; target: string }) => `Copying ${source} to ${target}`,
    zh: ({ source, target }) => `正在将 ${source} 复制到 ${target}`,
  },
  progress: {
    en: ({ copied, present, bytes }: MoveProgress) =>
      `${grouped(copied)} copied (${roughSize(bytes)}), ${grouped(present)} were there already`,
    zh: ({ copied, present, bytes }) =>
      `已复制 ${grouped(copied)} 个（${roughSize(bytes)}），${grouped(present)} 个已存在`,
  },
  moved: {
    en: ({ target, id }: { target: string; id: string }) => `${target} has staging ${shortId(id)} now.`,
    zh: ({ target, id }) => `暂存区 ${shortId(id)} 现在位于 ${target}。`,
  },
  'next-steps': {
    en: ({ to, folder }: NextSteps) =>
      to === 'bucket'
        ? `Next: move the folder away (mv ${folder} ${folder}.before), and start the API and the workers on all hosts with STAGING_URL. ${CHECK.en} ${folder}.before.`
        : `Next: start the API and the workers on all hosts without STAGING_URL. ${CHECK.en} the objects below STAGING_URL.`,
    zh: ({ to, folder }) =>
      to === 'bucket'
        ? `接下来：移走原目录（mv ${folder} ${folder}.before），在所有主机上设置 STAGING_URL 后启动 API 与 worker。${CHECK.zh} ${folder}.before。`
        : `接下来：在所有主机上去掉 STAGING_URL 后启动 API 与 worker。${CHECK.zh} STAGING_URL 下的对象。`,
  },
});

interface NextSteps {
  to: MoveTarget;
  folder: string;
}

const CHECK = {
  en: 'Then check with `pixdock-ops status` and `pixdock-ops doctor`. After that you can remove',
  zh: '随后用 `pixdock-ops status` 与 `pixdock-ops doctor` 检查，确认无误后可删除',
};

export const say = sayIn(messages);
export const text = textIn(messages);
