export const MAX_DEATHS = 5;
export const DEATHS_WITHIN_MS = 30_000;
const FIRST_DELAY_MS = 250;

/** The delay before the next start, which grows with each exit; null after too many exits. */
export function restartPolicy() {
  let deaths = [];
  return (now = performance.now()) => {
    deaths = [...deaths.filter((at) => now - at < DEATHS_WITHIN_MS), now];
    return deaths.length < MAX_DEATHS ? FIRST_DELAY_MS * 2 ** (deaths.length - 1) : null;
  };
}
