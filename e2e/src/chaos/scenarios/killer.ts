import { until } from '../../harness/client.js';
import { openDriver } from '../driver.js';
import type { Run } from '../run.js';
import { untilAccepted } from '../until-accepted.js';
import type { Scenario } from './scenario.js';

const NEIGHBOURS = 12;
/** It has to be in hand five times, with the lock of a job to run out each time. */
const ENDS_WITHIN_S = 180;

/** An image that kills whoever works on it is given up, and nobody else is. */
export const KILLER: Scenario = {
  name: 'killer',
  what: 'an image kills its worker each time, among twelve that do not',
  parts: () => [play],
};

async function play(run: Run): Promise<void> {
  const driver = openDriver(run);
  const [picture] = run.pictures.good;
  if (picture === undefined) return;
  const name = `killer-${run.history.images.size}`;
  await run.end('worker', 'SIGTERM');
  const killer = { ...picture, fails: ['processing_crashed'] };
  const id = await untilAccepted(() => driver.upload(name, killer));
  const names = Array.from({ length: NEIGHBOURS }, (_, i) => `${name}-${i}`);
  await Promise.all(names.map((one) => untilAccepted(() => driver.upload(one, picture))));
  let isGivenUp = false;
  const restarting = keepAlive(run, { PIXDOCK_FAULTPOINT: `run-begun@${name}` }, () => isGivenUp);
  // One that cannot be started again shows as an image that does not end.
  restarting.catch(() => {});
  await until('the killer to be given up', ENDS_WITHIN_S, async () =>
    (await driver.read(id))?.body.status === 'failed' ? true : null,
  );
  isGivenUp = true;
  await run.end('worker', 'SIGTERM');
  await restarting;
  await run.start('worker');
}

async function keepAlive(run: Run, arm: Record<string, string>, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await run.start('worker', arm);
    const watching = setInterval(run.watchDecoders, WATCH_MS);
    await run.stack.worker.exited.finally(() => clearInterval(watching));
  }
}

const WATCH_MS = 100;
