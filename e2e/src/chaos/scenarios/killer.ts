import { until } from '../../harness/client.js';
import { openDriver } from '../driver.js';
import type { Run } from '../run.js';
import { untilAccepted } from '../until-accepted.js';
import type { Scenario } from './scenario.js';

const NEIGHBOURS = 12;
/** The image is attempted five times, and each attempt ends when its job's lock expires. */
const ENDS_WITHIN_S = 180;

/** Only the image that kills its worker fails; its neighbours are published. */
export const KILLER: Scenario = {
  name: 'killer',
  what: 'an image kills its worker at every attempt, beside twelve harmless ones',
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
  let hasFailed = false;
  const restarting = keepAlive(run, { PIXDOCK_FAULTPOINT: `run-begun@${name}` }, () => hasFailed);
  // A failed restart shows as an image that does not end.
  restarting.catch(() => {});
  await until('the killer to fail', ENDS_WITHIN_S, async () =>
    (await driver.read(id))?.body.status === 'failed' ? true : null,
  );
  hasFailed = true;
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
