import type { Alice } from '../alice/alice.js';
import { get, post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { idsIn, JPEG_HEAD, JSON_TYPE, pathOf } from './support.js';

const IMAGES = 60;
const MOST_WAITING = 20;
/** Each connection may pass the limit once, between its count and its retry. */
const CONNECTIONS = 4;

export const retries: Attack = {
  name: 'retries',
  about: 'retries of 60 failed images, one by one and all at once, while 20 may wait',
  limits: { waitingImages: MOST_WAITING },
  async run(alice, size) {
    const broken = post('/v1/images', 'image/jpeg', Buffer.from(JPEG_HEAD, 'latin1'));
    const sent = { connections: CONNECTIONS, total: IMAGES, perSecond: 20, keepsBody: true };
    const ids = idsIn(await alice.flood({ ...sent, request: () => broken }));
    const all = post('/v1/failures/retry', JSON_TYPE, '{}');
    const requests = [all, ...ids.map((id) => post(`${pathOf(id)}/retry`, JSON_TYPE, '{}'))];
    const retrying = alice.flood({
      connections: CONNECTIONS,
      total: 100 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
    const most = await mostWaiting(alice, retrying);
    if (most > MOST_WAITING + CONNECTIONS) alice.finding(`${most} images wait`);
  },
};

/** The most images with the status `queued` in the list of them, until the work is done. */
async function mostWaiting(alice: Alice, work: Promise<unknown>): Promise<number> {
  const over = new AbortController();
  const ended = work.finally(() => over.abort());
  let most = 0;
  while (!over.signal.aborted && !alice.signal.aborted) {
    const { body } = await alice.send(get('/v1/images?status=queued&limit=100'), { keepsBody: true });
    most = Math.max(most, body.split('"status":"queued"').length - 1);
  }
  await ended;
  return most;
}
