/** Messages about the processes that `npm start` runs. */
export const SERVICES = {
  api: () => ({ en: 'The API', zh: 'API' }),
  worker: () => ({ en: 'The worker', zh: 'worker' }),
  oss: () => ({ en: 'The local OSS', zh: '本地 OSS' }),
  redis: () => ({ en: 'Redis', zh: 'Redis' }),
  /** @param {{ code: number }} params */
  exitCode: ({ code }) => ({ en: `exit code ${code}`, zh: `退出码 ${code}` }),
  /** @param {{ title: string, exit: string }} params */
  notStarted: ({ title, exit }) => ({
    en: `${title} did not start (${exit}).`,
    zh: `${title} 未能启动（${exit}）。`,
  }),
  /** @param {{ logPath: string }} params */
  seeLog: ({ logPath }) => ({ en: `See ${logPath}`, zh: `详见 ${logPath}` }),
  /** @param {{ title: string, exit: string, seconds: number }} params */
  restarting: ({ title, exit, seconds }) => ({
    en: `${title} exited unexpectedly (${exit}). Restarting it in ${seconds} s.`,
    zh: `${title} 意外退出（${exit}），${seconds} 秒后重新启动。`,
  }),
  /** @param {{ title: string }} params */
  runsAgain: ({ title }) => ({ en: `${title} runs again.`, zh: `${title} 已重新运行。` }),
  /** @param {{ title: string, exit: string, deaths: number, seconds: number, logPath: string }} params */
  givenUp: ({ title, exit, deaths, seconds, logPath }) => ({
    en: `${title} exited ${deaths} times within ${seconds} s (${exit}). See ${logPath}`,
    zh: `${title} 在 ${seconds} 秒内退出了 ${deaths} 次（${exit}）。详见 ${logPath}`,
  }),
  /** @param {{ title: string, seconds: number }} params */
  killed: ({ title, seconds }) => ({
    en: `${title} did not stop within ${seconds} s and is killed.`,
    zh: `${title} 未在 ${seconds} 秒内停止，已被强制终止。`,
  }),
};
