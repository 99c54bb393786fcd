import { MAX_WEBHOOK_ENDPOINTS, MAX_WEBHOOK_SECRETS } from '@pixdock/contract/webhook';
import type { Recording } from '../recording.js';
import { json } from './submitting.js';

const ENDPOINTS = '/v1/webhooks/endpoints';
const DELIVERIES = '/v1/webhooks/deliveries';
const RECOVER = 'POST /v1/webhooks/recover';
const CREATE = `POST ${ENDPOINTS}`;
const WANTED = { url: 'https://shop.example.com/hook', events: ['image.published'] };

/** The webhook endpoints of an owner. */
export async function recordWebhooks({ send, sendInBoth }: Recording): Promise<void> {
  const { id } = (await send('an endpoint', CREATE, json(WANTED))).body;
  await send('an endpoint for items', CREATE, json({ ...WANTED, items: true, events: ['batch.finished'] }));
  await send('a new secret', `POST ${ENDPOINTS}/${id}/rotate`);
  await sendInBoth('a new secret of another owner', `POST ${ENDPOINTS}/${id}/rotate`, { as: 'other' });
  await send('the endpoints', `GET ${ENDPOINTS}`);
  await send('the endpoints of another owner', `GET ${ENDPOINTS}`, { as: 'other' });
  await send('a test', `POST ${ENDPOINTS}/${id}/test`);
  const { id: event } = (await send('the deliveries', `GET ${DELIVERIES}`)).body.items[0] ?? { id: '' };
  await send('failed deliveries', `GET ${DELIVERIES}?status=failed&endpointId=${id}`);
  await send('the deliveries of another owner', `GET ${DELIVERIES}`, { as: 'other' });
  await sendInBoth('deliveries with a wrong status', `GET ${DELIVERIES}?status=lost`);
  await sendInBoth('deliveries after a wrong cursor', `GET ${DELIVERIES}?cursor=x`);
  await send('a delivery again', `POST ${DELIVERIES}/${event}/resend`);
  await sendInBoth('a delivery of another owner again', `POST ${DELIVERIES}/${event}/resend`, {
    as: 'other',
  });
  const { id: recovery } = (await send('a recovery', RECOVER, json({ since: '2026-01-05T08:00:00+08:00' })))
    .body;
  const progress = `GET /v1/webhooks/recover/${recovery}`;
  await send('its progress', progress);
  await sendInBoth('its progress for another owner', progress, { as: 'other' });
  for (const since of ['yesterday', 1])
    await sendInBoth(`a recovery since ${since}`, RECOVER, json({ since }));
  await sendInBoth('a test of another owner', `POST ${ENDPOINTS}/${id}/test`, { as: 'other' });
  await sendInBoth('a deletion by another owner', `DELETE ${ENDPOINTS}/${id}`, { as: 'other' });
  await send('a deletion', `DELETE ${ENDPOINTS}/${id}`);
  await sendInBoth('a deletion again', `DELETE ${ENDPOINTS}/${id}`);
  await sendInBoth('a query', `GET ${ENDPOINTS}?limit=1`);
  for (const body of INVALID) await sendInBoth(`invalid: ${JSON.stringify(body)}`, CREATE, json(body));
  const permitting = await send('an endpoint without events', CREATE, json({ ...WANTED, events: [] }));
  for (let secrets = 1; secrets < MAX_WEBHOOK_SECRETS; secrets++)
    await send(`secret ${secrets + 1}`, `POST ${ENDPOINTS}/${permitting.body.id}/rotate`);
  await sendInBoth('one secret too many', `POST ${ENDPOINTS}/${permitting.body.id}/rotate`);
  for (let count = 2; count < MAX_WEBHOOK_ENDPOINTS; count++)
    await send(`endpoint ${count + 1}`, CREATE, json(WANTED));
  await sendInBoth('one endpoint too many', CREATE, json(WANTED));
}

const INVALID = [
  {},
  { ...WANTED, url: 'hook' },
  { ...WANTED, url: 'ftp://shop.example.com/' },
  { ...WANTED, events: ['image.queued'] },
  { ...WANTED, items: 'yes' },
  { ...WANTED, secret: 'own' },
];
