/** The intervals that tests may shorten, each with its minimum in milliseconds. */
const LEAST_MS = {
  /** Between two sweeps. */
  sweep: 100,
  /** Between two sweeps that look for images without a job. */
  heal: 100,
  /** How long API and worker wait for work in progress when they stop. */
  drain: 100,
  /** The grace period and the window of the minimum rate of a request body. */
  pace: 100,
  /** How long a job stays locked without a renewal. Below 4 s a busy event loop loses locks by chance. */
  lock: 4000,
  /** Between two checks for stalled jobs. */
  stalled: 500,
  /** Before the second attempt at a webhook; all other delays shrink as much. */
  webhook: 1,
  /** How long a deletion expects the puts of attempts from before a loss of Redis. */
  put: 100,
  /** How long a stream of events lives. */
  stream: 100,
} as const;

/** In milliseconds; absent intervals have their production value. */
export type TestClocks = { readonly [name in keyof typeof LEAST_MS]?: number };

/**
 * Parses `PIXDOCK_TEST_CLOCKS`: `sweep=1000,lock=4000` in milliseconds. For tests; unset in production.
 * @throws TypeError for an unknown name, a repeated name, or a value that is not a whole number or is below the minimum
 */
export function parseTestClocks(spec: string | undefined): TestClocks {
  const clocks: { -readonly [name in keyof TestClocks]: TestClocks[name] } = {};
  for (const entry of spec === undefined || spec === '' ? [] : spec.split(',')) {
    const [, name = '', digits = ''] = /^([a-z]+)=(\d{1,9})$/.exec(entry) ?? [];
    if (!isClock(name) || clocks[name] !== undefined || Number(digits) < LEAST_MS[name])
      throw new TypeError(
        `PIXDOCK_TEST_CLOCKS: "${entry}" is not one of ${USAGE}, each at most once and at least that`,
      );
    clocks[name] = Number(digits);
  }
  return clocks;
}

const USAGE = Object.entries(LEAST_MS)
  .map(([name, ms]) => `${name}=${ms}`)
  .join(', ');

const isClock = (name: string): name is keyof typeof LEAST_MS => Object.hasOwn(LEAST_MS, name);
