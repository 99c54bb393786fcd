import { sleep } from '@pixdock/shared/runtime/clock';
import { openDriver } from '../driver.js';
import type { Random } from '../random.js';
import type { Run } from '../run.js';
import { untilAccepted } from '../until-accepted.js';
import type { Scenario } from './scenario.js';

const IN_FLIGHT = 64;
const KILL_EVERY_MS = 2000;
const MIN_KILLS = 12;

/** Many concurrent uploads while services are killed often. */
export const LOAD: Scenario = {
  name: 'load',
  what: '64 uploads in flight, while the worker, the API or Redis is killed with -9 every 2 s',
  parts: ({ random, uploads, say }) => [(run) => play(run, random, uploads, say)],
};

async function play(run: Run, random: Random, uploads: number, say: (line: string) => void): Promise<void> {
  const driver = openDriver(run);
  const prefix = `load-${run.history.images.size}`;
  let begun = 0;
  const lanes = Array.from({ length: IN_FLIGHT }, async () => {
    while (begun < uploads) {
      const nth = begun++;
      const picture = run.pictures.good[nth % SMALL];
      if (picture !== undefined) await untilAccepted(() => driver.upload(`${prefix}-${nth}`, picture));
    }
  });
  const over = new AbortController();
  const killing = killAll(run, random, over.signal);
  try {
    await Promise.all(lanes);
  } finally {
    over.abort();
    say(`  ${begun} accepted, ${await killing} kills`);
  }
}

/** The first good pictures are the small ones. */
const SMALL = 2;

/** Kills until `over` aborts and there are enough kills. Returns their number. */
async function killAll(run: Run, random: Random, over: AbortSignal): Promise<number> {
  const { redis } = run.stack;
  let kills = 0;
  while (!over.aborted || kills < MIN_KILLS) {
    const next = sleep(KILL_EVERY_MS);
    const victim = random.pick(['worker', 'api', 'redis'] as const);
    if (victim === 'redis') {
      await redis.crash();
      await redis.restart();
    } else {
      await run.end(victim);
      await run.start(victim);
    }
    kills++;
    await next;
  }
  return kills;
}
