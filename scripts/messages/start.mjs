/** Messages of `npm start`. Each reason has typed parameters and both languages. */
export const START = {
  help: () => ({
    en: `npm start: runs Pixdock on this machine and prints a curl command that uploads an image.

It installs and builds the packages, then starts a private Redis, a local OSS, the API and a worker.
Ctrl-C stops everything. A second Ctrl-C does not wait.

Settings come from the environment or from .env; .env.example lists them. The most important ones:
  PORT=3000         port of the API; 0 takes any free port
  DATA_DIR=.data    folder of all data; each running Pixdock needs its own
  REDIS_URL         your Redis instead of a private one
  ALIYUN_OSS_…      your bucket instead of a local OSS (docs/aliyun.md)
  API_KEYS          owner:key,… instead of a generated key`,
    zh: `npm start：在本机运行 Pixdock，并打印一条上传图片的 curl 命令。

它会安装依赖并构建，然后启动私有 Redis、本地 OSS、API 和一个 worker。
按 Ctrl-C 停止全部进程；再按一次则不再等待。

配置来自环境变量或 .env，完整列表见 .env.example。最重要的几项：
  PORT=3000         API 的端口；0 表示任意空闲端口
  DATA_DIR=.data    存放全部数据的目录；每个运行中的 Pixdock 各用一个
  REDIS_URL         使用自己的 Redis，而不是私有 Redis
  ALIYUN_OSS_…      使用自己的 Bucket，而不是本地 OSS（docs/aliyun.zh-CN.md）
  API_KEYS          owner:key,…，不使用生成的 API 密钥`,
  }),
  starting: () => ({ en: 'Starting …', zh: '正在启动……' }),
  stopping: () => ({ en: 'Stopping …', zh: '正在停止……' }),
  stopped: () => ({ en: 'Stopped.', zh: '已停止。' }),
  /** @param {{ file: string, reason: string }} params */
  dotEnvUnreadable: ({ file, reason }) => ({
    en: `${file} cannot be read: ${reason}`,
    zh: `无法读取 ${file}：${reason}`,
  }),
  /** @param {{ dataDir: string, reason: string }} params */
  dataDirUnusable: ({ dataDir, reason }) => ({
    en: `DATA_DIR ${dataDir} cannot be used: ${reason}. Correct this, or set DATA_DIR to another folder.`,
    zh: `无法使用 DATA_DIR ${dataDir}：${reason}。请解决这个问题，或把 DATA_DIR 设为其他目录。`,
  }),
  /** @param {{ folder: string, holder: string }} params */
  folderTaken: ({ folder, holder }) => ({
    en: `Pixdock already runs on ${folder} (${holder}). Stop it, or set another DATA_DIR for this one.`,
    zh: `Pixdock 已在 ${folder} 上运行（${holder}）。请先停止它，或为本次启动设置另一个 DATA_DIR。`,
  }),
  waitingForKilledStart: () => ({
    en: 'The last start was killed. Waiting for its processes to stop …',
    zh: '上次启动被强制终止，正在等待其进程停止……',
  }),
  /** @param {{ folder: string, seconds: number }} params */
  killedStartStays: ({ folder, seconds }) => ({
    en: `A process of the last start on ${folder} still runs after ${seconds} s. End it, then start again.`,
    zh: `上次在 ${folder} 上启动的某个进程过了 ${seconds} 秒仍在运行。请结束它，然后重新启动。`,
  }),
  /** @param {{ present: string[], missing: string[] }} params */
  bucketIncomplete: ({ present, missing }) => ({
    en:
      `${present.join(', ')} ${present.length === 1 ? 'is' : 'are'} set but ${missing.join(', ')} ` +
      `${missing.length === 1 ? 'is' : 'are'} missing. Set all four for a real bucket, or none for the local OSS.`,
    zh: `已设置 ${present.join('、')}，但缺少 ${missing.join('、')}。使用真实 Bucket 须设置全部四项；使用本地 OSS 则一项也不设置。`,
  }),
  /** @param {{ port: string }} params */
  ossPortInvalid: ({ port }) => ({
    en: `OSS_DEV_PORT is not a port: "${port}". Write a whole number up to 65535; 0 takes any free port.`,
    zh: `OSS_DEV_PORT 的值“${port}”不是端口。请写不超过 65535 的整数；0 表示任意空闲端口。`,
  }),
  redisAway: () => ({
    en: 'The Redis of REDIS_URL does not answer. Waiting for it. Start it, or unset REDIS_URL to use a private Redis …',
    zh: 'REDIS_URL 指定的 Redis 没有响应，等待中。请启动它，或清除 REDIS_URL 以使用私有 Redis……',
  }),
  /** @param {{ detail: string }} params what is full, as the API says it in the language of this terminal */
  stagingFull: ({ detail }) => ({ en: `Waiting for space. ${detail}`, zh: `等待空间。${detail}` }),
  credentialsIgnored: () => ({
    en: 'ALIBABA_CLOUD_… credentials are ignored: no ALIYUN_OSS_… setting names a bucket, so the local OSS is used.',
    zh: '已忽略 ALIBABA_CLOUD_… 凭证：没有 ALIYUN_OSS_… 配置指定 Bucket，因此使用本地 OSS。',
  }),
  /** @param {{ name: string, meant: string }} params */
  mistyped: ({ name, meant }) => ({
    en: `${name} is not a setting and has no effect. Rename it to ${meant}.`,
    zh: `${name} 不是配置项，不起作用。请改名为 ${meant}。`,
  }),
  /** @param {{ name: string, meant: string }} params */
  bucketMistyped: ({ name, meant }) => ({
    en: `${name} is not a setting, so the local OSS is used. For a bucket of yours, rename it to ${meant}.`,
    zh: `${name} 不是配置项，因此使用本地 OSS。若要使用自己的 Bucket，请改名为 ${meant}。`,
  }),
  /** @param {{ kept: number, port: number }} params */
  ossPortTaken: ({ kept, port }) => ({
    en: `Port ${kept} of the local OSS is taken. It uses ${port} this time; URLs published before do not work until a start finds ${kept} free.`,
    zh: `本地 OSS 的端口 ${kept} 已被占用，本次使用 ${port}。在下次启动时 ${kept} 空闲之前，以前发布的 URL 无法访问。`,
  }),
};
