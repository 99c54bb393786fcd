/** A line of a service's log at the terminal. */
export const LOG_LINE = {
  /** @param {{ text: string, fix: string }} params */
  withFix: ({ text, fix }) => ({ en: `${text}. Fix: ${fix}`, zh: `${text}。处理方法：${fix}` }),
};
