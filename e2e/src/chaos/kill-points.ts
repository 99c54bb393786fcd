import { FAULTPOINTS, type Faultpoint } from '@pixdock/shared/faultpoint';
import { until } from '../harness/client.js';
import { type Driver, openDriver, type Row } from './driver.js';
import type { App, Run } from './run.js';

/** So often an image may be in hand while a worker dies, before it is taken for the cause, is less than MAX_DEATHS. */
const POINTS_AT_ONCE = 4;

const IN_API: readonly Faultpoint[] = [
  'image-staged',
  'image-recorded',
  'image-queued',
  'batch-staged',
  'batch-recorded',
  'batch-queued',
];
const IN_DELETION: readonly Faultpoint[] = ['object-removed', 'image-deleted'];

export interface KillPoint {
  name: Faultpoint;
  /** At which pass it kills. */
  nth: number;
}

/** All points for the given passes, in the groups in which they are gone through before all is to be quiet again. */
export function killPoints(passes: readonly number[]): KillPoint[][] {
  const all = passes.flatMap((nth) => FAULTPOINTS.map((name) => ({ name, nth })));
  return Array.from({ length: Math.ceil(all.length / POINTS_AT_ONCE) }, (_, i) =>
    all.slice(i * POINTS_AT_ONCE, (i + 1) * POINTS_AT_ONCE),
  );
}

const appOf = (name: Faultpoint): App => (IN_API.includes(name) ? 'api' : 'worker');

/** Kills the service that comes by the point, and starts it again. What had no answer is asked for once more. */
export async function killAt(run: Run, { name, nth }: KillPoint): Promise<void> {
  const driver = openDriver(run);
  const app = appOf(name);
  const published = IN_DELETION.includes(name) ? await publish(run, driver, `${name}-${nth}`) : [];
  await run.end(app);
  await run.start(app, { PIXDOCK_FAULTPOINT: `${name}:${nth}` });
  const watching = setInterval(run.watchDecoders, WATCH_MS);
  try {
    const asked = Promise.all(
      published.length > 0 ? published.map((id) => driver.remove(id)) : ask(run, driver, `${name}-${nth}`),
    );
    await died(run, app);
    await run.start(app);
    await asked;
  } finally {
    clearInterval(watching);
  }
}

const WATCH_MS = 100;
const DIES_WITHIN_S = 30;

async function died(run: Run, app: App): Promise<void> {
  let isGone = false;
  void run.stack[app].exited.then(() => {
    isGone = true;
  });
  await until(`the ${app} to die`, DIES_WITHIN_S, async () => (isGone ? true : null));
}

/** Two of each kind, so that every point is passed twice. */
function ask(run: Run, driver: Driver, prefix: string): Promise<void>[] {
  const { good, bad } = run.pictures;
  const [small, middle, large] = [good[0], good[1], good[2]];
  const broken = bad[0];
  if (small === undefined || middle === undefined || large === undefined || broken === undefined) return [];
  const rows = (batch: string): Row[] =>
    [small, middle, broken].map((picture, i) => {
      const name = `${prefix}-${batch}${i}`;
      return { name, picture, url: run.urlOf(picture, name) };
    });
  return [
    ask202(() => driver.upload(`${prefix}-1`, middle)),
    ask202(() => driver.upload(`${prefix}-2`, large)),
    ask202(() => driver.fetchFrom(`${prefix}-3`, small)),
    ask202(() => driver.fetchFrom(`${prefix}-4`, broken)),
    ask202(() => driver.batch(`${prefix}-a`, rows('a'))),
    ask202(() => driver.batch(`${prefix}-b`, rows('b'))),
  ];
}

/** As a client should: again, under the same key, until it is told. */
async function ask202(send: () => Promise<{ status: number } | null>): Promise<void> {
  await until('a request to be accepted', CLAIM_ENDS_WITHIN_S, async () =>
    (await send())?.status === 202 ? true : null,
  );
}

/** A dead request's key is held for 20 s. */
const CLAIM_ENDS_WITHIN_S = 40;

async function publish(run: Run, driver: Driver, prefix: string): Promise<string[]> {
  const picture = run.pictures.good[0];
  if (picture === undefined) return [];
  const names = [`${prefix}-1`, `${prefix}-2`];
  for (const name of names) await ask202(() => driver.upload(name, picture));
  const ids = names.flatMap((name) => [...(run.history.images.get(name)?.ids ?? [])]);
  for (const id of ids)
    await until(`${id} to be published`, 40, async () =>
      (await driver.read(id))?.body.status === 'published' ? true : null,
    );
  return ids;
}
