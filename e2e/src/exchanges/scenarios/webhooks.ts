import { MAX_WEBHOOK_ENDPOINTS } from '@pixdock/contract/webhook';
import type { Recording } from '../recording.js';
import { json } from './submitting.js';

const ENDPOINTS = '/v1/webhooks/endpoints';
const CREATE = `POST ${ENDPOINTS}`;
const WANTED = { url: 'https://shop.example.com/hook', events: ['image.published'] };

/** The webhook endpoints of an owner. */
export async function recordWebhooks({ send, sendInBoth }: Recording): Promise<void> {
  const { id } = (await send('an endpoint', CREATE, json(WANTED))).body;
  await send('an endpoint for items', CREATE, json({ ...WANTED, items: true, events: ['batch.finished'] }));
  await send('the endpoints', `GET ${ENDPOINTS}`);
  await send('the endpoints of another owner', `GET ${ENDPOINTS}`, { as: 'other' });
  await send('a test', `POST ${ENDPOINTS}/${id}/test`);
  await sendInBoth('a test of another owner', `POST ${ENDPOINTS}/${id}/test`, { as: 'other' });
  await sendInBoth('a deletion by another owner', `DELETE ${ENDPOINTS}/${id}`, { as: 'other' });
  await send('a deletion', `DELETE ${ENDPOINTS}/${id}`);
  await sendInBoth('a deletion again', `DELETE ${ENDPOINTS}/${id}`);
  await sendInBoth('a query', `GET ${ENDPOINTS}?limit=1`);
  for (const body of INVALID) await sendInBoth(`invalid: ${JSON.stringify(body)}`, CREATE, json(body));
  for (let count = 1; count < MAX_WEBHOOK_ENDPOINTS; count++)
    await send(`endpoint ${count + 1}`, CREATE, json(WANTED));
  await sendInBoth('one endpoint too many', CREATE, json(WANTED));
}

const INVALID = [
  {},
  { ...WANTED, url: 'hook' },
  { ...WANTED, url: 'ftp://shop.example.com/' },
  { ...WANTED, events: [] },
  { ...WANTED, events: ['image.queued'] },
  { ...WANTED, items: 'yes' },
  { ...WANTED, secret: 'own' },
];
