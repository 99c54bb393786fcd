import { FAULTPOINTS, type Faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { until } from '../../harness/client.js';
import { type Driver, openDriver } from '../driver.js';
import type { Reply } from '../exchange.js';
import type { Picture } from '../pictures.js';
import type { App, Run } from '../run.js';
import { untilAccepted } from '../until-accepted.js';
import type { Wish } from '../wishes.js';

export interface Place {
  app: App;
  /** Kind of request that reaches the faultpoint. */
  by:
    | 'upload'
    | 'upload in parts'
    | 'import'
    | 'batch'
    | 'deletion'
    | 'review'
    | 'decision'
    | 'keep'
    | 'expiry'
    | 'replacement';
  /** Whether the retry after a kill reaches the faultpoint again. */
  again: boolean;
}

export const PLACES: Record<Faultpoint, Place> = {
  'key-claimed': { app: 'api', by: 'upload', again: false },
  'image-staged': { app: 'api', by: 'upload', again: false },
  'image-recorded': { app: 'api', by: 'upload', again: false },
  'image-queued': { app: 'api', by: 'import', again: false },
  'bytes-appended': { app: 'api', by: 'upload in parts', again: false },
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
  'review-noted': { app: 'worker', by: 'review', again: true },
  'decision-noted': { app: 'api', by: 'decision', again: false },
  'run-keys-noted': { app: 'worker', by: 'upload', again: true },
  'variant-stored': { app: 'worker', by: 'upload', again: true },
  'main-stored': { app: 'worker', by: 'upload', again: true },
  'run-verified': { app: 'worker', by: 'upload', again: true },
  'run-finished': { app: 'worker', by: 'upload', again: false },
  'outcome-written': { app: 'worker', by: 'upload', again: false },
  'run-settled': { app: 'worker', by: 'upload', again: false },
  'batch-ending': { app: 'worker', by: 'batch', again: true },
  'batch-closed': { app: 'worker', by: 'batch', again: false },
  'image-kept': { app: 'api', by: 'keep', again: false },
  'deletion-due': { app: 'worker', by: 'expiry', again: true },
  'older-requested': { app: 'worker', by: 'replacement', again: true },
  'object-removed': { app: 'worker', by: 'deletion', again: true },
  'image-deleted': { app: 'worker', by: 'deletion', again: false },
};

export const placesOf = (app: App): Faultpoint[] => FAULTPOINTS.filter((name) => PLACES[name].app === app);

const ENDS_WITHIN_S = 90;
/** More than a request to keep an image takes, whatever happens to the API. */
const LATER_S = 600;

/** Sends the kind of request that reaches a faultpoint, under its own name, until it is accepted. */
export async function ask(run: Run, by: Place['by'], name: string): Promise<unknown> {
  const driver = openDriver(run);
  const { good, bad } = run.pictures;
  const [small, picture] = good;
  if (small === undefined || picture === undefined) return;
  const upload = (wish: Wish, own = name) => untilAccepted(() => driver.upload(own, picture, wish));
  const untilStatus = (id: string, status: number, act: (id: string) => Promise<Reply | null>) =>
    until(`${id}: ${status}`, ENDS_WITHIN_S, async () => ((await act(id))?.status === status ? true : null));
  switch (by) {
    case 'upload':
      return upload({});
    case 'upload in parts':
      return untilAccepted(() => driver.uploadInParts(name, picture));
    case 'import':
      return untilAccepted(() => driver.importImage(name, picture));
    case 'batch': {
      const rowOf = (one: Picture, i: number) => ({
        name: `${name}-${i}`,
        picture: one,
        url: run.urlOf(one, `${name}-${i}`),
      });
      return untilAccepted(() => driver.batch(name, [small, ...bad.slice(0, 1)].map(rowOf)));
    }
    case 'review':
      return upload({ profile: 'reviewed', answer: 'approve' });
    case 'decision': {
      const id = await upload({ profile: 'people', verdict: 'approve' });
      return untilStatus(id, 202, (held) => driver.decide(held, 'approve'));
    }
    case 'keep':
      return untilStatus(await upload({ deleteAfterSeconds: LATER_S }), 200, (kept) => driver.keep(kept));
    case 'expiry':
      return upload({ deleteAfterSeconds: 1 });
    case 'replacement':
      await untilPublished(driver, await upload({ replaces: name }, `${name}-older`));
      return upload({ replaces: name }, `${name}-newer`);
    case 'deletion': {
      const id = await upload({});
      await untilPublished(driver, id);
      return untilStatus(id, 202, (published) => driver.remove(published));
    }
  }
}

const untilPublished = (driver: Driver, id: string) =>
  until(`${id} to be published`, ENDS_WITHIN_S, async () =>
    (await driver.read(id))?.body.status === 'published' ? true : null,
  );
