const HOW = {
  en: 'Install redis-server (6 or newer) or valkey-server, or set REDIS_URL',
  zh: '请安装 redis-server（6 或更新版本）或 valkey-server，或设置 REDIS_URL',
};

/** Messages about finding, installing and starting Redis. */
export const REDIS = {
  /** @param {{ found: string }} params */
  tooOld: ({ found }) => ({
    en: `The Redis of this machine is too old (${found}). ${HOW.en}.`,
    zh: `本机的 Redis 版本过旧（${found}）。${HOW.zh}。`,
  }),
  missing: () => ({
    en: `Redis is not installed on this machine. ${HOW.en}.`,
    zh: `本机没有 Redis。${HOW.zh}。`,
  }),
  notInPath: () => ({
    en: `Redis was installed but is not in PATH. ${HOW.en}.`,
    zh: `Redis 已安装，但不在 PATH 中。${HOW.zh}。`,
  }),
  /** @param {{ command: string }} params */
  installing: ({ command }) => ({
    en: `Redis is not installed on this machine. Installing it with "${command}"; its system service is not started …`,
    zh: `本机没有 Redis。正在用“${command}”安装，不会启动其系统服务……`,
  }),
  /** @param {{ command: string }} params */
  installFailed: ({ command }) => ({
    en: `"${command}" failed. ${HOW.en}.`,
    zh: `“${command}”失败。${HOW.zh}。`,
  }),
  loading: () => ({ en: 'Redis is loading its data …', zh: 'Redis 正在加载数据……' }),
  /** @param {{ port: number, answer: string }} params */
  silent: ({ port, answer }) => ({
    en: `Redis does not answer on port ${port}${answer && ` (${answer})`}.`,
    zh: `Redis 在端口 ${port} 上没有响应${answer && `（${answer}）`}。`,
  }),
  /** @param {{ port: number, config: string }} params */
  leftRunning: ({ port, config }) => ({
    en: `The Redis of the last start still uses port ${port} and does not stop. End it, or remove ${config} if another program uses that port.`,
    zh: `上次启动的 Redis 仍占用端口 ${port} 且未停止。请结束它；若该端口属于其他程序，请删除 ${config}。`,
  }),
};
