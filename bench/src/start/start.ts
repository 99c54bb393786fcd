import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuSeconds } from '@pixdock/e2e/harness/process-stats';
import { startRedis } from '@pixdock/e2e/harness/redis';
import { freePort } from '@pixdock/shared/testing/free-port';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { startApi } from '../api/start-api.js';
import { bench, sayProgress } from '../command/bench.js';
import { median } from '../landing/summarize.js';
import { type Columns, markdownTable } from '../landing/table.js';
import { measureWithOutcomes, type WithOutcomes } from './with-outcomes.js';

const rounded = (seconds: number) => seconds.toFixed(2);

const COLUMNS: Columns<WithOutcomes> = [
  ['outcomes', ({ outcomes }) => String(outcomes)],
  ['API ready, s', ({ kept }) => rounded(kept.apiReady)],
  ['restored, s', ({ kept }) => rounded(kept.restored)],
  ['worker ready, s', ({ kept }) => rounded(kept.workerReady)],
  ['Redis empty: API ready, s', ({ emptied }) => rounded(emptied.apiReady)],
  ['waiting images queued, s', ({ emptied }) => rounded(emptied.waiting)],
  ['all images restored, s', ({ emptied }) => rounded(emptied.restored)],
  ['CPU time of the API until then, s', ({ emptied }) => rounded(emptied.cpuSeconds)],
];

export const start = bench({
  /** With outcomes, the start of API and worker beside them instead of that of `npm start`. */
  options: { times: 5, outcomes: [], waiting: 1000, staging: 'folder' },
  measure: async ({ times, outcomes: counts, waiting, staging }) =>
    counts.length === 0
      ? await measureStart(times, sayProgress)
      : await measureWithOutcomes({ counts, waiting, times, staging, say: sayProgress }),
  report(result) {
    if (Array.isArray(result)) return markdownTable(COLUMNS, result);
    const { api, everything } = result;
    return `API: ready after ${rounded(api.seconds)} s, ${rounded(api.cpuSeconds)} s of CPU time\nnpm start: ${rounded(everything.seconds)} s`;
  },
});

/** Medians, in seconds. */
interface StartResult {
  /** From the start of the process to its message that it is ready, and the CPU time of that. */
  api: { seconds: number; cpuSeconds: number };
  /** From `npm start` to the summary, when everything is installed and built. */
  everything: { seconds: number };
}

/** Starts the API, and all of Pixdock, several times. The first start of each does not count. */
async function measureStart(times: number, say: (line: string) => void): Promise<StartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  try {
    const api = await repeat(times, 'API', say, () => startOnce(join(folder, 'api')));
    const everything = await repeat(times, 'npm start', say, () => startEverything(join(folder, 'all')));
    return {
      api: {
        seconds: median(api.map(({ seconds }) => seconds)),
        cpuSeconds: median(api.map((one) => one.cpuSeconds)),
      },
      everything: { seconds: median(everything) },
    };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function repeat<T>(
  times: number,
  name: string,
  say: (line: string) => void,
  run: () => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i <= times; i++) {
    say(`${name}: start ${i} of ${times}`);
    results.push(await run());
  }
  return results.slice(1);
}

async function startOnce(folder: string): Promise<{ seconds: number; cpuSeconds: number }> {
  await mkdir(folder, { recursive: true });
  const redis = await startRedis(folder);
  const began = performance.now();
  const api = await startApi(folder, redis, null);
  const seconds = (performance.now() - began) / 1000;
  const { own } = cpuSeconds(api.pid);
  await api.stop();
  await redis.stop();
  return { seconds, cpuSeconds: own };
}

const LAUNCHER = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));

async function startEverything(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, DATA_DIR: folder, PORT: String(await freePort()), LC_ALL: 'C' };
  const began = performance.now();
  const child = killOnExit(
    spawn(process.execPath, [LAUNCHER], { env, stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const exited = once(child, 'exit');
  for await (const chunk of child.stdout) if (String(chunk).includes('curl ')) break;
  const seconds = (performance.now() - began) / 1000;
  child.kill('SIGTERM');
  await exited;
  return seconds;
}
