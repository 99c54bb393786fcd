import { FAULTPOINTS, type Faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { until } from '../../harness/client.js';
import { type Driver, openDriver } from '../driver.js';
import type { App, Run } from '../run.js';
import { untilAccepted } from '../until-accepted.js';

export interface Place {
  app: App;
  /** Kind of request that reaches the faultpoint. */
  by: 'upload' | 'import' | 'batch' | 'deletion';
  /** Whether the retry after a kill reaches the faultpoint again. */
  again: boolean;
}

export const PLACES: Record<Faultpoint, Place> = {
  'key-claimed': { app: 'api', by: 'upload', again: false },
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
  'batch-ending': { app: 'worker', by: 'batch', again: true },
  'batch-closed': { app: 'worker', by: 'batch', again: false },
  'object-removed': { app: 'worker', by: 'deletion', again: true },
  'image-deleted': { app: 'worker', by: 'deletion', again: false },
};

export const placesOf = (app: App): Faultpoint[] => FAULTPOINTS.filter((name) => PLACES[name].app === app);

const ENDS_WITHIN_S = 90;

/** Sends the kind of request that reaches a faultpoint, under its own name, until it is accepted. */
export async function ask(run: Run, by: Place['by'], name: string): Promise<void> {
  const driver = openDriver(run);
  const { good, bad } = run.pictures;
  const pictures = [...good.slice(0, 1), ...bad.slice(0, 1)];
  const picture = run.pictures.good[1];
  if (picture === undefined) return;
  if (by === 'upload') return void (await untilAccepted(() => driver.upload(name, picture)));
  if (by === 'import') return void (await untilAccepted(() => driver.importImage(name, picture)));
  if (by === 'deletion') return remove(driver, await untilAccepted(() => driver.upload(name, picture)));
  const rows = pictures.map((one, i) => ({
    name: `${name}-${i}`,
    picture: one,
    url: run.urlOf(one, `${name}-${i}`),
  }));
  await untilAccepted(() => driver.batch(name, rows));
}

async function remove(driver: Driver, id: string): Promise<void> {
  await until(`${id} to be published`, ENDS_WITHIN_S, async () =>
    (await driver.read(id))?.body.status === 'published' ? true : null,
  );
  await until(`${id} to be deleted`, ENDS_WITHIN_S, async () =>
    (await driver.remove(id))?.status === 202 ? true : null,
  );
}
