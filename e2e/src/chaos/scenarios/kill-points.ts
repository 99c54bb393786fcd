import { FAULTPOINTS, type Faultpoint } from '@pixdock/shared/faultpoint';
import { until } from '../../harness/client.js';
import { type Driver, openDriver } from '../driver.js';
import type { App, Run } from '../run.js';
import { untilAccepted } from '../until-accepted.js';

interface Place {
  app: App;
  /** What comes by it. */
  by: 'upload' | 'import' | 'batch' | 'deletion';
  /** Whether what was killed there comes by again, when it is taken up once more. */
  again: boolean;
}

const PLACES: Record<Faultpoint, Place> = {
  'image-staged': { app: 'api', by: 'upload', again: false },
  'image-recorded': { app: 'api', by: 'upload', again: false },
  'image-queued': { app: 'api', by: 'import', again: false },
  'batch-staged': { app: 'api', by: 'batch', again: false },
  'batch-recorded': { app: 'api', by: 'batch', again: false },
  'batch-queued': { app: 'api', by: 'batch', again: false },
  'item-recorded': { app: 'worker', by: 'batch', again: true },
  'item-entered': { app: 'worker', by: 'batch', again: false },
  'item-queued': { app: 'worker', by: 'batch', again: false },
  'fetch-begun': { app: 'worker', by: 'import', again: true },
  'fetch-brought': { app: 'worker', by: 'import', again: true },
  'fetch-handed-over': { app: 'worker', by: 'import', again: false },
  'run-begun': { app: 'worker', by: 'upload', again: true },
  'run-rendered': { app: 'worker', by: 'upload', again: false },
  'run-keys-noted': { app: 'worker', by: 'upload', again: true },
  'variant-stored': { app: 'worker', by: 'upload', again: true },
  'main-stored': { app: 'worker', by: 'upload', again: true },
  'run-verified': { app: 'worker', by: 'upload', again: true },
  'run-finished': { app: 'worker', by: 'upload', again: false },
  'run-settled': { app: 'worker', by: 'upload', again: false },
  'object-removed': { app: 'worker', by: 'deletion', again: true },
  'image-deleted': { app: 'worker', by: 'deletion', again: false },
};

/** The points at which a service is killed one after the other, before all is to be quiet again. */
export interface Chain {
  app: App;
  points: readonly Faultpoint[];
}

/** All points, in chains of so many kills at most that an image that is in hand each time is not taken for the cause. */
export function killChains(tries: 1 | 2): Chain[] {
  const atOnce = KILLS_IN_A_ROW / tries;
  return (['api', 'worker'] as const).flatMap((app) => {
    const points = FAULTPOINTS.filter((name) => PLACES[name].app === app);
    return Array.from({ length: Math.ceil(points.length / atOnce) }, (_, i) => ({
      app,
      points: points.slice(i * atOnce, (i + 1) * atOnce),
    }));
  });
}

const KILLS_IN_A_ROW = 4;

/** Kills the service at each point in turn, and starts it again for the next. */
export async function killAtFirst(run: Run, { app, points }: Chain): Promise<void> {
  await whileWatched(run, async (asked) => {
    await run.end(app, 'SIGTERM');
    for (const name of points) await killAt(run, name, () => asked(askAll(run, name)));
    await run.start(app);
  });
}

/** Kills the service at each point, and when it is there again: where it comes there by itself with the same image. */
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

/** Notes what the worker has running, and in the end waits for what was asked. */
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

const WATCH_MS = 100;
const DIES_WITHIN_S = 90;

async function killAt(run: Run, name: Faultpoint, begin: () => void): Promise<void> {
  const { app } = PLACES[name];
  await run.start(app, { PIXDOCK_FAULTPOINT: name });
  let isGone = false;
  void run.stack[app].exited.then(() => {
    isGone = true;
  });
  begin();
  await until(`the ${app} to die at ${name}`, DIES_WITHIN_S, async () => (isGone ? true : null));
}

async function askAll(run: Run, name: Faultpoint): Promise<void> {
  const kinds = ['upload', 'import', 'batch'] as const;
  const { by } = PLACES[name];
  const also = by === 'deletion' ? [by] : [];
  await Promise.all([...kinds, ...also].map((kind) => ask(run, kind, `${name}-${kind}`)));
}

async function ask(run: Run, by: Place['by'], name: string): Promise<void> {
  const driver = openDriver(run);
  const { good, bad } = run.pictures;
  const pictures = [...good.slice(0, 2), ...bad.slice(0, 1)];
  const picture = run.pictures.good[1];
  if (picture === undefined) return;
  if (by === 'upload') return void (await untilAccepted(() => driver.upload(name, picture)));
  if (by === 'import') return void (await untilAccepted(() => driver.fetchFrom(name, picture)));
  if (by === 'deletion') return remove(driver, await untilAccepted(() => driver.upload(name, picture)));
  const rows = pictures.map((one, i) => ({
    name: `${name}-${i}`,
    picture: one,
    url: run.urlOf(one, `${name}-${i}`),
  }));
  await untilAccepted(() => driver.batch(name, rows));
}

async function remove(driver: Driver, id: string): Promise<void> {
  await until(`${id} to be published`, DIES_WITHIN_S, async () =>
    (await driver.read(id))?.body.status === 'published' ? true : null,
  );
  await until(`${id} to be deleted`, DIES_WITHIN_S, async () =>
    (await driver.remove(id))?.status === 202 ? true : null,
  );
}
