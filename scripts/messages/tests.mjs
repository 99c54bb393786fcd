/** Messages of `npm test`. */
export const TESTS = {
  checking: () => ({
    en: 'Checking format, lint, types and unused code …',
    zh: '正在检查格式、lint、类型和未使用的代码……',
  }),
  checkSkipped: () => ({
    en: 'Skipped: format, lint, types and unused code (npx pnpm check).',
    zh: '已跳过：格式、lint、类型和未使用的代码（npx pnpm check）。',
  }),
  /** @param {{ code: number | null }} params */
  vitestFailed: ({ code }) => ({
    en: `vitest ended with exit code ${code} although no test failed; its errors are above.`,
    zh: `vitest 以退出码 ${code} 结束，但没有失败的测试；错误见上文。`,
  }),
  /** @param {{ reason: string }} params */
  interrupted: ({ reason }) => ({ en: `Interrupted by ${reason}.`, zh: `被 ${reason} 中断。` }),
  noneRan: () => ({ en: 'No test ran.', zh: '没有运行任何测试。' }),
  failures: () => ({ en: 'Failed:', zh: '失败：' }),
  withoutPrometheus: () => ({
    en: 'Prometheus is not available. The tests that run its alerts and queries in it are skipped.',
    zh: '无法获得 Prometheus，将跳过在其中运行告警与查询的测试。',
  }),
  /** @param {{ seconds: number, cpuSeconds: number }} params */
  took: ({ seconds, cpuSeconds }) => ({
    en: `Took ${seconds} s and ${cpuSeconds} CPU-seconds.`,
    zh: `用时 ${seconds} 秒，CPU 时间 ${cpuSeconds} 秒。`,
  }),
};
