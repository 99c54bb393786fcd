import type { Faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { until } from '../../harness/client.js';
import { openDriver } from '../driver.js';
import type { App, Run } from '../run.js';
import { ask, PLACES, type Place, placesOf } from './places.js';

/** Faultpoints at which a service is killed one after another, before the next check. */
export interface Chain {
  app: App;
  points: readonly Faultpoint[];
}

/** All faultpoints, in chains short enough that no image counts as the cause of all the crashes. */
export function killChains(tries: 1 | 2): Chain[] {
  const perChain = KILLS_IN_A_ROW / tries;
  return (['api', 'worker'] as const).flatMap((app) => {
    const points = placesOf(app);
    return Array.from({ length: Math.ceil(points.length / perChain) }, (_, i) => ({
      app,
      points: points.slice(i * perChain, (i + 1) * perChain),
    }));
  });
}

const KILLS_IN_A_ROW = 4;

/** Requests of every kind that arrive beside the one that reaches a faultpoint. */
const BESIDE = ['upload', 'import', 'batch'] as const;

/** Kills the service at each point in turn, and restarts it for the next. @param isShort without further requests after the first kill */
export async function killAtFirst(run: Run, { app, points }: Chain, isShort = false): Promise<void> {
  await whileWatched(run, async (asked) => {
    for (const name of points) {
      const gone = untilGone(run, name);
      await run.stack[app].arm(name);
      const beside = isShort && name !== points[0] ? [] : BESIDE;
      const kinds = new Set<Place['by']>([PLACES[name].by, ...beside]);
      asked(Promise.all([...kinds].map((kind) => ask(run, kind, `${name}-${kind}`))));
      await gone;
      await run.start(app);
    }
  });
}

/** Kills the service twice at each point; the second time with the same image, if its retry reaches the point again. */
export async function killAtSecond(run: Run, { app, points }: Chain): Promise<void> {
  await whileWatched(run, async (asked) => {
    await run.end(app, 'SIGTERM');
    for (const name of points) {
      const { again, by } = PLACES[name];
      const askOne = (nth: number) => asked(ask(run, by, `${name}-${nth}`));
      await killAt(run, name, () => askOne(1));
      await killAt(run, name, () => (again ? undefined : askOne(2)));
    }
    await run.start(app);
  });
}

/** Records the decoders of the worker while `act` runs, then waits for the requests. */
async function whileWatched(
  run: Run,
  act: (asked: (asking: Promise<unknown>) => void) => Promise<void>,
): Promise<void> {
  const watching = setInterval(run.watchDecoders, WATCH_MS);
  const all: Promise<unknown>[] = [];
  try {
    await act((asking) => {
      asking.catch(() => {});
      all.push(asking);
    });
    await Promise.all(all);
  } finally {
    clearInterval(watching);
  }
}

/** A worker starts its decoders before it is ready, and each look reads the lists of all its threads. */
const WATCH_MS = 250;
const DIES_WITHIN_S = 90;

/** Armed from its start, so that a retry may reach the point at once. */
async function killAt(run: Run, name: Faultpoint, begin: () => void): Promise<void> {
  await run.start(PLACES[name].app, { PIXDOCK_FAULTPOINT: name });
  const gone = untilGone(run, name);
  begin();
  await gone;
}

async function untilGone(run: Run, name: Faultpoint): Promise<void> {
  const { app } = PLACES[name];
  const service = run.stack[app];
  let isGone = false;
  void service.exited.then(() => {
    isGone = true;
  });
  try {
    await until(`the ${app} to die at ${name}`, DIES_WITHIN_S, async () => (isGone ? true : null));
  } catch (error) {
    const ids = [...run.history.images.values()].flatMap((image) => [...image.ids]);
    const replies = await Promise.all(ids.map((id) => openDriver(run).read(id)));
    const bodies = replies.map((reply) => JSON.stringify(reply?.body));
    const logged = service.output().slice(-LOGGED_CHARACTERS);
    throw new Error([(error as Error).message, ...bodies, logged].join('\n'), { cause: error });
  }
}

/** Enough of the log for the last minute of a service that waits. */
const LOGGED_CHARACTERS = 8000;
