import type { Image } from '@pixdock/contract/image';
import { isOpenStatus } from '@pixdock/contract/status';
import { WEBHOOK_EVENTS } from '@pixdock/contract/webhook';
import { ask, until } from '../../harness/client.js';
import { openDriver } from '../driver.js';
import type { Run } from '../run.js';
import { untilAccepted } from '../until-accepted.js';
import type { Scenario } from './scenario.js';

const IN_FLIGHT = 16;
/** The first good pictures are the small ones. */
const SMALL = 2;
/** A restore takes seconds, and the job of a killed worker waits for its lock. */
const DELIVERED_WITHIN_S = 150;

/** Every final state is delivered although each service is killed. */
export const webhooksOf = (images: number): Scenario => ({
  name: 'webhooks',
  what: `${images} images, while the API, the worker and Redis are killed with -9 in turn; a webhook for each end`,
  parts: () => [(run) => play(run, images)],
});

async function play(run: Run, images: number): Promise<void> {
  const { stack, receiver } = run;
  const endpoint = await receiver.subscribe(stack, 'chaos', { events: WEBHOOK_EVENTS });
  const { ids, kills } = await uploadWhileKilling(run, images);
  const driver = openDriver(run);
  let missing: string[] = [...ids];
  await until('a webhook for each end', DELIVERED_WITHIN_S, async () => {
    const states = await Promise.all(missing.map((id) => driver.read(id)));
    missing = missing.filter((_, i) => !isDelivered(run, (states[i]?.body ?? null) as Image | null));
    return missing.length === 0 ? true : null;
  }).catch(() => {
    throw new Error(`after ${kills} kills no webhook arrived for the end of ${missing.join(', ')}`);
  });
  for (const id of ids) {
    const webhookIds = new Set(eventsAbout(run, id).map((one) => one.id));
    if (webhookIds.size !== 1) throw new Error(`the end of ${id} has the ids ${[...webhookIds].join(', ')}`);
  }
  await ask(stack, `/v1/webhooks/endpoints/${endpoint}`, { method: 'DELETE' });
}

async function uploadWhileKilling(run: Run, images: number) {
  const driver = openDriver(run);
  const prefix = `webhooks-${run.history.images.size}`;
  const ids: string[] = [];
  let begun = 0;
  const lanes = Array.from({ length: IN_FLIGHT }, async () => {
    while (begun < images) {
      const nth = begun++;
      const picture = run.pictures.good[nth % SMALL];
      if (picture !== undefined)
        ids.push(await untilAccepted(() => driver.upload(`${prefix}-${nth}`, picture)));
    }
  });
  const uploading = Promise.all(lanes);
  const over = new AbortController();
  // A failure shows at `await uploading`.
  void uploading.catch(() => {}).then(() => over.abort());
  let kills = 0;
  do {
    await run.end('api');
    await run.start('api');
    await run.end('worker');
    await run.start('worker');
    await run.stack.redis.crash();
    await run.stack.redis.restart();
    kills += 3;
  } while (!over.signal.aborted);
  await uploading;
  return { ids, kills };
}

const eventsAbout = ({ receiver }: Run, id: string) =>
  receiver.received.filter(({ event }) => event.data.id === id);

function isDelivered(run: Run, image: Image | null): boolean {
  if (image === null || isOpenStatus(image.status)) return false;
  return eventsAbout(run, image.id).some(({ event }) => event.data.status === image.status);
}
