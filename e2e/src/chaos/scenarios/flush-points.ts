import { sleep } from '@pixdock/shared/runtime/clock';
import type { Faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { until } from '../../harness/client.js';
import { isStopped } from '../../harness/process-stats.js';
import { openDriver } from '../driver.js';
import type { Run } from '../run.js';
import { ask, PLACES } from './places.js';
import type { Scenario } from './scenario.js';

const STOPS_WITHIN_S = 90;
const RESTORED_WITHIN_S = 30;
/** Time for a second worker to take over the restored jobs. */
const TAKEOVER_MS = 2000;

/** Runs while the service is stopped at a faultpoint and Redis is empty. */
export type Meanwhile = (run: Run, name: Faultpoint, requestName: string) => Promise<unknown>;

export const continueAtOnce: Meanwhile = async () => {};

/** Only for points of the worker: a stopped API restores nothing. */
const waitForRestore: Meanwhile = (run) => untilRestored(run);

/** One point of each stage of the worker, for `npm test`. */
export const STAGES = [
  'item-entered',
  'fetch-brought',
  'run-rendered',
  'review-noted',
  'variant-stored',
  'main-stored',
  'run-finished',
  'object-removed',
] as const satisfies readonly Faultpoint[];

export const flushPointsRestored = (names: readonly Faultpoint[]): Scenario => ({
  name: 'flush-points-restored',
  what: 'the same for the worker, which continues once Redis is restored',
  parts: () => names.map((name) => (run) => flushAt(run, name, waitForRestore)),
});

export const flushPointsLate = (names: readonly Faultpoint[]): Scenario => ({
  name: 'flush-points-late',
  what: 'the same, and the service continues after another instance has taken over',
  parts: () => names.map((name) => (run) => flushAt(run, name, takeOver)),
});

/** A second instance takes over; a second API also gets the same request. */
const takeOver: Meanwhile = async (run, name, requestName) => {
  const { app, by } = PLACES[name];
  const spare = await run.startSpare(app);
  try {
    await untilRestored(run);
    if (app === 'worker') await sleep(TAKEOVER_MS);
    else await ask({ ...run, nextApi: () => spare }, by, requestName);
  } finally {
    await spare.stop();
  }
};

export const deleteImage: Meanwhile = async (run, _, requestName) => {
  await untilRestored(run);
  const driver = openDriver(run);
  const [id = ''] = run.history.images.get(requestName)?.ids ?? [];
  await until(`${requestName} to be deleted`, RESTORED_WITHIN_S, async () =>
    (await driver.remove(id))?.status === 202 ? true : null,
  );
};

function untilRestored({ stack: { redis } }: Run): Promise<true> {
  return until('Redis to be restored', RESTORED_WITHIN_S, async () =>
    redis.cli('HEXISTS', '{pixdock}:epoch', 'restored') === '1' ? true : null,
  );
}

/** Stops the service at a faultpoint, empties Redis, runs `meanwhile` and continues the service. */
export async function flushAt(run: Run, name: Faultpoint, meanwhile: Meanwhile): Promise<void> {
  const { app, by } = PLACES[name];
  const requestName = `flush-${name}-${run.history.images.size}`;
  const service = run.stack[app];
  await service.arm(`${name}!STOP`);
  const request = ask(run, by, requestName);
  request.catch(() => {});
  try {
    await until(`the ${app} to stop at ${name}`, STOPS_WITHIN_S, async () =>
      isStopped(service.pid) ? true : null,
    );
    run.stack.redis.cli('FLUSHALL');
    await meanwhile(run, name, requestName);
  } finally {
    service.kill('SIGCONT');
  }
  await request;
}
